import type { FeedContent, HeldIndicator } from './feed-content.ts';
import type { VersionedFact } from './feed-context.ts';
import type { SourceSettings } from './indicator-reader.ts';

/** The versions that were replaced after one cut and before the next. */
export class ReplacedVersions {
  readonly #before = new Map<string, HeldIndicator>();
  #next: ReplacedVersions | null = null;

  /** Keeps what an id held when the cut was taken: only its first replacement tells. */
  keep(id: string, held: HeldIndicator): void {
    if (!this.#before.has(id)) this.#before.set(id, held);
  }

  /** Begins the versions of a later cut. Nobody but earlier cuts holds these any longer. */
  follow(): ReplacedVersions {
    this.#next = new ReplacedVersions();
    return this.#next;
  }

  /** What an id held at the cut, undefined when it has not been replaced since. */
  get(id: string): HeldIndicator | undefined {
    const held = this.#before.get(id);
    if (held !== undefined || this.#next === null) return held;
    for (let later: ReplacedVersions | null = this.#next; later !== null; later = later.#next) {
      const kept = later.#before.get(id);
      if (kept !== undefined) return kept;
    }
    return undefined;
  }
}

export interface CutParts extends Omit<FeedContent, 'held' | 'size'> {
  /** Grows at its end and has its values replaced; nothing is ever deleted from it. */
  readonly versions: ReadonlyMap<string, HeldIndicator>;
  readonly replaced: ReplacedVersions;
}

/**
 * What a feed held at one moment, however it changes afterwards. Taking one costs nothing: a delta replaces versions
 * and appends new ones, so the first `size` entries are those of the cut, and what was replaced is kept beside them.
 */
export class FeedCut implements FeedContent {
  readonly settings: SourceSettings;
  readonly invalid: number;
  readonly size: number;
  readonly facts: ReadonlyMap<string, VersionedFact>;
  readonly #versions: ReadonlyMap<string, HeldIndicator>;
  readonly #replaced: ReplacedVersions;

  constructor({ settings, invalid, facts, versions, replaced }: CutParts) {
    this.settings = settings;
    this.invalid = invalid;
    this.size = versions.size;
    this.facts = facts;
    this.#versions = versions;
    this.#replaced = replaced;
  }

  get held(): Iterable<HeldIndicator> {
    return this.#entries();
  }

  *#entries(): Generator<HeldIndicator> {
    let left = this.size;
    for (const [id, held] of this.#versions) {
      if (left === 0) return;
      left -= 1;
      yield this.#replaced.get(id) ?? held;
    }
  }
}
