import type { AlertSink } from '../../../src/core/ports.ts';
import type { Random } from '../../../src/dev/traffic/random.ts';
import { isInside, type FaultPlan } from './fault-plan.ts';
import type { SimulatedClock } from './simulated-clock.ts';

/** A sink that keeps what it took. One that refuses may have taken a part, as a broken connection leaves open. */
export class MemorySink implements AlertSink {
  readonly name: string;
  readonly taken: string[] = [];
  closed = false;
  readonly #refuses: () => boolean;
  readonly #random: Random;

  constructor(name: string, refuses: () => boolean, random: Random) {
    this.name = name;
    this.#refuses = refuses;
    this.#random = random;
  }

  deliver(documents: readonly string[]): Promise<void> {
    if (this.#refuses()) {
      this.taken.push(...documents.slice(0, this.#random.between(0, documents.length)));
      return Promise.reject(new Error('Cannot take alerts: the sink answers 503'));
    }
    this.taken.push(...documents);
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
