/**
 * Reads a Retry-After header (RFC 9110 §10.2.3): seconds, or an HTTP date, which is measured against the server's own
 * Date header so that the clocks need not agree.
 *
 * @returns milliseconds to wait, never negative; undefined when the header is absent or unreadable.
 */
export function readRetryAfter(headers: Pick<Headers, 'get'>, nowMs: number): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const until = Date.parse(text);
  if (!/[a-z]/i.test(text) || Number.isNaN(until)) return undefined;
  const now = Date.parse(headers.get('date') ?? '');
  return Math.max(0, until - (Number.isNaN(now) ? nowMs : now));
}
