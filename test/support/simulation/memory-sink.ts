import { formatNative } from '../../../src/core/alert/format/alert-format.ts';
import { SinkError } from '../../../src/core/alert/sink-error.ts';
import { unlimitedBytes, type AlertSink, type SinkDocument } from '../../../src/core/ports.ts';
import type { Random } from '../../../src/dev/traffic/random.ts';
import { isInside, type FaultPlan } from './fault-plan.ts';
import type { SimulatedClock } from './simulated-clock.ts';

/** A sink that keeps what it took. One that refuses may have taken a part, as a broken connection leaves open. */
export class MemorySink implements AlertSink {
  readonly name: string;
  readonly limits = { batchMax: 100, ...unlimitedBytes };
  readonly encode = formatNative;
  readonly taken: string[] = [];
  closed = false;
  readonly #refuses: () => boolean;
  readonly #random: Random;

  constructor(name: string, refuses: () => boolean, random: Random) {
    this.name = name;
    this.#refuses = refuses;
    this.#random = random;
  }

  deliver(documents: readonly SinkDocument[]): Promise<void> {
    const texts = documents.map(({ text }) => text);
    if (this.#refuses()) {
      this.taken.push(...texts.slice(0, this.#random.between(0, texts.length)));
      return Promise.reject(new SinkError('unavailable', 'Cannot take alerts: the sink answers 503'));
    }
    this.taken.push(...texts);
    return Promise.resolve();
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
