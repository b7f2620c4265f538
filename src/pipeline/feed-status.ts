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
  /** Indicators held that cannot match, wholly or in part. */
  readonly skipped: number;
  readonly lastSuccessMs: number | null;
  /** Null once a poll has succeeded after it. */
  readonly lastError: FeedFailure | null;
  readonly refreshIntervalMs: number;
}
