import { decodeMessage } from '../../../src/core/decode/message.ts';
import type { EngineOptions } from '../../../src/core/engine-options.ts';
import { originKey } from '../../../src/core/ports.ts';
import type { ReceivedRecord } from '../../../src/core/record.ts';
import { HOUR_MS } from '../../../src/core/time.ts';
import { Random } from '../../../src/dev/traffic/random.ts';
import type { Service } from '../../../src/pipeline/service.ts';
import type { SilenceItem } from '../../../src/pipeline/silence-views.ts';
import { MemoryLeasePlace } from '../memory-lease.ts';
import type { MemoryLog } from '../memory-log.ts';
import { MemoryStateStore } from '../memory-state-store.ts';
import { CommitBook } from './commit-book.ts';
import type { CountingMetrics } from './counting-metrics.ts';
import { damageState } from './damage.ts';
import { isInside, noFaults, type Damage, type FaultPlan } from './fault-plan.ts';
import { Life, type Outside, type Pace } from './life.ts';
import { MemoryDeadLetterStore } from './memory-dead-letter-store.ts';
import { MemorySink, refusals } from './memory-sink.ts';
import type { Recorder } from './recorder.ts';
import { skippingName, type SilenceWish } from './silence-wishes.ts';
import { SimulatedClock } from './simulated-clock.ts';
import type { World } from './world.ts';

export interface SimulationOptions {
  readonly faults?: Partial<FaultPlan>;
  /** Whether every flush emits every row. */
  readonly repeats: boolean;
  readonly seed?: number;
  readonly bounds?: Partial<EngineOptions['bounds']>;
  readonly pace?: Pace;
  /** What is asked of the process that runs; with any there is a third sink, which skips what is silenced. */
  readonly silences?: readonly SilenceWish[];
}

/**
 * A minute of the world is 300 ms of true time, so that loops look every 10 to 20 seconds; a lease lasts five minutes of
 * the world, and ten pass between snapshots.
 */
const usualPace: Pace = {
  speed: 200,
  leaseMs: 1500,
  snapshotIntervalMs: 3000,
  graceMs: 1500,
  startTimeoutMs: 3000,
};

/** How long the supervisor takes to start another process after one that ended by itself. */
const restartMs = 10_000;

interface Moment {
  readonly atMs: number;
  readonly happen: () => void;
}

/**
 * The whole service in a world, under a clock that the test moves, with everything it does written down. It lives in one
 * process after the other: a supervisor starts the next when one ends.
 */
export class Simulation {
  readonly world: World;
  readonly faults: FaultPlan;
  readonly clock: SimulatedClock;
  readonly sinks: readonly MemorySink[];
  readonly deadLetters: MemoryDeadLetterStore;
  /** Every process there was, in the order in which they were started. */
  readonly lives: Life[] = [];
  readonly book: CommitBook;
  /** Documents that a sink was given and no valid state held. */
  readonly uncommitted: string[] = [];
  /** Silences that a process said it had taken, and ids of those that one said it had ended. */
  readonly silenced: SilenceItem[] = [];
  readonly #wishes: readonly SilenceWish[];
  readonly #outside: Outside;
  /** Processes that have not ended, those that are stopped among them, with what is pending in each. */
  readonly #living = new Map<Life, Promise<unknown>>();
  readonly #errors: unknown[] = [];
  #isStarting = false;
  #isOver = false;
  #last: Life | null = null;

  constructor(world: World, options: SimulationOptions) {
    const { seed = 0, pace = usualPace, repeats, bounds = {}, silences = [] } = options;
    const faults = { ...noFaults, ...options.faults };
    const clock = new SimulatedClock({ startMs: world.startMs, speed: pace.speed });
    const random = (name: string): Random => new Random(`${name} ${seed}`);
    const store = new MemoryStateStore();
    this.world = world;
    this.faults = faults;
    this.clock = clock;
    this.sinks = [
      new MemorySink('steady', clock, random('steady')),
      new MemorySink('flaky', clock, random('flaky'), {
        refuses: refusals(faults, clock, world, random('refusals')),
        longestMs: faults.sinkMs,
        retryAfterMs: faults.sinkRetryAfterMs,
      }),
      ...(silences.length === 0 ? [] : [new MemorySink(skippingName, clock, random(skippingName))]),
    ];
    this.#wishes = silences;
    this.deadLetters = new MemoryDeadLetterStore(() =>
      isInside(faults.deadLetterFailures, clock.worldMs - world.startMs),
    );
    this.book = new CommitBook(store);
    const { sinks, deadLetters, book, uncommitted } = this;
    const leases = new MemoryLeasePlace(clock);
    const kept = { store, leases, sinks, deadLetters, book, uncommitted };
    this.#outside = { world, faults, clock, ...kept, turns: turnsOf(world), pace, repeats, bounds, seed };
    this.#start();
  }

  /** The process that was active when the world ended. */
  get life(): Life {
    return this.#last ?? this.lives[0]!;
  }

  get service(): Service {
    return this.life.service;
  }

  /** What the state at the end rests on, step by step, over all the processes that led to it. */
  get recorder(): Recorder {
    return this.life.recorder;
  }

  get metrics(): CountingMetrics {
    return this.life.metrics;
  }

  get log(): MemoryLog {
    return this.life.log;
  }

