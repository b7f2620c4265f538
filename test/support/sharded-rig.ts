import { Random } from '../../src/dev/traffic/random.ts';
import type { StixObject } from '../../src/core/intel/stix-object.ts';
import type { AzureRecord } from '../../src/core/record.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import type { IndicatorFeed } from '../../src/core/ports.ts';
import { ShardedService, type Role, type SharedSources } from '../../src/pipeline/sharded-service.ts';
import { updateOf } from './feed-updates.ts';
import { engineOptions, sha256, usualSetting, type EngineSetting } from './engine-builder.ts';
import { memoryCodec } from './memory-codec.ts';
import { MemoryCorrelationSender } from './memory-correlation-sender.ts';
import { MemoryHub } from './memory-hub.ts';
import { MemoryLease, MemoryLeasePlace } from './memory-lease.ts';
import { MemoryLog } from './memory-log.ts';
import { MemorySharedSource } from './memory-shared-source.ts';
import { MemoryStateStore } from './memory-state-store.ts';
import { CountingMetrics } from './simulation/counting-metrics.ts';
import { MemoryDeadLetterStore } from './simulation/memory-dead-letter-store.ts';
import { MemorySink } from './simulation/memory-sink.ts';
import { recordBody } from './simulation/record-body.ts';
import { SimulatedClock } from './simulation/simulated-clock.ts';

export interface ShardedRigOptions {
  readonly startMs: number;
  /** Of the source hub and of the correlation hub. Default 2 and 4. */
  readonly sourcePartitions?: number;
  readonly shards?: number;
  /** What the one feed holds. */
  readonly indicators?: readonly StixObject[];
  readonly setting?: Partial<EngineSetting>;
  readonly snapshotIntervalMs?: number;
  readonly seed?: string;
}

/** Ownership outlives its last renewal by this long, and is renewed and claimed this often. */
const expiryMs = 15_000;
const cycleMs = 1000;

const leaseMs = 15_000;

/** A replica in this process, and the ports that end with it. */
export interface RigReplica {
  readonly name: string;
  readonly service: ShardedService;
  readonly metrics: CountingMetrics;
  readonly log: MemoryLog;
  readonly sink: MemorySink;
  readonly sender: MemoryCorrelationSender;
  readonly source: MemorySharedSource;
  readonly correlation: MemorySharedSource;
  /** This replica's view of the state of a shard. */
  readonly storeOf: (partition: string) => MemoryStateStore;
  /** Stops its leases, sources and sends, as SIGSTOP or, without a resume(), SIGKILL does. */
  readonly suspend: () => void;
  readonly resume: () => void;
}

interface ShardPorts {
  readonly store: MemoryStateStore;
  readonly lease: MemoryLease;
}

/** Hubs, storage and a feed in memory, on which replicas of the sharded topology run in one process. */
export class ShardedRig {
  readonly clock: SimulatedClock;
  readonly hub: MemoryHub;
  readonly correlationHub: MemoryHub;
  readonly deadLetters = new MemoryDeadLetterStore(() => false);
  readonly replicas: RigReplica[] = [];
  readonly #options: ShardedRigOptions;
  readonly #common = new MemoryStateStore();
  readonly #stores = new Map<string, MemoryStateStore>();
  readonly #leases = new Map<string, MemoryLeasePlace>();

  constructor(options: ShardedRigOptions) {
    this.#options = options;
    const { startMs, sourcePartitions = 2, shards = 4 } = options;
    const clock = new SimulatedClock({ startMs });
    this.clock = clock;
    this.hub = new MemoryHub({ hub: 'insights-activity-logs', partitions: sourcePartitions, clock });
    this.correlationHub = new MemoryHub({ hub: 'tidewatch-correlation', partitions: shards, clock });
  }

  /** The state of a shard, past every view of it. */
  placeOf(partition: string): MemoryStateStore {
    const store = this.#stores.get(partition) ?? new MemoryStateStore();
    this.#stores.set(partition, store);
    return store;
  }

