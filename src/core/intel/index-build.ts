import type { AddressRange } from '../address.ts';
import { type Digest, digestIndicator, DigestSum } from './content-digest.ts';
import { IndexRows } from './index-rows.ts';
import { type Indicator, type Observable, sightingOf } from './indicator.ts';
import { Ipv4Bitmap } from './ipv4-bitmap.ts';
import { Ipv4Table } from './ipv4-table.ts';
import { Ipv6Table } from './ipv6-table.ts';
import { Ipv4Segments, Ipv6Segments } from './range-segments.ts';
import { Transitions } from './transitions.ts';

/** An indicator with those of its observables that are to be indexed. */
export interface IndexEntry {
  readonly indicator: Indicator;
  readonly observables: readonly Observable[];
  /** digestIndicator() of the indicator, when it is known already. */
  readonly digest?: Digest;
}

/** What a look-up needs. `heads` name the first row of the chain of each range. */
export interface IndexParts {
  readonly size: number;
  readonly digest: string;
  readonly rows: IndexRows;
  readonly v4: Ipv4Table;
  readonly v4Bitmap: Ipv4Bitmap;
  readonly v4Ranges: Ipv4Segments;
  readonly v4Heads: readonly number[];
  readonly v6: Ipv6Table;
  readonly v6Ranges: Ipv6Segments;
  readonly v6Heads: readonly number[];
  readonly transitions: Transitions;
}

/** Entries or rows taken between two yields. */
const sliceSteps = 256;

/** The distinct ranges of one family, each with the chain of the rows that name it. */
class RangeChains {
  readonly ranges: AddressRange[] = [];
  readonly heads: number[] = [];
  readonly #numbers = new Map<string, number>();

  add(range: AddressRange, row: number, rows: IndexRows): void {
    const key = `${range.first}-${range.last}`;
    const number = this.#numbers.get(key) ?? this.ranges.length;
    rows.chain(row, this.heads[number] ?? -1);
    this.heads[number] = row;
    if (number < this.ranges.length) return;
    this.#numbers.set(key, number);
    this.ranges.push(range);
  }
}

/** Builds the parts of an index: rows first, then, when their number is known, tables of the right size. */
export function* indexParts(entries: Iterable<IndexEntry>): Generator<undefined, IndexParts> {
  const rows = new IndexRows();
  const transitions = new Transitions();
  const digest = new DigestSum();
  const exact = { v4: 0, v6: 0 };
  let size = 0;
  let taken = 0;
  for (const { indicator, observables, digest: known } of entries) {
    taken += 1;
    if (taken % sliceSteps === 0) yield;
    if (observables.length > 0) {
      size += 1;
      digest.add(known ?? digestIndicator(indicator), observables);
    }
    for (const observable of observables) {
      rows.add(indicator, observable);
      noteTransitions(indicator, observable, transitions);
      const { first, last } = observable.range;
      if (first === last) exact[typeof first === 'number' ? 'v4' : 'v6'] += 1;
    }
  }
  const v4 = new Ipv4Table(exact.v4);
  const v6 = new Ipv6Table(exact.v6);
  const v4Chains = new RangeChains();
  const v6Chains = new RangeChains();
  const v4Bitmap = new Ipv4Bitmap(rows.size);
  for (let row = 0; row < rows.size; row += 1) {
    const { range } = rows.observable(row);
    const { first, last } = range;
    if (typeof first === 'number') {
      if (first !== last) v4Chains.add(range, row, rows);
      else {
        rows.chain(row, v4.put(first, row));
        v4Bitmap.add(first, first);
      }
    } else if (first !== last) v6Chains.add(range, row, rows);
    else rows.chain(row, v6.put(first, row));
    if (row % sliceSteps === 0) yield;
  }
  const v4Ranges = yield* Ipv4Segments.over(v4Chains.ranges);
  const v6Ranges = yield* Ipv6Segments.over(v6Chains.ranges);
  v4Ranges.forEachCovered((first, last) => v4Bitmap.add(first, last));
  const heads = { v4Heads: v4Chains.heads, v6Heads: v6Chains.heads };
  return { size, digest: digest.toString(), rows, v4, v4Bitmap, v4Ranges, v6, v6Ranges, transitions, ...heads };
}

/** Remembers when a sighting becomes valid and when it ceases to be, if it ever is. */
function noteTransitions(indicator: Indicator, observable: Observable, transitions: Transitions): void {
  const { validFromMs, validUntilMs } = sightingOf(indicator, observable).indicator;
  if (validFromMs !== null && validFromMs >= validUntilMs) return;
  transitions.add(validUntilMs);
  if (validFromMs !== null) transitions.add(validFromMs);
}
