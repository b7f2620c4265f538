import type { RangeSet } from '../address-range.ts';
import type { CloseReason } from '../alert/alert.ts';
import { buildAddressIndex, type IndexEntry, type IndicatorIndex } from './address-index.ts';
import { type FeedCounts, FeedTally } from './feed-counts.ts';
import { FeedIndicators } from './feed-indicators.ts';
import { type Indicator, isValidAt, sightingOf } from './indicator.ts';
import type { SourceSettings } from './indicator-reader.ts';
import type { StixObject } from './stix-object.ts';

export interface Applied {
  readonly applied: true;
  /** Indicators that a full set no longer named. */
  readonly deleted: number;
}

/** Nothing was taken: the feed is held as it was before. */
export interface Refused {
  readonly applied: false;
  readonly code: 'too_many_indicators';
  readonly retryable: false;
  readonly message: string;
}

export interface BuildOptions {
  /** Least confidence of an indicator that is indexed. */
  readonly minConfidence: number;
  /** Addresses that never match: what lies wholly inside is not indexed. */
  readonly excluded: RangeSet;
  /** Of the version of the index; the caller counts it up. */
  readonly ordinal: number;
}

/**
 * The newest version of every indicator of every feed: by (source, STIX id), so that feeds never overwrite each other.
 * Bounded: what would pass the bound is refused whole, and the feed stays as it was.
 */
export class IndicatorCatalogue {
  readonly #max: number;
  readonly #feeds = new Map<string, FeedIndicators>();
  #counts: readonly FeedCounts[] = [];

  /** `max` bounds the indicators over all feeds, one that names many addresses counting as many, and their context. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Indicators held over all feeds, one that names many addresses counting as many. */
  get weight(): number {
    return [...this.#feeds.values()].reduce((sum, { weight }) => sum + weight, 0);
  }

  /**
   * Takes what a poll of a feed delivered. With `full` the objects are everything the feed holds, and what they do not
   * name is deleted. The index changes with the next build.
   */
  apply(
    source: SourceSettings,
    objects: readonly StixObject[],
    { full }: { readonly full: boolean },
  ): Applied | Refused {
    const feed = this.#feeds.get(source.name) ?? new FeedIndicators(source);
    const change = feed.read(objects, full);
    const indicators = this.weight - feed.weight + change.weight;
    const context = this.#contextSize() - feed.contextSize + change.context.size;
    if (indicators > this.#max || context > this.#max) {
      const [what, count] = indicators > this.#max ? ['indicators', indicators] : ['related objects', context];
      return {
        applied: false,
        code: 'too_many_indicators',
        retryable: false,
        message: `Cannot take feed ${source.name} as INDICATORS_MAX allows ${this.#max} ${what} over all feeds: current value is ${count}`,
      };
    }
    this.#feeds.set(source.name, feed);
    return { applied: true, deleted: feed.make(change) };
  }

  /** Builds the index over what is held now. */
  build(options: BuildOptions): IndicatorIndex {
    const entries: IndexEntry[] = [];
    this.#counts = [...this.#feeds.values()].map((feed) => {
      const tally = new FeedTally(feed.settings.name);
      tally.skip('invalid_object', feed.invalid);
      for (const { indicator, digest } of feed.all()) {
        tally.hold();
        const observables = observablesToIndex(indicator, options, tally);
        if (observables.length === 0) continue;
        tally.index(observables);
        entries.push({ indicator, observables, digest });
      }
      return tally.counts();
    });
    return buildAddressIndex(entries, options.ordinal);
  }

  /** What became of the indicators of each feed, as of the last build. */
  counts(): readonly FeedCounts[] {
    return this.#counts;
  }

  /** The newest version of an indicator that is held. */
  indicator(source: string, id: string): Indicator | undefined {
    return this.#feeds.get(source)?.indicator(id);
  }

  /** Why an indicator that matched an address before does not match it any more. */
  reasonGone(source: string, id: string, nowMs: number, minConfidence: number): CloseReason {
    const indicator = this.indicator(source, id);
    if (indicator === undefined) return 'indicator-deleted';
    if (indicator.revoked) return 'indicator-revoked';
    if (indicator.confidence === null || indicator.confidence < minConfidence) return 'indicator-lowered';
    if (!isValidAt(indicator, nowMs)) return 'indicator-expired';
    const sightings = indicator.observables.map((observable) => sightingOf(indicator, observable).indicator);
    if (sightings.length > 0 && sightings.every((narrowed) => !isValidAt(narrowed, nowMs))) return 'indicator-expired';
    // It counts as much as ever, so the address is no longer what it names.
    return 'indicator-deleted';
  }

  #contextSize(): number {
    return [...this.#feeds.values()].reduce((sum, { contextSize }) => sum + contextSize, 0);
  }
}

/** The observables of an indicator that can match, each reason why others cannot counted once. */
function observablesToIndex(
  indicator: Indicator,
  { minConfidence, excluded }: BuildOptions,
  tally: FeedTally,
): Indicator['observables'] {
  if (indicator.revoked) {
    tally.skip('revoked');
    return [];
  }
  for (const reason of indicator.skipped) tally.skip(reason);
  if (indicator.observables.length === 0) return [];
  if (indicator.confidence === null || indicator.confidence < minConfidence) {
    tally.skip(indicator.confidence === null ? 'unscored' : 'low_confidence');
    return [];
  }
  const observables = indicator.observables.filter(({ range }) => !excluded.covers(range));
  if (observables.length < indicator.observables.length) tally.skip('excluded_range');
  return observables;
}
