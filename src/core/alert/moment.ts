import type { Progress } from '../progress.ts';

/** A moment as the rule sees it. */
export interface Moment {
  readonly now: number;
  /** The first boundary that has not been flushed. */
  readonly boundary: number;
  readonly warming: boolean;
  /** Since when the sources hold records, −∞ when that is at least the lookback. */
  readonly seesSince: number;
}

/** The moment of a shard that has come so far. */
export function momentAt({ boundary, seesSince, warmUntil }: Progress, now: number): Moment {
  return { now, boundary, seesSince, warming: warmUntil !== null };
}
