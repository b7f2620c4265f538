import { formatNative } from '../../../src/core/alert/format/alert-format.ts';
import { SinkError } from '../../../src/core/alert/sink-error.ts';
import { unlimitedBytes, type AlertSink, type SinkDocument } from '../../../src/core/ports.ts';
import type { Random } from '../../../src/dev/traffic/random.ts';
import { isInside, type FaultPlan } from './fault-plan.ts';
import type { SimulatedClock } from './simulated-clock.ts';

/** How a sink behaves. */
export interface SinkMoods {
  readonly refuses: () => boolean;
  /** Longest time that a delivery takes. */
  readonly longestMs: number;
  readonly retryAfterMs: number | null;
}

const good: SinkMoods = { refuses: () => false, longestMs: 0, retryAfterMs: null };

/** A sink that keeps what it took. One that refuses may have taken a part, as a broken connection leaves open. */
export class MemorySink implements AlertSink {
  readonly name: string;
  readonly limits = { batchMax: 100, ...unlimitedBytes };
  readonly encode = formatNative;
  readonly taken: string[] = [];
  /** When each document was taken, on the clock of the world. */
  readonly takenMs: number[] = [];
  closed = false;
  readonly #clock: SimulatedClock;
  readonly #moods: SinkMoods;
  readonly #random: Random;

  constructor(name: string, clock: SimulatedClock, random: Random, moods: SinkMoods = good) {
    this.name = name;
    this.#clock = clock;
    this.#random = random;
    this.#moods = moods;
  }

  async deliver(documents: readonly SinkDocument[]): Promise<void> {
    const texts = documents.map(({ text }) => text);
    const { longestMs, retryAfterMs } = this.#moods;
    if (longestMs > 0) await this.#clock.pass(this.#random.between(0, longestMs));
    if (!this.#moods.refuses()) {
      this.#take(texts);
      return;
    }
    this.#take(texts.slice(0, this.#random.between(0, texts.length)));
    if (retryAfterMs === null) throw new SinkError('unavailable', 'Cannot take alerts: the sink answers 503');
    throw new SinkError('rate_limited', 'Cannot take alerts: the sink answers 429', {
      retryAfterMs: this.#random.between(0, retryAfterMs),
    });
  }

  #take(texts: readonly string[]): void {
    this.taken.push(...texts);
    this.takenMs.push(...texts.map(() => this.#clock.worldMs));
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

/** When a sink refuses under a plan of faults, at the latest when the world ends. */
export function refusals(
  faults: FaultPlan,
  clock: SimulatedClock,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
  random: Random,
): () => boolean {
  return () =>
    isInside(faults.sinkFailures, clock.worldMs - startMs) ||
    (clock.worldMs < endMs && random.chance(faults.sinkRefusal));
}
