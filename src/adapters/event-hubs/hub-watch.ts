import type { Clock, Log, RealTime, SourceListener } from '../../core/ports.ts';
import { pace, patience } from './client-settings.ts';
import type { EventHubStream } from './connection.ts';
import type { ReadingSession } from './session-handlers.ts';
import { causeOf, lossOf, type ErrorJournal } from './error-journal.ts';
import { Jobs } from './jobs.ts';
import type { ManagementReader } from './management-reader.ts';
import type { Partition } from './partition.ts';
import { probeReader } from './reader-probe.ts';
import { eventsLost, sourceError, type Attempt } from './source-error.ts';
import { hasBalancerStopped, hasStalled, isSilent, recreateDelay } from './stall.ts';

export interface HubWatchOptions {
  readonly stream: EventHubStream;
  readonly consumerGroup: string;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly time: RealTime;
  readonly log: Log;
  readonly listener: SourceListener;
  readonly journal: ErrorJournal;
  readonly management: ManagementReader;
}

/** The hub as the watch sees it. */
export interface WatchedHub {
  readonly session: ReadingSession | null;
  readonly partitions: ReadonlyMap<string, Partition>;
  /** Whether nothing is taken until somebody decides. */
  readonly halted: boolean;
  /** Whether a doubt about the hub's numbers waits for reads. */
  readonly doubtful: boolean;
  readonly ownershipFailedAt: number;
  readonly refresh: () => Promise<void>;
  /** A single sign that the hub is not what it was. */
  readonly doubt: () => void;
  /** A proof of it. */
  readonly suspectReset: (evidence: string) => void;
  readonly reopen: (reason: string) => void;
}

/**
 * Looks at a hub beside its readers: by management reads, which alone can tell that a partition is caught up, is behind,
 * was made anew or is refused; and by the signs of life of the readers, which the client does not guard itself.
 */
export class HubWatch {
  readonly #options: HubWatchOptions;
  readonly #hub: WatchedHub;
  readonly #jobs = new Jobs();
  readonly #ended = new AbortController();
  #reopenedAt = Number.NEGATIVE_INFINITY;
  #reopenings = 0;

  constructor(options: HubWatchOptions, hub: WatchedHub) {
    this.#options = options;
    this.#hub = hub;
  }

  /** Looks on until stopped. */
  async run(): Promise<void> {
    const { time } = this.#options;
    const { signal } = this.#ended;
    await time.delay(pace.round, signal);
    while (!signal.aborted) {
      this.#round(time.nowMs());
      await time.delay(pace.round, signal);
    }
  }

  stop(): void {
    this.#ended.abort();
  }

  /**
   * Looks at a partition before it is read: twice when the first read doubts its position, as one may come from a node
   * that lags behind. Throws what the reads throw.
   */
  async firstLook(partition: Partition): Promise<void> {
    const contradictions = await this.look(partition);
    if (contradictions === 0) return;
    await this.#options.time.delay(pace.round, this.#ended.signal);
    await this.look(partition);
  }

  /**
   * Reads a partition and draws the conclusions. Tells how many reads in a row have ended before its position. Throws
   * what the read throws.
   */
  async look(partition: Partition): Promise<number> {
    const { clock, time, management, listener } = this.#options;
    const readStartedMs = clock.now();
    const before = partition.beforeRead();
    const read = await management.readPartition(partition.origin.partition);
    const { caughtUp, contradictions, lost } = partition.judge(read, before, clock.now(), time.nowMs());
    if (lost) this.#reportLoss(partition);
    if (contradictions > 0) this.#hub.doubt();
    // One read may come from a node that lags behind the one that sends the events; two in a row do not.
    if (contradictions > 1 && before.handed !== null) {
      const evidence = `its newest event is ${read.lastSequenceNumber} where event ${before.handed.sequenceNumber} had been read`;
      this.#hub.suspectReset(evidence);
    } else if (caughtUp && this.#isRead(partition)) {
      listener.onCaughtUp(partition.origin, readStartedMs);
    }
    return contradictions;
  }

