import type { Origin, PartitionStatus, Position, SourceEvent } from '../../core/ports.ts';
import { contradicts, isCaughtUp, lagOf, seesSince, type Lag, type PartitionRead, type ReadingStart } from './lag.ts';
import { Losses, type Gap, type Loss } from './losses.ts';
import type { ReaderSigns } from './stall.ts';

/** The events of a batch that were not taken before, or the proof that the numbers of the hub started again. */
export type Admission =
  { readonly fresh: readonly SourceEvent[] } | { readonly contradiction: { event: SourceEvent; position: Position } };

/** What was known of a partition when a management read of it started. */
export interface BeforeRead {
  readonly handed: Position | null;
  /** Whether the last batch was empty. */
  readonly drained: boolean;
  readonly gaps: readonly Gap[];
}

export interface Judgement {
  readonly caughtUp: boolean;
  /** How many reads in a row showed an end of the partition that lies before what had been handed over. */
  readonly contradictions: number;
  /** Whether the read showed that events were deleted before they were read. */
  readonly lost: boolean;
}

/**
 * What this process knows of one partition. It lives as long as the origin does: clients come and go beneath it.
 * Times called `...Ms` are of the clock, those called `...At` are true milliseconds.
 */
export class Partition {
  readonly origin: Origin;
  readonly start: ReadingStart;
  /** Last event handed to the listener: readers resume behind it. */
  handed: Position | null;
  /** Last event whose handler is done. */
  position: Position | null;
  /** Position that the state holds durably: checkpoints follow it. */
  durable: Position | null = null;
  /** Last position written to the checkpoint blob. */
  checkpointed: Position | null = null;
  /** Handlers of the partition run one after the other, also over a change of clients. */
  line: Promise<void> = Promise.resolve();

  readonly #losses = new Losses();
  #newestEnqueuedMs: number;
  #handling = 0;
  #rewinds = 0;
  #drained = false;
  #firstRead: PartitionRead | null = null;
  #lag: Lag | null = null;
  #progressMs: number | null = null;
  #readMs: number | null = null;
  #seesSinceMs: number | null = null;
  #contradictions = 0;
  #startedAt = 0;
  #eventsAt: number | null = null;
  #batchAt: number | null = null;
  #behindSince: number | null = null;

  /** Reading goes on behind `restored`, or begins at `start` where there is none. */
  constructor(origin: Origin, start: ReadingStart, restored: Position | null) {
    this.origin = origin;
    this.start = start;
    this.handed = restored;
    this.position = restored;
    this.#newestEnqueuedMs = restored?.enqueuedMs ?? Number.NEGATIVE_INFINITY;
  }

  /** The state holds a position durably; an older one than before is let go. */
  committed(position: Position): void {
    if (this.durable === null || position.sequenceNumber > this.durable.sequenceNumber) this.durable = position;
  }

  /** Whether the checkpoint blob lies behind what is durable. */
  get isCheckpointBehind(): boolean {
    return this.durable !== null && this.durable !== this.checkpointed;
  }

  /** A new reader begins. */
  restarted(at: number): void {
    this.#startedAt = at;
    this.#eventsAt = null;
    this.#batchAt = null;
    this.#behindSince = null;
    this.#drained = false;
  }

  /**
   * Sorts out what was taken already, as after a change of readers, and takes the rest to be handed over. A number at or
   * below the mark that was enqueued later than anything before is another event: the hub was made anew.
   */
  admit(events: readonly SourceEvent[]): Admission {
    const position = this.handed;
    if (position !== null) {
      const event = events.find(
        (each) => each.sequenceNumber <= position.sequenceNumber && each.enqueuedMs > this.#newestEnqueuedMs,
      );
      if (event !== undefined) return { contradiction: { event, position } };
    }
    const mark = position?.sequenceNumber ?? -1;
    const fresh = events.filter((event) => event.sequenceNumber > mark);
    const [first, last] = [fresh[0], fresh.at(-1)];
    if (first !== undefined) this.#losses.follow(position, first);
    if (last !== undefined) this.handed = positionOf(last);
    for (const { enqueuedMs } of fresh) this.#newestEnqueuedMs = Math.max(this.#newestEnqueuedMs, enqueuedMs);
    return { fresh };
  }

  /** A number that changes when the events admitted so far are to be read again. */
  get rewinds(): number {
    return this.#rewinds;
  }

