import type { Digest } from '../core/alert/alert-id.ts';
import type { EngineOptions } from '../core/engine-options.ts';
import { earlyMs } from '../core/early.ts';
import type { Engine } from '../core/engine.ts';
import type { AllowListSource } from '../core/intel/allow-list-source.ts';
import { IndicatorCatalogue } from '../core/intel/catalogue.ts';
import type {
  AlertSink,
  Clock,
  DeadLetterStore,
  EventSource,
  Lease,
  Log,
  RealTime,
  SourceError,
  StateStore,
} from '../core/ports.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { observeTally } from '../telemetry/observer.ts';
import { AllowListRefresh } from './allow-list-refresh.ts';
import { Ingest } from './ingest.ts';
import { engineTaker } from './message-taker.ts';
import { Refresh, type RefreshedFeed } from './refresh.ts';
import { Shard } from './shard.ts';
import type { StateCodec } from './state-owner.ts';
import { UnknownCategories } from './unknown-categories.ts';

/** How often storage that refused is tried again, in true milliseconds. */
const storageRetryMs = 2000;

export interface ServiceSettings {
  readonly engine: Omit<EngineOptions, 'digest' | 'sinks' | 'isDurable'>;
  readonly minConfidence: number;
  readonly refreshIntervalMs: number;
  readonly startTimeoutMs: number;
  readonly indicatorsMax: number;
  readonly maxClockSkewMs: number;
  readonly snapshotIntervalMs: number;
  /** Hubs that will be read, for flushes to wait for before their partitions are known. */
  readonly hubs: readonly string[];
}

/** What needs storage: opened together, since state and dead letters lie there. */
export interface Sources {
  readonly source: EventSource;
  readonly deadLetters: DeadLetterStore;
  readonly store: StateStore;
  readonly lease: Lease;
}

export interface ServiceOptions {
  readonly settings: ServiceSettings;
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
  readonly feeds: readonly RefreshedFeed[];
  readonly allowLists: readonly AllowListSource[];
  readonly sinks: readonly AlertSink[];
  /** Opens storage and what lies on it; tried again when it answers with an error. */
  readonly openSources: () => Promise<Sources | SourceError>;
}

/** The service: the engine and the loops around it, whatever stands behind the ports. */
export class Service {
  readonly shard: Shard;
  readonly catalogue: IndicatorCatalogue;
  readonly refresh: Refresh;
  readonly allowLists: AllowListRefresh;
  readonly unknownCategories = new UnknownCategories();
  readonly startedMs: number;
  readonly options: ServiceOptions;
  readonly #stopping = new AbortController();
  #sources: Sources | null = null;
  #ingest: Ingest | null = null;
  #storageError: SourceError | null = null;
  #readingSinceMs: number | null = null;
  readonly #loops: Promise<unknown>[] = [];
  #tellLost: (reason: string) => void = () => undefined;
  /** Resolves with the reason when this process is no longer the one that owns the state, and has to end. */
  readonly lost = new Promise<string>((resolve) => {
    this.#tellLost = resolve;
  });

  constructor(options: ServiceOptions) {
    this.options = options;
    const { settings, clock, metrics } = options;
    this.startedMs = clock.now();
    const { hopMs } = settings.engine;
    this.catalogue = new IndicatorCatalogue(settings.indicatorsMax);
    this.refresh = new Refresh({
      ...options,
      ...settings,
      catalogue: this.catalogue,
      excluded: settings.engine.observation.excluded,
      onFailure: (feed, code) => metrics.increment('tidewatch_feed_failures_total', { feed, code }),
    });
    this.shard = new Shard({
      ...options,
      ...settings,
      start: { firstBoundary: Math.floor(this.startedMs / hopMs) * hopMs + hopMs, warmUntil: this.startedMs },
      intelligence: this.refresh,
      deadLetters: () => this.deadLetters,
      onLook: () => this.#noteHistory(),
      onLost: (reason) => this.#onLost(reason),
    });
    void this.refresh.join(this.engine);
    this.engine.watermarks.expect(
      settings.hubs.map((hub) => `${hub}/*`),
      this.startedMs,
    );
    this.allowLists = new AllowListRefresh({ ...options, ...settings, index: this.refresh });
  }

