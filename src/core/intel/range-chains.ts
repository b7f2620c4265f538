import type { Address } from '../address.ts';
import { IdTable } from './id-table.ts';
import type { IndexRows } from './index-rows.ts';
import type { AddressColumn } from './ipv6-column.ts';
import { isWide } from './observable-value.ts';
import { Uint32Column } from './uint32-column.ts';

/** Ranges of one family by their numbers. */
export interface RangeList<T extends Address> {
  readonly size: number;
  first(number: number): T;
  last(number: number): T;
}

/** The distinct ranges of one family, each with the chain of the rows that name it. */
export class RangeChains<T extends Address> {
  readonly #heads = new Uint32Column();
  readonly #wide = new Uint32Column();
  #known: { readonly firsts: AddressColumn<T>; readonly lasts: AddressColumn<T>; readonly numbers: IdTable } | null;

  /** The columns are filled with the ends of the ranges. */
  constructor(firsts: AddressColumn<T>, lasts: AddressColumn<T>) {
    const numbers = new IdTable((number, key) => keyOf(firsts.get(number), lasts.get(number)) === key);
    this.#known = { firsts, lasts, numbers };
  }

  /** Until close(). */
  get ranges(): RangeList<T> {
    const { firsts, lasts } = this.#opened;
    return { size: firsts.size, first: (number) => firsts.get(number), last: (number) => lasts.get(number) };
  }

  add(first: T, last: T, row: number, rows: IndexRows): void {
    const { firsts, lasts, numbers } = this.#opened;
    const key = keyOf(first, last);
    const known = numbers.get(key);
    rows.chain(row, known === -1 ? -1 : this.head(known));
    if (known !== -1) {
      this.#heads.set(known, row);
      return;
    }
    numbers.add(key, this.#heads.size);
    firsts.push(first);
    lasts.push(last);
    this.#heads.push(row);
    this.#wide.push(isWide({ first, last }) ? 1 : 0);
  }

  /** Drops what only adding needs. */
  close(): void {
    this.#known = null;
  }

  /** The first row of the chain of a range. */
  head(range: number): number {
    return this.#heads.get(range);
  }

  isWide(range: number): boolean {
    return this.#wide.get(range) === 1;
  }

  get #opened() {
    if (this.#known === null) throw new RangeError('Cannot add a range to an index that is built');
    return this.#known;
  }
}

function keyOf(first: Address, last: Address): string {
  return `${first}-${last}`;
}
