import type { Address } from '../address.ts';
import { Sliced } from '../sliced.ts';
import { type IndexEntry, indexParts, type IndexParts } from './index-build.ts';
import type { IndexVersion } from './index-version.ts';
import type { Sighting } from './indicator.ts';
import type { Ipv4Bitmap } from './ipv4-bitmap.ts';
import { type Ipv4Table, steady, valueOf } from './ipv4-table.ts';
import type { RangeChains } from './range-chains.ts';
import type { RangeSegments } from './range-segments.ts';
import { compareSightings } from './sighting-order.ts';
import { neverSteady } from './steady-time.ts';

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
  /** Whether some sighting of the address is valid at an instant, as isValidAt() says. Allocates nothing. */
  matchesAt(address: Address, atMs: number): boolean;
  /** Whether some sighting of the address ends after an instant, whenever it begins. Allocates nothing. */
  endsAfter(address: Address, ms: number): boolean;
  /** Whether only ranges wider than a /16 (IPv6: a /48) name the address: such may pin but a part of the memory. */
  isWide(address: Address): boolean;
  /** The least instant after `afterMs` at which some sighting becomes valid or ceases to be; null when none is left. */
  nextTransition(afterMs: number): number | null;
}

/** The ranges over a segment, whatever the family of its addresses. */
type Places = Omit<RangeSegments<never>, 'find'>;

/** The chains of ranges, whatever their family. */
type Chains = Pick<RangeChains<never>, 'head' | 'isWide'>;

const nothing: readonly Sighting[] = Object.freeze([]);

/** No row and no segment. */
const none = -1;

/** Tables of typed arrays over rows of metadata: a look-up finds the rows, and only lookup() makes objects of them. */
class AddressIndex implements IndicatorIndex {
  readonly version: IndexVersion;
  readonly size: number;
  readonly digest: string;
  readonly #parts: IndexParts;
  readonly #v4: Ipv4Table;
  readonly #v4Bitmap: Ipv4Bitmap;
  readonly #steadyFromMs: number;
  readonly #steadyUntilMs: number;

  constructor(parts: IndexParts, ordinal: number) {
    this.#parts = parts;
    this.#v4 = parts.v4;
    this.#v4Bitmap = parts.v4Bitmap;
    this.#steadyFromMs = parts.steadyTime.fromMs;
    this.#steadyUntilMs = parts.steadyTime.untilMs;
    this.size = parts.size;
    this.digest = parts.digest;
    this.version = { ordinal, digest: parts.digest };
  }

  lookup(address: Address): readonly Sighting[] {
    const exact = this.#exact(address);
    const segment = this.#segment(address);
    if (exact === none && segment === none) return nothing;
    const { rows } = this.#parts;
    const sightings: Sighting[] = [];
    rows.collect(exact, sightings);
    if (segment !== none) {
      const { ranges, chains } = this.#family(address);
      for (let place = ranges.firstPlace(segment); place < ranges.endPlace(segment); place += 1)
        rows.collect(chains.head(ranges.rangeAt(place)), sightings);
    }
    return sightings.length > 1 ? sightings.sort(compareSightings) : sightings;
  }

  matchesAt(address: Address, atMs: number): boolean {
    if (typeof address !== 'number') return this.#holdsAt(address, this.#parts.v6.get(address), atMs);
    if (!this.#v4Bitmap.has(address)) return false;
    const mark = this.#v4.mark(address);
    // Most that match do so all the time: what the table says of them spares the row, which lies elsewhere.
    if ((mark & steady) !== 0 && atMs >= this.#steadyFromMs && atMs < this.#steadyUntilMs) return true;
    return this.#holdsAt(address, valueOf(mark), atMs);
  }

  /** Whether a row of the chain of an address, or of a range over it, is valid at an instant. */
  #holdsAt(address: Address, exact: number, atMs: number): boolean {
    const { rows } = this.#parts;
    if (rows.someHolds(exact, atMs)) return true;
    const segment = this.#segment(address);
    if (segment === none) return false;
    const { ranges, chains } = this.#family(address);
    for (let place = ranges.firstPlace(segment); place < ranges.endPlace(segment); place += 1)
      if (rows.someHolds(chains.head(ranges.rangeAt(place)), atMs)) return true;
    return false;
  }

  endsAfter(address: Address, ms: number): boolean {
    const { rows } = this.#parts;
    if (rows.someEndsAfter(this.#exact(address), ms)) return true;
    const segment = this.#segment(address);
    if (segment === none) return false;
    const { ranges, chains } = this.#family(address);
    for (let place = ranges.firstPlace(segment); place < ranges.endPlace(segment); place += 1)
      if (rows.someEndsAfter(chains.head(ranges.rangeAt(place)), ms)) return true;
    return false;
  }

  isWide(address: Address): boolean {
    const segment = this.#segment(address);
    if (segment === none || this.#exact(address) !== none) return false;
    const { ranges, chains } = this.#family(address);
    for (let place = ranges.firstPlace(segment); place < ranges.endPlace(segment); place += 1)
      if (!chains.isWide(ranges.rangeAt(place))) return false;
    return true;
  }

  nextTransition(afterMs: number): number | null {
    return this.#parts.transitions.after(afterMs);
  }

  /** The first row of an address itself. */
  #exact(address: Address): number {
    if (typeof address !== 'number') return this.#parts.v6.get(address);
    return this.#v4Bitmap.has(address) ? valueOf(this.#v4.mark(address)) : none;
  }

  /** The segment of the ranges over an address. */
  #segment(address: Address): number {
    const { v4Ranges, v6Ranges } = this.#parts;
    if (typeof address !== 'number') return v6Ranges.find(address);
    return this.#v4Bitmap.has(address) ? v4Ranges.find(address) : none;
  }

  #family(address: Address): { readonly ranges: Places; readonly chains: Chains } {
    return typeof address === 'number' ? this.#parts.v4Family : this.#parts.v6Family;
  }
}

/**
 * Builds the index over what the entries say shall be indexed, in slices; their order changes nothing. The work and the
 * memory are proportional to the observables, times the ranges that lie over one another. Within the steady time
 * matchesAt() is faster, and says the same.
 */
export function* indexSteps(
  entries: Iterable<IndexEntry>,
  ordinal: number,
  steadyTime = neverSteady,
): Generator<undefined, IndicatorIndex> {
  return new AddressIndex(yield* indexParts(entries, steadyTime), ordinal);
}

/** Builds the index in one go. */
export function buildAddressIndex(
  entries: Iterable<IndexEntry>,
  ordinal: number,
  steadyTime = neverSteady,
): IndicatorIndex {
  return new Sliced(indexSteps(entries, ordinal, steadyTime)).finish();
}
