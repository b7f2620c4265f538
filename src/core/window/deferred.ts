import type { Observation } from '../observation.ts';

/** An observation that waits until the flush it arrived too late for has run. */
export interface Deferred {
  readonly observation: Observation;
  /** The first flush that may contain it. */
  readonly dueAt: number;
}

/** Observations that wait, by the flush that may first contain them. */
export class DeferredList {
  readonly #byFlush = new Map<number, Observation[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add({ observation, dueAt }: Deferred): void {
    const waiting = this.#byFlush.get(dueAt);
    if (waiting === undefined) this.#byFlush.set(dueAt, [observation]);
    else waiting.push(observation);
    this.#size += 1;
  }

  *all(): Generator<Deferred> {
    for (const [dueAt, observations] of this.#byFlush)
      for (const observation of observations) yield { observation, dueAt };
  }

  /** Takes out what the flush at `windowEnd` may contain. */
  takeDue(windowEnd: number): Observation[] {
    const due: Observation[] = [];
    for (const [dueAt, observations] of [...this.#byFlush].sort(([a], [b]) => a - b)) {
      if (dueAt > windowEnd) break;
      due.push(...observations);
      this.#byFlush.delete(dueAt);
    }
    this.#size -= due.length;
    return due;
  }
}