  /** Lives the whole world through, takes an hour more for what is left to be done, and stops. */
  async run(): Promise<void> {
    const { clock } = this;
    const { startMs, endMs } = this.world;
    for (const { atMs, happen } of this.#moments().sort((a, b) => a.atMs - b.atMs)) {
      await clock.advance(startMs + atMs - clock.worldMs);
      happen();
    }
    await clock.advance(endMs + HOUR_MS - clock.worldMs);
    this.#isOver = true;
    this.#last = [...this.#living.keys()].find(({ isActive }) => isActive) ?? null;
    const ends = [...this.#living].flatMap(([life, pending]) => [pending, life.service.stop(HOUR_MS)]);
    await clock.advance(HOUR_MS);
    await Promise.all(ends);
    if (this.#errors.length > 0) throw new AggregateError(this.#errors, `Processes failed: ${this.#errors.join('; ')}`);
    if (this.#last === null) throw new Error('No process was active when the world ended');
  }

  #moments(): Moment[] {
    const { faults, clock } = this;
    const { startMs } = this.world;
    return [
      ...faults.clockSteps.map(({ atMs, byMs }) => ({ atMs, happen: () => clock.step(byMs) })),
      ...faults.standstills.map(({ fromMs, toMs }) => ({
        atMs: fromMs,
        happen: () => clock.standStill(Math.max(0, startMs + toMs - clock.worldMs)),
      })),
      ...faults.kills.map(({ atMs, downMs, damage }) => ({ atMs, happen: () => this.#kill(downMs, damage) })),
      ...faults.crashes.map(({ atMs, call, when }) => ({
        atMs,
        happen: () => this.#running()?.store.crashAt(call, when),
      })),
      ...this.#wishes.map((wish) => ({ atMs: wish.atMs, happen: () => this.#wish(wish) })),
      ...faults.stops.map(({ atMs, downMs }) => ({ atMs, happen: () => this.#stop(downMs) })),
      ...faults.suspensions.map(({ atMs, downMs, forMs }) => ({ atMs, happen: () => this.#suspend(downMs, forMs) })),
      ...faults.leaseFailures.flatMap(({ fromMs, toMs }) => [
        { atMs: fromMs, happen: () => this.#reachLease() },
        { atMs: toMs, happen: () => this.#reachLease() },
      ]),
    ];
  }

  /** Starts a process. */
  #start(): void {
    const life = new Life(this.lives.length, this.#outside);
    this.lives.push(life);
    const { service } = life;
    const started = service.start().catch((error: unknown) => this.#errors.push(error));
    this.#living.set(life, started);
    life.store.onCrash = () => {
      life.mortality.kill();
      this.#ended(life, this.#downAfterCrash());
    };
    void service.lost.then(() => this.#end(life, restartMs));
  }

  /** The process that runs, the oldest when there are several. */
  #running(): Life | null {
    return [...this.#living.keys()].find(({ mortality }) => !mortality.isStopped) ?? null;
  }

  #kill(downMs: number, damage: Damage | null): void {
    const life = this.#running();
    if (life === null) return;
    life.mortality.kill();
    this.#ended(life, downMs);
    if (damage !== null && this.#living.size === 0) damageState(this.#outside.store, damage);
  }

  #stop(downMs: number): void {
    const life = this.#running();
    if (life !== null) this.#end(life, downMs);
  }

  #suspend(downMs: number, forMs: number): void {
    const life = this.#running();
    if (life === null) return;
    life.mortality.stop();
    this.#startAfter(downMs);
    void this.clock.pass(forMs).then(() => life.mortality.goOn());
  }

  /** Lets a process end by itself, as the command does: it is told to stop, and is gone when it has. */
  #end(life: Life, downMs: number): void {
    const { service, mortality } = life;
    if (mortality.isDead || this.#isOver) return;
    const started = this.#living.get(life);
    const stopped = Promise.all([started, service.stop(this.#outside.pace.graceMs)])
      .catch((error: unknown) => this.#errors.push(error))
      .then(() => {
        if (mortality.isDead || this.#isOver) return;
        mortality.kill();
        this.#ended(life, downMs);
      });
    this.#living.set(life, stopped);
  }

  #ended(life: Life, downMs: number): void {
    this.#living.delete(life);
    this.#startAfter(downMs);
  }

  /** Starts a process some time later, unless one runs or will be started. */
  #startAfter(downMs: number): void {
    if (this.#isStarting || this.#isOver || this.#running() !== null) return;
    this.#isStarting = true;
    void this.clock.pass(downMs).then(() => {
      this.#isStarting = false;
      if (!this.#isOver) this.#start();
    });
  }

  #downAfterCrash(): number {
    const sinceMs = this.clock.worldMs - this.world.startMs;
    return this.faults.crashes.findLast(({ atMs }) => atMs <= sinceMs)?.downMs ?? restartMs;
  }

  #wish(wish: SilenceWish): void {
    void this.#running()
      ?.silences.ask(wish)
      .then((item) => {
        if (item !== null) this.silenced.push(item);
      });
  }

  #reachLease(): void {
    const unreachable = isInside(this.faults.leaseFailures, this.clock.worldMs - this.world.startMs);
    for (const { lease } of this.#living.keys()) lease.unreachable = unreachable;
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

function turnsOf({ intelligence }: World): readonly number[] {
  return intelligence
    .flatMap(({ publications }) => publications)
    .flatMap(({ object }) => [object['valid_from'], object['valid_until']])
    .map((time) => Date.parse(String(time)))
    .filter((ms) => !Number.isNaN(ms));
}

export async function simulate(world: World, options: SimulationOptions): Promise<Simulation> {
  const simulation = new Simulation(world, options);
  await simulation.run();
  return simulation;
}
