import type { StixObject } from '../../core/intel/stix-object.ts';

export interface StoredVersion {
  readonly object: StixObject;
  readonly id: string;
  /** RFC 3339 with six digits, UTC. */
  readonly dateAdded: string;
  /** `modified`, else `created`, else the date added (TAXII 2.1 §3.5). */
  readonly version: string;
  /** Position in the order of addition; never used twice. */
  readonly ordinal: number;
}

export interface VersionQuery {
  readonly addedAfter: string | null;
  readonly ids: readonly string[] | null;
  readonly types: readonly string[] | null;
  readonly specVersions: readonly string[] | null;
  /** "last", "first", "all" or versions. */
  readonly versions: readonly string[];
  /** Ordinals at or below it are passed over. */
  readonly afterOrdinal: number;
}

export interface AddOptions {
  /**
   * one: a bulk insert whose objects share a date. each: every object has a date of its own. last: they share the date
   * of what was added before, as with a server that counts whole seconds.
   */
  readonly dates?: 'one' | 'each' | 'last';
}

/** The objects of one collection in the order they were added, with microsecond dates that never go back. */
export class CollectionStore {
  readonly id: string;
  readonly title: string;
  readonly alias: string | null;
  readonly canRead: boolean;
  readonly canWrite: boolean;
  readonly #now: () => number;
  #entries: StoredVersion[] = [];
  #newest = new Map<string, string>();
  #oldest = new Map<string, string>();
  #ordinal = 0;
  #lastMicros = 0n;

  constructor(options: CollectionOptions, now: () => number) {
    this.id = options.id;
    this.title = options.title;
    this.alias = options.alias ?? null;
    this.canRead = options.canRead ?? true;
    this.canWrite = options.canWrite ?? true;
    this.#now = now;
    this.add(options.objects);
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Adds versions; one that is there already, by id and version, is left as it is (§3.5). Returns how many were new. */
  add(objects: readonly StixObject[], { dates = 'each' }: AddOptions = {}): number {
    const known = new Set(this.#entries.map(({ id, version }) => `${id} ${version}`));
    let added = 0;
    for (const object of objects) {
      const dateAdded = this.#date((dates === 'one' && added > 0) || (dates === 'last' && this.#lastMicros > 0n));
      const id = text(object['id']) ?? '';
      const version = text(object['modified']) ?? text(object['created']) ?? dateAdded;
      if (known.has(`${id} ${version}`)) continue;
      known.add(`${id} ${version}`);
      this.#ordinal += 1;
      added += 1;
      this.#entries.push({ object, id, dateAdded, version, ordinal: this.#ordinal });
    }
    this.#index();
    return added;
  }

  /** Makes the collection hold exactly these objects, as if each had been added now. */
  replace(objects: readonly StixObject[], options: AddOptions = {}): void {
    this.#entries = [];
    this.add(objects, options);
  }

  /** Removes all versions of the ids, which a client cannot learn from a delta. */
  remove(ids: readonly string[]): void {
    const gone = new Set(ids);
    this.#entries = this.#entries.filter(({ id }) => !gone.has(id));
    this.#index();
  }

  /** The versions a query selects, in the order they were added, at most `limit`, and whether there are more. */
  select(query: VersionQuery, limit: number): { readonly versions: readonly StoredVersion[]; readonly more: boolean } {
    const versions: StoredVersion[] = [];
    for (const entry of this.#entries) {
      if (entry.ordinal <= query.afterOrdinal || !this.#matches(entry, query)) continue;
      if (versions.length === limit) return { versions, more: true };
      versions.push(entry);
    }
    return { versions, more: false };
  }

  #matches(entry: StoredVersion, query: VersionQuery): boolean {
    const { object, id, version, dateAdded } = entry;
    if (query.addedAfter !== null && dateAdded <= query.addedAfter) return false;
    if (query.ids !== null && !query.ids.includes(id)) return false;
    if (query.types !== null && !query.types.includes(text(object['type']) ?? '')) return false;
    if (query.specVersions !== null && !query.specVersions.includes(text(object['spec_version']) ?? '2.1'))
      return false;
    return query.versions.some((wanted) => {
      if (wanted === 'all') return true;
      if (wanted === 'last') return this.#newest.get(id) === version;
      return wanted === 'first' ? this.#oldest.get(id) === version : wanted === version;
    });
  }

  #index(): void {
    this.#newest = new Map();
    this.#oldest = new Map();
    for (const { id, version } of this.#entries) {
      const newest = this.#newest.get(id);
      const oldest = this.#oldest.get(id);
      if (newest === undefined || version > newest) this.#newest.set(id, version);
      if (oldest === undefined || version < oldest) this.#oldest.set(id, version);
    }
  }

  #date(sameAsLast: boolean): string {
    const now = BigInt(Math.floor(this.#now())) * 1000n;
    if (!sameAsLast) this.#lastMicros = now > this.#lastMicros ? now : this.#lastMicros + 1n;
    const ms = new Date(Number(this.#lastMicros / 1000n)).toISOString().slice(0, -1);
    return `${ms}${(this.#lastMicros % 1000n).toString().padStart(3, '0')}Z`;
  }
}

export interface CollectionOptions {
  readonly id: string;
  readonly title: string;
  readonly alias?: string;
  readonly canRead?: boolean;
  readonly canWrite?: boolean;
  readonly objects: readonly StixObject[];
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
