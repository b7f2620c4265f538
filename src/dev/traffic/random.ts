/**
 * Seeded randomness: sfc32 of PractRand (Chris Doty-Humphrey), keyed by text. Equal keys give equal draws on every
 * machine, which makes whole histories reproducible; it is no source of secrets.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(key: string) {
    this.#a = hash(key, 0x9e3779b9);
    this.#b = hash(key, 0x85ebca6b);
    this.#c = hash(key, 0xc2b2ae35);
    for (let round = 0; round < 12; round++) this.uint32();
  }

  /** The next 32 bits, unsigned. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A fraction in [0, 1). */
  fraction(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** A whole number in [low, high]. */
  between(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** One of the items; throws RangeError when there is none. */
  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.fraction() * items.length)];
    if (item === undefined) throw new RangeError('Cannot pick from a list as one item: current length is 0');
    return item;
  }

  /** How many events of a Poisson process of the given mean fall into one interval. */
  poisson(mean: number): number {
    if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.#gaussian()));
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.fraction(); product > limit; product *= this.fraction()) count++;
    return count;
  }

  /** Lower-case hexadecimal digits. */
  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += this.uint32().toString(16).padStart(8, '0');
    return text.slice(0, digits);
  }

  /** A version 4 UUID (RFC 9562 §5.4), lower case. */
  uuid(): string {
    const text = this.hex(32);
    const variant = '89ab'.charAt(this.between(0, 3));
    return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-${variant}${text.slice(17, 20)}-${text.slice(20)}`;
  }

  /** Letters and digits of base64url, as in token identifiers. */
  token(length: number): string {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    let text = '';
    while (text.length < length) {
      let bits = this.uint32();
      for (let letter = 0; letter < 5; letter++, bits >>>= 6) text += alphabet.charAt(bits & 63);
    }
    return text.slice(0, length);
  }

  #gaussian(): number {
    return Math.sqrt(-2 * Math.log(1 - this.fraction())) * Math.cos(2 * Math.PI * this.fraction());
  }
}

/** MurmurHash3's 32-bit mix over UTF-16 units. */
function hash(text: string, seed: number): number {
  let value = seed | 0;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0xcc9e2d51);
    value = (value << 13) | (value >>> 19);
    value = (Math.imul(value, 5) + 0xe6546b64) | 0;
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return value ^ (value >>> 16);
}