  /** Whether the partition is still the one that is read: it may have been lost, or begun anew, during a read. */
  #isRead(partition: Partition): boolean {
    const { partitions, halted } = this.#hub;
    return partitions.get(partition.origin.partition) === partition && !halted && !this.#ended.signal.aborted;
  }

  #reportLoss({ loss, origin: { partition } }: Partition): void {
    const { journal, stream, clock } = this.#options;
    if (loss !== null) journal.report(lossOf(partition), eventsLost(stream, partition, loss, clock.now()));
  }

  /** Writes the checkpoints that are behind. Never rejects. */
  async writeCheckpoints(session: ReadingSession): Promise<void> {
    const behind = [...this.#hub.partitions.values()].filter((partition) => partition.isCheckpointBehind);
    await Promise.all(behind.map((partition) => this.#writeCheckpoint(session, partition)));
  }

  #round(now: number): void {
    const { session, partitions, halted, doubtful } = this.#hub;
    const healthy = session !== null && this.#options.journal.of('management') === null;
    const hubPace = (healthy || halted) && !doubtful ? pace.hubRead : pace.hubRetry;
    this.#jobs.run('hub', hubPace, now, this.#hub.refresh);
    if (session === null) return;
    for (const [id, partition] of partitions) {
      const owned = session.store.owns(id);
      if (healthy && owned) this.#lookWhenDue(id, partition, now);
      if (healthy && session.isRunning(id) && isSilent(partition.signs(), now)) this.#probe(id, now);
      if (owned && partition.isCheckpointBehind) {
        this.#jobs.run(`checkpoint ${id}`, pace.checkpoint, now, () => this.#writeCheckpoint(session, partition));
      }
    }
    if (session.store.cycleDoneAt() > this.#hub.ownershipFailedAt) this.#options.journal.clear('ownership');
    if (healthy && !halted) this.#reopenWhenStuck(session, now);
  }

  #lookWhenDue(id: string, partition: Partition, now: number): void {
    const every = partition.drained || this.#hub.doubtful ? pace.idleRead : pace.busyRead;
    this.#jobs.run(`partition ${id}`, every, now, async () => {
      try {
        await this.look(partition);
      } catch (error) {
        this.#report('management', 'read-partition', error, id);
      }
    });
  }

  /** Finds out why a reader shows no sign of life: the client retries a refusal a hundred times and says nothing. */
  #probe(id: string, now: number): void {
    const { stream, consumerGroup, time } = this.#options;
    this.#jobs.run('probe', patience.silentLink, now, async () => {
      try {
        await probeReader(stream, consumerGroup, id, time);
      } catch (error) {
        this.#report('reader', 'open-reader', error, null);
      }
    });
  }

  #reopenWhenStuck(session: ReadingSession, now: number): void {
    const { leaseMs, log, stream } = this.#options;
    const stalled = [...this.#hub.partitions].filter(([id, partition]) => {
      return session.isRunning(id) && hasStalled(partition.signs(), now);
    });
    const balancer = hasBalancerStopped(session.store.listedAt(), now, leaseMs);
    if (stalled.length === 0 && !balancer) {
      if (now - this.#reopenedAt > 2 * recreateDelay(this.#reopenings)) this.#reopenings = 0;
      return;
    }
    if (now - this.#reopenedAt < recreateDelay(this.#reopenings)) return;
    this.#reopenings += 1;
    this.#reopenedAt = now;
    const ids = stalled.map(([id]) => id);
    log.warn('Readers are stuck', { hub: stream.name, stalled: ids, balancer, reopenings: this.#reopenings });
    this.#hub.reopen(balancer ? 'its load balancer stopped' : `no events of partitions ${ids.join(', ')} while behind`);
  }

  async #writeCheckpoint(session: ReadingSession, partition: Partition): Promise<void> {
    const { durable, origin } = partition;
    if (durable === null) return;
    try {
      const checkpoint = { ...session.placeOf(origin.partition), ...durable };
      await session.store.writeCheckpoint(checkpoint, origin.incarnation);
      partition.checkpointed = durable;
      this.#options.journal.clear('checkpoint');
    } catch (error) {
      this.#report('checkpoint', 'keep-ownership', error, null);
    }
  }

  #report(cause: string, attempt: Attempt, error: unknown, partition: string | null): void {
    const { stream, consumerGroup, clock, journal } = this.#options;
    const known = sourceError(error, { attempt, stream, consumerGroup, partition }, clock.now());
    journal.report(partition === null || cause === 'management' ? cause : causeOf(partition), known);
  }
}
