import { stamp, type StampedEvent } from './batch-message.ts';
import type { StartPosition } from './start-position.ts';

/** `last_enqueued_time_utc` of a partition that never held an event: 0001-01-01T00:00:00Z. */
const NEVER_MS = -62_135_596_800_000;

/** Where a partition's changes go so that a later start finds them again. */
export interface PartitionJournal {
  append(events: readonly StampedEvent[]): void;
  /** Events before this sequence number are no longer part of the log. */
  trim(beginSequenceNumber: number): void;
  clear(): void;
  close(): void;
}

/** What a management read tells about a partition. */
export interface PartitionInfo {
  readonly beginSequenceNumber: number;
  readonly lastSequenceNumber: number;
  /** -1 when the partition never held an event. */
  readonly lastOffset: number;
  readonly lastEnqueuedMs: number;
  readonly empty: boolean;
}

/** A consumer's position that lies beyond the end of the log. */
export interface InvalidPosition {
  readonly invalid: string;
}

/**
 * The log of one partition: sequence numbers from 0, one per event and never reused; offsets are byte positions;
 * enqueued times are what the appender says. Keeps every event as the bytes it is delivered with.
 */
export class PartitionLog {
  readonly id: string;
  readonly #journal: PartitionJournal | null;
  readonly #listeners = new Set<() => void>();
  #events: StampedEvent[];
  #begin: number;
  #nextOffset: number;
  #lastSequenceNumber: number;
  #lastOffset: number;
  #lastEnqueuedMs: number;

  /**
   * @param stored events that an earlier start left, oldest first
   * @param begin sequence number of the first event that retention has not cut
   */
  constructor(id: string, journal: PartitionJournal | null = null, stored: readonly StampedEvent[] = [], begin = 0) {
    this.id = id;
    this.#journal = journal;
    const last = stored.at(-1);
    this.#begin = begin;
    this.#events = stored.filter((event) => event.sequenceNumber >= begin);
    this.#lastSequenceNumber = last?.sequenceNumber ?? -1;
    this.#lastOffset = last?.offset ?? -1;
    this.#lastEnqueuedMs = last?.enqueuedMs ?? NEVER_MS;
    this.#nextOffset = last === undefined ? 0 : last.offset + last.bytes.length;
  }

  /**
   * Appends encoded AMQP messages, all with one enqueued time, and wakes the readers. Throws EncodingError on bytes
   * that are no message; then nothing is appended.
   */
  append(messages: readonly Buffer[], enqueuedMs: number, partitionKey: string | null = null): readonly StampedEvent[] {
    let offset = this.#nextOffset;
    const events = messages.map((message, index) => {
      const place = { sequenceNumber: this.#lastSequenceNumber + 1 + index, offset, enqueuedMs };
      const event = stamp(message, place, partitionKey);
      offset += event.bytes.length;
      return event;
    });
    const last = events.at(-1);
    if (last === undefined) return events;
    this.#journal?.append(events);
    for (const event of events) this.#events.push(event);
    this.#nextOffset = offset;
    this.#lastSequenceNumber = last.sequenceNumber;
    this.#lastOffset = last.offset;
    this.#lastEnqueuedMs = last.enqueuedMs;
    for (const listener of this.#listeners) listener();
    return events;
  }

  /** The event with this sequence number, or undefined when it is not (or no longer) there. */
  at(sequenceNumber: number): StampedEvent | undefined {
    return this.#events[sequenceNumber - this.#begin];
  }

  info(): PartitionInfo {
    return {
      beginSequenceNumber: this.#begin,
      lastSequenceNumber: this.#lastSequenceNumber,
      lastOffset: this.#lastOffset,
      lastEnqueuedMs: this.#lastEnqueuedMs,
      empty: this.#events.length === 0,
    };
  }

  /**
   * The sequence number a consumer with this start position gets first. A position before the oldest event means the
   * oldest; one beyond the end is refused, in the service's words.
   */
  locate(position: StartPosition): number | InvalidPosition {
    const next = this.#lastSequenceNumber + 1;
    switch (position.kind) {
      case 'earliest':
        return this.#begin;
      case 'latest':
        return position.inclusive && this.#events.length > 0 ? this.#lastSequenceNumber : next;
      case 'offset': {
        if (position.offset > this.#lastOffset) {
          const { offset } = position;
          return {
            invalid: `The supplied offset '${offset}' is invalid. The last offset in the system is '${this.#lastOffset}'`,
          };
        }
        const { offset, inclusive } = position;
        return this.#firstWhere((event) => event.offset > offset || (inclusive && event.offset === offset));
      }
      case 'sequenceNumber': {
        const wanted = position.inclusive ? position.sequenceNumber : position.sequenceNumber + 1;
        if (position.sequenceNumber > this.#lastSequenceNumber) {
          const { sequenceNumber } = position;
          return {
            invalid:
              `The supplied sequence number '${sequenceNumber}' is invalid. ` +
              `The last sequence number in the system is '${this.#lastSequenceNumber}'`,
          };
        }
        return Math.max(wanted, this.#begin);
      }
      case 'enqueuedTime': {
        const { ms, inclusive } = position;
        return this.#firstWhere((event) => event.enqueuedMs > ms || (inclusive && event.enqueuedMs === ms));
      }
    }
  }

  #firstWhere(wanted: (event: StampedEvent) => boolean): number {
    return this.#events.find(wanted)?.sequenceNumber ?? this.#lastSequenceNumber + 1;
  }

  /** Cuts events before the sequence number, as retention does. Cutting what is already gone changes nothing. */
  trim(beginSequenceNumber: number): void {
    const begin = Math.min(beginSequenceNumber, this.#lastSequenceNumber + 1);
    if (begin <= this.#begin) return;
    this.#events = this.#events.slice(begin - this.#begin);
    this.#begin = begin;
    this.#journal?.trim(begin);
  }

  /** Cuts events enqueued before the instant, up to the first one that was enqueued at or after it. */
  trimBefore(ms: number): void {
    const first = this.#events[0];
    if (first === undefined || first.enqueuedMs >= ms) return;
    this.trim(this.#firstWhere((event) => event.enqueuedMs >= ms));
  }

  /** Forgets everything: the next event has sequence number 0 again. */
  reset(): void {
    this.#journal?.clear();
    this.#events = [];
    this.#begin = 0;
    this.#nextOffset = 0;
    this.#lastSequenceNumber = -1;
    this.#lastOffset = -1;
    this.#lastEnqueuedMs = NEVER_MS;
  }

  /** Calls the listener after every append, until the returned function is called. */
  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  close(): void {
    this.#journal?.close();
  }
}
