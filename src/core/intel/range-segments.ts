import type { Address, AddressRange } from '../address.ts';

/** From this many segments on, a top index by the first 16 bits pays for its 256 KiB. */
const manySegments = 256;

interface Sweep<T extends Address> {
  /** First address of each segment, ascending; a segment ends where the next begins. */
  readonly starts: readonly T[];
  /** The ranges that cover each segment, as numbers of the list swept. */
  readonly covering: readonly (readonly number[])[];
}

const noRanges: readonly number[] = [];

function successor(address: Address): Address {
  return typeof address === 'bigint' ? address + 1n : address + 1;
}

function compareAddresses(a: Address, b: Address): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Cuts overlapping ranges of one family into disjoint segments that know every range over them. */
function sweep<T extends Address>(ranges: readonly AddressRange[]): Sweep<T> {
  const opening = ranges.map(({ first }, number) => ({ at: first, number }));
  const closing = ranges.map(({ last }, number) => ({ at: successor(last), number }));
  opening.sort((a, b) => compareAddresses(a.at, b.at));
  closing.sort((a, b) => compareAddresses(a.at, b.at));
  const starts: T[] = [];
  const covering: (readonly number[])[] = [];
  const open = new Set<number>();
  let opened = 0;
  let closed = 0;
  while (closed < closing.length) {
    const nextOpening = opening[opened]?.at;
    const nextClosing = closing[closed]?.at;
    if (nextClosing === undefined) break;
    const at = nextOpening !== undefined && nextOpening < nextClosing ? nextOpening : nextClosing;
    for (; closing[closed]?.at === at; closed++) open.delete(closing[closed]?.number ?? -1);
    for (; opening[opened]?.at === at; opened++) open.add(opening[opened]?.number ?? -1);
    starts.push(at as T);
    covering.push(open.size === 0 ? noRanges : [...open]);
  }
  return { starts, covering };
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

/** The ranges over an IPv4 address: a binary search, in a large set between two entries of a top index. */
export class Ipv4Segments {
  readonly #starts: Float64Array;
  readonly #covering: readonly (readonly number[])[];
  /** Number of segments that start below each /16. */
  readonly #top: Uint32Array | null;

  constructor(ranges: readonly AddressRange[]) {
    const { starts, covering } = sweep<number>(ranges);
    // The successor of 255.255.255.255 does not fit 32 bits.
    this.#starts = Float64Array.from(starts);
    this.#covering = covering;
    this.#top = starts.length < manySegments ? null : topIndex(starts);
  }

  /** The numbers of the ranges that cover the address. Allocates nothing. */
  at(address: number): readonly number[] {
    const block = address >>> 16;
    const from = this.#top?.[block] ?? 0;
    const to = this.#top?.[block + 1] ?? this.#starts.length;
    const segment = lastAtOrBelow(this.#starts, address, from, to);
    return segment === -1 ? noRanges : (this.#covering[segment] ?? noRanges);
  }

  /** Calls back with every stretch of addresses that some range covers. */
  forEachCovered(visit: (first: number, last: number) => void): void {
    this.#covering.forEach((numbers, segment) => {
      if (numbers.length > 0) visit(this.#starts[segment] ?? 0, (this.#starts[segment + 1] ?? 2 ** 32) - 1);
    });
  }
}

function topIndex(starts: readonly number[]): Uint32Array {
  const top = new Uint32Array(65_537);
  let segment = 0;
  for (let block = 0; block <= 65_536; block++) {
    while ((starts[segment] ?? Number.POSITIVE_INFINITY) < block * 65_536) segment++;
    top[block] = segment;
  }
  return top;
}

/** The ranges over an IPv6 address: a binary search. */
export class Ipv6Segments {
  readonly #sweep: Sweep<bigint>;

  constructor(ranges: readonly AddressRange[]) {
    this.#sweep = sweep<bigint>(ranges);
  }

  /** The numbers of the ranges that cover the address. */
  at(address: bigint): readonly number[] {
    const { starts, covering } = this.#sweep;
    const segment = lastAtOrBelow(starts, address, 0, starts.length);
    return segment === -1 ? noRanges : (covering[segment] ?? noRanges);
  }
}
