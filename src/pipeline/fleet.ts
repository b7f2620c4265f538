import type { RealTime, StateStore } from '../core/ports.ts';
import { decodeFleetSummary, type FleetSummary } from './fleet-summary.ts';
import type { Head } from './manifest.ts';
import { readWithHead, type ReadWithHead } from './snapshot-head.ts';
import { readBlob, type StateCodec } from './state-owner.ts';

/** How old what is shown may be, in true milliseconds, where nothing else is asked for. */
const freshMs = 2000;

/** How long an answer waits for storage, in true milliseconds. */
const patienceMs = 5000;

/** Shards that are read at once. */
const readsMax = 16;

/** What is known of a shard from its stored state. */
export interface StoredShard {
  /** Name of the process that owns the state; null when nobody ever did, or none could be read. */
  readonly owner: string | null;
  readonly summary: FleetSummary | null;
  /** Why there is no summary, or no newer one; null when nothing is wrong. */
  readonly problem: string | null;
}

export interface FleetOptions {
  readonly storeOf: (partition: string) => StateStore;
  readonly codec: StateCodec;
  readonly realTime: RealTime;
}

interface Entry {
  readonly store: StateStore;
  seen: StoredShard;
  /** Name and digest of the blob that `seen.summary` was read from. */
  blob: string | null;
  /** When the last reading that ended began. */
  readAtMs: number;
  reading: Promise<void> | null;
}

/** Reads what shards that other replicas hold tell of themselves in the storage, on demand and not too often. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /**
   * What is known of shards, at most `maxAgeMs` of true time old. Never rejects: what cannot be read in some seconds is
   * told as it was last known, with the problem.
   */
  async read(partitions: readonly string[], maxAgeMs = freshMs): Promise<ReadonlyMap<string, StoredShard>> {
    const { realTime } = this.#options;
    const nowMs = realTime.nowMs();
    const due = partitions.filter((partition) => nowMs - this.#entryOf(partition).readAtMs >= maxAgeMs);
    const before = new Map(due.map((partition) => [partition, this.#entryOf(partition).readAtMs]));
    const ended = new AbortController();
    const work = this.#readAll(due).finally(() => ended.abort());
    await Promise.race([work, realTime.delay(patienceMs, ended.signal)]);
    return new Map(
      partitions.map((partition) => {
        const { seen, readAtMs } = this.#entryOf(partition);
        const unanswered = before.get(partition) === readAtMs;
        const problem = `its state could not be read within ${patienceMs / 1000} s`;
        return [partition, unanswered ? { ...seen, problem } : seen];
      }),
    );
  }

  #entryOf(partition: string): Entry {
    const known = this.#entries.get(partition);
    if (known !== undefined) return known;
    const seen = { owner: null, summary: null, problem: null };
    const store = this.#options.storeOf(partition);
    const entry = { store, seen, blob: null, readAtMs: Number.NEGATIVE_INFINITY, reading: null };
    this.#entries.set(partition, entry);
    return entry;
  }

  async #readAll(partitions: readonly string[]): Promise<void> {
    const left = [...partitions];
    const worker = async (): Promise<void> => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        const entry = this.#entryOf(next);
        entry.reading ??= this.#read(entry).finally(() => {
          entry.reading = null;
        });
        await entry.reading;
      }
    };
    await Promise.all(Array.from({ length: Math.min(readsMax, partitions.length) }, worker));
  }

  async #read(entry: Entry): Promise<void> {
    const { codec, realTime } = this.#options;
    const atMs = realTime.nowMs();
    try {
      entry.seen = await readWithHead(entry.store, codec.sha256, (head) => this.#summaryOf(entry, head));
    } catch (error) {
      entry.seen = { ...entry.seen, problem: messageOf(error) };
    }
    entry.readAtMs = atMs;
  }

  /** What a head names. A blob that cannot be read is read again if its owner has replaced it meanwhile. */
  async #summaryOf(entry: Entry, head: Head | null): Promise<ReadWithHead<StoredShard>> {
    const owner = head?.owner ?? null;
    const reference = head?.current?.summary ?? null;
    if (reference === null) {
      entry.blob = null;
      const problem = head?.current ? 'its owner has written no summary' : 'it has no state yet';
      return { result: { owner, summary: null, problem }, unreadable: [] };
    }
    const blob = `${reference.name} ${reference.sha256}`;
    if (blob === entry.blob) return { result: { owner, summary: entry.seen.summary, problem: null }, unreadable: [] };
    try {
      const summary = decodeFleetSummary(await readBlob(entry.store, reference, this.#options.codec));
      entry.blob = blob;
      return { result: { owner, summary, problem: null }, unreadable: [] };
    } catch (error) {
      const result = { owner, summary: entry.seen.summary, problem: messageOf(error) };
      return { result, unreadable: [reference.name] };
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
