const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Units that become text in one call. */
const mostUnits = 1024;

/** Bytes that are not what a ByteWriter wrote. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

/** Reads what a ByteWriter wrote, call by call in the same order. Throws DecodeError for anything else. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #texts: string[] = [];
  readonly #mostTexts: number;
  #beside: readonly string[] | null;
  #position: number;

  /** `mostTexts` is the bound that the writer had. */
  constructor(
    bytes: Uint8Array,
    mostTexts = Number.POSITIVE_INFINITY,
    beside: readonly string[] | null = null,
    start = 0,
  ) {
    this.#mostTexts = mostTexts;
    this.#beside = beside;
    this.#position = start;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get position(): number {
    return this.#position;
  }

  /** From now on each text is the number of one of these. */
  useTexts(beside: readonly string[]): void {
    this.#beside = beside;
  }

  /** Passes over bytes. */
  skip(bytes: number): void {
    this.#take(bytes);
  }

  get isAtEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  unsigned(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 49; factor *= 0x80) {
      const byte = this.#bytes[this.#take(1)] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
    }
    throw new DecodeError(`Cannot read a number at byte ${this.#position} as it is longer than 53 bits`);
  }

  number(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  boolean(): boolean {
    return this.unsigned() === 1;
  }

  bigint(): bigint {
    const text = this.text();
    if (!/^[0-9a-f]{1,32}$/.test(text)) throw new DecodeError(`Cannot read an address: current value is ${text}`);
    return BigInt(`0x${text}`);
  }

  text(): string {
    const number = this.unsigned();
    if (this.#beside !== null) return this.#numbered(this.#beside, number);
    if (number === 0) {
      const text = this.singleText();
      if (this.#texts.length < this.#mostTexts) this.#texts.push(text);
      return text;
    }
    return this.#numbered(this.#texts, number - 1);
  }

  singleText(): string {
    if (this.unsigned() === 1) return this.units();
    const length = this.#view.getUint32(this.#take(4), true);
    const start = this.#take(length);
    try {
      return decoder.decode(this.#bytes.subarray(start, start + length));
    } catch {
      throw new DecodeError(`Cannot read a text of ${length} bytes at ${start} as it is not UTF-8`);
    }
  }

  units(): string {
    const length = this.count();
    const start = this.#take(length * 2);
    let text = '';
    const units: number[] = [];
    for (let index = 0; index < length; index += 1) {
      units.push(this.#view.getUint16(start + index * 2, true));
      if (units.length < mostUnits && index + 1 < length) continue;
      text += String.fromCharCode(...units);
      units.length = 0;
    }
    return text;
  }

  /** How many items follow; refused when they could not fit into what is left. */
  count(): number {
    const count = this.unsigned();
    if (count > this.#bytes.length - this.#position)
      throw new DecodeError(`Cannot read ${count} items as only ${this.#bytes.length - this.#position} bytes are left`);
    return count;
  }

  #numbered(texts: readonly string[], number: number): string {
    const text = texts[number];
    if (text === undefined) throw new DecodeError(`Cannot read text ${number} as only ${texts.length} are known`);
    return text;
  }

  #take(bytes: number): number {
    const start = this.#position;
    if (start + bytes > this.#bytes.length)
      throw new DecodeError(`Cannot read ${bytes} bytes at ${start} as there are only ${this.#bytes.length}`);
    this.#position += bytes;
    return start;
  }
}
