const firstMs = 500;
const mostMs = 60_000;
/** No sink is left alone for longer, whatever it asks for: it may have answered nonsense. */
const mostAskedMs = 3_600_000;

/**
 * How long to wait after so many failures in a row: twice as long each time, with a jitter of half, so that replicas do
 * not come back together; never shorter than what the other side asked for.
 * @param random 0 (inclusive) to 1 (exclusive).
 */
export function retryPauseMs(failures: number, askedMs: number | null, random: number): number {
  const fullMs = Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 16));
  return Math.max(fullMs / 2 + (fullMs / 2) * random, Math.min(askedMs ?? 0, mostAskedMs));
}
