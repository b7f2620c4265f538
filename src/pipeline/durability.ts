import { HeadConflictError, StateStoreError, type HeldLease, type Lease } from '../core/ports.ts';
import { Committer, type CommitStatus, type CommitterOptions, type DurableFeeds } from './commit.ts';
import type { Manifest } from './manifest.ts';
import type { StoredFeed } from './stored-feed.ts';
import { deleteOrphans, newestState, readBlob, takeOwnership, type OwnedState } from './state-owner.ts';

const retryMs = 1000;

/** What the process is to the state: waiting for it, reading it, its owner, or no longer its owner. */
export type Standing = 'standby' | 'restoring' | 'active' | 'lost';

/** What a state holds of the indicators: the sets of the feeds with their cursors. */
export interface DurableIntelligence extends Omit<DurableFeeds, 'indexOrdinal'> {
  /** Goes on with what a state held; the index must not be older than the version of this ordinal. */
  restore(feeds: readonly StoredFeed[], ordinal: number): Promise<void>;
}

export interface DurabilityOptions extends Omit<CommitterOptions, 'owned' | 'restored' | 'feeds'> {
  readonly lease: Lease;
  /** Name of this process. */
  readonly owner: string;
  readonly intelligence: DurableIntelligence;
  /** Told once when the process no longer owns the state and must end. */
  readonly onLost: (reason: string) => void;
}

/** Owns the durable state: waits for the lease, restores, commits, and lets go. */
export class Durability {
  readonly #options: DurabilityOptions;
  readonly #abandon = new AbortController();
  readonly #released = new AbortController();
  #standing: Standing = 'standby';
  #holder: string | null = null;
  #activeSinceMs: number | null = null;
  #lease: HeldLease | null = null;
  #committer: Committer | null = null;

  constructor(options: DurabilityOptions) {
    this.#options = options;
  }

  get standing(): Standing {
    return this.#standing;
  }

  /** The process that is active while this one stands by; null when none is known. */
  get holder(): string | null {
    return this.#holder;
  }

  /** When this process became the owner of the state; null before. */
  get activeSinceMs(): number | null {
    return this.#activeSinceMs;
  }

  get status(): CommitStatus | null {
    return this.#committer?.status ?? null;
  }

