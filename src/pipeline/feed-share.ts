import type { IndexVersion } from '../core/intel/index-version.ts';
import {
  HeadConflictError,
  StateStoreError,
  type Clock,
  type HeldLease,
  type Lease,
  type Log,
  type RealTime,
  type StateStore,
} from '../core/ports.ts';
import { FeedReading } from './feed-reading.ts';
import { FeedTerm } from './feed-term.ts';
import { decodeHead } from './manifest.ts';
import type { Refresh } from './refresh.ts';
import { takeOwnership, type OwnedState, type StateCodec } from './state-owner.ts';
import { wantVersion } from './wanted-version.ts';

/** How often a follower looks at the head, in true milliseconds; and what failed is tried again. */
const lookMs = 2000;
const retryMs = 1000;

/** How often a shard that waits looks at the version in use, and after how long it says so and asks for one. */
const reachedLookMs = 100;
const longMs = 10_000;

export interface FeedShareOptions {
  readonly store: StateStore;
  readonly lease: Lease;
  readonly refresh: Refresh;
  readonly codec: StateCodec;
  /** Name of this process. */
  readonly owner: string;
  readonly clock: Clock;
  readonly realTime: RealTime;
  readonly log: Log;
}

export interface FeedShareStatus {
  /** Whether this process polls the feeds, or follows the one that does. */
  readonly leads: boolean;
  /** The process that polls; null when none is known. */
  readonly leader: string | null;
  /** When what is followed was shared, milliseconds since 1970; null before the first, and while this process leads. */
  readonly sharedMs: number | null;
  /** When the shared feeds were last read, or this process led; null before. */
  readonly lookedMs: number | null;
  /** Why the shared feeds cannot be read or written; null when they can. */
  readonly error: string | null;
}

/**
 * Shares the feeds among processes: the one that holds the lease polls them and makes durable what it fetches, before it
 * uses it; the others follow. So one ordinal names one content in all of them, and no ordinal comes back.
 */
export class FeedShare {
  readonly #options: FeedShareOptions;
  readonly #reading: FeedReading;
  #term: FeedTerm | null = null;
  #leads = false;
  #lookedMs: number | null = null;
  #error: string | null = null;

  constructor(options: FeedShareOptions) {
    this.#options = options;
    this.#reading = new FeedReading(options);
  }

  get status(): FeedShareStatus {
    const { owner, clock } = this.#options;
    const { head } = this.#reading;
    if (this.#leads)
      return { leads: true, leader: owner, sharedMs: null, lookedMs: clock.now(), error: this.#term?.error ?? null };
    const sharedMs = head?.current?.takenMs ?? null;
    return { leads: false, leader: head?.owner ?? null, sharedMs, lookedMs: this.#lookedMs, error: this.#error };
  }

  /** What Refresh asks before it uses a version that it built: a follower builds none. */
  commit(version: IndexVersion): Promise<boolean> {
    return this.#term?.commit(version) ?? Promise.resolve(false);
  }

  /** Follows, and leads whenever it holds the lease, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { lease, realTime, log } = this.#options;
    while (!signal.aborted) {
      const leading = new AbortController();
      const followed = this.#follow(AbortSignal.any([signal, leading.signal]));
      const held = await lease.acquire(signal, (holder) => {
        log.info('Following the replica that polls the feeds', { holder });
      });
      leading.abort();
      await followed;
      if (held === null) return;
      await this.#lead(held, signal);
      await held.release();
      // Another is to have its turn with what this one failed at.
      await realTime.delay(retryMs, signal);
    }
  }

  /**
   * Resolves when the index in use is of an ordinal or a later one. Rejects when the signal aborts first. One that is
   * beyond the shared state is asked for: that state was lost since.
   */
  async reached(ordinal: number, signal: AbortSignal): Promise<void> {
    const { realTime, log, refresh } = this.#options;
    const ordinalNow = (): number => refresh.index.version?.ordinal ?? 0;
    let askAtMs = realTime.nowMs() + longMs;
    while (ordinalNow() < ordinal) {
      if (signal.aborted)
        throw new Error(`Cannot wait for index version ${ordinal} any longer as the shard was let go`);
      if (realTime.nowMs() >= askAtMs) {
        askAtMs = realTime.nowMs() + longMs;
        log.warn('A shard waits for an index version', { wanted: ordinal, held: ordinalNow() });
        await this.#want(ordinal);
      }
      await realTime.delay(reachedLookMs, signal);
    }
  }

  async #want(ordinal: number): Promise<void> {
    const { store, codec } = this.#options;
    try {
      const stored = await store.readHead();
      const head = stored && decodeHead(stored.bytes, codec.sha256);
      if ((head?.current?.indexOrdinal ?? 0) < ordinal) await wantVersion(store, ordinal);
    } catch (error) {
      this.#error = messageOf(error);
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { realTime, clock, log } = this.#options;
    while (!signal.aborted) {
      try {
        await this.#reading.look();
        if (this.#error !== null) log.info('The shared feeds can be read again');
        this.#error = null;
        this.#lookedMs = clock.now();
      } catch (error) {
        const message = messageOf(error);
        if (this.#error !== message)
          log.warn('Cannot read the shared feeds: going on with what is held', { cause: message });
        this.#error = message;
      }
      await realTime.delay(lookMs, signal);
    }
  }

  /** Never rejects. */
  async #lead(held: HeldLease, signal: AbortSignal): Promise<void> {
    const { log, owner } = this.#options;
    const until = AbortSignal.any([signal, held.lost]);
    this.#leads = true;
    try {
      const owned = await this.#take(held, until);
      if (owned === null) return;
      log.info('Polling the feeds for all replicas', { owner, epoch: owned.head.epoch });
      this.#term = new FeedTerm(this.#options, owned, until);
      await this.#term.run(this.#reading);
    } catch (error) {
      if (!until.aborted) log.error('Cannot poll the feeds for all replicas', { cause: messageOf(error) });
    } finally {
      this.#term = null;
      this.#leads = false;
      this.#lookedMs = this.#options.clock.now();
      this.#reading.forget();
    }
  }

  /** Takes the head, so that a leader before this one is fenced; null when the lease was lost or the signal aborted first. */
  async #take(held: HeldLease, signal: AbortSignal): Promise<OwnedState | null> {
    const { store, owner, codec, log, realTime } = this.#options;
    while (!signal.aborted) {
      try {
        return await takeOwnership(store, owner, codec, log, () => !held.lost.aborted);
      } catch (error) {
        if (error instanceof HeadConflictError) return null;
        if (!(error instanceof StateStoreError)) throw error;
        this.#error = error.message;
        await realTime.delay(retryMs, signal);
      }
    }
    return null;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
