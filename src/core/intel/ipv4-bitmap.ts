/** Below this many entries a map of /16 blocks is as good, and small enough to build anew without a thought. */
const fewEntries = 4096;

/**
 * Which blocks of IPv4 addresses hold anything: nearly every caller is a miss, and one bit in cache answers it. A /24 is
 * a bit of 2 MiB, in a small index a /16 a bit of 8 KiB.
 */
export class Ipv4Bitmap {
  readonly #words: Uint32Array;
  readonly #shift: number;

  constructor(entries: number) {
    this.#shift = entries < fewEntries ? 16 : 8;
    this.#words = new Uint32Array(2 ** (32 - this.#shift - 5));
  }

  /** Marks the blocks of a closed interval. */
  add(first: number, last: number): void {
    const end = last >>> this.#shift;
    for (let block = first >>> this.#shift; block <= end; block++) {
      if ((block & 31) === 0 && block + 31 <= end) {
        this.#words[block >>> 5] = 0xffff_ffff;
        block += 31;
      } else {
        this.#words[block >>> 5] = (this.#words[block >>> 5] ?? 0) | (1 << (block & 31));
      }
    }
  }

  has(address: number): boolean {
    const block = address >>> this.#shift;
    return ((this.#words[block >>> 5] ?? 0) & (1 << (block & 31))) !== 0;
  }
}
