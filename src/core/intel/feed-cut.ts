import type { FeedContent, HeldIndicator } from './feed-content.ts';
import type { FactTable } from './fact-table.ts';
import type { HeldTable } from './held-table.ts';
import type { SourceSettings } from './indicator-reader.ts';

/** Numbers of a chunk, as a power of two: a change of a few indicators takes little, one of a million is never copied. */
const chunkBits = 8;

/** The places of the versions that were replaced after one cut and before the next, by the number of the indicator. */
export class ReplacedVersions {
  /** Places plus one, by numbers; 0 for what was not replaced. */
  readonly #chunks = new Map<number, Float64Array>();
  #next: ReplacedVersions | null = null;

  /** Keeps the place that an indicator had when the cut was taken: only its first replacement tells. */
  keep(number: number, place: number): void {
    let chunk = this.#chunks.get(number >>> chunkBits);
    if (chunk === undefined) {
      chunk = new Float64Array(2 ** chunkBits);
      this.#chunks.set(number >>> chunkBits, chunk);
    }
    const at = number & (2 ** chunkBits - 1);
    if (chunk[at] === 0) chunk[at] = place + 1;
  }

  /** Begins the versions of a later cut. Nobody but earlier cuts holds these any longer. */
  follow(): ReplacedVersions {
    this.#next = new ReplacedVersions();
    return this.#next;
  }

  /** The place of an indicator at the cut, undefined when it has not been replaced since. */
  get(number: number): number | undefined {
    const place = this.#kept(number);
    if (place !== undefined) return place;
    for (let later = this.#next; later !== null; later = later.#next) {
      const kept = later.#kept(number);
      if (kept !== undefined) return kept;
    }
    return undefined;
  }

  #kept(number: number): number | undefined {
    const mark = this.#chunks.get(number >>> chunkBits)?.[number & (2 ** chunkBits - 1)] ?? 0;
    return mark === 0 ? undefined : mark - 1;
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
  readonly facts: FactTable;
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
