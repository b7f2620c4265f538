import {
  originKey,
  type EventSource,
  type Origin,
  type PartitionStatus,
  type Position,
  type Positions,
  type SourceEvent,
  type SourceListener,
} from '../../../src/core/ports.ts';
import type { Random } from '../../../src/dev/traffic/random.ts';
import { isInside, type FaultPlan } from './fault-plan.ts';
import type { SimulatedClock } from './simulated-clock.ts';

/** One log of one hub: every event it will ever hold, each readable from its enqueued time on. */
export interface PartitionLog {
  readonly origin: Origin;
  readonly events: readonly SourceEvent[];
}

export interface MemoryEventSourceOptions {
  readonly logs: readonly PartitionLog[];
  readonly faults: FaultPlan;
  readonly random: Random;
  readonly clock: SimulatedClock;
  readonly startMs: number;
}

/** Event Hubs and its client, in memory: keeps what the EventSource port promises and nothing beyond it. */
export class MemoryEventSource implements EventSource {
  readonly #options: MemoryEventSourceOptions;
  readonly #readers: readonly Reader[];
  readonly #ended = new AbortController();
  #loops: Promise<void>[] = [];

  constructor(options: MemoryEventSourceOptions) {
    this.#options = options;
    this.#readers = options.logs.map((log, number) => new Reader(log, number, options, this.#ended.signal));
  }

  async start(listener: SourceListener, restored: Positions, readFromMs: number): Promise<void> {
    const { clock, faults, logs } = this.#options;
    if (faults.partitionsAfterMs > 0) await clock.pass(faults.partitionsAfterMs, this.#ended.signal);
    if (this.#ended.signal.aborted) return;
    listener.onPartitions(logs.map(({ origin }) => origin));
    for (const reader of this.#readers) reader.begin(restored, readFromMs);
    this.#loops = this.#readers.map((reader) => reader.run(listener));
  }

  checkpoint(): void {
    // Checkpoints are for other tools: nothing resumes from them.
  }

  status(): readonly PartitionStatus[] {
    return this.#readers.map((reader) => reader.status());
  }

  errors(): ReturnType<EventSource['errors']> {
    return [];
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    await Promise.all(this.#loops);
  }
}

class Reader {
  readonly #log: PartitionLog;
  readonly #options: MemoryEventSourceOptions;
  readonly #ended: AbortSignal;
  readonly #stalls: FaultPlan['stalls'];
  readonly #reopenings: FaultPlan['reopenings'][number][];
  /** Index of the first event that this reader may hand over, and of the next. */
  #first = 0;
  #next = 0;
  #position: Position | null = null;
  #progressMs: number | null = null;
  #readMs: number | null = null;
  #lag: number | null = null;

  constructor(log: PartitionLog, number: number, options: MemoryEventSourceOptions, ended: AbortSignal) {
    this.#log = log;
    this.#options = options;
    this.#ended = ended;
    this.#stalls = options.faults.stalls.filter(({ partition }) => partition === null || partition === number);
    const since = this.#sinceStart();
    this.#reopenings = options.faults.reopenings.filter(({ partition, atMs }) => partition === number && atMs >= since);
  }

  /** Goes to right behind the restored position, or to the first event enqueued at or after a time. */
  begin(restored: Positions, readFromMs: number): void {
    const { origin, events } = this.#log;
    const behind = restored.get(originKey(origin))?.sequenceNumber ?? null;
    const first = events.findIndex(({ sequenceNumber, enqueuedMs }) =>
      behind === null ? enqueuedMs >= readFromMs : sequenceNumber > behind,
    );
    this.#first = this.#next = first < 0 ? events.length : first;
  }

  async run(listener: SourceListener): Promise<void> {
    const { clock, random, faults } = this.#options;
    while (!this.#ended.aborted) {
      await clock.pass(random.between(1, faults.lookMs), this.#ended);
      while (!isInside(this.#stalls, this.#sinceStart())) {
        this.#reopen();
        const batch = this.#batch();
        if (batch.length === 0) {
          await this.#read(listener);
          break;
        }
        await this.#hand(batch, listener);
        if (this.#isEnded()) return;
      }
    }
  }

  /** Asked by a call, since an await may have changed it. */
  #isEnded(): boolean {
    return this.#ended.aborted;
  }

  status(): PartitionStatus {
    return {
      origin: this.#log.origin,
      owner: 'simulation',
      owned: true,
      position: this.#position,
      lagEvents: this.#lag,
      lagSeconds: null,
      lastProgressMs: this.#progressMs,
      lastReadMs: this.#readMs,
      seesSinceMs: null,
      error: null,
    };
  }

  #sinceStart(): number {
    return this.#options.clock.worldMs - this.#options.startMs;
  }

  /** How many events the log holds at this moment, by the clock of Event Hubs. */
  #end(): number {
    const nowMs = this.#options.clock.worldMs + this.#options.faults.skewMs;
    let end = this.#next;
    while ((this.#log.events[end]?.enqueuedMs ?? Number.POSITIVE_INFINITY) <= nowMs) end += 1;
    return end;
  }

  #batch(): readonly SourceEvent[] {
    const size = this.#options.random.between(1, this.#options.faults.batchMax);
    return this.#log.events.slice(this.#next, Math.min(this.#end(), this.#next + size));
  }

  #reopen(): void {
    const due = this.#reopenings.findIndex(({ atMs }) => atMs <= this.#sinceStart());
    if (due < 0) return;
    const [reopening] = this.#reopenings.splice(due, 1);
    this.#next = Math.max(this.#first, this.#next - (reopening?.back ?? 0));
  }

  async #hand(batch: readonly SourceEvent[], listener: SourceListener): Promise<void> {
    const { clock, random, faults } = this.#options;
    await listener.onEvents(this.#log.origin, batch);
    if (this.#ended.aborted) return;
    const { sequenceNumber, offset, enqueuedMs } = batch.at(-1)!;
    this.#position = { sequenceNumber, offset, enqueuedMs };
    this.#progressMs = this.#readMs = clock.now();
    this.#next += batch.length;
    if (random.chance(faults.redelivery)) this.#next -= random.between(1, batch.length);
  }

  /** The management read after an empty batch; a read takes a while, in which the log may grow. */
  async #read(listener: SourceListener): Promise<void> {
    const { clock, random, faults } = this.#options;
    if (isInside(faults.readFailures, this.#sinceStart())) return;
    const startedMs = clock.now();
    await clock.pass(random.between(1, 5000), this.#ended);
    if (this.#ended.aborted) return;
    this.#readMs = clock.now();
    this.#lag = this.#end() - this.#next;
    if (this.#lag > 0) return;
    this.#progressMs = this.#readMs;
    listener.onCaughtUp(this.#log.origin, startedMs);
  }
}
