import type { RealTime } from '../core/ports.ts';
import type { Sliced } from '../core/sliced.ts';

export interface TurnsOptions {
  readonly realTime: RealTime;
  /** Lets other work of the process run; resolves in a later turn of the event loop. */
  readonly yieldTurn: () => Promise<void>;
  /** Longest stretch of work before other work gets its turn. */
  readonly turnMs: number;
}

/** Long work in short turns, so that requests, timers and the network are never held up for long. */
export class Turns {
  readonly #options: TurnsOptions;
  #startedMs = 0;

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  /** Lets other work run if this turn has lasted long enough. Call it often. */
  async giveWay(): Promise<void> {
    const { realTime, yieldTurn, turnMs } = this.#options;
    if (realTime.nowMs() - this.#startedMs < turnMs) return;
    await yieldTurn();
    this.#startedMs = realTime.nowMs();
  }

  /** Brings sliced work to its end. */
  async finish<Result>(work: Sliced<Result>): Promise<Result> {
    while (!work.advance()) await this.giveWay();
    return work.finish();
  }
}
