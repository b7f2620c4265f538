import { decodeMessage } from '../core/decode/message.ts';
import type { DecodedMessage } from '../core/decode/decoded.ts';
import {
  originKey,
  type Clock,
  type DeadLetter,
  type DeadLetterStore,
  type Log,
  type Origin,
  type RealTime,
  type SourceEvent,
  type SourceListener,
} from '../core/ports.ts';
import { Tally } from '../core/tally.ts';
import { formatMs } from '../core/time.ts';
import type { MessageTaker } from './message-taker.ts';
import { Turns } from './turns.ts';

/** Longest stretch of decoding before other work of the process gets its turn. */
const turnMs = 10;

/** How long to wait before asking again whether a bound has room, or a store takes dead letters. */
const holdMs = 100;
const retryMs = 1000;

export interface IngestOptions {
  readonly taker: MessageTaker;
  readonly clock: Clock;
  readonly realTime: RealTime;
  /** Lets other work of the process run; resolves in a later turn of the event loop. */
  readonly yieldTurn: () => Promise<void>;
  readonly deadLetters: DeadLetterStore;
  readonly maxClockSkewMs: number;
  readonly log: Log;
  /** Told what became of each batch. */
  readonly onTally: (tally: Tally, decoded: readonly DecodedMessage[]) => void;
  readonly signal: AbortSignal;
}

/** Why dead letters are not durable right now, and how many were. */
export interface DeadLetterProgress {
  readonly count: number;
  readonly lastMs: number | null;
  readonly storeError: string | null;
}

/** Takes events from the source: decode, keep dead letters, count, and hand on to an engine or a router. */
export class Ingest implements SourceListener {
  readonly #options: IngestOptions;
  readonly #turns: Turns;
  #letters = 0;
  #lastLetterMs: number | null = null;
  #storeError: string | null = null;

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#turns = new Turns({ ...options, turnMs });
  }

  get deadLetterProgress(): DeadLetterProgress {
    return { count: this.#letters, lastMs: this.#lastLetterMs, storeError: this.#storeError };
  }

  readonly onPartitions = (origins: readonly Origin[]): void => {
    const { taker, clock } = this.#options;
    taker.expect(origins, clock.now());
  };

  readonly onCaughtUp = (origin: Origin, readStartedMs: number): void => {
    const { taker, clock, maxClockSkewMs } = this.#options;
    taker.advanceWatermark(originKey(origin), readStartedMs - maxClockSkewMs, clock.now());
  };

  readonly onEvents = async (origin: Origin, events: readonly SourceEvent[]): Promise<void> => {
    const { taker, clock, signal, onTally } = this.#options;
    const key = originKey(origin);
    const tally = new Tally();
    const messages: DecodedMessage[] = [];
    for (const event of events) {
      await this.#turns.giveWay();
      const decoded = decodeMessage(event.body);
      if (decoded.deadLetters.length > 0) await this.#keep(deadLetters(origin, event, decoded));
      const { sequenceNumber, offset, enqueuedMs } = event;
      await this.#waitForRoom(key, enqueuedMs);
      if (signal.aborted) break;
      taker.take({ origin: key, sequenceNumber, offset, enqueuedMs, decoded }, clock.now(), tally);
      messages.push(decoded);
    }
    onTally(tally, messages);
  };

  /** Holds a message back while a bound is met. What was enqueued before it has been taken, so no flush waits for it. */
  async #waitForRoom(key: string, enqueuedMs: number): Promise<void> {
    const { taker, clock, realTime, signal } = this.#options;
    while (!taker.accepts(enqueuedMs, clock.now()) && !signal.aborted) {
      taker.advanceWatermark(key, enqueuedMs - 1, clock.now());
      await realTime.delay(holdMs, signal);
    }
  }

  /** Makes dead letters durable before their position is passed; a store that fails holds the partition back. */
  async #keep(letters: readonly DeadLetter[]): Promise<void> {
    const { deadLetters: store, realTime, signal, log, clock } = this.#options;
    while (!signal.aborted) {
      try {
        await store.append(letters);
        this.#letters += letters.length;
        this.#lastLetterMs = clock.now();
        this.#storeError = null;
        return;
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : String(cause);
        if (this.#storeError === null)
          log.error('Cannot store dead letters: their partition waits', { cause: message });
        this.#storeError = message;
        await realTime.delay(retryMs, signal);
      }
    }
  }
}

function deadLetters(origin: Origin, event: SourceEvent, decoded: DecodedMessage): DeadLetter[] {
  return decoded.deadLetters.map(({ index, reason, text }) => ({
    stream: origin.hub,
    partition: origin.partition,
    sequenceNumber: event.sequenceNumber,
    index,
    reason,
    enqueuedAt: formatMs(event.enqueuedMs),
    text,
  }));
}
