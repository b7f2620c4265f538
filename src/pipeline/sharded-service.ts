import { CorrelationError, type CorrelationHub, type CorrelationSender } from '../core/correlation-sender.ts';
import type { SilenceFileSource } from '../core/alert/silence-file.ts';
import { earlyMs } from '../core/early.ts';
import { IndicatorCatalogue } from '../core/intel/catalogue.ts';
import type { DeadLetterStore, Lease, Origin, PartitionStatus, SourceError, StateStore } from '../core/ports.ts';
import { Router } from '../core/route/router.ts';
import type { SharedEventSource } from '../core/shared-event-source.ts';
import { observeTally } from '../telemetry/observer.ts';
import { AllowListRefresh } from './allow-list-refresh.ts';
import { Correlator } from './correlator.ts';
import { FeedShare } from './feed-share.ts';
import { HeldShard } from './held-shard.ts';
import { Ingest } from './ingest.ts';
import { routerTaker } from './message-taker.ts';
import { Refresh } from './refresh.ts';
import { Routing } from './routing.ts';
import type { ServiceOptions } from './service.ts';
import { shardSettings } from './shard-settings.ts';
import type { ShardPlace } from './shard.ts';
import { bindTopology, isFinal } from './topology.ts';
import { UnknownCategories } from './unknown-categories.ts';

/** How often what failed is tried again, in true milliseconds. */
const retryMs = 2000;

/** Which halves a replica runs. */
export type Role = 'both' | 'router' | 'correlator';

/** What needs storage and the correlation hub, opened together. */
export interface SharedSources {
  /** The source hubs, shared with other replicas. */
  readonly source: SharedEventSource;
  /** The correlation hub, shared with other replicas. */
  readonly correlation: SharedEventSource;
  readonly sender: CorrelationSender;
  readonly deadLetters: DeadLetterStore;
  /** What belongs to all shards together. */
  readonly common: StateStore;
  /** Where the feeds are shared, and the lease of the replica that polls them; a router alone uses neither. */
  readonly feeds: { readonly store: StateStore; readonly lease: Lease };
  readonly shardState: (partition: string) => { readonly store: StateStore; readonly lease: Lease };
}

export interface ShardedOptions extends Omit<ServiceOptions, 'openSources'> {
  readonly role: Role;
  readonly silenceFile: SilenceFileSource | null;
  readonly openSources: () => Promise<SharedSources | SourceError>;
  readonly routing: {
    readonly eventBytes: number;
    readonly lingerMs: number;
    readonly heartbeatMs: number;
    readonly pendingBytesMax: number;
  };
}

/** A replica of the sharded topology: a router half, a correlator half, and what both need once. */
export class ShardedService {
  readonly options: ShardedOptions;
  readonly catalogue: IndicatorCatalogue;
  readonly refresh: Refresh;
  readonly allowLists: AllowListRefresh;
  readonly unknownCategories = new UnknownCategories();
  readonly startedMs: number;
  readonly #stopping = new AbortController();
  readonly #loops: Promise<unknown>[] = [];
  #sources: SharedSources | null = null;
  #hub: CorrelationHub | null = null;
  #ingest: Ingest | null = null;
  #routing: Routing | null = null;
  #correlator: Correlator | null = null;
  #feedShare: FeedShare | null = null;
  #startError: SourceError | null = null;
  #readingSinceMs: number | null = null;
  /** Never resolves: a replica that loses a shard goes on with the others. */
  readonly lost = new Promise<string>(() => undefined);

  constructor(options: ShardedOptions) {
    this.options = options;
    const { settings, clock, metrics } = options;
    this.startedMs = clock.now();
    this.catalogue = new IndicatorCatalogue(settings.indicatorsMax);
    this.refresh = new Refresh({
      ...options,
      ...settings,
      catalogue: this.catalogue,
      excluded: settings.engine.observation.excluded,
      onFailure: (feed, code) => metrics.increment('tidewatch_feed_failures_total', { feed, code }),
      commitVersion: (version) => this.#feedShare?.commit(version) ?? Promise.resolve(false),
    });
    this.allowLists = new AllowListRefresh({ ...options, ...settings, index: this.refresh });
  }

  get sources(): SharedSources | null {
    return this.#sources;
  }

  get ingest(): Ingest | null {
    return this.#ingest;
  }

  /** Null before it runs, and in a correlator alone. */
  get routing(): Routing | null {
    return this.#routing;
  }

  /** Null before it runs, and in a router alone. */
  get correlator(): Correlator | null {
    return this.#correlator;
  }

  /** Null before it runs, and in a router alone. */
  get feedShare(): FeedShare | null {
    return this.#feedShare;
  }

  /** Null before the correlation hub was read. */
  get correlationHub(): CorrelationHub | null {
    return this.#hub;
  }

  /** Why it cannot start; null when it has, or has not tried. */
  get startError(): SourceError | null {
    return this.#startError;
  }

  /** When reading began; null before. */
  get readingSinceMs(): number | null {
    return this.#readingSinceMs;
  }

