import type { Address, AddressRange } from '../address.ts';
import { type Digest, digestIndicator, DigestSum } from './content-digest.ts';
import type { IndexVersion } from './index-version.ts';
import { type Indicator, type Observable, type Sighting, sightingOf } from './indicator.ts';
import { Ipv4Bitmap } from './ipv4-bitmap.ts';
import { Ipv4Table } from './ipv4-table.ts';
import { isWide } from './observable-value.ts';
import { Ipv4Segments, Ipv6Segments } from './range-segments.ts';
import { compareSightings } from './sighting-order.ts';

/** Which indicators name an address. Immutable: a refresh builds a new one. */
export interface IndicatorIndex {
  readonly version: IndexVersion;
  /** Indicators that can match some address. */
  readonly size: number;
  /** 16 hexadecimal digits, equal for equal content. */
  readonly digest: string;
  /**
   * Every sighting whose observable covers the address, in the order of compareSightings, whether its indicator is
   * valid or not: ask isValidAt(). A miss allocates nothing.
   */
  lookup(address: Address): readonly Sighting[];
  /** Whether only ranges wider than a /16 (IPv6: a /48) name the address: such may pin but a part of the memory. */
  isWide(address: Address): boolean;
  /** The least instant after `afterMs` at which some sighting becomes valid or ceases to be; null when none is left. */
  nextTransition(afterMs: number): number | null;
}

/** An indicator with those of its observables that are to be indexed. */
export interface IndexEntry {
  readonly indicator: Indicator;
  readonly observables: readonly Observable[];
  /** digestIndicator() of the indicator, when it is known already. */
  readonly digest?: Digest;
}

const nothing: readonly Sighting[] = Object.freeze([]);

/** Sightings by the range they name; groups are numbered in order of arrival. */
class RangeGroups {
  readonly ranges: AddressRange[] = [];
  readonly sightings: Sighting[][] = [];
  readonly #numbers = new Map<string, number>();

  add(sighting: Sighting): void {
    const { range } = sighting.observable;
    const key = `${range.first}-${range.last}`;
    const group = this.sightings[this.#numbers.get(key) ?? -1];
    if (group !== undefined) {
      group.push(sighting);
      return;
    }
    this.#numbers.set(key, this.ranges.length);
    this.ranges.push(range);
    this.sightings.push([sighting]);
  }
}

/** Sightings by exact address. */
class ExactGroups<T extends Address> {
  readonly byAddress = new Map<T, Sighting[]>();

  add(address: T, sighting: Sighting): void {
    const group = this.byAddress.get(address);
    if (group === undefined) this.byAddress.set(address, [sighting]);
    else group.push(sighting);
  }
}

class AddressIndex implements IndicatorIndex {
  readonly version: IndexVersion;
  readonly size: number;
  readonly digest: string;
  readonly #v4: Ipv4Table;
  readonly #v4Groups: readonly (readonly Sighting[])[];
  readonly #v4Bitmap: Ipv4Bitmap;
  readonly #v4Segments: Ipv4Segments;
  readonly #v4Ranges: readonly (readonly Sighting[])[];
  readonly #v6: ReadonlyMap<bigint, readonly Sighting[]>;
  readonly #v6Segments: Ipv6Segments;
  readonly #v6Ranges: readonly (readonly Sighting[])[];
  readonly #transitions: Float64Array;

