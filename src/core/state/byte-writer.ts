const encoder = new TextEncoder();
const firstBytes = 64 * 1024;

/** Longest text that is copied unit by unit, which for short ones is faster than an encoder. */
const longestPlain = 200;

/** Texts that lie beside the bytes, each with a number. */
export interface NumberedTexts {
  numberOf(text: string): number;
}

/**
 * Writes numbers and texts as bytes. A text is written out once and then named by its number, so that what repeats in a
 * blob (callers, operations, resources) costs a byte or two.
 */
export class ByteWriter {
  #bytes = new Uint8Array(firstBytes);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  readonly #texts = new Map<string, number>();
  readonly #mostTexts: number;
  readonly #beside: NumberedTexts | null;

  /**
   * `mostTexts` bounds the texts that get a number; a reader needs the same bound. With texts that lie beside the bytes,
   * none is written out, so that what was written can be read from any place on.
   */
  constructor(mostTexts = Number.POSITIVE_INFINITY, beside: NumberedTexts | null = null) {
    this.#mostTexts = mostTexts;
    this.#beside = beside;
  }

  get length(): number {
    return this.#length;
  }

  /** A whole number from 0 to 2^53 − 1, in as few bytes as it needs. */
  unsigned(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new RangeError(`Cannot write a number that is not a whole one from 0: current value is ${value}`);
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  /** Any number, infinities included. */
  number(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  boolean(value: boolean): void {
    this.unsigned(value ? 1 : 0);
  }

  bigint(value: bigint): void {
    this.text(value.toString(16));
  }

  /** Any text, lone surrogates included. */
  text(value: string): void {
    if (this.#beside !== null) {
      this.unsigned(this.#beside.numberOf(value));
      return;
    }
    const known = this.#texts.get(value);
    if (known !== undefined) {
      this.unsigned(known + 1);
      return;
    }
    this.unsigned(0);
    if (this.#texts.size < this.#mostTexts) this.#texts.set(value, this.#texts.size);
    this.#newText(value);
  }

  /** The 16-bit units of a text as they are: for identities, which are packed into arbitrary units. */
  units(value: string): void {
    this.unsigned(value.length);
    this.#reserve(value.length * 2);
    for (let index = 0; index < value.length; index += 1) {
      this.#view.setUint16(this.#length, value.charCodeAt(index), true);
      this.#length += 2;
    }
  }

  /** Bytes as they are, whose number the reader knows. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** A text that will not come again: it takes no place among the numbered ones. */
  singleText(value: string): void {
    this.#newText(value);
  }

  /** What was written since the last time, as a view that holds until the next call; texts keep their numbers. */
  take(): Uint8Array {
    const bytes = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return bytes;
  }

  /** Everything written so far; the writer may go on. */
  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Hands over what was written since the last time; texts keep their numbers. */
  drain(): Uint8Array {
    const bytes = this.bytes();
    this.#length = 0;
    return bytes;
  }

  /** Its length in bytes is not known before, so it follows the mark of its form in four bytes. */
  #newText(value: string): void {
    if (value.length <= longestPlain && this.#plainText(value)) return;
    if (!value.isWellFormed()) {
      this.unsigned(1);
      this.units(value);
      return;
    }
    this.unsigned(0);
    this.#reserve(value.length * 3 + 4);
    const start = this.#length;
    this.#length += 4;
    const { written } = encoder.encodeInto(value, this.#bytes.subarray(this.#length));
    this.#view.setUint32(start, written, true);
    this.#length += written;
  }

  /** Writes a text that is all ASCII; false, with nothing written, for any other. */
  #plainText(value: string): boolean {
    this.#reserve(value.length + 5);
    let at = this.#length + 5;
    for (let index = 0; index < value.length; index += 1) {
      const unit = value.charCodeAt(index);
      if (unit >= 0x80) return false;
      this.#bytes[at++] = unit;
    }
    this.#bytes[this.#length] = 0;
    this.#view.setUint32(this.#length + 1, value.length, true);
    this.#length = at;
    return true;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes + 16;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
