import { FeedTally, type FeedCounts } from '../core/intel/feed-counts.ts';
import type { Sliced } from '../core/sliced.ts';
import type { FeedFailure, FeedStatus } from './feed-status.ts';

/** How the polls of a feed went. Times are milliseconds since 1970. */
export interface FeedPolls {
  lastSuccessMs: number | null;
  lastChangeMs: number | null;
  nextPollMs: number | null;
  lastError: FeedFailure | null;
}

/** What is known of a feed beside its set. */
export interface FeedState extends FeedPolls {
  /** Committed together with the set it belongs to; in memory both, so a cursor never outlives its set. */
  cursor: string | null;
  loaded: boolean;
  revision: number;
  /** The set as it was when a commit was last told of it. */
  told: Sliced<Uint8Array> | null;
  failures: number;
}

/** A feed that nobody has polled. */
export function newFeedState(): FeedState {
  const polls = { lastSuccessMs: null, lastChangeMs: null, nextPollMs: null, lastError: null };
  return { cursor: null, loaded: false, revision: 0, told: null, failures: 0, ...polls };
}

/** How a feed stands; without counts nothing is held of it. */
export function statusOf(
  name: string,
  state: FeedState,
  counts: FeedCounts | undefined,
  refreshIntervalMs: number,
): FeedStatus {
  const { loaded, cursor, lastSuccessMs, lastChangeMs, nextPollMs, lastError } = state;
  const { indexed, held, kinds, skipped: skippedBy } = counts ?? new FeedTally(name, 0).counts();
  const shown = { name, loaded, indicators: indexed, skipped: held - indexed, kinds, skippedBy, cursor };
  return { ...shown, lastSuccessMs, lastChangeMs, nextPollMs, lastError, refreshIntervalMs };
}
