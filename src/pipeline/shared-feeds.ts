import type { IndexVersion } from '../core/intel/index-version.ts';
import type { FeedPolls } from './feed-state.ts';

/** The set of a feed as another process holds it. */
export interface SharedSet {
  readonly name: string;
  readonly cursor: string | null;
  /** Null when the set is as it was when it was last adopted. */
  readonly bytes: Uint8Array | null;
}

/** What one process polled and shares with others: every set that it holds, and the version of the index over them. */
export interface SharedFeeds {
  readonly sets: readonly SharedSet[];
  readonly version: IndexVersion;
  /** By the name of the feed. */
  readonly polls: Readonly<Record<string, Readonly<FeedPolls>>>;
}
