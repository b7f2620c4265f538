/**
 * The few AMQP 1.0 encodings the broker writes or walks itself (specification part 1, section 1.6): it keeps events as
 * bytes and never decodes what it only passes on.
 */

const LONG = 0x81;
const TIMESTAMP = 0x83;
const SYMBOL8 = 0xa3;
const STRING8 = 0xa1;
const STRING32 = 0xb1;
const MAP8 = 0xc1;
const MAP32 = 0xd1;
const EMPTY_LIST = 0x45;

/** Bytes that are not what they claim to be. */
export class EncodingError extends Error {
  override readonly name = 'EncodingError';
}

/** A key of an annotation map. */
export function symbol(text: string): Buffer {
  return Buffer.concat([Buffer.from([SYMBOL8, Buffer.byteLength(text)]), Buffer.from(text)]);
}

/** Bytes a string takes, with its code and size. */
export function stringBytes(text: string): number {
  const length = Buffer.byteLength(text);
  return length + (length < 256 ? 2 : 5);
}

/** Bytes a long or a timestamp takes, with its code. */
export const FIXED_BYTES = 9;
/** Bytes before the first entry of a described map section. */
export const MAP_HEAD_BYTES = 12;

/** Writes encoded values one after the other into a buffer of the size they need together. */
export class Encoder {
  readonly bytes: Buffer;
  #at = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafe(size);
  }

  /** Puts bytes as they are. */
  raw(bytes: Buffer): void {
    this.#at += bytes.copy(this.bytes, this.#at);
  }

  /**
   * The head of a described map section (0x71 delivery annotations, 0x72 message annotations).
   * @param contentBytes size of all keys and values
   * @param count number of keys and values together
   */
  mapHead(descriptor: number, contentBytes: number, count: number): void {
    const { bytes } = this;
    bytes[this.#at] = 0x00;
    bytes[this.#at + 1] = 0x53;
    bytes[this.#at + 2] = descriptor;
    bytes[this.#at + 3] = MAP32;
    bytes.writeUInt32BE(contentBytes + 4, this.#at + 4);
    this.#at = bytes.writeUInt32BE(count, this.#at + 8);
  }

  string(text: string): void {
    const length = Buffer.byteLength(text);
    this.bytes[this.#at] = length < 256 ? STRING8 : STRING32;
    if (length < 256) this.#at = this.bytes.writeUInt8(length, this.#at + 1);
    else this.#at = this.bytes.writeUInt32BE(length, this.#at + 1);
    this.#at += this.bytes.write(text, this.#at);
  }

  long(value: number): void {
    this.#fixed(LONG, value);
  }

  /** @param ms milliseconds since 1970; may be negative */
  timestamp(ms: number): void {
    this.#fixed(TIMESTAMP, Math.floor(ms));
  }

  #fixed(code: number, value: number): void {
    this.bytes[this.#at] = code;
    this.bytes.writeInt32BE(Math.floor(value / 4_294_967_296), this.#at + 1);
    this.#at = this.bytes.writeUInt32BE(value >>> 0, this.#at + 5);
  }
}

/** Where the value that starts at `at` ends. */
export function skipValue(bytes: Buffer, at: number): number {
  const code = byteAt(bytes, at);
  if (code === 0x00) return skipValue(bytes, skipValue(bytes, at + 1));
  const end = at + 1 + widthOf(bytes, code, at + 1);
  if (end > bytes.length)
    throw new EncodingError(`Cannot read value at byte ${at}: it ends at ${end} of ${bytes.length}`);
  return end;
}

function widthOf(bytes: Buffer, code: number, at: number): number {
  const kind = code >>> 4;
  switch (kind) {
    case 0x4:
      return 0;
    case 0x5:
      return 1;
    case 0x6:
      return 2;
    case 0x7:
      return 4;
    case 0x8:
      return 8;
    case 0x9:
      return 16;
    case 0xa:
    case 0xc:
    case 0xe:
      return 1 + byteAt(bytes, at);
    case 0xb:
    case 0xd:
    case 0xf:
      if (at + 4 > bytes.length) throw new EncodingError(`Cannot read size at byte ${at}: only ${bytes.length} bytes`);
      return 4 + bytes.readUInt32BE(at);
    default:
      throw new EncodingError(`Cannot read type at byte ${at - 1}: code 0x${code.toString(16)} is none of AMQP 1.0`);
  }
}

function byteAt(bytes: Buffer, at: number): number {
  const value = bytes[at];
  if (value === undefined) throw new EncodingError(`Cannot read byte ${at}: only ${bytes.length} bytes`);
  return value;
}

/** Start and end of the content of a variable-width value (binary, string, symbol). */
export function variableContent(bytes: Buffer, at: number): { readonly start: number; readonly end: number } {
  const end = skipValue(bytes, at);
  const kind = byteAt(bytes, at) >>> 4;
  if (kind === 0xa) return { start: at + 2, end };
  if (kind === 0xb) return { start: at + 5, end };
  throw new EncodingError(`Cannot read text or binary at byte ${at}: code is 0x${byteAt(bytes, at).toString(16)}`);
}

/** One entry of a map: the key as text, and both parts as they are encoded. */
export interface MapEntry {
  readonly key: string;
  readonly encodedKey: Buffer;
  readonly encodedValue: Buffer;
}

/** The entries of the map that starts at `at`. Throws EncodingError. */
export function mapEntries(bytes: Buffer, at: number): MapEntry[] {
  const code = byteAt(bytes, at);
  if (code === EMPTY_LIST) return [];
  if (code !== MAP8 && code !== MAP32)
    throw new EncodingError(`Cannot read map at byte ${at}: code is 0x${code.toString(16)}`);
  const end = skipValue(bytes, at);
  let position = at + (code === MAP8 ? 3 : 9);
  const entries: MapEntry[] = [];
  while (position < end) {
    const valueAt = skipValue(bytes, position);
    const next = skipValue(bytes, valueAt);
    const key = variableContent(bytes, position);
    entries.push({
      key: bytes.toString('utf8', key.start, key.end),
      encodedKey: bytes.subarray(position, valueAt),
      encodedValue: bytes.subarray(valueAt, next),
    });
    position = next;
  }
  return entries;
}