  /** Starts its halves, and resolves when reading has begun or the service was told to stop. */
  async start(): Promise<void> {
    const { signal } = this.#stopping;
    const { settings, clock, role } = this.options;
    const sources = await this.#openSources(signal);
    const hub = sources === null ? null : await this.#insistOnHub(sources, signal);
    if (sources === null || hub === null) return;
    if (role !== 'router') {
      await this.allowLists.read();
      this.#feedShare = new FeedShare({ ...this.options, ...sources.feeds, refresh: this.refresh });
      this.#loops.push(this.allowLists.run(signal), this.#feedShare.run(signal));
      await this.refresh.waitUntilReady(settings.startTimeoutMs, signal);
    }
    if (signal.aborted) return;
    this.#readingSinceMs = clock.now();
    // What a window holds may have been enqueued before it happened.
    const readFromMs = clock.now() - settings.engine.lookbackMs - settings.engine.hopMs - earlyMs;
    if (this.#feedShare !== null) {
      this.#correlator = this.#correlatorOf(sources, hub, this.#feedShare);
      await sources.correlation.start(this.#correlator, readFromMs);
    }
    if (role !== 'correlator') {
      this.#routing = this.#routingOf(sources, hub, signal);
      this.#loops.push(this.#routing.run(signal));
      await sources.source.start(this.#routing, readFromMs);
    }
  }

  /**
   * Stops reading, sends what waits, lets go of every shard with its last commit, and leaves the partitions to others.
   * What the grace does not suffice for is made up for by whoever takes over.
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    const { source, correlation, sender } = this.#sources ?? {};
    await Promise.all([this.#stopRouting(graceMs), correlation?.stop(graceMs / 2)]);
    await Promise.all([this.#correlator?.settled(), ...this.#loops]);
    await Promise.all([source?.stop(graceMs / 4), correlation?.stop(graceMs / 4)]);
    await sender?.close();
    await Promise.all(this.options.sinks.map((sink) => sink.close()));
  }

  async #stopRouting(graceMs: number): Promise<void> {
    await this.#sources?.source.stop(graceMs / 2);
    await this.#routing?.drain(graceMs / 4);
  }

  async #openSources(signal: AbortSignal): Promise<SharedSources | null> {
    const { openSources, realTime } = this.options;
    while (!signal.aborted) {
      const opened = await openSources();
      if ('source' in opened) {
        this.#sources = opened;
        this.#startError = null;
        return opened;
      }
      this.#cannotStart(opened);
      await realTime.delay(retryMs, signal);
    }
    return null;
  }

  /** Reads the correlation hub and binds the state to it, as often as it takes. */
  async #insistOnHub({ sender, common }: SharedSources, signal: AbortSignal): Promise<CorrelationHub | null> {
    const { realTime, clock } = this.options;
    while (!signal.aborted) {
      try {
        const hub = await sender.read(signal);
        await bindTopology(common, hub);
        this.#hub = hub;
        this.#startError = null;
        return hub;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        this.#cannotStart({ code: codeOf(error), message, at: clock.now() });
        await realTime.delay(retryMs, signal);
      }
    }
    return null;
  }

  #cannotStart(error: SourceError): void {
    if (error.message !== this.#startError?.message)
      this.options.log.error('Cannot start', { code: error.code, cause: error.message });
    this.#startError = error;
  }

  #routingOf(sources: SharedSources, hub: CorrelationHub, signal: AbortSignal): Routing {
    const { settings, metrics, routing, realTime } = this.options;
    const router = new Router({
      ...routing,
      partitions: hub.partitions.length,
      observation: settings.engine.observation,
      aheadMaxMs: settings.engine.hopMs,
      maxWaitMs: settings.engine.flushMaxWaitMs,
    });
    const ingest = new Ingest({
      ...this.options,
      taker: routerTaker(router, realTime),
      deadLetters: sources.deadLetters,
      maxClockSkewMs: settings.maxClockSkewMs,
      signal,
      onTally: (tally, messages) => {
        observeTally(metrics, tally, messages);
        for (const category of tally.unknownCategories) this.unknownCategories.add(category);
      },
    });
    this.#ingest = ingest;
    return new Routing({
      ...this.options,
      ...sources,
      router,
      ingest,
      partitions: hub.partitions,
      onSent: (bytes) => {
        metrics.increment('tidewatch_routed_events_total', {});
        metrics.increment('tidewatch_routed_bytes_total', {}, bytes);
      },
      onFailed: ({ code }) => metrics.increment('tidewatch_routed_failures_total', { code }),
    });
  }

  #correlatorOf(sources: SharedSources, hub: CorrelationHub, feeds: FeedShare): Correlator {
    const { log } = this.options;
    const { correlation, shardState } = sources;
    const placeOf = ({ partition }: Origin): ShardPlace => ({
      ...shardState(partition),
      onCommitted: (positions) => correlation.checkpoint(positions),
    });
    const shardOf = (origin: Origin): HeldShard => this.#shardOf(origin, sources, hub, feeds);
    return new Correlator({ shardOf, placeOf, log, letGoMs: retryMs });
  }

  #shardOf(origin: Origin, sources: SharedSources, hub: CorrelationHub, feeds: FeedShare): HeldShard {
    const { correlation, deadLetters } = sources;
    const { settings, metrics, log } = this.options;
    const statusOf = ({ partition }: Origin): PartitionStatus | undefined =>
      correlation.status().find((status) => status.origin.partition === partition);
    return new HeldShard(origin, hub.partitions.length, {
      ...this.options,
      ...shardSettings(settings, hub.partitions.length),
      refresh: this.refresh,
      reached: (ordinal, until) => feeds.reached(ordinal, until),
      deadLetters: () => deadLetters,
      deadLetterStore: deadLetters,
      onTally: (tally) => observeTally(metrics, tally, []),
      onFenced: (fenced, reason) => {
        log.warn('No longer the owner of a shard: letting it go', { partition: fenced.partition, reason });
        correlation.release(fenced);
      },
      seesSinceMs: (held) => statusOf(held)?.seesSinceMs ?? null,
      lagEvents: (held) => statusOf(held)?.lagEvents ?? null,
    });
  }
}

function codeOf(error: unknown): SourceError['code'] {
  if (isFinal(error)) return 'correlation_changed';
  if (!(error instanceof CorrelationError)) return 'storage_unavailable';
  if (error.code === 'unauthorized') return 'unauthorized';
  return error.code === 'not_found' ? 'hub_not_found' : 'unreachable';
}