  get engine(): Engine {
    return this.shard.engine;
  }

  get source(): EventSource | null {
    return this.#sources?.source ?? null;
  }

  get deadLetters(): DeadLetterStore | null {
    return this.#sources?.deadLetters ?? null;
  }

  get ingest(): Ingest | null {
    return this.#ingest;
  }

  /** Why storage cannot be opened; null when it is open or has not been tried. */
  get storageError(): SourceError | null {
    return this.#storageError;
  }

  /** When reading began; null before. */
  get readingSinceMs(): number | null {
    return this.#readingSinceMs;
  }

  /** Becomes active, starts every loop, and resolves when reading has begun or the service was told to stop. */
  async start(): Promise<void> {
    const { signal } = this.#stopping;
    const { settings, clock } = this.options;
    const sources = await this.#openSources(signal);
    if (sources === null) return;
    const { source, store, lease } = sources;
    this.shard.open({ store, lease, onCommitted: (positions) => source.checkpoint(positions) });
    // Before anything is restored: what a list drops must not match meanwhile.
    await this.allowLists.read();
    this.#loops.push(this.allowLists.run(signal));
    if (!(await this.shard.activate(signal))) return;
    const restored = this.engine.state.positions();
    this.#loops.push(this.refresh.run(signal), this.shard.runOutput(signal));
    await this.refresh.waitUntilReady(settings.startTimeoutMs, signal);
    if (signal.aborted) return;
    this.#ingest = this.#ingestInto(sources.deadLetters, signal);
    this.#readingSinceMs = clock.now();
    // No partition is to blame for the time before anyone asked it.
    this.engine.watermarks.forgive(Number.POSITIVE_INFINITY, clock.now());
    this.#loops.push(this.shard.flushes.run(signal));
    // What a window holds may have been enqueued before it happened.
    const readFromMs = Math.min(this.engine.boundary, clock.now()) - settings.engine.lookbackMs - earlyMs;
    await source.start(this.#ingest, restored, readFromMs);
  }

  /**
   * Stops taking, commits, delivers what waits, commits what was delivered, lets checkpoints follow, and lets go of
   * everything. What the graces do not suffice for is made up for by the next owner, so nothing is lost by their end.
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    this.shard.giveUpAfter(graceMs);
    await this.#sources?.source.stop(graceMs / 2);
    await Promise.all(this.#loops);
    await this.shard.settle(graceMs / 4);
    await this.#sources?.source.stop(graceMs / 4);
    await this.shard.release();
    await Promise.all(this.options.sinks.map((sink) => sink.close()));
  }

  #onLost(reason: string): void {
    this.options.log.error('No longer the owner of the state: ending', { reason });
    this.#stopping.abort();
    this.#tellLost(reason);
  }

  async #openSources(signal: AbortSignal): Promise<Sources | null> {
    const { openSources, log, realTime } = this.options;
    while (!signal.aborted) {
      const opened = await openSources();
      if ('source' in opened) {
        this.#storageError = null;
        this.#sources = opened;
        return opened;
      }
      if (opened.message !== this.#storageError?.message) log.error('Cannot open storage', { cause: opened.message });
      this.#storageError = opened;
      await realTime.delay(storageRetryMs, signal);
    }
    return null;
  }

  #ingestInto(deadLetters: DeadLetterStore, signal: AbortSignal): Ingest {
    const { settings, metrics } = this.options;
    return new Ingest({
      ...this.options,
      taker: engineTaker(this.engine),
      deadLetters,
      maxClockSkewMs: settings.maxClockSkewMs,
      signal,
      onTally: (tally, messages) => {
        observeTally(metrics, tally, messages);
        for (const category of tally.unknownCategories) this.unknownCategories.add(category);
      },
    });
  }

  /** Tells the engine since when the hubs held records, where that was less than the lookback when reading began. */
  #noteHistory(): void {
    const since = (this.source?.status() ?? []).map(({ seesSinceMs }) => seesSinceMs).filter((ms) => ms !== null);
    if (since.length > 0) this.engine.setSeesSince(Math.max(...since));
  }
}
