import { admit, type AdmissionRule } from './admission.ts';
import { type IndicatorIndex, indexSteps } from './address-index.ts';
import { type FeedCounts, FeedTally } from './feed-counts.ts';
import type { FeedIndicators } from './feed-indicators.ts';
import type { IndexEntry } from './index-build.ts';
import type { IndexedPlaces } from './index-rows.ts';
import type { SteadyTime } from './steady-time.ts';

export interface BuildOptions extends AdmissionRule {
  /** Of the version of the index; the caller counts it up. */
  readonly ordinal: number;
  readonly steadyTime?: SteadyTime;
}

/** An index with what became of the indicators of each feed. */
export interface CatalogueIndex {
  readonly index: IndicatorIndex;
  readonly counts: readonly FeedCounts[];
}

/** Builds the index over what feeds hold, in slices. */
export function* catalogueSteps(
  feeds: Iterable<FeedIndicators>,
  options: BuildOptions,
): Generator<undefined, CatalogueIndex> {
  const counts: FeedCounts[] = [];
  const index = yield* indexSteps(entriesOf(feeds, options, counts), options.ordinal, options.steadyTime);
  return { index, counts };
}

function* entriesOf(
  feeds: Iterable<FeedIndicators>,
  options: BuildOptions,
  counts: FeedCounts[],
): Generator<IndexEntry> {
  for (const feed of feeds) {
    const tally = new FeedTally(feed.settings.name, feed.invalid);
    const places = placesOf(feed, options);
    for (const { indicator, digest, place } of feed.all()) {
      tally.hold(indicator);
      const { observables, skipped } = admit(indicator, options);
      for (const reason of skipped) tally.skip(reason);
      if (observables.length > 0) tally.index(observables);
      // What is not indexed is a step of the work too.
      yield { indicator, observables, digest, kept: { places, place } };
    }
    counts.push(tally.counts());
  }
}

/** What a feed holds now and how it was admitted: deciding that anew gives the same. */
function placesOf(feed: FeedIndicators, rule: AdmissionRule): IndexedPlaces {
  const held = feed.places();
  return {
    at: (place) => {
      const indicator = held.indicator(place);
      return { indicator, observables: admit(indicator, rule).observables };
    },
  };
}
