import { skippingSilenced } from '../../../src/core/alert/silenced-skip.ts';
import type { AlertSink } from '../../../src/core/ports.ts';
import type { EngineOptions } from '../../../src/core/engine-options.ts';
import { Random } from '../../../src/dev/traffic/random.ts';
import { Service } from '../../../src/pipeline/service.ts';
import { engineOptions, sha256 } from '../engine-builder.ts';
import { memoryCodec } from '../memory-codec.ts';
import { MemoryLease, type MemoryLeasePlace } from '../memory-lease.ts';
import { MemoryLog } from '../memory-log.ts';
import type { MemoryStateStore } from '../memory-state-store.ts';
import type { CommitBook } from './commit-book.ts';
import { CountingMetrics } from './counting-metrics.ts';
import { isInside, type FaultPlan } from './fault-plan.ts';
import type { MemoryDeadLetterStore } from './memory-dead-letter-store.ts';
import { MemoryEventSource } from './memory-event-source.ts';
import { MemoryFeed } from './memory-feed.ts';
import type { MemorySink } from './memory-sink.ts';
import { Mortality } from './mortality.ts';
import { Recorder, type Past } from './recorder.ts';
import { SilenceWishes, skippingName } from './silence-wishes.ts';
import type { SimulatedClock } from './simulated-clock.ts';
import { hubs, type World } from './world.ts';

const indicatorsMax = 200;

/** How fast a simulation goes, and what that makes of the times that are true ones. */
export interface Pace {
  /** How fast the clock of the world runs against true time. */
  readonly speed: number;
  readonly leaseMs: number;
  readonly snapshotIntervalMs: number;
  /** How long a process that is told to stop may take. */
  readonly graceMs: number;
  readonly startTimeoutMs: number;
}

/** What outlives every process. */
export interface Outside {
  readonly world: World;
  readonly faults: FaultPlan;
  readonly clock: SimulatedClock;
  readonly store: MemoryStateStore;
  readonly leases: MemoryLeasePlace;
  readonly sinks: readonly MemorySink[];
  readonly deadLetters: MemoryDeadLetterStore;
  readonly book: CommitBook;
  /** Documents that a sink was given and no valid state held. */
  readonly uncommitted: string[];
  /** Every instant at which validity begins or ends for something that a feed publishes. */
  readonly turns: readonly number[];
  readonly pace: Pace;
  readonly repeats: boolean;
  readonly bounds: Partial<EngineOptions['bounds']>;
  readonly seed: number;
}

/** One process: a service over ports that end with it. */
export class Life {
  readonly number: number;
  readonly service: Service;
  readonly recorder: Recorder;
  readonly feeds: readonly MemoryFeed[];
  readonly mortality = new Mortality();
  readonly metrics = new CountingMetrics();
  readonly log = new MemoryLog();
  readonly store: MemoryStateStore;
  readonly lease: MemoryLease;
  readonly silences: SilenceWishes;
  readonly #outside: Outside;
  /** The blob that was read last of those that hold cuts. */
  #lastCutRead = '';

  constructor(number: number, outside: Outside) {
    this.number = number;
    this.#outside = outside;
    const { world, faults, pace } = outside;
    const clock = this.mortality.portOf(outside.clock, ['now', 'nowMs']);
    const common = { faults, clock, startMs: world.startMs };
    this.feeds = world.intelligence.map(
      ({ source, publications }, index) =>
        new MemoryFeed({ ...common, source, publications, full: index % 2 === 1, indicatorsMax }),
    );
    this.store = this.#openStore(clock);
    this.lease = new MemoryLease(outside.leases, { identifier: this.name, durationMs: pace.leaseMs, realTime: clock });
    this.lease.latency = () => this.mortality.through(Promise.resolve());
    this.lease.unreachable = isInside(faults.leaseFailures, clock.worldMs - world.startMs);
    this.service = this.#serviceOn(clock);
    this.recorder = new Recorder({
      engine: this.service.engine,
      past: () => this.#past(),
      held: () => this.feeds.flatMap(({ held }) => held),
      turns: outside.turns,
      trueMs: () => clock.worldMs,
    });
    this.silences = new SilenceWishes(this.service, this.log, clock, () => this.mortality.isDead);
    this.#followFeeds();
  }

  get name(): string {
    return `simulation-${this.number}`;
  }

  get isActive(): boolean {
    return this.service.shard.durability?.standing === 'active';
  }

