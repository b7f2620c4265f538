/** Numbers a chunk: a column of millions is never copied as it grows, and a short one stays small. */
const chunkBits = 12;
const chunkSize = 2 ** chunkBits;

/** Chunks copied between two pauses. */
const sliceChunks = 16;

/** A growing list of whole numbers below 2^32, four bytes each and nothing for the garbage collector to walk. */
export class Uint32Column {
  readonly #chunks: Uint32Array[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(value: number): void {
    const at = this.#size & (chunkSize - 1);
    if (at === 0) this.#chunks.push(new Uint32Array(chunkSize));
    this.#chunk(this.#size)[at] = value;
    this.#size += 1;
  }

  get(number: number): number {
    return this.#chunk(number)[number & (chunkSize - 1)] ?? 0;
  }

  set(number: number, value: number): void {
    this.#chunk(number)[number & (chunkSize - 1)] = value;
  }

  /** All of them in one array, in slices. */
  *flat(): Generator<undefined, Uint32Array> {
    const flat = new Uint32Array(this.#size);
    for (const [at, chunk] of this.#chunks.entries()) {
      if (at % sliceChunks === 0) yield;
      flat.set(chunk.subarray(0, this.#size - at * chunkSize), at * chunkSize);
    }
    return flat;
  }

  #chunk(number: number): Uint32Array {
    const chunk = this.#chunks[number >>> chunkBits];
    if (chunk === undefined) throw new RangeError(`Cannot use number ${number} of a column as it holds ${this.#size}`);
    return chunk;
  }
}
