/** Bytes that are appended at the end and dropped at the beginning. */
export class ByteBuffer {
  #bytes = Buffer.alloc(128 * 1024);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  at(index: number): number {
    return this.#bytes[this.#start + index] ?? 0;
  }

  append(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#bytes.length) this.#makeRoom(chunk.length);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** A copy of a part. */
  slice(start: number, end: number): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#bytes, this.#start + start, this.#start + end);
  }

  drop(count: number): void {
    this.#start += count;
  }

  #makeRoom(count: number): void {
    const needed = this.length + count;
    const isRoomy = needed <= this.#bytes.length / 2;
    const bytes = isRoomy ? this.#bytes : Buffer.alloc(Math.max(needed * 2, 128 * 1024));
    this.#bytes.copy(bytes, 0, this.#start, this.#end);
    this.#bytes = bytes;
    this.#end = this.length;
    this.#start = 0;
  }
}
