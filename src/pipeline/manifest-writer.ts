import { StateStoreError, type Log, type RealTime, type StateStore } from '../core/ports.ts';
import { blobsOf, encodeHead, type BlobReference, type FeedReference, type Head, type Manifest } from './manifest.ts';
import type { OwnedState, StateCodec } from './state-owner.ts';

const firstRetryMs = 200;
const lastRetryMs = 10_000;

/** What a commit needs to know of the sets of the feeds. */
export interface DurableSets {
  /** The feeds whose set is held; the revision changes with every change of set or cursor. */
  persisted(): readonly { readonly name: string; readonly cursor: string | null; readonly revision: number }[];
  /** The set of a feed as bytes. Consistent with the cursor and revision told just before. */
  exportFeed(name: string): Promise<Uint8Array | null>;
}

export interface ManifestWriterOptions {
  readonly store: StateStore;
  readonly owned: OwnedState;
  /** What the owner goes on from, so that its feeds are known at revision 0; null when it began anew. */
  readonly restored: Manifest | null;
  readonly codec: StateCodec;
  readonly realTime: RealTime;
  readonly log: Log;
  /** What waits while the store fails, for the log. */
  readonly waiting: string;
}

/**
 * Writes the blobs of one owner, and the head that makes them valid. Whatever writes does so until the store takes it or
 * a signal aborts; HeadConflictError when another process wrote the head.
 */
export class ManifestWriter {
  readonly #options: ManifestWriterOptions;
  readonly #feedBlobs = new Map<string, { readonly revision: number; readonly reference: FeedReference }>();
  #last: Manifest | null;
  #previous: Manifest | null = null;
  #tag: string;
  #generation: number;
  #error: string | null = null;
  /** Blobs that are this process's to delete. */
  #own: string[];

  constructor(options: ManifestWriterOptions) {
    this.#options = options;
    const { owned, restored } = options;
    const { current, previous } = owned.head;
    this.#last = restored;
    this.#tag = owned.tag;
    this.#generation = Math.max(current?.generation ?? 0, previous?.generation ?? 0);
    this.#own = [...new Set([...blobsOf(current), ...blobsOf(previous)].map(({ name }) => name))];
    for (const reference of restored?.feeds ?? []) this.#feedBlobs.set(reference.name, { revision: 0, reference });
  }

  /** The last state that is whole, as far as this process knows. */
  get last(): Manifest | null {
    return this.#last;
  }

  /** What the blobs are named by that are written from now on. */
  get generation(): number {
    return this.#generation;
  }

  /** Why the store does not take what is written; null when it does. */
  get error(): string | null {
    return this.#error;
  }

  /** Begins another state: its generation. */
  begin(): number {
    this.#generation += 1;
    return this.#generation;
  }

  /** The name of a blob of the state that was begun. */
  nameOf(what: string): string {
    return `${this.#options.owned.head.epoch}-${this.#generation}-${what}`;
  }

  /** Takes a blob that somebody else writes among those to delete when no state names them any more. */
  own(name: string): void {
    this.#own.push(name);
  }

  /** Writes one blob of the state that was begun; null when the signal aborted first. */
  async putBlob(what: string, parts: readonly Uint8Array[], signal: AbortSignal): Promise<BlobReference | null> {
    const { codec, store } = this.#options;
    const packed = await codec.compress(...parts);
    const name = this.nameOf(what);
    const written = await this.#persist(`write ${name}`, () => store.put(name, packed), signal);
    if (!written) return null;
    this.#own.push(name);
    return { name, bytes: packed.length, sha256: await codec.digest(packed) };
  }

  /** Writes the sets of feeds that changed; null when the signal aborted first. */
  async putFeeds(feeds: DurableSets, signal: AbortSignal): Promise<FeedReference[] | null> {
    const references: FeedReference[] = [];
    for (const [index, { name, cursor, revision }] of feeds.persisted().entries()) {
      const known = this.#feedBlobs.get(name);
      if (known?.revision === revision) {
        references.push(known.reference);
        continue;
      }
      const bytes = await feeds.exportFeed(name);
      if (bytes === null) continue;
      const blob = await this.putBlob(`feed-${index}`, [bytes], signal);
      if (blob === null) return null;
      const reference = { name, cursor, blob };
      this.#feedBlobs.set(name, { revision, reference });
      references.push(reference);
    }
    return references;
  }

  /** Makes a state the current one, and the last whole one the one before it. False when the signal aborted first. */
  async writeHead(manifest: Manifest, signal: AbortSignal): Promise<boolean> {
    const { store, codec, owned } = this.#options;
    const { epoch, owner } = owned.head;
    const head: Head = { epoch, owner, current: manifest, previous: this.#last };
    const bytes = encodeHead(head, codec.sha256);
    return this.#persist(
      'write the head of the state',
      async () => {
        this.#tag = await store.writeHead(bytes, this.#tag);
        this.#previous = this.#last;
        this.#last = manifest;
      },
      signal,
    );
  }

  /** Deletes own blobs that neither the current nor the previous state names. A failure is made up for next time. */
  async deleteUnused(): Promise<void> {
    const { store, log } = this.#options;
    const named = new Set([...blobsOf(this.#last), ...blobsOf(this.#previous)].map(({ name }) => name));
    const unused = this.#own.filter((name) => !named.has(name));
    this.#own = this.#own.filter((name) => named.has(name));
    for (const name of unused) {
      try {
        await store.delete(name);
      } catch (error) {
        this.#own.push(name);
        log.debug('Cannot delete a blob that is no longer needed', { name, cause: error });
      }
    }
  }

  /** Tries until the store takes it; false when the signal aborted first. */
  async #persist(what: string, attempt: () => Promise<void>, signal: AbortSignal): Promise<boolean> {
    const { realTime, log, waiting } = this.#options;
    for (let delayMs = firstRetryMs; !signal.aborted; delayMs = Math.min(lastRetryMs, delayMs * 2)) {
      try {
        await attempt();
        if (this.#error !== null) log.info('State can be kept again');
        this.#error = null;
        return true;
      } catch (error) {
        if (!(error instanceof StateStoreError) || error.code === 'name_taken') throw error;
        if (this.#error === null) log.error(`Cannot ${what}: ${waiting}`, { cause: error.message });
        this.#error = error.message;
        await realTime.delay(delayMs, signal);
      }
    }
    return false;
  }
}
