import type { AddressRange } from '../address.ts';
import type { IndexRows } from './index-rows.ts';
import { isWide } from './observable-value.ts';

/** Parts of the numbers by range: a map of all of them would be copied whole, again and again, while it grows. */
const parts = 256;

/** The distinct ranges of one family, each with the chain of the rows that name it. */
export class RangeChains {
  readonly ranges: AddressRange[] = [];
  readonly #heads: number[] = [];
  readonly #wide: boolean[] = [];
  #numbers: readonly Map<string, number>[] = Array.from({ length: parts }, () => new Map<string, number>());

  add(range: AddressRange, row: number, rows: IndexRows): void {
    const { first, last } = range;
    const key = `${first}-${last}`;
    const numbers = this.#numbers[partOf(first)] ?? new Map<string, number>();
    const known = numbers.get(key);
    rows.chain(row, known === undefined ? -1 : this.head(known));
    if (known !== undefined) {
      this.#heads[known] = row;
      return;
    }
    numbers.set(key, this.ranges.length);
    this.ranges.push(range);
    this.#heads.push(row);
    this.#wide.push(isWide(range));
  }

  /** Drops what only adding needs. */
  close(): void {
    this.#numbers = [];
    this.ranges.length = 0;
  }

  /** The first row of the chain of a range; -1 when there is no such range. */
  head(range: number): number {
    return this.#heads[range] ?? -1;
  }

  isWide(range: number): boolean {
    return this.#wide[range] ?? false;
  }
}

/** Spreads ranges by bits in which those of one network differ. */
function partOf(first: number | bigint): number {
  return typeof first === 'number' ? ((first >>> 24) ^ (first >>> 12)) & 255 : Number((first >> 80n) & 255n);
}
