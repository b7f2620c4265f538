import type { DeadLetterStore, Origin, Position, SourceEvent } from '../core/ports.ts';
import { originKey } from '../core/ports.ts';
import { KnownHubs } from '../core/route/known-hubs.ts';
import type { Tally } from '../core/tally.ts';
import type { Refresh } from './refresh.ts';
import { ShardIntake } from './shard-intake.ts';
import { Shard, type ShardOptions, type ShardPlace } from './shard.ts';

/** What every shard of a replica is made with. */
export interface HeldShardOptions extends Omit<ShardOptions, 'start' | 'onLook' | 'onLost' | 'intelligence'> {
  /** Source hubs that flushes wait for, each as namespace/hub. */
  readonly hubs: readonly string[];
  readonly refresh: Refresh;
  /** Resolves when the index in use is of an ordinal or a later one; rejects when the signal aborts first. */
  readonly reached: (ordinal: number, signal: AbortSignal) => Promise<void>;
  readonly deadLetterStore: DeadLetterStore;
  readonly onTally: (tally: Tally) => void;
  /** The shard and its hold on the state must end: another process has taken it. */
  readonly onFenced: (origin: Origin, reason: string) => void;
  /** Since when the correlation hub held records of the partition, null when that is at least the lookback. */
  readonly seesSinceMs: (origin: Origin) => number | null;
}

/** One shard for as long as this process holds its partition: from the claim to the moment it is let go. */
export class HeldShard {
  readonly origin: Origin;
  readonly shard: Shard;
  readonly #options: HeldShardOptions;
  readonly #known: KnownHubs;
  readonly #intake: ShardIntake;
  readonly #stopping = new AbortController();
  #loops: Promise<unknown> = Promise.resolve();
  #until: AbortSignal = this.#stopping.signal;
  #ended: Promise<void> | null = null;

  /** `partitions` is how many the correlation hub has. */
  constructor(origin: Origin, partitions: number, options: HeldShardOptions) {
    this.origin = origin;
    this.#options = options;
    const { clock, hubs, deadLetterStore: deadLetters } = options;
    const { hopMs } = options.engine;
    const nowMs = clock.now();
    this.shard = new Shard({
      ...options,
      // The sets are shared by the replicas, and not part of a shard's state.
      intelligence: {
        persisted: () => [],
        exportFeed: () => Promise.resolve(null),
        restore: (_feeds, ordinal) => this.#restoreIndex(ordinal),
      },
      start: { firstBoundary: Math.floor(nowMs / hopMs) * hopMs + hopMs, warmUntil: nowMs },
      onLook: () => this.#noteHistory(),
      onLost: (reason) => options.onFenced(origin, reason),
    });
    const { engine } = this.shard;
    this.#known = new KnownHubs(hubs);
    engine.watermarks.expect(this.#known.expected(), nowMs);
    const { signal } = this.#stopping;
    this.#intake = new ShardIntake({ ...options, engine, known: this.#known, partitions, deadLetters, signal });
  }

  /** Why the partition is held back until somebody helps; null when it is not. */
  get refusal(): string | null {
    return this.#intake.refusal;
  }

  /**
   * Owns the state, restores it, and begins its loops: the position behind which the partition is read, null when there
   * is none. Rejects when the signal aborted first.
   */
  async begin(place: ShardPlace, signal: AbortSignal): Promise<Position | null> {
    const { clock } = this.#options;
    const { engine } = this.shard;
    this.shard.open(place);
    const until = AbortSignal.any([signal, this.#stopping.signal]);
    this.#until = until;
    if (!(await this.shard.activate(until)) || until.aborted)
      throw new Error(`Cannot begin shard ${this.origin.partition} as it was let go before`);
    await this.#joinIndex();
    engine.watermarks.forgive(Number.POSITIVE_INFINITY, clock.now());
    const running = this.#stopping.signal;
    this.#loops = Promise.all([this.shard.runOutput(running), this.shard.flushes.run(running)]);
    return engine.state.positions().get(originKey(this.origin)) ?? null;
  }

  take(events: readonly SourceEvent[]): Promise<void> {
    return this.#intake.take(this.origin, events);
  }

  /** Ends the loops, commits, and lets another process own the state; resolves when nothing of the shard runs. */
  end(graceMs: number): Promise<void> {
    this.#ended ??= this.#end(graceMs);
    return this.#ended;
  }

  async #end(graceMs: number): Promise<void> {
    const { refresh } = this.#options;
    this.#stopping.abort();
    this.shard.giveUpAfter(graceMs);
    refresh.leave(this.shard.engine);
    await this.#loops;
    await this.shard.settle(graceMs / 2);
    await this.shard.release();
  }

  /** Before anything is judged or committed: what was restored was judged with this version or an older one. */
  async #restoreIndex(ordinal: number): Promise<void> {
    await this.#options.reached(ordinal, this.#until);
    await this.#joinIndex();
  }

  async #joinIndex(): Promise<void> {
    const { refresh } = this.#options;
    await refresh.join(this.shard.engine);
    // What was let go meanwhile is not shown what comes.
    if (this.#stopping.signal.aborted) refresh.leave(this.shard.engine);
  }

  /** Tells the engine since when it sees, where that is less than the lookback. */
  #noteHistory(): void {
    const hubMs = this.#options.seesSinceMs(this.origin) ?? Number.NEGATIVE_INFINITY;
    const sinceMs = Math.max(hubMs, this.#intake.seesSinceMs);
    if (sinceMs !== Number.NEGATIVE_INFINITY) this.shard.engine.setSeesSince(sinceMs);
  }
}
