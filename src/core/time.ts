/**
 * Event time at the precision Azure delivers: 100 ns, the tick of Kusto's datetime. Ticks since 1970 exceed 2^53, so an
 * instant is a pair of a whole millisecond and the ticks inside it.
 */
export interface EventTime {
  /** Whole milliseconds since 1970-01-01T00:00:00Z. */
  readonly ms: number;
  /** 100 ns units inside the millisecond, 0 to 9,999. */
  readonly ticks: number;
}

export const HOUR_MS = 3_600_000;

export function eventTime(ms: number, ticks = 0): EventTime {
  return { ms, ticks };
}

/** Orders two instants: negative when `a` is earlier, 0 when equal. */
export function compareTime(a: EventTime, b: EventTime): number {
  return a.ms - b.ms || a.ticks - b.ticks;
}

export function earlier(a: EventTime, b: EventTime): EventTime {
  return compareTime(a, b) <= 0 ? a : b;
}

export function later(a: EventTime, b: EventTime): EventTime {
  return compareTime(a, b) >= 0 ? a : b;
}

/**
 * The boundary that closes the pane of an instant: the least multiple of `hopMs` at or after it. Panes are open on the
 * left and closed on the right, as the rule's window is, so an instant on a boundary belongs to the pane it closes.
 */
export function paneEnd(time: EventTime, hopMs: number): number {
  const ms = time.ticks > 0 ? time.ms + 1 : time.ms;
  return Math.ceil(ms / hopMs) * hopMs;
}

/** ISO 8601 in UTC with as many fraction digits as the instant needs: none, three or seven. */
export function formatTime(time: EventTime): string {
  const iso = new Date(time.ms).toISOString();
  if (time.ticks > 0) return `${iso.slice(0, -1)}${String(time.ticks).padStart(4, '0')}Z`;
  return time.ms % 1000 === 0 ? `${iso.slice(0, -5)}Z` : iso;
}

/** ISO 8601 in UTC of whole milliseconds. */
export function formatMs(ms: number): string {
  return formatTime(eventTime(ms));
}
