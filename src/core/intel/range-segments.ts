import type { Address } from '../address.ts';
import { type AddressColumn, Ipv6Column } from './ipv6-column.ts';
import type { RangeList } from './range-chains.ts';
import { sortedNumbers } from './sliced-sort.ts';
import { Uint32Column } from './uint32-column.ts';

/** From this many segments on, a top index by the first 16 bits pays for its 256 KiB. */
const manySegments = 256;

/** Segments swept between two yields. */
const sliceSegments = 1024;

const lastIpv4 = 2 ** 32 - 1;
const lastIpv6 = 2n ** 128n - 1n;

/** Which ranges cover each stretch of addresses: those of segment n lie in `groups` from offsets[n] to offsets[n + 1]. */
interface Sweep {
  readonly offsets: Uint32Array;
  readonly groups: Uint32Array;
}

/** The segments of one family of addresses: gives the ranges over an address. Numbers are those of the list swept. */
export interface RangeSegments<T extends Address> {
  /** The segment an address lies in; -1 when no range covers it. */
  find(address: T): number;
  /** The ranges over a segment have the places from here on … */
  firstPlace(segment: number): number;
  /** … up to this one, which is not theirs. */
  endPlace(segment: number): number;
  /** The number of the range at a place. */
  rangeAt(place: number): number;
}

function successor(address: Address): Address {
  return typeof address === 'bigint' ? address + 1n : address + 1;
}

/**
 * Cuts overlapping ranges of one family into disjoint segments that know every range over them. Fills `starts` with the
 * first address of each segment, ascending; one ends where the next begins, the last at `greatest`.
 */
function* sweep<T extends Address>(
  ranges: RangeList<T>,
  starts: AddressColumn<T>,
  greatest: T,
): Generator<undefined, Sweep> {
  const first = (number: number): T => ranges.first(number);
  const last = (number: number): T => ranges.last(number);
  const opening = yield* sortedNumbers(ranges.size, (a, b) => compareAddresses(first(a), first(b)));
  const closing = yield* sortedNumbers(ranges.size, (a, b) => compareAddresses(last(a), last(b)));
  const offsets = new Uint32Column();
  const groups = new Uint32Column();
  const open = new Set<number>();
  let opened = 0;
  let closed = 0;
  while (closed < closing.length) {
    const end = successor(last(closing[closed] ?? 0));
    const begin = opened < opening.length ? first(opening[opened] ?? 0) : end;
    const at = begin < end ? begin : end;
    for (let range = closing[closed]; range !== undefined && successor(last(range)) === at; range = closing[closed]) {
      open.delete(range);
      closed += 1;
    }
    for (let range = opening[opened]; range !== undefined && first(range) === at; range = opening[opened]) {
      open.add(range);
      opened += 1;
    }
    // Where the whole space ends nothing is covered any more, and that address does not fit.
    if (at <= greatest) starts.push(at as T);
    offsets.push(groups.size);
    for (const range of open) groups.push(range);
    if (offsets.size % sliceSegments === 0) yield;
  }
  offsets.push(groups.size);
  return { offsets: yield* offsets.flat(), groups: yield* groups.flat() };
}

