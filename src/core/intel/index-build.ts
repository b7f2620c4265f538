import { type Digest, digestIndicator, DigestSum } from './content-digest.ts';
import { type IndexedIndicator, type IndexedPlaces, IndexRows } from './index-rows.ts';
import { type Sighting, sightingOf } from './indicator.ts';
import type { Address } from '../address.ts';
import { Ipv4Bitmap } from './ipv4-bitmap.ts';
import { Ipv4Table } from './ipv4-table.ts';
import { Ipv6Column } from './ipv6-column.ts';
import { Ipv6Table } from './ipv6-table.ts';
import { RangeChains } from './range-chains.ts';
import { Ipv4Segments, Ipv6Segments } from './range-segments.ts';
import type { SteadyTime } from './steady-time.ts';
import { Transitions } from './transitions.ts';
import { Uint32Column } from './uint32-column.ts';

/** An indicator with those of its observables that are to be indexed. */
export interface IndexEntry extends IndexedIndicator {
  /** digestIndicator() of the indicator, when it is known already. */
  readonly digest?: Digest;
  /** Where it can be had again; the index keeps the objects of what lies nowhere. */
  readonly kept?: { readonly places: IndexedPlaces; readonly place: number };
}

/** The ranges of one family of addresses. */
interface RangeFamily<T extends Address, Segments> {
  readonly ranges: Segments;
  readonly chains: RangeChains<T>;
}

/** What a look-up needs. */
export interface IndexParts {
  readonly size: number;
  readonly digest: string;
  readonly rows: IndexRows;
  readonly v4: Ipv4Table;
  readonly v4Bitmap: Ipv4Bitmap;
  readonly v4Ranges: Ipv4Segments;
  readonly v4Family: RangeFamily<number, Ipv4Segments>;
  readonly v6: Ipv6Table;
  readonly v6Ranges: Ipv6Segments;
  readonly v6Family: RangeFamily<bigint, Ipv6Segments>;
  readonly transitions: Transitions;
  readonly steadyTime: SteadyTime;
}

/** Entries or rows taken between two yields. */
const sliceSteps = 256;

/** Keeps the objects of entries that lie nowhere else. */
class ObjectPlaces implements IndexedPlaces {
  readonly #objects: IndexedIndicator[] = [];

  keep(indexed: IndexedIndicator): number {
    return this.#objects.push(indexed) - 1;
  }

  at(place: number): IndexedIndicator {
    const indexed = this.#objects[place];
    if (indexed === undefined) throw new RangeError(`Cannot read indicator ${place} of ${this.#objects.length}`);
    return indexed;
  }
}

/** The rows of exact addresses, kept until their number is known and tables of the right size can be made. */
class ExactRows {
  readonly #v4 = new Uint32Column();
  readonly #v4Rows = new Uint32Column();
  readonly #v6 = new Uint32Column();
  readonly #v6Rows = new Uint32Column();
  readonly #halves = new BigUint64Array(2);
  readonly #words = new Uint32Array(this.#halves.buffer);

  add(address: number | bigint, row: number): void {
    if (typeof address === 'number') {
      this.#v4.push(address);
      this.#v4Rows.push(row);
      return;
    }
    this.#halves[0] = BigInt.asUintN(64, address);
    this.#halves[1] = address >> 64n;
    for (const word of this.#words) this.#v6.push(word);
    this.#v6Rows.push(row);
  }

  *v4Table(rows: IndexRows, bitmap: Ipv4Bitmap, steadyTime: SteadyTime): Generator<undefined, Ipv4Table> {
    const table = new Ipv4Table(this.#v4.size);
    for (let number = 0; number < this.#v4.size; number += 1) {
      const address = this.#v4.get(number);
      const row = this.#v4Rows.get(number);
      rows.chain(row, table.put(address, row, rows.holdsThroughout(row, steadyTime)));
      bitmap.add(address, address);
      if (number % sliceSteps === 0) yield;
    }
    return table;
  }

  *v6Table(rows: IndexRows): Generator<undefined, Ipv6Table> {
    const table = new Ipv6Table(this.#v6Rows.size);
    for (let number = 0; number < this.#v6Rows.size; number += 1) {
      for (let word = 0; word < 4; word += 1) this.#words[word] = this.#v6.get(number * 4 + word);
      const address = ((this.#halves[1] ?? 0n) << 64n) | (this.#halves[0] ?? 0n);
      const row = this.#v6Rows.get(number);
      rows.chain(row, table.put(address, row));
      if (number % sliceSteps === 0) yield;
    }
    return table;
  }
}

/** Builds the parts of an index: rows first, then, when their number is known, tables of the right size. */
export function* indexParts(entries: Iterable<IndexEntry>, steadyTime: SteadyTime): Generator<undefined, IndexParts> {
  const rows = new IndexRows();
  const transitions = new Transitions();
  const digest = new DigestSum();
  const objects = new ObjectPlaces();
  const exact = new ExactRows();
  const v4Chains = new RangeChains<number>(new Uint32Column(), new Uint32Column());
  const v6Chains = new RangeChains<bigint>(new Ipv6Column(), new Ipv6Column());
  let size = 0;
  let taken = 0;
  for (const { indicator, observables, digest: known, kept } of entries) {
    taken += 1;
    if (taken % sliceSteps === 0) yield;
    if (observables.length === 0) continue;
    size += 1;
    digest.add(known ?? digestIndicator(indicator), observables);
    const places = kept?.places ?? objects;
    const place = kept?.place ?? objects.keep({ indicator, observables });
    for (const [nth, observable] of observables.entries()) {
      const sighting = sightingOf(indicator, observable);
      const row = rows.add(places, place, nth, sighting);
      noteTransitions(sighting, transitions);
      const { first, last } = observable.range;
      if (first === last) exact.add(first, row);
      else if (typeof first === 'number') v4Chains.add(first, Number(last), row, rows);
      else v6Chains.add(first, BigInt(last), row, rows);
    }
  }
  const v4Bitmap = new Ipv4Bitmap(rows.size);
  const v4 = yield* exact.v4Table(rows, v4Bitmap, steadyTime);
  const v6 = yield* exact.v6Table(rows);
  const v4Ranges = yield* Ipv4Segments.over(v4Chains.ranges);
  const v6Ranges = yield* Ipv6Segments.over(v6Chains.ranges);
  yield* v4Ranges.forEachCovered((first, last) => v4Bitmap.add(first, last));
  v4Chains.close();
  v6Chains.close();
  const v4Family = { ranges: v4Ranges, chains: v4Chains };
  const v6Family = { ranges: v6Ranges, chains: v6Chains };
  return {
    size,
    digest: digest.toString(),
    rows,
    v4,
    v4Bitmap,
    v4Ranges,
    v4Family,
    v6,
    v6Ranges,
    v6Family,
    transitions,
    steadyTime,
  };
}

/** Remembers when a sighting becomes valid and when it ceases to be, if it ever is. */
function noteTransitions({ indicator }: Sighting, transitions: Transitions): void {
  const { validFromMs, validUntilMs } = indicator;
  if (validFromMs !== null && validFromMs >= validUntilMs) return;
  transitions.add(validUntilMs);
  if (validFromMs !== null) transitions.add(validFromMs);
}
