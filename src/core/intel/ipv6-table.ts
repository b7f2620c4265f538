const maxLoad = 0.6;

/** Words of a slot: the address in four, then value plus one; 0 there marks a free slot. */
const slotWords = 5;

/** Numbers by IPv6 address: as Ipv4Table, with four words a key. */
export class Ipv6Table {
  readonly #slots: Uint32Array;
  readonly #mask: number;
  /** The address that is asked for, as words: a bigint gives its halves fast and its quarters slowly. */
  readonly #halves = new BigUint64Array(2);
  readonly #words = new Uint32Array(this.#halves.buffer);

  /** Room for `size` distinct addresses. */
  constructor(size: number) {
    let capacity = 8;
    while (capacity * maxLoad < size) capacity *= 2;
    this.#slots = new Uint32Array(capacity * slotWords);
    this.#mask = capacity - 1;
  }

  get bytes(): number {
    return this.#slots.byteLength;
  }

  /** Sets the value of an address; the one it had, -1 for none. */
  put(address: bigint, value: number): number {
    const slot = this.#find(address);
    const before = (this.#slots[slot + 4] ?? 0) - 1;
    this.#slots.set(this.#words, slot);
    this.#slots[slot + 4] = value + 1;
    return before;
  }

  /** The value, -1 when the address is not there. */
  get(address: bigint): number {
    return (this.#slots[this.#find(address) + 4] ?? 0) - 1;
  }

  #find(address: bigint): number {
    this.#halves[0] = BigInt.asUintN(64, address);
    this.#halves[1] = address >> 64n;
    const [a = 0, b = 0, c = 0, d = 0] = this.#words;
    let hash =
      Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(c ^ Math.imul(d, 0x5f356495), 0xc2b2ae35);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    let slot = ((hash ^ (hash >>> 13)) & this.#mask) * slotWords;
    while (this.#slots[slot + 4] !== 0 && !this.#isAt(slot, a, b, c, d))
      slot = slot + slotWords === this.#slots.length ? 0 : slot + slotWords;
    return slot;
  }

  #isAt(slot: number, a: number, b: number, c: number, d: number): boolean {
    const slots = this.#slots;
    return slots[slot] === a && slots[slot + 1] === b && slots[slot + 2] === c && slots[slot + 3] === d;
  }
}
