import type { Random } from './random.ts';

/** Ranks drawn by Zipf's law: rank r (from 0) is as likely as 1 / (r + 1)^exponent. A few callers make most of the traffic. */
export class Zipf {
  readonly #cumulative: Float64Array;

  constructor(size: number, exponent: number) {
    this.#cumulative = new Float64Array(size);
    let total = 0;
    for (let rank = 0; rank < size; rank++) {
      total += 1 / (rank + 1) ** exponent;
      this.#cumulative[rank] = total;
    }
  }

  /** A rank in [0, size). */
  rank(random: Random): number {
    const wanted = random.fraction() * (this.#cumulative.at(-1) ?? 0);
    let low = 0;
    let high = this.#cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#cumulative[middle] ?? 0) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The item at a drawn rank; throws RangeError when the list is shorter than the distribution. */
  pick<T>(items: readonly T[], random: Random): T {
    const rank = this.rank(random);
    const item = items[rank];
    if (item === undefined)
      throw new RangeError(`Cannot pick rank ${rank} of a list: current length is ${items.length}`);
    return item;
  }
}
