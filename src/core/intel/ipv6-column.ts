import type { Address } from '../address.ts';

/** A growing list of addresses of one family, of which none is an object for the garbage collector to walk. */
export interface AddressColumn<T extends Address> {
  readonly size: number;
  push(address: T): void;
  get(number: number): T;
}

/** Addresses a chunk. */
const chunkBits = 11;
const chunkSize = 2 ** chunkBits;

/** IPv6 addresses, sixteen bytes each. */
export class Ipv6Column implements AddressColumn<bigint> {
  readonly #chunks: BigUint64Array[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(address: bigint): void {
    const at = this.#size & (chunkSize - 1);
    if (at === 0) this.#chunks.push(new BigUint64Array(chunkSize * 2));
    const chunk = this.#chunk(this.#size);
    chunk[at * 2] = address >> 64n;
    chunk[at * 2 + 1] = BigInt.asUintN(64, address);
    this.#size += 1;
  }

  get(number: number): bigint {
    const at = (number & (chunkSize - 1)) * 2;
    const chunk = this.#chunk(number);
    return ((chunk[at] ?? 0n) << 64n) | (chunk[at + 1] ?? 0n);
  }

  #chunk(number: number): BigUint64Array {
    const chunk = this.#chunks[number >>> chunkBits];
    if (chunk === undefined) throw new RangeError(`Cannot use number ${number} of a column as it holds ${this.#size}`);
    return chunk;
  }
}
