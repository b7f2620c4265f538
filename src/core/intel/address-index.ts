import type { Address } from '../address.ts';
import { Sliced } from '../sliced.ts';
import { type IndexEntry, indexParts, type IndexParts } from './index-build.ts';
import type { IndexVersion } from './index-version.ts';
import type { Sighting } from './indicator.ts';
import { isWide } from './observable-value.ts';
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

const nothing: readonly Sighting[] = Object.freeze([]);

/** Tables of typed arrays over rows of metadata: a look-up finds the rows, and only a hit makes objects of them. */
class AddressIndex implements IndicatorIndex {
  readonly version: IndexVersion;
  readonly size: number;
  readonly digest: string;
  readonly #parts: IndexParts;

  constructor(parts: IndexParts, ordinal: number) {
    this.#parts = parts;
    this.size = parts.size;
    this.digest = parts.digest;
    this.version = { ordinal, digest: parts.digest };
  }

  lookup(address: Address): readonly Sighting[] {
    const { v4, v4Bitmap, v4Ranges, v4Heads, v6, v6Ranges, v6Heads } = this.#parts;
    if (typeof address !== 'number') return this.#collect(v6.get(address), v6Ranges, v6Ranges.find(address), v6Heads);
    if (!v4Bitmap.has(address)) return nothing;
    return this.#collect(v4.get(address), v4Ranges, v4Ranges.find(address), v4Heads);
  }

  isWide(address: Address): boolean {
    const sightings = this.lookup(address);
    return sightings.length > 0 && sightings.every(({ observable }) => isWide(observable.range));
  }

  nextTransition(afterMs: number): number | null {
    return this.#parts.transitions.after(afterMs);
  }

  #collect(
    exact: number,
    ranges: Pick<IndexParts['v4Ranges'], 'forEachOver'>,
    segment: number,
    heads: readonly number[],
  ): readonly Sighting[] {
    if (exact === -1 && segment === -1) return nothing;
    const { rows } = this.#parts;
    const sightings: Sighting[] = [];
    rows.collect(exact, sightings);
    if (segment !== -1) ranges.forEachOver(segment, (range) => rows.collect(heads[range] ?? -1, sightings));
    return sightings.length > 1 ? sightings.sort(compareSightings) : sightings;
  }
}

/**
 * Builds the index over what the entries say shall be indexed, in slices; their order changes nothing. The work and the
 * memory are proportional to the observables, times the ranges that lie over one another.
 */
export function* indexSteps(entries: Iterable<IndexEntry>, ordinal: number): Generator<undefined, IndicatorIndex> {
  return new AddressIndex(yield* indexParts(entries), ordinal);
}

/** Builds the index in one go. */
export function buildAddressIndex(entries: Iterable<IndexEntry>, ordinal: number): IndicatorIndex {
  return new Sliced(indexSteps(entries, ordinal)).finish();
}
