import type { Digest } from '../core/alert/alert-id.ts';
import type { EngineOptions, EngineStart } from '../core/engine-options.ts';
import { Engine } from '../core/engine.ts';
import type { AlertSink, Clock, DeadLetterStore, Lease, Log, Positions, RealTime, StateStore } from '../core/ports.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { Delivery, fromEngine } from './deliver.ts';
import { deliveryMetrics } from './delivery-metrics.ts';
import { Durability, type DurableIntelligence } from './durability.ts';
import { FlushLoop } from './flush.ts';
import type { StateCodec } from './state-owner.ts';
import type { FlushRecord } from './views.ts';

export interface ShardOptions {
  readonly engine: Omit<EngineOptions, 'digest' | 'sinks' | 'isDurable'>;
  readonly start: EngineStart;
  readonly snapshotIntervalMs: number;
  readonly clock: Clock;
  readonly realTime: RealTime;
  readonly yieldTurn: () => Promise<void>;
  /** 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly digest: Digest;
  readonly codec: StateCodec;
  /** Name of this process, unique to its start. */
  readonly owner: string;
  readonly sinks: readonly AlertSink[];
  /** What a state holds of the indicators beside the windows. */
  readonly intelligence: DurableIntelligence;
  readonly deadLetters: () => DeadLetterStore | null;
  /** What the shard tells replicas that do not hold it, as of the moment of the call; absent where it tells nobody. */
  readonly summarize?: () => Promise<Uint8Array>;
  /** Told before each look for flushes that are due. */
  readonly onLook: () => void;
  /** Told once when another process owns the state. */
  readonly onLost: (reason: string) => void;
}

/** Where a shard keeps its state, the lease on it, and who is told of positions that are durable. */
export interface ShardPlace {
  readonly store: StateStore;
  readonly lease: Lease;
  readonly onCommitted: (positions: Positions) => void;
}

/** One engine with the loops that flush it, commit it and deliver its alerts. */
export class Shard {
  readonly engine: Engine;
  readonly flushes: FlushLoop;
  readonly deliveries: readonly Delivery[];
  readonly #options: ShardOptions;
  #durability: Durability | null = null;

  constructor(options: ShardOptions) {
    this.#options = options;
    const { digest, sinks, clock, realTime, log, onLook } = options;
    const sinkNames = sinks.map(({ name }) => name);
    this.engine = new Engine({ ...options.engine, digest, sinks: sinkNames, isDurable: true }, options.start);
    const onFlush = (record: FlushRecord): void => this.#onFlush(record);
    this.flushes = new FlushLoop({ engine: this.engine, clock, realTime, log, onLook, onFlush });
    this.deliveries = sinks.map((sink) => this.#delivery(sink));
  }

  /** Null before open(). */
  get durability(): Durability | null {
    return this.#durability;
  }

  /** Names the place of the state. */
  open(place: ShardPlace): void {
    this.#durability ??= this.#durabilityAt(place);
  }

  /** Becomes the owner of the state and restores it; false when the signal aborted first. After open(). */
  async activate(signal: AbortSignal): Promise<boolean> {
    return (await this.#durability?.activate(signal)) ?? false;
  }

  /** Commits and delivers until the signal aborts. */
  async runOutput(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#durability?.run(signal), ...this.deliveries.map((each) => each.run(signal))]);
  }

  /** Gives up commits that the store does not take within `graceMs` from now; for a shard that is let go. */
  giveUpAfter(graceMs: number): void {
    this.#durability?.giveUpAfter(graceMs);
  }

  /** Commits what there is and delivers what waits, at most for `graceMs`, when no loop runs any more. */
  async settle(graceMs: number): Promise<void> {
    const durability = this.#durability;
    await durability?.commitLast();
    if (durability?.standing === 'lost') return;
    await Promise.all(this.deliveries.map((delivery) => delivery.drain(graceMs)));
    await durability?.commitLast();
  }

  /** Lets another process own the state. */
  async release(): Promise<void> {
    await this.#durability?.release();
  }

  #durabilityAt({ store, lease, onCommitted }: ShardPlace): Durability {
    const { intelligence, metrics, onLost } = this.#options;
    return new Durability({
      ...this.#options,
      engine: this.engine,
      store,
      lease,
      intelligence,
      onCommitted: (positions, bytes) => {
        metrics.increment('tidewatch_commits_total', {});
        metrics.increment('tidewatch_commit_bytes_total', {}, bytes);
        onCommitted(positions);
      },
      onLost,
    });
  }

  #delivery(sink: AlertSink): Delivery {
    const { clock, realTime, random, log, metrics, deadLetters } = this.#options;
    const shared = { clock, realTime, random, log, deadLetters };
    return new Delivery({ ...fromEngine(this.engine), ...shared, sink, ...deliveryMetrics(metrics, clock) });
  }

  #onFlush(record: FlushRecord): void {
    const { metrics } = this.#options;
    metrics.increment('tidewatch_flushes_total', { complete: record.complete ? 'true' : 'false' });
    metrics.observe('tidewatch_flush_duration_seconds', {}, record.durationMs / 1000);
  }
}
