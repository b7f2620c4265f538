import type { Clock, RealTime } from '../../../src/core/ports.ts';

interface Sleeper {
  /** When it wakes, in milliseconds of the world; asked anew each time, since a step of the clock moves it. */
  readonly dueAt: () => number;
  readonly wake: () => void;
}

export interface SimulatedClockOptions {
  /** What the clock says at first, milliseconds since 1970. */
  readonly startMs: number;
  /** How fast the clock runs against true time, 1 unless told otherwise: loops that look often then cost little. */
  readonly speed?: number;
}

/** Lets everything that is ready run. */
function macrotask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Time that passes only in advance(). The world has its own time, which always goes on; the clock shows it until step()
 * sets it wrong, as a bad clock is, and true time runs beside it at a rate.
 */
export class SimulatedClock implements Clock, RealTime {
  readonly #speed: number;
  readonly #sleepers = new Set<Sleeper>();
  #worldMs: number;
  #aheadMs = 0;

  constructor({ startMs, speed = 1 }: SimulatedClockOptions) {
    this.#worldMs = startMs;
    this.#speed = speed;
  }

  /** The time of the world, whatever the clock was set to. */
  get worldMs(): number {
    return this.#worldMs;
  }

  now(): number {
    return this.#worldMs + this.#aheadMs;
  }

  nowMs(): number {
    return this.#worldMs / this.#speed;
  }

  /** How many wait. */
  get sleepers(): number {
    return this.#sleepers.size;
  }

  sleepUntil(at: number, signal: AbortSignal): Promise<void> {
    return this.#sleep(() => at - this.#aheadMs, signal);
  }

  delay(ms: number, signal?: AbortSignal): Promise<void> {
    return this.pass(ms * this.#speed, signal);
  }

  /** Resolves when some time has passed in the world, or at once when the signal aborts. */
  pass(ms: number, signal?: AbortSignal): Promise<void> {
    const dueAt = this.#worldMs + ms;
    return this.#sleep(() => dueAt, signal);
  }

  /** Sets the clock forward, or back by a negative number; the world and true time go on as they did. */
  step(byMs: number): void {
    this.#aheadMs += byMs;
  }

  /** Lets time pass in which the process stands still: those who wait wake when it goes on. */
  standStill(ms: number): void {
    this.#worldMs += ms;
  }

  /** Lets time pass. Sleepers wake in the order in which they are due, each at that time, and what they do comes to rest. */
  async advance(ms: number): Promise<void> {
    const until = this.#worldMs + ms;
    await macrotask();
    for (let next = this.#next(until); next !== null; next = this.#next(until)) {
      this.#worldMs = Math.max(this.#worldMs, next.dueAt());
      next.wake();
      await macrotask();
    }
    this.#worldMs = Math.max(this.#worldMs, until);
  }

  #next(until: number): Sleeper | null {
    let first: Sleeper | null = null;
    let firstDueAt = Number.POSITIVE_INFINITY;
    for (const sleeper of this.#sleepers) {
      const dueAt = sleeper.dueAt();
      if (dueAt <= until && dueAt < firstDueAt) [first, firstDueAt] = [sleeper, dueAt];
    }
    return first;
  }

  #sleep(dueAt: () => number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true || dueAt() <= this.#worldMs) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper: Sleeper = { dueAt, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }
}
