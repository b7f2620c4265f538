import { HOUR_MS } from '../time.ts';

/** The instants, from one up to but not with another, for which an index knows beforehand what holds throughout. */
export interface SteadyTime {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** No instant at all. */
export const neverSteady: SteadyTime = { fromMs: Number.POSITIVE_INFINITY, untilMs: Number.NEGATIVE_INFINITY };

/**
 * Around the instant at which an index is built: records are looked up at their times, which mostly lie minutes back, and
 * an index is in use until its feeds change. What begins or ends within it, and all other instants, take longer.
 */
export function steadyTimeAt(nowMs: number): SteadyTime {
  return { fromMs: nowMs - HOUR_MS, untilMs: nowMs + 24 * HOUR_MS };
}