  constructor(builder: IndexBuilder, ordinal: number) {
    const { v4, v6, v4Ranges, v6Ranges } = builder;
    for (const group of builder.groups()) if (group.length > 1) group.sort(compareSightings);
    this.size = builder.size;
    this.digest = builder.digest.toString();
    this.version = { ordinal, digest: this.digest };
    this.#v4 = new Ipv4Table(v4.byAddress.size);
    this.#v4Groups = [...v4.byAddress.values()];
    this.#v4Bitmap = new Ipv4Bitmap(v4.byAddress.size + v4Ranges.ranges.length);
    this.#v4Segments = new Ipv4Segments(v4Ranges.ranges);
    this.#v4Ranges = v4Ranges.sightings;
    this.#v6 = v6.byAddress;
    this.#v6Segments = new Ipv6Segments(v6Ranges.ranges);
    this.#v6Ranges = v6Ranges.sightings;
    this.#transitions = Float64Array.from(builder.transitions).sort();
    let number = 0;
    for (const address of v4.byAddress.keys()) {
      this.#v4.set(address, number++);
      this.#v4Bitmap.add(address, address);
    }
    this.#v4Segments.forEachCovered((first, last) => this.#v4Bitmap.add(first, last));
  }

  lookup(address: Address): readonly Sighting[] {
    if (typeof address === 'number') {
      if (!this.#v4Bitmap.has(address)) return nothing;
      const group = this.#v4.get(address);
      const exact = group === -1 ? nothing : (this.#v4Groups[group] ?? nothing);
      return join(exact, this.#v4Ranges, this.#v4Segments.at(address));
    }
    return join(this.#v6.get(address) ?? nothing, this.#v6Ranges, this.#v6Segments.at(address));
  }

  isWide(address: Address): boolean {
    const sightings = this.lookup(address);
    return sightings.length > 0 && sightings.every(({ observable }) => isWide(observable.range));
  }

  nextTransition(afterMs: number): number | null {
    let low = 0;
    let high = this.#transitions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#transitions[middle] ?? 0) <= afterMs) low = middle + 1;
      else high = middle;
    }
    return this.#transitions[low] ?? null;
  }
}

/** The groups of one address in one order. A single group is handed out as it is stored. */
function join(
  exact: readonly Sighting[],
  groups: readonly (readonly Sighting[])[],
  covering: readonly number[],
): readonly Sighting[] {
  if (covering.length === 0) return exact;
  const [only] = covering;
  if (only !== undefined && covering.length === 1 && exact.length === 0) return groups[only] ?? nothing;
  return [...exact, ...covering.flatMap((number) => groups[number] ?? nothing)].sort(compareSightings);
}

class IndexBuilder {
  readonly v4 = new ExactGroups<number>();
  readonly v6 = new ExactGroups<bigint>();
  readonly v4Ranges = new RangeGroups();
  readonly v6Ranges = new RangeGroups();
  readonly transitions: number[] = [];
  readonly digest = new DigestSum();
  size = 0;

  add({ indicator, observables, digest }: IndexEntry): void {
    if (observables.length === 0) return;
    this.size += 1;
    this.digest.add(digest ?? digestIndicator(indicator), observables);
    for (const observable of observables) this.#addSighting(sightingOf(indicator, observable));
  }

  *groups(): Generator<Sighting[]> {
    yield* this.v4.byAddress.values();
    yield* this.v6.byAddress.values();
    yield* this.v4Ranges.sightings;
    yield* this.v6Ranges.sightings;
  }

  #addSighting(sighting: Sighting): void {
    const { first, last } = sighting.observable.range;
    const { validFromMs, validUntilMs } = sighting.indicator;
    if (validFromMs === null || validFromMs < validUntilMs) {
      this.transitions.push(validUntilMs);
      if (validFromMs !== null) this.transitions.push(validFromMs);
    }
    if (typeof first === 'number') {
      if (first === last) this.v4.add(first, sighting);
      else this.v4Ranges.add(sighting);
    } else if (first === last) this.v6.add(first, sighting);
    else this.v6Ranges.add(sighting);
  }
}

/**
 * Builds the index over what the entries say shall be indexed; their order changes nothing. The work and the memory are
 * proportional to the observables, times the ranges that lie over one another.
 */
export function buildAddressIndex(entries: Iterable<IndexEntry>, ordinal: number): IndicatorIndex {
  const builder = new IndexBuilder();
  for (const entry of entries) builder.add(entry);
  return new AddressIndex(builder, ordinal);
}
