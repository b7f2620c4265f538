/** How far a shard has come, and what it has counted on the way. */
export interface Progress {
  /** The first boundary that has not been flushed. */
  boundary: number;
  /** The first boundary that was ever to be flushed. */
  firstBoundary: number;
  /** Enqueued time up to which it only catches up, null when there is nothing to catch up with. */
  warmUntil: number | null;
  /** Additions to panes so far; each is numbered. */
  additions: number;
  /** Records counted without their sets because the pinned bound was met. */
  overflowed: number;
  /** Records counted without an identity because the bound on identities was met. */
  inexact: number;
  /** Since when the sources hold records, −∞ when that is at least the lookback. */
  seesSince: number;
}
