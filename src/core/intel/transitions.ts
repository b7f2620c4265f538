const chunkSize = 2 ** 16;

/** How far ahead the next instants are looked for at a time, milliseconds: an hour of them is sorted, not all there are. */
const nearMs = 3_600_000;

/**
 * The instants at which validity begins or ends. They are not sorted, which would hold everything up for millions of
 * them: asked for the next one, it sorts those of the next hour and answers from them until they are past.
 */
export class Transitions {
  readonly #chunks: Float64Array[] = [];
  #size = 0;
  #near = new Float64Array();
  /** What `#near` is about: after the first, up to and with the second. */
  #nearFrom = Number.POSITIVE_INFINITY;
  #nearTo = Number.NEGATIVE_INFINITY;

  add(ms: number): void {
    const at = this.#size % chunkSize;
    if (at === 0) this.#chunks.push(new Float64Array(chunkSize));
    const chunk = this.#chunks.at(-1);
    if (chunk !== undefined) chunk[at] = ms;
    this.#size += 1;
  }

  /** The least instant after `afterMs`; null when none is left. */
  after(afterMs: number): number | null {
    if (afterMs < this.#nearFrom || afterMs >= this.#nearTo) this.#look(afterMs);
    const near = this.#near.find((ms) => ms > afterMs);
    if (near !== undefined) return near;
    let least = Number.POSITIVE_INFINITY;
    this.#forEach((ms) => {
      if (ms > afterMs && ms < least) least = ms;
    });
    return least === Number.POSITIVE_INFINITY ? null : least;
  }

  #look(afterMs: number): void {
    const until = afterMs + nearMs;
    const near: number[] = [];
    this.#forEach((ms) => {
      if (ms > afterMs && ms <= until) near.push(ms);
    });
    this.#near = Float64Array.from(near).sort();
    this.#nearFrom = afterMs;
    this.#nearTo = until;
  }

  #forEach(visit: (ms: number) => void): void {
    let left = this.#size;
    for (const chunk of this.#chunks) {
      const size = Math.min(left, chunkSize);
      for (let at = 0; at < size; at += 1) visit(chunk[at] ?? 0);
      left -= size;
    }
  }
}
