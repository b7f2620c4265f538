import type { SteadyTime } from './steady-time.ts';
import { type Indicator, type Observable, type Sighting, sightingOf } from './indicator.ts';

/** What of an indicator is indexed. */
export interface IndexedIndicator {
  readonly indicator: Indicator;
  readonly observables: readonly Observable[];
}

/** Where indexed indicators are kept: a row names the place, and the object is made when it is asked for. */
export interface IndexedPlaces {
  /** What was indexed from a place, the same each time. */
  at(place: number): IndexedIndicator;
}

/** Rows a chunk: a list of millions is never copied as it grows. */
const chunkBits = 16;
const chunkRows = 2 ** chunkBits;
const firstRows = 64;

/** Words of a row: whose place, the place, which observable, and the row after it plus one, where 0 ends the chain. */
const rowWords = 4;

interface Chunk {
  /** When the sighting of each row begins to be valid, −∞ without one, and when it ends. */
  bounds: Float64Array;
  words: Uint32Array;
}

/**
 * The metadata of an index: which observable of which indicator each row is, and when that holds. Rows of one place form
 * a chain. The instants lie in typed arrays, so that whether some row holds is answered without making any object.
 */
export class IndexRows {
  readonly #chunks: Chunk[] = [];
  readonly #owners: IndexedPlaces[] = [];
  #size = 0;

  /** Bytes of a row. */
  static readonly bytes = 2 * Float64Array.BYTES_PER_ELEMENT + rowWords * Uint32Array.BYTES_PER_ELEMENT;

  get size(): number {
    return this.#size;
  }

  /** Adds a row for the n-th indexed observable of what lies at a place; its number. */
  add(owner: IndexedPlaces, place: number, nth: number, sighting: Sighting): number {
    const row = this.#size;
    const at = row & (chunkRows - 1);
    if (at === 0)
      this.#chunks.push({ bounds: new Float64Array(firstRows * 2), words: new Uint32Array(firstRows * rowWords) });
    const chunk = this.#chunk(row);
    if (at * rowWords === chunk.words.length) grow(chunk);
    const { validFromMs, validUntilMs } = sighting.indicator;
    chunk.bounds[at * 2] = validFromMs ?? Number.NEGATIVE_INFINITY;
    chunk.bounds[at * 2 + 1] = validUntilMs;
    chunk.words[at * rowWords] = this.#numberOf(owner);
    chunk.words[at * rowWords + 1] = place;
    chunk.words[at * rowWords + 2] = nth;
    this.#size += 1;
    return row;
  }

  /** Puts a row before another one's chain; -1 for none. */
  chain(row: number, before: number): void {
    this.#chunk(row).words[(row & (chunkRows - 1)) * rowWords + 3] = before + 1;
  }

  /** Adds the sightings of a chain to a list; none for -1. */
  collect(head: number, sightings: Sighting[]): void {
    for (let row = head; row !== -1; row = this.#after(row)) {
      const { words } = this.#chunk(row);
      const at = (row & (chunkRows - 1)) * rowWords;
      const [owner = 0, place = 0, nth = 0] = [words[at], words[at + 1], words[at + 2]];
      const indexed = this.#owners[owner]?.at(place);
      const observable = indexed?.observables[nth];
      if (indexed === undefined || observable === undefined)
        throw new RangeError(`Cannot read row ${row} as nothing lies at its place any more`);
      sightings.push(sightingOf(indexed.indicator, observable));
    }
  }

  /** Whether some row of a chain is valid at an instant: from its beginning (inclusive) to its end (exclusive). */
  someHolds(head: number, atMs: number): boolean {
    for (let row = head; row !== -1; row = this.#after(row)) {
      const { bounds } = this.#chunk(row);
      const at = (row & (chunkRows - 1)) * 2;
      if ((bounds[at + 1] ?? 0) > atMs && (bounds[at] ?? 0) <= atMs) return true;
    }
    return false;
  }

  /** Whether a row is valid at every instant of a time. */
  holdsThroughout(row: number, { fromMs, untilMs }: SteadyTime): boolean {
    const { bounds } = this.#chunk(row);
    const at = (row & (chunkRows - 1)) * 2;
    return fromMs < untilMs && (bounds[at] ?? 0) <= fromMs && (bounds[at + 1] ?? 0) >= untilMs;
  }

  /** Whether some row of a chain ends after an instant. */
  someEndsAfter(head: number, ms: number): boolean {
    for (let row = head; row !== -1; row = this.#after(row))
      if ((this.#chunk(row).bounds[(row & (chunkRows - 1)) * 2 + 1] ?? 0) > ms) return true;
    return false;
  }

  #after(row: number): number {
    return (this.#chunk(row).words[(row & (chunkRows - 1)) * rowWords + 3] ?? 0) - 1;
  }

  #numberOf(owner: IndexedPlaces): number {
    if (this.#owners.at(-1) !== owner) this.#owners.push(owner);
    return this.#owners.length - 1;
  }

  #chunk(row: number): Chunk {
    const chunk = this.#chunks[row >>> chunkBits];
    if (chunk === undefined) throw new RangeError(`Cannot read row ${row} as the index holds no such row`);
    return chunk;
  }
}

function grow(chunk: Chunk): void {
  const { bounds, words } = chunk;
  chunk.bounds = new Float64Array(bounds.length * 2);
  chunk.bounds.set(bounds);
  chunk.words = new Uint32Array(words.length * 2);
  chunk.words.set(words);
}
