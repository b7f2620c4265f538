import { ByteReader } from '../state/byte-reader.ts';
import { ByteWriter } from '../state/byte-writer.ts';
import { readHeld, readHeldId, writeHeld } from '../state/feed-codec.ts';
import { type Digest, digestIndicator } from './content-digest.ts';
import type { HeldIndicator } from './feed-content.ts';
import { IdTable } from './id-table.ts';
import { applyPolicy } from './feed-policy.ts';
import type { SharedLists, SourceSettings } from './indicator-reader.ts';
import { Uint32Column } from './uint32-column.ts';

/** Bytes of a chunk; a single indicator may need more and then has one of its own. */
const chunkBits = 20;
const firstBytes = 4096;

/** Places are counted in steps of eight bytes: 32 GiB of indicators have one each below 2^32. */
const stepBits = 3;
const placeBits = chunkBits - stepBits;

/** Bytes below which what was replaced is not worth clearing away. */
const leastWaste = 2 ** chunkBits;

/** Indicators moved between two pauses. */
const sliceIndicators = 128;

/** Every text is written where it stands, so that an indicator can be read without those before it. */
const noTexts = 0;

/**
 * Indicators of one feed by their ids, as bytes: some two hundred each where objects take five times as much, and a
 * million of them are nothing to the garbage collector, which else holds everything up to copy what stays. An indicator
 * has a number, by the order in which its id first came, and each version of it a place that never changes, so that
 * whoever knows a place may read it however much was added or replaced since.
 */
export class HeldTable {
  readonly #settings: SourceSettings;
  readonly #lists: SharedLists;
  readonly #chunks: Uint8Array[] = [];
  /** Where the newest chunk is free. */
  #end = 0;
  #wasted = 0;
  #bytes = 0;
  readonly #ids = new IdTable((number, id) => this.idOf(number) === id);
  readonly #places = new Uint32Column();
  readonly #highs = new Uint32Column();
  readonly #lows = new Uint32Column();
  readonly #lengths = new Uint32Column();
  #writer: ByteWriter | null = null;

  /** For the indicators of one source, read by its policy; equal lists come from `lists`. */
  constructor(settings: SourceSettings, lists: SharedLists) {
    this.#settings = settings;
    this.#lists = lists;
  }

  get size(): number {
    return this.#places.size;
  }

  /** Whether most of it are versions that were replaced. */
  get isWasteful(): boolean {
    return this.#wasted > leastWaste && this.#wasted * 2 > this.#bytes;
  }

  /** The number of an id, -1 when it is not there. */
  numberOf(id: string): number {
    return this.#ids.get(id);
  }

  /** Where the newest version of an indicator lies. */
  place(number: number): number {
    return this.#places.get(number);
  }

  /** The digest of the newest version of an indicator. */
  digest(number: number): Digest {
    return { high: this.#highs.get(number) | 0, low: this.#lows.get(number) | 0 };
  }

  read(place: number): HeldIndicator {
    const held = readHeld(this.#reader(place), this.#settings.name, this.#lists);
    const indicator = applyPolicy(held.indicator, this.#settings);
    return indicator === held.indicator ? held : { ...held, indicator };
  }

  /** The newest version of an id. */
  get(id: string): HeldIndicator | undefined {
    const number = this.numberOf(id);
    return number === -1 ? undefined : this.read(this.place(number));
  }

  /** Adds an indicator, or a version of it in place of the one before. */
  set(held: HeldIndicator): void {
    const writer = (this.#writer ??= new ByteWriter(noTexts));
    writeHeld(writer, held);
    this.#set(held.indicator.id, writer.take(), digestIndicator(held.indicator));
  }

  /** As set() with the newest version of an indicator that another table of the source holds, without reading it. */
  take(other: HeldTable, number: number): void {
    this.#set(other.idOf(number), other.#bytesOf(number), other.digest(number));
  }

  idOf(number: number): string {
    return readHeldId(this.#reader(this.place(number)));
  }

  /** Whether the newest version of every indicator of another table is the newest one here too, in slices. */
  *hasVersionsOf(other: HeldTable): Generator<undefined, boolean> {
    for (let number = 0; number < other.size; number += 1) {
      if (number % sliceIndicators === 0) yield;
      const own = this.numberOf(other.idOf(number));
      if (own === -1) return false;
      // Nearly all are the same to the byte; what is not may still be another text of the same version.
      if (areEqual(this.#bytesOf(own), other.#bytesOf(number))) continue;
      if (this.read(this.place(own)).version !== other.read(other.place(number)).version) return false;
    }
    return true;
  }

  /** The newest versions alone, under the numbers they have, in slices. */
  *compact(): Generator<undefined, HeldTable> {
    const table = new HeldTable(this.#settings, this.#lists);
    for (let number = 0; number < this.size; number += 1) {
      if (number % sliceIndicators === 0) yield;
      table.take(this, number);
    }
    return table;
  }

  #set(id: string, bytes: Uint8Array, digest: Digest): void {
    const known = this.numberOf(id);
    const number = known === -1 ? this.size : known;
    const place = this.#append(bytes);
    if (known === -1) {
      this.#ids.add(id, number);
      for (const column of [this.#places, this.#highs, this.#lows, this.#lengths]) column.push(0);
    }
    this.#wasted += this.#lengths.get(number);
    this.#places.set(number, place);
    this.#highs.set(number, digest.high);
    this.#lows.set(number, digest.low);
    this.#lengths.set(number, bytes.length);
  }

  #append(bytes: Uint8Array): number {
    const room = this.#chunks.at(-1)?.length ?? 0;
    if (this.#end + bytes.length > room || room === 0) {
      this.#chunks.push(new Uint8Array(Math.max(bytes.length, Math.min(2 ** chunkBits, room * 2 || firstBytes))));
      this.#end = 0;
    }
    const start = this.#end;
    this.#chunks.at(-1)?.set(bytes, start);
    const step = 2 ** stepBits;
    this.#end = Math.ceil((start + bytes.length) / step) * step;
    this.#bytes += bytes.length;
    return (((this.#chunks.length - 1) << placeBits) | (start >>> stepBits)) >>> 0;
  }

  #reader(place: number): ByteReader {
    return new ByteReader(this.#chunk(place), noTexts, null, this.#start(place));
  }

  #bytesOf(number: number): Uint8Array {
    const place = this.place(number);
    const start = this.#start(place);
    return this.#chunk(place).subarray(start, start + this.#lengths.get(number));
  }

  #chunk(place: number): Uint8Array {
    const chunk = this.#chunks[place >>> placeBits];
    if (chunk === undefined) throw new RangeError(`Cannot read an indicator at ${place} as nothing was put there`);
    return chunk;
  }

  #start(place: number): number {
    return (place & (2 ** placeBits - 1)) << stepBits;
  }
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
