import { yieldTurn } from '../../src/adapters/system/clock.ts';
import type { RealTime } from '../../src/core/ports.ts';

/** True time that passes as fast as somebody waits for it. */
export class HurriedTime implements RealTime {
  #ms = 0;

  nowMs(): number {
    return this.#ms;
  }

  async delay(ms: number): Promise<void> {
    this.#ms += Math.max(0, ms);
    await yieldTurn();
  }
}
