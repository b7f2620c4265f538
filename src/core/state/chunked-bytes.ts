const firstBytes = 4 * 1024;
const largestBytes = 256 * 1024;

/** Bytes that grow chunk by chunk: what was appended stays where it is, so that nothing large is ever copied again. */
export class ChunkedBytes {
  readonly #full: Uint8Array[] = [];
  #chunk = new Uint8Array(0);
  #used = 0;

  /** Copies bytes to the end and tells where they lie: never across two chunks. */
  append(bytes: Uint8Array): { readonly chunk: Uint8Array; readonly start: number } {
    if (this.#used + bytes.length > this.#chunk.length) this.#begin(bytes.length);
    const start = this.#used;
    this.#chunk.set(bytes, start);
    this.#used += bytes.length;
    return { chunk: this.#chunk, start };
  }

  /** Everything appended so far, in its order. */
  parts(): Uint8Array[] {
    return [...this.#full, this.#chunk.subarray(0, this.#used)];
  }

  #begin(least: number): void {
    if (this.#used > 0) this.#full.push(this.#chunk.subarray(0, this.#used));
    const next = Math.min(largestBytes, Math.max(firstBytes, this.#chunk.length * 2));
    this.#chunk = new Uint8Array(Math.max(least, next));
    this.#used = 0;
  }
}
