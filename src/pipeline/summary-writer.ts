import type { Engine } from '../core/engine.ts';
import type { Log, RealTime, StateStore } from '../core/ports.ts';
import type { BlobReference } from './manifest.ts';
import type { StateCodec } from './state-owner.ts';

/** Shortest time between two summaries that no flush asked for, in true milliseconds. */
const pauseMs = 5000;

export interface SummaryWriterOptions {
  readonly engine: Engine;
  readonly store: StateStore;
  readonly codec: StateCodec;
  readonly realTime: RealTime;
  readonly log: Log;
  /** What the shard tells replicas that do not hold it, as of the moment of the call. */
  readonly summarize: () => Promise<Uint8Array>;
}

/** Writes what a shard tells the rest of the fleet, beside its cuts. It never makes a commit fail. */
export class SummaryWriter {
  readonly #options: SummaryWriterOptions;
  #last: BlobReference | null;
  #lastAtMs = Number.NEGATIVE_INFINITY;
  #lastBoundary = Number.NaN;
  #failing = false;

  /** `last` is the summary of the state that was restored. */
  constructor(options: SummaryWriterOptions, last: BlobReference | null) {
    this.#options = options;
    this.#last = last;
  }

  /** Whether the next commit is to have a new summary: rows are those of a new flush, or the last one is some seconds old. */
  get isDue(): boolean {
    const { engine, realTime } = this.#options;
    return engine.boundary !== this.#lastBoundary || realTime.nowMs() - this.#lastAtMs >= pauseMs;
  }

  /** The summary that the next manifest names: a new one under the name if one is due, else the last. Never rejects. */
  async next(name: string): Promise<BlobReference | null> {
    return this.isDue ? this.#write(name) : this.#last;
  }

  async #write(name: string): Promise<BlobReference | null> {
    const { engine, store, codec, realTime, log, summarize } = this.#options;
    const { boundary } = engine;
    const atMs = realTime.nowMs();
    try {
      const packed = await codec.compress(await summarize());
      await store.put(name, packed);
      this.#last = { name, bytes: packed.length, sha256: await codec.digest(packed) };
      this.#lastAtMs = atMs;
      this.#lastBoundary = boundary;
      this.#failing = false;
    } catch (cause) {
      if (!this.#failing) log.warn('Cannot write the summary of a shard: other replicas show an older one', { cause });
      this.#failing = true;
    }
    return this.#last;
  }
}
