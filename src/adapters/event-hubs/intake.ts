import type { Clock, Log, RealTime, SourceEvent, SourceListener } from '../../core/ports.ts';
import type { EventHubStream } from './connection.ts';
import { creditLimitApplies } from './credit-limit.ts';
import { causeOf, type ErrorJournal } from './error-journal.ts';
import type { Partition } from './partition.ts';
import type { Batch, ReadingSession } from './session-handlers.ts';
import { ReaderEnded } from './reader-ended.ts';
import { isOwnershipLost, sourceError, unfold } from './source-error.ts';

export interface IntakeOptions {
  readonly stream: EventHubStream;
  readonly consumerGroup: string;
  readonly clock: Clock;
  readonly time: RealTime;
  readonly log: Log;
  readonly listener: SourceListener;
  readonly journal: ErrorJournal;
  readonly partitions: ReadonlyMap<string, Partition>;
  /** Whether events of the session are taken now; otherwise they wait until it is closed. */
  readonly isOpen: (session: ReadingSession) => boolean;
  /** A reader's position was refused. */
  readonly doubt: () => void;
  /** An event, or a position that is refused again and again, proved that the numbers of the hub started again. */
  readonly suspectReset: (evidence: string) => void;
}

/** Takes what the clients of a hub read and hands it to the listener, in order and once. */
export class Intake {
  readonly #options: IntakeOptions;
  #ownershipFailedAt = Number.NEGATIVE_INFINITY;
  /** Partitions whose position was refused since they were last read. */
  readonly #refused = new Set<string>();

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** True milliseconds at which the load balancer last failed. */
  ownershipFailedAt(): number {
    return this.#ownershipFailedAt;
  }

  /** Takes a batch; the client reads on when the promise resolves. Throws only to end the reader. */
  async take(session: ReadingSession, { partition: id, events, end }: Batch): Promise<void> {
    const { partitions, isOpen, time, suspectReset } = this.#options;
    if (!isOpen(session)) return session.retired;
    const partition = partitions.get(id);
    if (partition === undefined) throw new ReaderEnded(`Cannot read partition ${id} as it is not known yet`);
    requireOwnership(session, id);
    this.#confirmReading(id);
    if (events.length === 0) {
      partition.emptyBatch(time.nowMs());
      return;
    }
    const admission = partition.admit(events);
    if ('contradiction' in admission) {
      const { event, position } = admission.contradiction;
      const [later, before] = [new Date(event.enqueuedMs), new Date(position.enqueuedMs)].map((at) => at.toISOString());
      suspectReset(
        `event ${event.sequenceNumber} was enqueued at ${String(later)}, after event ${position.sequenceNumber} of ${String(before)}`,
      );
      return session.retired;
    }
    await this.#hand(partition, admission.fresh);
    if (end !== null) partition.sawEnd(end.sequenceNumber, end.enqueuedMs);
    // A reader whose partition was taken while its handler ran would attach again and take it back.
    requireOwnership(session, id);
  }

  /** Takes an error of the client: of a reader, or of ownership and hub when the partition is null. */
  failed(session: ReadingSession, error: unknown, partition: string | null): void {
    const { stream, consumerGroup, clock, time, log, journal, isOpen, doubt, suspectReset } = this.#options;
    if (!isOpen(session)) return;
    if (error instanceof ReaderEnded || isOwnershipLost(error)) {
      log.info('A reader ended', {
        hub: stream.name,
        partition,
        reason: textOf(error),
      });
      return;
    }
    const attempt = partition === null ? 'keep-ownership' : 'open-reader';
    const known = sourceError(error, { attempt, stream, consumerGroup, partition }, clock.now());
    if (partition === null) {
      this.#ownershipFailedAt = time.nowMs();
      journal.report('ownership', known);
      return;
    }
    if (known.code === 'position_invalid') {
      doubt();
      // One refusal may come from a node that lags behind the one that sent the events.
      if (this.#refused.has(partition)) {
        suspectReset(`the service refused its position: ${textOf(error)}`);
        return;
      }
      this.#refused.add(partition);
    }
    const ofHub = known.code === 'consumer_group_not_found' || known.code === 'unauthorized';
    journal.report(ofHub ? 'reader' : causeOf(partition), known);
  }

  #confirmReading(partition: string): void {
    const { journal, clock } = this.#options;
    journal.clear('reader');
    journal.clear(causeOf(partition));
    this.#refused.delete(partition);
    if (creditLimitApplies()) return;
    const message =
      'Cannot bound the prefetch as the client asks for credit in another way than before: pin @azure/event-hubs 6.0.4';
    journal.report('credit', { code: 'unknown', message, at: clock.now() });
  }

  /** Handlers of a partition run one after the other, also those of an old client and of a new one. */
  async #hand(partition: Partition, events: readonly SourceEvent[]): Promise<void> {
    if (events.length === 0) return;
    const { clock, time } = this.#options;
    const { rewinds } = partition;
    const work = partition.line.then(() => this.#deliver(partition, events, rewinds));
    partition.line = work.catch(() => undefined);
    partition.handlingStarted(clock.now(), time.nowMs());
    try {
      await work;
    } finally {
      partition.handlingEnded(time.nowMs());
    }
  }

  async #deliver(partition: Partition, events: readonly SourceEvent[], rewinds: number): Promise<void> {
    if (partition.rewinds !== rewinds) throw new ReaderEnded('Cannot hand over as an earlier batch is read again');
    try {
      await this.#options.listener.onEvents(partition.origin, events);
    } catch (cause) {
      partition.failed();
      const text = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`Cannot go on as the events were not taken: ${text}`, { cause });
    }
    partition.taken(events, this.#options.clock.now());
  }
}

function textOf(error: unknown): string {
  return unfold(error)
    .map(({ message }) => message)
    .join('; ');
}

function requireOwnership({ store }: ReadingSession, partition: string): void {
  if (store.owns(partition)) return;
  const owner = store.ownerOf(partition) ?? 'nobody';
  throw new ReaderEnded(`Cannot read partition ${partition} on as its owner is ${owner}`);
}
