import type { FeedContent, HeldIndicator } from './feed-content.ts';
import type { VersionedFact } from './feed-context.ts';
import type { HeldTable } from './held-table.ts';
import type { SourceSettings } from './indicator-reader.ts';

/** The places of the versions that were replaced after one cut and before the next, by the number of the indicator. */
export class ReplacedVersions {
  readonly #before = new Map<number, number>();
  #next: ReplacedVersions | null = null;

  /** Keeps the place that an indicator had when the cut was taken: only its first replacement tells. */
  keep(number: number, place: number): void {
    if (!this.#before.has(number)) this.#before.set(number, place);
  }

  /** Begins the versions of a later cut. Nobody but earlier cuts holds these any longer. */
  follow(): ReplacedVersions {
    this.#next = new ReplacedVersions();
    return this.#next;
  }

  /** The place of an indicator at the cut, undefined when it has not been replaced since. */
  get(number: number): number | undefined {
    const place = this.#before.get(number);
    if (place !== undefined || this.#next === null) return place;
    for (let later: ReplacedVersions | null = this.#next; later !== null; later = later.#next) {
      const kept = later.#before.get(number);
      if (kept !== undefined) return kept;
    }
    return undefined;
  }
}

export interface CutParts extends Omit<FeedContent, 'held' | 'size'> {
  /** Grows at its end and has its versions replaced; nothing is ever deleted from it. */
  readonly versions: HeldTable;
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
  readonly #versions: HeldTable;
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
    for (let number = 0; number < this.size; number += 1)
      yield this.#versions.read(this.#replaced.get(number) ?? this.#versions.place(number));
  }
}
