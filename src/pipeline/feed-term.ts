import type { IndexVersion } from '../core/intel/index-version.ts';
import { HeadConflictError, type Clock, type Log, type RealTime, type StateStore } from '../core/ports.ts';
import { encodeNews, pollsOf } from './feed-manifest.ts';
import type { FeedReading } from './feed-reading.ts';
import { ManifestWriter } from './manifest-writer.ts';
import type { Refresh } from './refresh.ts';
import { deleteOrphans, type OwnedState, type StateCodec } from './state-owner.ts';
import { deleteWanted, wantedOrdinal } from './wanted-version.ts';

/** How often the term looks for what is to be shared beside new versions, and for versions that are wanted. */
const lookMs = 2000;
const wantedLookMs = 30_000;

export interface FeedTermOptions {
  readonly store: StateStore;
  readonly refresh: Refresh;
  readonly codec: StateCodec;
  readonly clock: Clock;
  readonly realTime: RealTime;
  readonly log: Log;
}

/** The time for which one process polls the feeds and shares what it fetches: from taking the head to losing it. */
export class FeedTerm {
  readonly #options: FeedTermOptions;
  readonly #owned: OwnedState;
  readonly #writer: ManifestWriter;
  readonly #over = new AbortController();
  readonly #signal: AbortSignal;
  #shared: string | null = null;
  #error: string | null = null;

  /** Ends with the signal, or as soon as another process has written the head. */
  constructor(options: FeedTermOptions, owned: OwnedState, signal: AbortSignal) {
    this.#options = options;
    this.#owned = owned;
    this.#writer = new ManifestWriter({
      ...options,
      owned,
      restored: owned.head.current,
      waiting: 'other replicas and new index versions wait for it',
    });
    this.#signal = AbortSignal.any([signal, this.#over.signal]);
  }

  /** Why nothing can be shared now; null when it can. */
  get error(): string | null {
    return this.#writer.error ?? this.#error;
  }

  /** Goes on with what is shared, polls, and shares, until the term is over. */
  async run(reading: FeedReading): Promise<void> {
    const { refresh, store } = this.#options;
    const { current } = this.#owned.head;
    const isInUse = current !== null && (await reading.take(current));
    if (!isInUse) await refresh.restore([], current?.indexOrdinal ?? 0);
    void deleteOrphans(store, this.#owned.head).catch(() => undefined);
    await Promise.all([refresh.run(this.#signal), this.#share()]);
  }

  /** Makes a version of the index durable with the sets it is over, which must not change meanwhile; false when it is not. */
  async commit(version: IndexVersion): Promise<boolean> {
    const { clock, refresh } = this.#options;
    const news = this.#newsOf(version);
    const takenMs = Math.round(clock.now());
    try {
      const generation = this.#writer.begin();
      const polls = pollsOf(refresh.status);
      const bytes = encodeNews({ digest: version.digest, polls });
      const base = await this.#writer.putBlob('polls', [bytes], this.#signal);
      const feeds = base && (await this.#writer.putFeeds(refresh, this.#signal));
      if (base === null || feeds === null) return false;
      const manifest = { generation, takenMs, base, deltas: [], feeds, indexOrdinal: version.ordinal };
      if (!(await this.#writer.writeHead(manifest, this.#signal))) return false;
    } catch (error) {
      this.#end(error);
      return false;
    }
    this.#shared = news;
    await this.#writer.deleteUnused();
    return true;
  }

  async #share(): Promise<void> {
    const { realTime, refresh } = this.#options;
    let nextWantedMs = realTime.nowMs();
    while (!this.#signal.aborted) {
      await refresh.whileStill(() => this.#shareNews());
      if (realTime.nowMs() >= nextWantedMs) {
        nextWantedMs = realTime.nowMs() + wantedLookMs;
        await this.#giveWanted();
      }
      await realTime.delay(lookMs, this.#signal);
    }
  }

  /** Cursors that moved, and how polls went. */
  async #shareNews(): Promise<void> {
    const { version, isCurrent } = this.#options.refresh.index;
    if (this.#signal.aborted || version === null || !isCurrent || this.#newsOf(version) === this.#shared) return;
    await this.commit(version);
  }

  /** Goes beyond a version that a shard was committed with and that the shared state does not know: it was lost. */
  async #giveWanted(): Promise<void> {
    const { store, refresh, log } = this.#options;
    try {
      const wanted = await wantedOrdinal(store);
      if (wanted === null) return;
      if (wanted > (refresh.index.version?.ordinal ?? 0)) {
        log.warn('Index versions go on beyond one that a shard was judged with: the shared feeds had been lost', {
          wanted,
        });
        await refresh.restore([], wanted);
      }
      if (wanted <= (refresh.index.version?.ordinal ?? 0)) await deleteWanted(store, wanted);
      this.#error = null;
    } catch (error) {
      this.#error = error instanceof Error ? error.message : String(error);
    }
  }

  /** What tells whether others know already; when the next poll is due is no news of its own. */
  #newsOf(version: IndexVersion): string {
    const { refresh } = this.#options;
    const polls = Object.values(pollsOf(refresh.status)).map((each) => ({ ...each, nextPollMs: null }));
    const cursors = refresh.status.map(({ cursor, loaded }) => [cursor, loaded]);
    return JSON.stringify([version, polls, cursors]);
  }

  #end(error: unknown): void {
    const { log } = this.#options;
    if (error instanceof HeadConflictError) log.warn('No longer the one that polls the feeds: another replica does');
    else log.error('The feeds cannot be shared: another replica may poll them', { cause: error });
    this.#over.abort();
  }
}
