import type { SilenceFileSource } from '../core/alert/silence-file.ts';
import type { DeadLetterStore, Log, Origin, Position, SourceEvent } from '../core/ports.ts';
import { originKey } from '../core/ports.ts';
import { KnownHubs } from '../core/route/known-hubs.ts';
import type { Tally } from '../core/tally.ts';
import type { Refresh } from './refresh.ts';
import { ShardIntake } from './shard-intake.ts';
import { SilenceAudit } from './silence-audit.ts';
import { SilenceKeeper, type SilenceFileStatus } from './silence-keeper.ts';
import { noTotals, totalsOf, totalsSince, type ShardTotals } from './shard-totals.ts';
import { summarizeShard } from './summarize.ts';
import { Shard, type ShardOptions, type ShardPlace } from './shard.ts';

/** Lines of a shard say which one it is. */
function shardLog(log: Log, shard: string): Log {
  return {
    debug: (message, fields) => log.debug(message, { shard, ...fields }),
    info: (message, fields) => log.info(message, { shard, ...fields }),
    warn: (message, fields) => log.warn(message, { shard, ...fields }),
    error: (message, fields) => log.error(message, { shard, ...fields }),
  };
}

/** What every shard of a replica is made with. */
export interface HeldShardOptions extends Omit<
  ShardOptions,
  'start' | 'summarize' | 'onLook' | 'onLost' | 'intelligence'
> {
  /** Source hubs that flushes wait for, each as namespace/hub. */
  readonly hubs: readonly string[];
  readonly refresh: Refresh;
  /** Resolves when the index in use is of an ordinal or a later one; rejects when the signal aborts first. */
  readonly reached: (ordinal: number, signal: AbortSignal) => Promise<void>;
  readonly deadLetterStore: DeadLetterStore;
  /** Silences of a file; null without one. Those of shards are not shared in any other way. */
  readonly silenceFile: SilenceFileSource | null;
  readonly onTally: (tally: Tally) => void;
  /** The shard and its hold on the state must end: another process has taken it. */
  readonly onFenced: (origin: Origin, reason: string) => void;
  /** Since when the correlation hub held records of the partition, null when that is at least the lookback. */
  readonly seesSinceMs: (origin: Origin) => number | null;
  /** Events of the partition that were enqueued and not taken; null when unknown. */
  readonly lagEvents: (origin: Origin) => number | null;
}

/** One shard for as long as this process holds its partition: from the claim to the moment it is let go. */
export class HeldShard {
  readonly origin: Origin;
  readonly shard: Shard;
  readonly #options: HeldShardOptions;
  readonly #known: KnownHubs;
  readonly #intake: ShardIntake;
  readonly #silences: SilenceKeeper;
  readonly #stopping = new AbortController();
  /** What the state had counted before this process held it; null until it is restored. */
  #before: ShardTotals | null = null;
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
      log: shardLog(options.log, origin.partition),
      // The sets are shared by the replicas, and not part of a shard's state.
      intelligence: {
        persisted: () => [],
        exportFeed: () => Promise.resolve(null),
        restore: (_feeds, ordinal) => this.#restoreIndex(ordinal),
      },
      start: { firstBoundary: Math.floor(nowMs / hopMs) * hopMs + hopMs, warmUntil: nowMs },
      summarize: () => this.#summarize(),
      onLook: () => this.#noteHistory(),
      onLost: (reason) => options.onFenced(origin, reason),
    });
    const { engine } = this.shard;
    this.#known = new KnownHubs(hubs);
    engine.watermarks.expect(this.#known.expected(), nowMs);
    this.#silences = new SilenceKeeper({
      ...options,
      silences: engine.silences,
      file: options.silenceFile,
      isActive: () => this.shard.durability?.standing === 'active',
      audit: new SilenceAudit(options.log),
    });
    const { signal } = this.#stopping;
    this.#intake = new ShardIntake({ ...options, engine, known: this.#known, partitions, deadLetters, signal });
  }

  /** How the file of silences stands; null without one. */
  get silenceFileStatus(): SilenceFileStatus | null {
    return this.#silences.fileStatus;
  }

  /** Why the partition is held back until somebody helps; null when it is not. */
  get refusal(): string | null {
    return this.#intake.refusal;
  }

  /** What it has counted for as long as this process holds it. */
  get totals(): ShardTotals {
    return this.#before === null ? noTotals : totalsSince(totalsOf(this.shard.engine), this.#before);
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
    await this.#silences.readFile();
    this.#before = totalsOf(engine);
    await this.#joinIndex();
    engine.watermarks.forgive(Number.POSITIVE_INFINITY, clock.now());
    const running = this.#stopping.signal;
    this.#loops = Promise.all([
      this.shard.runOutput(running),
      this.shard.flushes.run(running),
      this.#silences.run(running),
    ]);
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

  #summarize(): Promise<Uint8Array> {
    const { partition } = this.origin;
    const { clock, lagEvents } = this.#options;
    return summarizeShard(this.shard, {
      ...this.#options,
      partition,
      lagEvents: lagEvents(this.origin),
      nowMs: clock.now(),
    });
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
