import { setTimeout as pause } from 'node:timers/promises';

/** Asks again until there is an answer. Rejects with what was last missing once `withinMs` have passed. */
export async function until<Value>(
  what: string,
  ask: () => Promise<Value | undefined> | Value | undefined,
  withinMs = 60_000,
): Promise<Value> {
  const signal = AbortSignal.timeout(withinMs);
  let missing: unknown = 'no answer yet';
  while (!signal.aborted) {
    try {
      const value = await ask();
      if (value !== undefined) return value;
      missing = 'no answer yet';
    } catch (cause) {
      missing = cause;
    }
    await pause(100);
  }
  throw new Error(`Cannot go on as ${what} did not come within ${withinMs / 1000} s`, { cause: missing });
}
