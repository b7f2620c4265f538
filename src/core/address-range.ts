import ipaddr from 'ipaddr.js';
import type { Address, AddressRange } from './address.ts';

/** Bits in front of the IPv4 address in an IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2). */
const mappedPrefix = 96;

/**
 * Reads one address or a CIDR range, as feeds, options and parameters write them. Bits behind the prefix are cleared;
 * a range of IPv4-mapped addresses is the IPv4 range. Null for everything else.
 *
 * ipaddr.js does the reading, behind guards: alone it takes `010.1.2.3` as 8.1.2.3, `0x7f.1` as 127.0.0.1, and turns
 * `::192.0.2.1`, a distinct address, into `::ffff:192.0.2.1`.
 */
export function parseCidr(text: string): AddressRange | null {
  const [, base, prefix] = /^([^/]{1,45})(?:\/(0|[1-9]\d{0,2}))?$/.exec(text.trim()) ?? [];
  if (base === undefined) return null;
  if (ipaddr.IPv4.isValidFourPartDecimal(base)) {
    const address = joinBytes(ipaddr.IPv4.parse(base).toByteArray());
    return rangeOf(address, 32, prefix === undefined ? 32 : Number(prefix));
  }
  const plain = withHexTail(base);
  if (plain === null || plain.includes('%') || !ipaddr.IPv6.isValid(plain)) return null;
  const address = joinBytes(ipaddr.IPv6.parse(plain).toByteArray());
  const bits = prefix === undefined ? 128 : Number(prefix);
  if (address >> 32n === 0xffffn && bits >= mappedPrefix) {
    return rangeOf(address & 0xffff_ffffn, 32, bits - mappedPrefix);
  }
  return rangeOf(address, 128, bits);
}

/** The IPv6 text with a dotted quad at its end written as two groups; null when the quad is no strict one. */
function withHexTail(text: string): string | null {
  if (!text.includes('.')) return text;
  const tailStart = text.lastIndexOf(':') + 1;
  const tail = text.slice(tailStart);
  if (tailStart === 0 || !ipaddr.IPv4.isValidFourPartDecimal(tail)) return null;
  const [a = 0, b = 0, c = 0, d = 0] = ipaddr.IPv4.parse(tail).toByteArray();
  return `${text.slice(0, tailStart)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

function joinBytes(bytes: readonly number[]): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function rangeOf(address: bigint, width: 32 | 128, prefix: number): AddressRange | null {
  if (prefix > width) return null;
  const hostBits = BigInt(width - prefix);
  const first = (address >> hostBits) << hostBits;
  const last = first | ((1n << hostBits) - 1n);
  return width === 32 ? { first: Number(first), last: Number(last) } : { first, last };
}

/** Ranges appended between two pauses. */
const sliceSteps = 1024;

/** Sorted, disjoint intervals that do not touch. */
interface Intervals<T extends Address> {
  readonly firsts: T[];
  readonly lasts: T[];
}

/** A set of addresses of both families. Immutable. */
export class RangeSet {
  readonly #v4: Intervals<number> = { firsts: [], lasts: [] };
  readonly #v6: Intervals<bigint> = { firsts: [], lasts: [] };

  /** Ranges may overlap and come in any order. */
  constructor(ranges: Iterable<AddressRange>) {
    const sorted = [...ranges].sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
    for (const range of sorted) this.#append(range);
  }

  /** The set of ranges that come in the order of their first addresses, of each family by itself; in slices. */
  static *ofSorted(ranges: Iterable<AddressRange>): Generator<undefined, RangeSet> {
    const set = new RangeSet([]);
    let steps = 0;
    for (const range of ranges) {
      set.#append(range);
      steps += 1;
      if (steps % sliceSteps === 0) yield;
    }
    return set;
  }

  #append({ first, last }: AddressRange): void {
    if (typeof first === 'number') append(this.#v4, first, Number(last), first - 1);
    else append(this.#v6, first, BigInt(last), first - 1n);
  }

  contains(address: Address): boolean {
    return typeof address === 'number' ? within(this.#v4, address, address) : within(this.#v6, address, address);
  }

  /** Whether every address of the range is in the set. */
  covers(range: AddressRange): boolean {
    const { first, last } = range;
    return typeof first === 'number' ? within(this.#v4, first, last) : within(this.#v6, first, last);
  }
}

/** Adds an interval that starts no earlier than the last one; `before` is the address in front of it. */
function append<T extends Address>(intervals: Intervals<T>, first: T, last: T, before: T): void {
  const end = intervals.lasts.at(-1);
  if (end === undefined || end < before) {
    intervals.firsts.push(first);
    intervals.lasts.push(last);
  } else if (last > end) {
    intervals.lasts[intervals.lasts.length - 1] = last;
  }
}

function within<T extends Address>(intervals: Intervals<T>, first: T, last: Address): boolean {
  let low = 0;
  let high = intervals.firsts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const start = intervals.firsts[middle];
    if (start !== undefined && start <= first) low = middle + 1;
    else high = middle;
  }
  const end = intervals.lasts[low - 1];
  return end !== undefined && last <= end;
}
