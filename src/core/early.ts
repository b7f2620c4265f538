import { compareTime, eventTime, type EventTime } from './time.ts';

/** Clocks of emitters differ by this much at most. */
export const earlyMs = 15 * 60_000;

/** Whether a record is so far ahead of its enqueued time that it counts at the enqueued time. */
export function isEarly(time: EventTime, enqueuedMs: number): boolean {
  return compareTime(time, eventTime(enqueuedMs + earlyMs)) > 0;
}
