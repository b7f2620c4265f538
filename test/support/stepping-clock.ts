import type { Clock } from '../../src/core/ports.ts';

/** A clock that stands still until it is moved, or until somebody sleeps, which moves it to the instant at once. */
export class SteppingClock implements Clock {
  /** How long each sleep was meant to take, milliseconds. */
  readonly sleeps: number[] = [];
  #ms: number;

  constructor(startMs: number) {
    this.#ms = startMs;
  }

  now(): number {
    return this.#ms;
  }

  advance(ms: number): void {
    this.#ms += ms;
  }

  sleepUntil(at: number): Promise<void> {
    this.sleeps.push(at - this.#ms);
    this.#ms = Math.max(this.#ms, at);
    return Promise.resolve();
  }
}
