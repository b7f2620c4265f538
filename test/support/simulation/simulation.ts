import { decodeMessage } from '../../../src/core/decode/message.ts';
import type { EngineOptions } from '../../../src/core/engine-options.ts';
import { originKey } from '../../../src/core/ports.ts';
import type { ReceivedRecord } from '../../../src/core/record.ts';
import { HOUR_MS } from '../../../src/core/time.ts';
import { Random } from '../../../src/dev/traffic/random.ts';
import { Service } from '../../../src/pipeline/service.ts';
import { engineOptions, sha256 } from '../engine-builder.ts';
import { memoryCodec } from '../memory-codec.ts';
import { MemoryLease, MemoryLeasePlace } from '../memory-lease.ts';
import { MemoryLog } from '../memory-log.ts';
import { MemoryStateStore } from '../memory-state-store.ts';
import { CountingMetrics } from './counting-metrics.ts';
import { isInside, noFaults, type FaultPlan } from './fault-plan.ts';
import { MemoryDeadLetterStore } from './memory-dead-letter-store.ts';
import { MemoryEventSource } from './memory-event-source.ts';
import { MemoryFeed } from './memory-feed.ts';
import { MemorySink, refusals } from './memory-sink.ts';
import { Recorder } from './recorder.ts';
import { SimulatedClock } from './simulated-clock.ts';
import { hubs, type World } from './world.ts';

export interface SimulationOptions {
  readonly faults?: Partial<FaultPlan>;
  /** Whether every flush emits every row. */
  readonly repeats: boolean;
  readonly seed?: number;
  readonly bounds?: Partial<EngineOptions['bounds']>;
}

const indicatorsMax = 200;

/** A minute of the world is 300 ms of true time, so that loops look every 10 to 20 seconds. */
const speed = 200;

/** The whole service in a world, under a clock that the test moves, with everything it does written down. */
export class Simulation {
  readonly world: World;
  readonly faults: FaultPlan;
  readonly clock: SimulatedClock;
  readonly service: Service;
  readonly recorder: Recorder;
  readonly feeds: readonly MemoryFeed[];
  readonly sinks: readonly MemorySink[];
  readonly deadLetters: MemoryDeadLetterStore;
  readonly metrics = new CountingMetrics();
  readonly log = new MemoryLog();

  constructor(world: World, options: SimulationOptions) {
    const { startMs } = world;
    const faults = { ...noFaults, ...options.faults };
    const clock = new SimulatedClock({ startMs, speed });
    const random = (name: string): Random => new Random(`${name} ${options.seed ?? 0}`);
    const common = { faults, clock, startMs };
    this.world = world;
    this.faults = faults;
    this.clock = clock;
    this.feeds = world.intelligence.map(
      ({ source, publications }, number) =>
        new MemoryFeed({ ...common, source, publications, full: number % 2 === 1, indicatorsMax }),
    );
    this.sinks = [
      new MemorySink('steady', () => false, random('steady')),
      new MemorySink('flaky', refusals(faults, clock, world, random('refusals')), random('flaky')),
    ];
    this.deadLetters = new MemoryDeadLetterStore(() => isInside(faults.deadLetterFailures, clock.worldMs - startMs));
    const source = new MemoryEventSource({ ...common, logs: world.logs, random: random('source') });
    const store = new MemoryStateStore();
    const lease = new MemoryLease(new MemoryLeasePlace(clock), {
      identifier: 'simulation',
      durationMs: 15_000,
      realTime: clock,
    });
    const setting = { ...world.options, repeats: options.repeats, bounds: options.bounds ?? {} };
    this.service = new Service({
      settings: {
        engine: { ...engineOptions(setting), recentAlertsMax: Number.POSITIVE_INFINITY },
        minConfidence: world.options.minConfidence,
        refreshIntervalMs: 15 * 60_000,
        startTimeoutMs: 3000,
        indicatorsMax,
        maxClockSkewMs: 30_000,
        snapshotIntervalMs: 5 * 60_000,
        hubs,
      },
      clock,
      realTime: clock,
      yieldTurn: () => (faults.turnMs > 0 ? clock.pass(faults.turnMs) : Promise.resolve()),
      log: this.log,
      metrics: this.metrics,
      digest: sha256,
      codec: memoryCodec,
      owner: 'simulation',
      feeds: this.feeds.map((feed) => ({ feed, settings: feed.source })),
      sinks: this.sinks,
      openSources: () => Promise.resolve({ source, deadLetters: this.deadLetters, store, lease }),
    });
    this.recorder = new Recorder({
      engine: this.service.engine,
      held: () => this.feeds.flatMap(({ held }) => held),
      trueMs: () => clock.worldMs,
    });
  }

  /** Lives the whole world through, takes an hour more for what is left to be done, and stops. */
  async run(): Promise<void> {
    const { startMs, endMs } = this.world;
    const started = this.service.start();
    const { clock } = this;
    const moments = [
      ...this.faults.clockSteps.map(({ atMs, byMs }) => ({ atMs, happen: () => clock.step(byMs) })),
      ...this.faults.standstills.map(({ fromMs, toMs }) => ({
        atMs: fromMs,
        happen: () => clock.standStill(Math.max(0, startMs + toMs - clock.worldMs)),
      })),
    ];
    for (const { atMs, happen } of moments.sort((a, b) => a.atMs - b.atMs)) {
      await clock.advance(startMs + atMs - clock.worldMs);
      happen();
    }
    await this.clock.advance(endMs + HOUR_MS - this.clock.worldMs);
    const stopped = this.service.stop(HOUR_MS);
    await this.clock.advance(HOUR_MS);
    await Promise.all([started, stopped]);
  }

  /** Every wanted record of the logs. */
  get received(): readonly ReceivedRecord[] {
    return this.world.logs.flatMap(({ origin, events }) =>
      events.flatMap(({ body, enqueuedMs, sequenceNumber }) =>
        decodeMessage(body).records.map((record) => ({
          record,
          enqueuedMs,
          place: `${originKey(origin)}/${sequenceNumber}/${record.index}`,
        })),
      ),
    );
  }

  /** The last boundary at which everything that the flush waits for had passed when the world ended. */
  get lastDueBoundary(): number {
    const { endMs, options } = this.world;
    return Math.floor((endMs - options.flushDelayMs) / HOUR_MS) * HOUR_MS;
  }
}

export async function simulate(world: World, options: SimulationOptions): Promise<Simulation> {
  const simulation = new Simulation(world, options);
  await simulation.run();
  return simulation;
}
