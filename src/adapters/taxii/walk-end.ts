import { compareDateAdded, dateAddedOf, shiftDateAdded } from './date-added.ts';

/** Where a walk ended and the next one begins. */
export interface WalkEnd {
  /** Date of the last object, as the server gave it. */
  readonly last: string;
  /** added_after of the next walk, six digits. */
  readonly from: string;
}

/**
 * How far before the last date the next walk begins: a server may stamp an object before it commits it, so that a date
 * can appear in the past of one that was already given.
 */
const OVERLAP_MICROS = 10 * 60_000_000;

/**
 * A last date this much older than the walk has no such neighbours any more, and the next walk begins right after it.
 * Otherwise a collection that was filled at once would come whole at every poll.
 */
const QUIET_MICROS = 60 * 60_000_000;

const FUTURE_TOLERATED_MICROS = 24 * 60 * 60_000_000;

/**
 * Decides where the next walk begins.
 *
 * @param last the newest date the walk met, null when the server gave none: then its own clock stands in. So it does
 *   for a date far in the future, which would silence the feed for good.
 * @param startedMs when the walk began by the server's clock, milliseconds since 1970.
 */
export function walkEnd(last: string | null, startedMs: number): WalkEnd {
  const started = dateAddedOf(startedMs);
  const isFuture = last !== null && compareDateAdded(last, shiftDateAdded(started, FUTURE_TOLERATED_MICROS)) > 0;
  const end = last === null || isFuture ? started : last;
  const isQuiet = compareDateAdded(end, shiftDateAdded(started, -QUIET_MICROS)) <= 0;
  return { last: end, from: shiftDateAdded(end, isQuiet ? 0 : -OVERLAP_MICROS) };
}