  /** Becomes the owner and restores what it finds. False when the signal aborted first. */
  async activate(signal: AbortSignal): Promise<boolean> {
    const { lease, log, owner, realTime, clock } = this.#options;
    const startedMs = realTime.nowMs();
    this.#lease = await lease.acquire(signal, (holder) => {
      this.#holder = holder;
      log.info('Standing by: another process is active', { holder });
    });
    if (this.#lease === null) return false;
    this.#standing = 'restoring';
    const { lost } = this.#lease;
    lost.addEventListener('abort', () => this.#lose('the lease was lost'), { once: true });
    // A process that was stopped right here hears of no event that was before.
    if (lost.aborted) this.#lose('the lease was lost');
    this.#activeSinceMs = Math.round(clock.now());
    log.info('Active: the lease is held', { owner, waitedMs: Math.round(realTime.nowMs() - startedMs) });
    const owned = await this.#insist(
      'take the state',
      () =>
        takeOwnership(this.#options.store, owner, this.#options.codec, log, () => this.#lease?.lost.aborted === false),
      signal,
    );
    if (owned === null) return false;
    const restored = await this.#insist('restore the state', () => this.#restore(owned), signal);
    if (restored === null) return false;
    this.#committer = this.#committerOf(owned, restored.manifest);
    if (this.#abandon.signal.aborted) return false;
    this.#standing = 'active';
    return true;
  }

  /** Commits until the signal aborts; the commit that runs then is finished first. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#guard(async () => this.#committer?.run(signal, this.#abandon.signal));
  }

  /** Gives up commits that a store does not take within `graceMs` from now; for a process that ends. */
  giveUpAfter(graceMs: number): void {
    void this.#options.realTime.delay(graceMs, this.#released.signal).then(() => this.#abandon.abort());
  }

  /** Commits what there is, when nothing else does any more. */
  async commitLast(): Promise<void> {
    if (this.#standing !== 'active' || this.#abandon.signal.aborted) return;
    await this.#guard(async () => this.#committer?.commit(this.#abandon.signal));
  }

  /** Lets another process be active. */
  async release(): Promise<void> {
    this.#released.abort();
    await this.#lease?.release();
  }

  /** The manifest that was restored, null when there is nothing to restore. */
  async #restore(owned: OwnedState): Promise<{ readonly manifest: Manifest | null }> {
    const { store, codec, log, engine, intelligence, clock, realTime } = this.#options;
    const startedMs = realTime.nowMs();
    const checkFits = engine.state.checkFits.bind(engine.state);
    const restored = await newestState(store, owned.head, codec, log, checkFits);
    if (restored === null) {
      engine.state.begin(clock.now());
      log.info('Begins without state: the last LOOKBACK will be read');
      return { manifest: null };
    }
    const feeds = await this.#readFeeds(restored.manifest);
    // After the last read: one that fails is tried again from the first on, and nothing may be restored twice.
    engine.state.restore(restored.image);
    await intelligence.restore(feeds, restored.manifest.indexOrdinal);
    log.info('Restored', {
      generation: restored.manifest.generation,
      taken: new Date(restored.manifest.takenMs).toISOString(),
      addresses: restored.image.addresses.size,
      alertsWaiting: restored.image.alerts.length,
      tookMs: Math.round(realTime.nowMs() - startedMs),
    });
    return { manifest: restored.manifest };
  }

  async #readFeeds(manifest: Manifest): Promise<StoredFeed[]> {
    const { store, codec, log } = this.#options;
    const feeds: StoredFeed[] = [];
    for (const { name, cursor, blob } of manifest.feeds) {
      try {
        feeds.push({ name, cursor, bytes: await readBlob(store, blob, codec) });
      } catch (error) {
        if (error instanceof StateStoreError) throw error;
        log.warn('The set of a feed cannot be read: it will be fetched whole', { feed: name, cause: error });
      }
    }
    return feeds;
  }

  #committerOf(owned: OwnedState, restored: Manifest | null): Committer {
    const { intelligence, engine } = this.#options;
    void deleteOrphans(this.#options.store, owned.head).catch(() => undefined);
    return new Committer({
      ...this.#options,
      owned,
      restored,
      feeds: {
        // An engine that was restored has no index until its feeds have loaded.
        get indexOrdinal() {
          return Math.max(restored?.indexOrdinal ?? 0, engine.index.version.ordinal);
        },
        persisted: () => intelligence.persisted(),
        exportFeed: (name) => intelligence.exportFeed(name),
      },
    });
  }

  /** Tries until the store answers; null when the signal aborted or the lease was lost first. */
  async #insist<Result>(what: string, attempt: () => Promise<Result>, signal: AbortSignal): Promise<Result | null> {
    const { log, realTime } = this.#options;
    const isOver = (): boolean => signal.aborted || this.#abandon.signal.aborted;
    let isTold = false;
    while (!isOver()) {
      try {
        return await attempt();
      } catch (error) {
        if (isOver()) return null;
        if (!(error instanceof StateStoreError)) throw error;
        if (!isTold) log.error(`Cannot ${what}`, { cause: error.message });
        isTold = true;
        await realTime.delay(retryMs, signal);
      }
    }
    return null;
  }

  async #guard(work: () => Promise<void> | undefined): Promise<void> {
    try {
      await work();
    } catch (error) {
      const isFenced = error instanceof HeadConflictError;
      this.#lose(
        isFenced ? 'another process wrote the head of the state' : `the state cannot be kept: ${String(error)}`,
      );
    }
  }

  #lose(reason: string): void {
    if (this.#standing === 'lost') return;
    this.#standing = 'lost';
    this.#abandon.abort();
    this.#options.onLost(reason);
  }
}
