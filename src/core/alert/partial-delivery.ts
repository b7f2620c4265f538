import type { SinkDocument } from '../ports.ts';

/** Ids kept at most; those of alerts that were given up meanwhile stay behind. */
const keptMax = 10_000;

/**
 * What a sink took of deliveries that failed. Whoever delivers gives the rest of such a delivery again together with
 * what was taken, which would then arrive twice.
 */
export class PartialDelivery {
  readonly #taken = new Set<string>();

  /** The documents that the sink has not taken, in their order. */
  remaining(documents: readonly SinkDocument[]): readonly SinkDocument[] {
    return this.#taken.size === 0 ? documents : documents.filter(({ id }) => !this.#taken.has(id));
  }

  /** The sink took these documents of a delivery that is not over. */
  took(documents: readonly SinkDocument[]): void {
    if (this.#taken.size > keptMax) this.#taken.clear();
    for (const { id } of documents) this.#taken.add(id);
  }

  /** A delivery of these documents is over: none of them is given again. */
  completed(documents: readonly SinkDocument[]): void {
    for (const { id } of documents) this.#taken.delete(id);
  }
}