function compareAddresses(a: Address, b: Address): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The index of the last element at or below the address between two bounds; `from` - 1 when there is none. */
function lastAtOrBelow<T extends Address>(starts: ArrayLike<T>, address: T, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const start = starts[middle];
    if (start !== undefined && start <= address) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** What both families share: which ranges lie over a segment. */
class Cover {
  readonly #offsets: Uint32Array;
  readonly #groups: Uint32Array;

  constructor({ offsets, groups }: Sweep) {
    this.#offsets = offsets;
    this.#groups = groups;
  }

  get bytes(): number {
    return this.#offsets.byteLength + this.#groups.byteLength;
  }

  isEmpty(segment: number): boolean {
    return this.#offsets[segment] === this.#offsets[segment + 1];
  }

  firstPlace(segment: number): number {
    return this.#offsets[segment] ?? 0;
  }

  endPlace(segment: number): number {
    return this.#offsets[segment + 1] ?? 0;
  }

  rangeAt(place: number): number {
    return this.#groups[place] ?? 0;
  }
}

/** The ranges over an IPv4 address: a binary search, in a large set between two entries of a top index. */
export class Ipv4Segments implements RangeSegments<number> {
  readonly #starts: Uint32Array;
  readonly #cover: Cover;
  /** Number of segments that start below each /16. */
  readonly #top: Uint32Array | null;

  private constructor(starts: Uint32Array, cover: Cover, top: Uint32Array | null) {
    this.#starts = starts;
    this.#cover = cover;
    this.#top = top;
  }

  /** Yields between slices of the work. */
  static *over(ranges: RangeList<number>): Generator<undefined, Ipv4Segments> {
    const column = new Uint32Column();
    const cover = new Cover(yield* sweep(ranges, column, lastIpv4));
    const starts = yield* column.flat();
    return new Ipv4Segments(starts, cover, starts.length < manySegments ? null : yield* topIndex(starts));
  }

  get bytes(): number {
    return this.#starts.byteLength + this.#cover.bytes + (this.#top?.byteLength ?? 0);
  }

  find(address: number): number {
    const block = address >>> 16;
    const from = this.#top?.[block] ?? 0;
    const to = this.#top?.[block + 1] ?? this.#starts.length;
    const segment = lastAtOrBelow(this.#starts, address, from, to);
    return segment === -1 || this.#cover.isEmpty(segment) ? -1 : segment;
  }

  firstPlace(segment: number): number {
    return this.#cover.firstPlace(segment);
  }

  endPlace(segment: number): number {
    return this.#cover.endPlace(segment);
  }

  rangeAt(place: number): number {
    return this.#cover.rangeAt(place);
  }

  /** Calls back with every stretch of addresses that some range covers, in slices. */
  *forEachCovered(visit: (first: number, last: number) => void): Generator<undefined> {
    for (const [segment, start] of this.#starts.entries()) {
      if (!this.#cover.isEmpty(segment)) visit(start, (this.#starts[segment + 1] ?? lastIpv4 + 1) - 1);
      if (segment % sliceSegments === 0) yield;
    }
  }
}

function* topIndex(starts: Uint32Array): Generator<undefined, Uint32Array> {
  const top = new Uint32Array(65_537);
  let segment = 0;
  for (let block = 0; block <= 65_536; block++) {
    if (block % sliceSegments === 0) yield;
    while ((starts[segment] ?? Number.POSITIVE_INFINITY) < block * 65_536) segment++;
    top[block] = segment;
  }
  return top;
}

/** The ranges over an IPv6 address: a binary search. */
export class Ipv6Segments implements RangeSegments<bigint> {
  readonly #starts: readonly bigint[];
  readonly #cover: Cover;

  private constructor(starts: readonly bigint[], cover: Cover) {
    this.#starts = starts;
    this.#cover = cover;
  }

  /** Yields between slices of the work. */
  static *over(ranges: RangeList<bigint>): Generator<undefined, Ipv6Segments> {
    const column = new Ipv6Column();
    const cover = new Cover(yield* sweep(ranges, column, lastIpv6));
    const starts: bigint[] = [];
    for (let segment = 0; segment < column.size; segment += 1) {
      if (segment % sliceSegments === 0) yield;
      starts.push(column.get(segment));
    }
    return new Ipv6Segments(starts, cover);
  }

  find(address: bigint): number {
    const segment = lastAtOrBelow(this.#starts, address, 0, this.#starts.length);
    return segment === -1 || this.#cover.isEmpty(segment) ? -1 : segment;
  }

  firstPlace(segment: number): number {
    return this.#cover.firstPlace(segment);
  }

  endPlace(segment: number): number {
    return this.#cover.endPlace(segment);
  }

  rangeAt(place: number): number {
    return this.#cover.rangeAt(place);
  }
}