  handlingStarted(nowMs: number, at: number): void {
    this.#handling += 1;
    this.#drained = false;
    this.#readMs = nowMs;
    this.#eventsAt = at;
    this.#batchAt = at;
  }

  handlingEnded(at: number): void {
    this.#handling -= 1;
    this.#eventsAt = at;
  }

  /** The listener took the events. */
  taken(events: readonly SourceEvent[], nowMs: number): void {
    const [first, last] = [events[0], events.at(-1)];
    if (first === undefined || last === undefined) return;
    if (this.position === null && this.#firstRead !== null) {
      this.#seesSinceMs ??= seesSince(this.#firstRead, this.start, first);
    }
    this.position = positionOf(last);
    this.#progressMs = nowMs;
  }

  /** The listener failed: what is not known to be taken is read again by the next reader. */
  failed(): void {
    this.#rewinds += 1;
    this.handed = this.position;
  }

  /** An empty batch: it proves nothing, but it is the moment to ask. */
  emptyBatch(at: number): void {
    this.#drained = this.#handling === 0;
    this.#batchAt = at;
  }

  /** Whether the last batch was empty, so that a read started now may find the partition caught up. */
  get drained(): boolean {
    return this.#drained && this.#handling === 0;
  }

  /** The end of the partition as the service tells it beside events, between management reads. */
  sawEnd(lastSequenceNumber: number, lastEnqueuedMs: number): void {
    if (this.position === null) return;
    const read = { firstSequenceNumber: 0, lastSequenceNumber, lastEnqueuedMs, isEmpty: false };
    this.#lag = lagOf(read, this.position, this.start);
  }

  /** What a management read that starts now is to be judged by. */
  beforeRead(): BeforeRead {
    return { handed: this.handed, drained: this.drained, gaps: this.#losses.gaps };
  }

  /** Takes in a management read that started when the partition was as `before` says. */
  judge(read: PartitionRead, before: BeforeRead, nowMs: number, at: number): Judgement {
    this.#readMs = nowMs;
    const below = contradicts(read, before.handed);
    this.#contradictions = below ? this.#contradictions + 1 : 0;
    const cut = this.#firstRead === null && this.#firstLook(read, nowMs);
    const lost = this.#losses.judge(before.gaps, read) || cut;
    this.#lag = lagOf(read, this.position, this.start);
    const behind = !isCaughtUp(read, this.handed, this.start);
    this.#behindSince = behind ? (this.#behindSince ?? at) : null;
    const caughtUp = before.drained && !below && isCaughtUp(read, this.position, this.start);
    if (caughtUp) this.#progressMs = nowMs;
    return { caughtUp, contradictions: this.#contradictions, lost };
  }

  /** What the hub deleted before it was read. */
  get loss(): Loss | null {
    return this.#losses.total;
  }

  /** Tells whether events behind the restored position are gone. */
  #firstLook(read: PartitionRead, nowMs: number): boolean {
    this.#firstRead = read;
    if (this.handed !== null) return this.#losses.resume(this.handed, read, nowMs);
    const wanted = this.start !== 'oldest' && read.lastSequenceNumber >= 0 && read.lastEnqueuedMs > this.start.afterMs;
    // Retention has taken everything that the lookback wanted: what comes from here on is all there is to see.
    if (wanted && read.isEmpty) this.#seesSinceMs = nowMs;
    return false;
  }

  signs(): ReaderSigns {
    return {
      startedAt: this.#startedAt,
      eventsAt: this.#eventsAt,
      batchAt: this.#batchAt,
      handling: this.#handling > 0,
      behindSince: this.#behindSince,
    };
  }

  status(of: Pick<PartitionStatus, 'owner' | 'owned' | 'error'>): PartitionStatus {
    return {
      ...of,
      origin: this.origin,
      position: this.position,
      lagEvents: this.#lag?.events ?? null,
      lagSeconds: this.#lag?.seconds ?? null,
      lastProgressMs: this.#progressMs,
      lastReadMs: this.#readMs,
      seesSinceMs: this.#losses.seesSinceMs ?? this.#seesSinceMs,
    };
  }
}

function positionOf({ sequenceNumber, offset, enqueuedMs }: SourceEvent): Position {
  return { sequenceNumber, offset, enqueuedMs };
}
