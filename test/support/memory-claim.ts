import type { Clock, Origin, Position, RealTime, SourceEvent } from '../../src/core/ports.ts';
import type { SharedSourceListener } from '../../src/core/shared-event-source.ts';
import type { Random } from '../../src/dev/traffic/random.ts';
import type { MemoryHub } from './memory-hub.ts';

export interface MemoryClaimOptions {
  readonly hub: MemoryHub;
  readonly origin: Origin;
  readonly listener: SharedSourceListener;
  readonly readFromMs: number;
  readonly clock: Clock;
  readonly time: RealTime;
  readonly random: Random;
  readonly lookMs: number;
  readonly cycleMs: number;
  readonly batchMax: number;
  readonly redelivery: number;
  /** The end of the claim before this one. */
  readonly after: Promise<void>;
  /** Resolves when the process runs. */
  readonly running: () => Promise<void>;
}

/** One process's hold on a partition in memory, from the claim to the loss. */
export class MemoryClaim {
  readonly hub: MemoryHub;
  readonly origin: Origin;
  /** Resolves when the claim is lost and nothing of it runs. */
  readonly done: Promise<void>;
  position: Position | null = null;
  progressMs: number | null = null;
  readonly #options: MemoryClaimOptions;
  readonly #lost = new AbortController();
  #open = false;

  constructor(options: MemoryClaimOptions) {
    this.#options = options;
    this.hub = options.hub;
    this.origin = options.origin;
    this.done = this.#live();
  }

  get isLost(): boolean {
    return this.#lost.signal.aborted;
  }

  /** Whether the listener answered the claim and has not been told of a loss. */
  get isOpen(): boolean {
    return this.#open;
  }

  /** The partition is no longer ours. */
  lose(): void {
    this.#lost.abort();
    if (this.#open) this.#close();
  }

  #close(): void {
    this.#open = false;
    this.#options.listener.onLost(this.origin);
  }

  async #live(): Promise<void> {
    const { after, running } = this.#options;
    await after;
    await running();
    const position = await this.#answer();
    await running();
    if (position === undefined) return;
    this.#open = true;
    if (this.isLost) {
      this.#close();
      return;
    }
    this.position = position;
    await this.#read();
  }

  /** What the listener answers, undefined when the claim was lost before. */
  async #answer(): Promise<Position | null | undefined> {
    const { hub, origin, listener, time, cycleMs, running } = this.#options;
    const { signal } = this.#lost;
    while (!this.isLost) {
      try {
        return await listener.onClaimed(origin, hub.checkpointOf(origin.partition), signal);
      } catch {
        await time.delay(cycleMs, signal);
        await running();
      }
    }
    return undefined;
  }

  async #read(): Promise<void> {
    const { hub, origin, random, time, lookMs, running } = this.#options;
    hub.readers.set(origin.partition, this);
    let next = this.#first();
    while (!this.isLost) {
      // Another reader took the link: its process is the owner.
      if (hub.readers.get(origin.partition) !== this) {
        this.lose();
        return;
      }
      const batch = this.#batch(next);
      if (batch.length > 0) next = await this.#hand(batch, next);
      else await this.#look(next);
      await running();
      if (batch.length === 0) await time.delay(random.between(1, lookMs), this.#lost.signal);
      await running();
    }
  }

  #first(): number {
    const behind = this.position?.sequenceNumber ?? null;
    const { readFromMs, hub, origin } = this.#options;
    const events = hub.events(origin.partition);
    if (behind !== null) return behind + 1;
    const first = events.findIndex(({ enqueuedMs }) => enqueuedMs > readFromMs);
    return first < 0 ? events.length : first;
  }

  #batch(next: number): readonly SourceEvent[] {
    const { hub, origin, random, batchMax } = this.#options;
    return hub.events(origin.partition).slice(next, next + random.between(1, batchMax));
  }

  async #hand(batch: readonly SourceEvent[], next: number): Promise<number> {
    const { listener, origin, clock, random, redelivery } = this.#options;
    await listener.onEvents(origin, batch);
    const last = batch.at(-1);
    if (last === undefined || this.isLost) return next;
    const { sequenceNumber, offset, enqueuedMs } = last;
    this.position = { sequenceNumber, offset, enqueuedMs };
    this.progressMs = clock.now();
    return next + batch.length - (random.chance(redelivery) ? random.between(1, batch.length) : 0);
  }

  /** The management read behind an empty batch; it takes a while, in which the log may grow. */
  async #look(next: number): Promise<void> {
    const { hub, origin, listener, clock, time, random, lookMs, running } = this.#options;
    const startedMs = clock.now();
    const end = hub.events(origin.partition).length;
    await time.delay(random.between(1, lookMs), this.#lost.signal);
    await running();
    if (this.isLost || end > next) return;
    this.progressMs = clock.now();
    listener.onCaughtUp(origin, startedMs);
  }
}
