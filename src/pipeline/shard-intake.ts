import type { Engine } from '../core/engine.ts';
import { formatMs } from '../core/time.ts';
import {
  originKey,
  type Clock,
  type DeadLetterStore,
  type Log,
  type Origin,
  type RealTime,
  type SourceEvent,
} from '../core/ports.ts';
import { ForeignEventError, readCorrelationEvent, type CorrelationEvent } from '../core/route/correlation-event.ts';
import { originsOf, type KnownHubs } from '../core/route/known-hubs.ts';
import { Tally } from '../core/tally.ts';
import { Turns } from './turns.ts';

/** Longest stretch of work before other work of the process gets its turn. */
const turnMs = 10;

/** How long to wait before asking again whether a bound has room, or whether somebody came to help. */
const holdMs = 100;

export interface ShardIntakeOptions {
  readonly engine: Engine;
  readonly known: KnownHubs;
  /** Partitions of the correlation hub: routers must have routed over as many. */
  readonly partitions: number;
  readonly clock: Clock;
  readonly realTime: RealTime;
  readonly yieldTurn: () => Promise<void>;
  readonly deadLetters: DeadLetterStore;
  readonly log: Log;
  readonly onTally: (tally: Tally) => void;
  readonly signal: AbortSignal;
}

/** Takes the events of one correlation partition into its shard, in order and each once. */
export class ShardIntake {
  readonly #options: ShardIntakeOptions;
  readonly #turns: Turns;
  #refusal: string | null = null;
  #seesSinceMs = Number.NEGATIVE_INFINITY;

  constructor(options: ShardIntakeOptions) {
    this.#options = options;
    this.#turns = new Turns({ ...options, turnMs });
  }

  /** Why the partition is held back until somebody helps; null when it is not. */
  get refusal(): string | null {
    return this.#refusal;
  }

  /** Since when the sources of the routers hold records, −∞ when that is at least the lookback. */
  get seesSinceMs(): number {
    return this.#seesSinceMs;
  }

  /** Takes a batch; resolves early, with events left, only when the signal aborts. */
  async take(origin: Origin, events: readonly SourceEvent[]): Promise<void> {
    const { engine, signal, onTally } = this.#options;
    const key = originKey(origin);
    const tally = new Tally();
    for (const event of events) {
      await this.#turns.giveWay();
      if (isAborted(signal)) break;
      if (engine.hasTaken(key, event.sequenceNumber)) continue;
      const read = await this.#read(origin, event);
      if (isAborted(signal)) break;
      if (read !== null && !(await this.#takeEvent(read, tally))) break;
      const { sequenceNumber, offset, enqueuedMs } = event;
      engine.noteTaken(key, { sequenceNumber, offset, enqueuedMs });
    }
    onTally(tally);
  }

  /** The observations first, then the watermarks that cover them. False when the signal aborted before the end. */
  async #takeEvent({ observations, hubs, partitions }: CorrelationEvent, tally: Tally): Promise<boolean> {
    const { engine, clock, known, signal } = this.#options;
    if (partitions !== this.#options.partitions) {
      await this.#refuse(
        `a router routed over ${partitions} partitions where the hub has ${this.#options.partitions}: its partitions were changed`,
      );
      return false;
    }
    for (const routed of observations) {
      await this.#waitForRoom(routed.mark.enqueuedMs);
      if (isAborted(signal)) return false;
      engine.takeRouted(routed, clock.now(), tally);
    }
    if (known.learn(hubs)) engine.watermarks.expect(known.expected(), clock.now());
    for (const { key, ms, seesSinceMs } of hubs.flatMap(originsOf)) {
      if (ms !== null) engine.advanceWatermark(key, ms, clock.now());
      if (seesSinceMs !== null) this.#seesSinceMs = Math.max(this.#seesSinceMs, seesSinceMs);
    }
    return true;
  }

  async #waitForRoom(enqueuedMs: number): Promise<void> {
    const { engine, realTime, signal } = this.#options;
    while (!engine.accepts(enqueuedMs) && !signal.aborted) await realTime.delay(holdMs, signal);
  }

  /** What an event says. One that no router wrote is kept as a dead letter and passed: null. Another version is held. */
  async #read(origin: Origin, event: SourceEvent): Promise<CorrelationEvent | null> {
    try {
      return readCorrelationEvent(event.body);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!(error instanceof ForeignEventError)) await this.#refuse(`event ${event.sequenceNumber}: ${message}`);
      else await this.#keepForeign(origin, event, message);
      return null;
    }
  }

  /** Holds the partition back, and says so, until the signal aborts: to go on would lose or miscount records. */
  async #refuse(reason: string): Promise<void> {
    const { log, realTime, signal } = this.#options;
    this.#refusal = `Cannot go on with the shard: ${reason}`;
    log.error(this.#refusal);
    while (!signal.aborted) await realTime.delay(holdMs * 10, signal);
  }

  async #keepForeign(origin: Origin, event: SourceEvent, reason: string): Promise<void> {
    const { deadLetters, log, realTime, signal } = this.#options;
    log.error('An event of the correlation hub was written by no router: it is kept as a dead letter', { reason });
    const { sequenceNumber, enqueuedMs, body } = event;
    const letter = {
      stream: origin.hub,
      partition: origin.partition,
      sequenceNumber,
      index: 0,
      reason: 'foreign_event',
      enqueuedAt: formatMs(enqueuedMs),
      text: new TextDecoder().decode(body.subarray(0, 64 * 1024)),
    };
    while (!signal.aborted) {
      try {
        await deadLetters.append([letter]);
        return;
      } catch (cause) {
        log.warn('Cannot keep a dead letter, trying again', { cause });
        await realTime.delay(holdMs * 10, signal);
      }
    }
  }
}

/** Asked through a function, as the signal changes while the caller waits. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
