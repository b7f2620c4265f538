import { yieldTurn } from '../../src/adapters/system/clock.ts';
import type { RealTime } from '../../src/core/ports.ts';

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/** True time that stands still until it is advanced. */
export class SteppingRealTime implements RealTime {
  #nowMs = 0;
  readonly #timers = new Set<Timer>();

  nowMs(): number {
    return this.#nowMs;
  }

  delay(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const fire = (): void => {
        this.#timers.delete(timer);
        signal?.removeEventListener('abort', fire);
        resolve();
      };
      const timer = { at: this.#nowMs + Math.max(0, ms), fire };
      this.#timers.add(timer);
      signal?.addEventListener('abort', fire, { once: true });
    });
  }

  /** Delays that wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Passes time: every delay ends at its own instant, and what follows from it runs before the next one ends. */
  async advance(ms: number): Promise<void> {
    const end = this.#nowMs + ms;
    await yieldTurn();
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#nowMs = Math.max(this.#nowMs, due.at);
      due.fire();
      await yieldTurn();
    }
    this.#nowMs = end;
  }
}
