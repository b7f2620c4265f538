import { type Indicator, type Observable, type Sighting, sightingOf } from './indicator.ts';

/** Rows a chunk: a list of millions is never copied as it grows. */
const chunkBits = 16;
const chunkRows = 2 ** chunkBits;

interface Chunk {
  readonly indicators: Indicator[];
  readonly observables: Observable[];
  /** The row after each at the same place plus one; 0 ends a chain. */
  readonly next: Uint32Array;
}

/** The metadata of an index: which observable of which indicator each row is. Rows of one place form a chain. */
export class IndexRows {
  readonly #chunks: Chunk[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds a row; its number. */
  add(indicator: Indicator, observable: Observable): number {
    const row = this.#size;
    if ((row & (chunkRows - 1)) === 0)
      this.#chunks.push({ indicators: [], observables: [], next: new Uint32Array(chunkRows) });
    const chunk = this.#chunk(row);
    chunk.indicators.push(indicator);
    chunk.observables.push(observable);
    this.#size += 1;
    return row;
  }

  /** Puts a row before another one's chain; -1 for none. */
  chain(row: number, before: number): void {
    this.#chunk(row).next[row & (chunkRows - 1)] = before + 1;
  }

  observable(row: number): Observable {
    return at(this.#chunk(row).observables, row);
  }

  /** Adds the sightings of a chain to a list; none for -1. */
  collect(head: number, sightings: Sighting[]): void {
    for (let row = head; row !== -1;) {
      const { indicators, observables, next } = this.#chunk(row);
      sightings.push(sightingOf(at(indicators, row), at(observables, row)));
      row = (next[row & (chunkRows - 1)] ?? 0) - 1;
    }
  }

  #chunk(row: number): Chunk {
    return at(this.#chunks, row >>> chunkBits);
  }
}

function at<Item>(items: readonly Item[], row: number): Item {
  const item = items[row & (chunkRows - 1)];
  if (item === undefined) throw new RangeError(`Cannot read row ${row} as the index holds no such row`);
  return item;
}