  #serviceOn(clock: SimulatedClock): Service {
    const { world, faults, pace, repeats, bounds, seed } = this.#outside;
    const setting = { ...world.options, repeats, bounds };
    const jitter = new Random(`jitter ${this.number} ${seed}`);
    const { mortality, lease } = this;
    const source = new MemoryEventSource({
      faults,
      clock,
      startMs: world.startMs,
      logs: world.logs,
      random: new Random(`source ${this.number} ${seed}`),
    });
    const sources = {
      source: mortality.portOf(source, ['checkpoint', 'status', 'errors']),
      deadLetters: mortality.portOf(this.#outside.deadLetters, ['dropped']),
      store: mortality.portOf(this.store),
      lease,
    };
    return new Service({
      settings: {
        engine: { ...engineOptions(setting), recentAlertsMax: Number.POSITIVE_INFINITY },
        minConfidence: world.options.minConfidence,
        refreshIntervalMs: 15 * 60_000,
        startTimeoutMs: pace.startTimeoutMs,
        indicatorsMax,
        maxClockSkewMs: 30_000,
        snapshotIntervalMs: pace.snapshotIntervalMs,
        hubs,
      },
      clock,
      realTime: clock,
      random: () => jitter.fraction(),
      yieldTurn: () => (faults.turnMs > 0 ? clock.pass(faults.turnMs) : mortality.through(Promise.resolve())),
      log: this.log,
      metrics: this.metrics,
      digest: sha256,
      codec: memoryCodec,
      owner: this.name,
      feeds: this.feeds.map((feed) => ({ feed: mortality.portOf(feed), settings: feed.source })),
      allowLists: [],
      sinks: this.#outside.sinks.map((sink) => mortality.portOf(this.#witnessed(sink), ['encode'])),
      openSources: () => Promise.resolve(sources),
    });
  }

  /** This process's view of the store, with the faults of the plan, told of in the book. */
  #openStore(clock: SimulatedClock): MemoryStateStore {
    const { faults, book, world, seed } = this.#outside;
    const store = this.#outside.store.open();
    const random = new Random(`store ${this.number} ${seed}`);
    const { mortality } = this;
    store.onCrash = () => mortality.kill();
    store.before = async ({ method, name }) => {
      if (isCut(name) && method === 'get') this.#lastCutRead = name;
      if (isCut(name) && method === 'put') {
        const { steps, cutAt, begunMs } = this.recorder;
        book.noteCut(name, { steps, length: cutAt, begunMs });
      }
      if (faults.storeMs > 0) await clock.pass(random.between(0, faults.storeMs));
    };
    store.after = ({ method }) => {
      if (method === 'writeHead') book.noteHead(this.number, clock.worldMs);
      return Promise.resolve();
    };
    store.faultOf = ({ method }) => {
      const sinceMs = clock.worldMs - world.startMs;
      const failure = faults.storeFailures.find((span) => isInside([span], sinceMs));
      if (failure === undefined || !random.chance(failure.share)) return null;
      if (failure.code === 'full' && method !== 'put' && method !== 'writeHead') return null;
      return { code: failure.code, applied: failure.applied };
    };
    return store;
  }

  /** A sink that holds what it is given against what was ever committed. */
  #witnessed(sink: MemorySink): AlertSink {
    const { book, uncommitted } = this.#outside;
    const witnessed: AlertSink = {
      name: sink.name,
      limits: sink.limits,
      encode: sink.encode,
      deliver: async (documents) => {
        uncommitted.push(...(await book.uncommitted(documents.map(({ text }) => text))));
        if (!this.mortality.isDead) await sink.deliver(documents);
      },
      close: () => sink.close(),
    };
    return sink.name === skippingName ? skippingSilenced(witnessed) : witnessed;
  }

  #past(): Past {
    return this.#outside.book.pastOf(this.#lastCutRead);
  }

  /** What the feeds hold for this process begins with the sets that it restores, and grows with what it takes. */
  #followFeeds(): void {
    const { refresh, catalogue } = this.service;
    const make = catalogue.make.bind(catalogue);
    catalogue.make = (change) => {
      const applied = make(change);
      if (applied.applied) this.feeds.find(({ name }) => name === change.feed.settings.name)?.took();
      return applied;
    };
    const restore = refresh.restore.bind(refresh);
    refresh.restore = (stored, ordinal) => {
      for (const feed of this.feeds) feed.recall(stored.find(({ name }) => name === feed.name)?.cursor ?? null);
      return restore(stored, ordinal);
    };
  }
}

function isCut(blob: string): boolean {
  return blob.endsWith('-base') || blob.endsWith('-delta');
}
