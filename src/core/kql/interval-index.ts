import type { Address, AddressRange } from '../address.ts';

interface Interval<Item> {
  readonly range: AddressRange;
  readonly item: Item;
  /** The greatest last address of this interval and all before it. */
  reach: Address;
}

/** Ranges of addresses that may overlap and nest, each with an item; finds the items whose range holds an address. */
export class IntervalIndex<Item> {
  readonly #v4: Interval<Item>[];
  readonly #v6: Interval<Item>[];

  constructor(entries: Iterable<readonly [AddressRange, Item]>) {
    const intervals = [...entries].map(([range, item]) => ({ range, item, reach: range.last }));
    this.#v4 = sorted(intervals.filter(({ range }) => typeof range.first === 'number'));
    this.#v6 = sorted(intervals.filter(({ range }) => typeof range.first === 'bigint'));
  }

  /** The items whose range holds the address, in no order that means anything. */
  find(address: Address): Item[] {
    const intervals = typeof address === 'number' ? this.#v4 : this.#v6;
    const found: Item[] = [];
    for (let at = countUpTo(intervals, address) - 1; at >= 0; at--) {
      const interval = intervals[at];
      if (interval === undefined || interval.reach < address) break;
      if (interval.range.last >= address) found.push(interval.item);
    }
    return found;
  }
}

function sorted<Item>(intervals: Interval<Item>[]): Interval<Item>[] {
  intervals.sort(({ range: a }, { range: b }) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  let reach: Address | null = null;
  for (const interval of intervals) {
    if (reach !== null && reach > interval.reach) interval.reach = reach;
    reach = interval.reach;
  }
  return intervals;
}

/** How many intervals start at or before an address. */
function countUpTo<Item>(intervals: readonly Interval<Item>[], address: Address): number {
  let low = 0;
  let high = intervals.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const interval = intervals[middle];
    if (interval !== undefined && interval.range.first <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}
