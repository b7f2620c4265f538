import type { Clock, RealTime } from '../../core/ports.ts';

/** Longest delay that Node's timers keep; a longer one would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/** How often a sleeper looks at the wall clock again, which may have been set or stood still while the machine slept. */
const recheckMs = 60_000;

/** Milliseconds that only run forward, whatever happens to the wall clock: for durations. */
export function monotonicMs(): number {
  return performance.now();
}

/**
 * Resolves after `ms` of true time, or at once when the signal aborts; never rejects. Takes delays of any length, and
 * leaves no listener on the signal.
 */
async function wait(ms: number, signal?: AbortSignal): Promise<void> {
  const end = monotonicMs() + ms;
  for (let left = ms; left > 0; left = end - monotonicMs()) {
    if (signal?.aborted === true) return;
    await timer(Math.min(left, longestTimerMs), signal);
  }
}

function timer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(handle);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const handle = setTimeout(finish, ms);
    signal?.addEventListener('abort', finish, { once: true });
  });
}

/** Resolves in a later turn of the event loop, so that input, output and timers get theirs first. */
export function yieldTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export const realTime: RealTime = { nowMs: monotonicMs, delay: wait };

export interface SystemClockOptions {
  /** Rate against true time; 1 is true time itself. */
  readonly speed: number;
  /** Instant, in milliseconds since 1970, at which this clock and the true one agree. Only read when speed is not 1. */
  readonly originMs: number;
}

/** The clock of the process: true time, or for development a time that runs `speed` times as fast since `originMs`. */
export function systemClock({ speed, originMs }: SystemClockOptions): Clock {
  const now = (): number => (speed === 1 ? Date.now() : originMs + (Date.now() - originMs) * speed);
  return {
    now,
    async sleepUntil(at, signal) {
      for (let left = at - now(); left > 0 && !signal.aborted; left = at - now()) {
        await wait(Math.min(left / speed, recheckMs), signal);
      }
    },
  };
}