  /** A replica that has not started; start() it, and do not wait for that without passing time. */
  open(name: string, role: Role = 'both'): RigReplica {
    const { clock } = this;
    const log = new MemoryLog();
    const metrics = new CountingMetrics();
    const random = new Random(`${name} ${this.#options.seed ?? ''}`);
    const sink = new MemorySink('test', clock, random);
    const sender = new MemoryCorrelationSender(this.correlationHub);
    const source = this.#sourceOf(this.hub, name);
    const correlation = this.#sourceOf(this.correlationHub, name);
    const ports = new Map<string, ShardPorts>();
    const shardState = (partition: string): ShardPorts => {
      const known = ports.get(partition) ?? this.#shardPorts(partition, name);
      ports.set(partition, known);
      return known;
    };
    const feeds = shardState('feeds');
    const shared = { deadLetters: this.deadLetters, common: this.#common, feeds };
    const sources = { source, correlation, sender, shardState, ...shared };
    const service = this.#serviceOn(sources, { name, role, log, metrics, sink, random });
    const stoppable = [source, correlation, sender];
    const replica = {
      ...{ name, service, metrics, log, sink, sender, source, correlation },
      storeOf: (partition: string) => shardState(partition).store,
      suspend: () => {
        for (const each of [...stoppable, ...[...ports.values()].map(({ lease }) => lease)]) each.suspend();
      },
      resume: () => {
        for (const each of [...stoppable, ...[...ports.values()].map(({ lease }) => lease)]) each.resume();
      },
    };
    this.replicas.push(replica);
    return replica;
  }

  /** Opens a replica and passes time until it reads. */
  async start(name: string, role: Role = 'both'): Promise<RigReplica> {
    const replica = this.open(name, role);
    const started = replica.service.start();
    await this.until(() => replica.service.readingSinceMs !== null, `${name} reads`);
    await started;
    return replica;
  }

  async stop(replica: RigReplica): Promise<void> {
    await this.during(replica.service.stop(10_000));
  }

  /** Puts records on a partition of the source hub, as one message. */
  append(records: readonly AzureRecord[], partition = '0'): void {
    const body = JSON.stringify({ records: records.map(recordBody) });
    this.hub.append(partition, new TextEncoder().encode(body));
  }

  /** Passes time until something holds. */
  async until(holds: () => boolean, what: string, stepMs = 200): Promise<void> {
    for (let step = 0; !holds(); step += 1) {
      if (step >= 5000) throw new Error(`Cannot wait on as after ${step * stepMs} ms it is not so: ${what}`);
      await this.clock.advance(stepMs);
    }
  }

  /** Passes time until work is done. */
  async during<Result>(work: Promise<Result>): Promise<Result> {
    let done = false;
    const settled = work.finally(() => {
      done = true;
    });
    // The rejection is told by the second wait.
    settled.catch(() => undefined);
    await this.until(() => done, 'the work is done');
    return settled;
  }

  /** Passes time until replicas hold every shard among them, each at least one. */
  async shared(replicas: readonly RigReplica[]): Promise<void> {
    await this.until(
      () => {
        const held = replicas.map((replica) => heldBy(replica));
        return (
          held.every((shards) => shards.length > 0) &&
          new Set(held.flat()).size === this.correlationHub.partitions.length
        );
      },
      `${replicas.map(({ name }) => name).join(', ')} hold every shard`,
    );
  }

  #sourceOf(hub: MemoryHub, identifier: string): MemorySharedSource {
    const { clock } = this;
    const random = new Random(`${identifier} ${hub.hub} ${this.#options.seed ?? ''}`);
    const pace = { expiryMs, cycleMs, lookMs: 500, batchMax: 50, releaseMs: 5000, redelivery: 0 };
    return new MemorySharedSource({ hubs: [hub], identifier, clock, time: clock, random, ...pace });
  }

  #shardPorts(partition: string, identifier: string): ShardPorts {
    const place = this.#leases.get(partition) ?? new MemoryLeasePlace(this.clock);
    this.#leases.set(partition, place);
    const lease = new MemoryLease(place, { identifier, durationMs: leaseMs, realTime: this.clock });
    return { store: this.placeOf(partition).open(), lease };
  }

  #feed(): IndicatorFeed {
    const { indicators = [] } = this.#options;
    return {
      name: 'feed',
      poll: () => Promise.resolve(updateOf({ objects: indicators, cursor: null, full: true })),
    };
  }

  #serviceOn(
    sources: SharedSources,
    {
      name,
      role,
      random,
      sink,
      ...kept
    }: Pick<RigReplica, 'name' | 'log' | 'metrics' | 'sink'> & { readonly role: Role; readonly random: Random },
  ): ShardedService {
    const { clock } = this;
    const { setting = {}, snapshotIntervalMs = 60_000 } = this.#options;
    const source = { name: 'feed', defaultConfidence: null, tlp: '', maxAgeMs: 365 * 24 * HOUR_MS, useDstRef: false };
    return new ShardedService({
      ...kept,
      role,
      silenceFile: null,
      settings: {
        engine: { ...engineOptions({ ...usualSetting, ...setting }), recentAlertsMax: 100 },
        minConfidence: usualSetting.minConfidence,
        refreshIntervalMs: 15 * 60_000,
        startTimeoutMs: 60_000,
        indicatorsMax: 10_000,
        maxClockSkewMs: 30_000,
        snapshotIntervalMs,
        hubs: [`${this.hub.namespace}/${this.hub.hub}`],
      },
      routing: { eventBytes: 64 * 1024, lingerMs: 200, heartbeatMs: 1000, pendingBytesMax: 16 * 1024 ** 2 },
      clock,
      realTime: clock,
      yieldTurn: () => Promise.resolve(),
      random: () => random.fraction(),
      digest: sha256,
      codec: memoryCodec,
      owner: name,
      feeds: [{ feed: this.#feed(), settings: { ...source, tlp: '' as const } }],
      allowLists: [],
      sinks: [sink],
      openSources: () => Promise.resolve(sources),
    });
  }
}

/** The shards that a replica holds and has restored. */
export function heldBy({ service }: RigReplica): string[] {
  const active = service.correlator?.shards.filter(({ shard }) => shard.durability?.standing === 'active') ?? [];
  return active.map(({ origin }) => origin.partition);
}
