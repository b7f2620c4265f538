import type { FeedCounts } from '../core/intel/feed-counts.ts';
import type { FeedErrorCode } from '../core/ports.ts';

export interface FeedFailure {
  readonly code: FeedErrorCode;
  /** What failed, with the text the server answered and the option that mends it. */
  readonly message: string;
  readonly at: number;
}

/** How one feed stands. Times are milliseconds since 1970. */
export interface FeedStatus {
  readonly name: string;
  /** Whether a whole set of it is held: loaded by this process, or restored. An empty feed counts as loaded. */
  readonly loaded: boolean;
  /** Indicators held that can match. */
  readonly indicators: number;
  /** Indicators held that cannot match. */
  readonly skipped: number;
  /** Indicators that can match by what they name; one that names several kinds counts under each. */
  readonly kinds: FeedCounts['kinds'];
  /** Indicators that are not in the index, or not with all of their pattern, by reason; one may count under several. */
  readonly skippedBy: FeedCounts['skipped'];
  /** Opaque; where the next poll goes on from, null when it fetches everything. */
  readonly cursor: string | null;
  readonly lastSuccessMs: number | null;
  /** When a poll of this process last brought a new version of an indicator, or deleted one. */
  readonly lastChangeMs: number | null;
  /** Null before the first poll and during each. */
  readonly nextPollMs: number | null;
  /** Null once a poll has succeeded after it. */
  readonly lastError: FeedFailure | null;
  readonly refreshIntervalMs: number;
}
