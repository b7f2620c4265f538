import type { ContainerClient } from '@azure/storage-blob';
import { originKey, type Clock, type Log, type Origin, type PartitionStatus } from '../../core/ports.ts';
import type { Positions, RealTime, SourceError } from '../../core/ports.ts';
import type { SharedSourceListener } from '../../core/shared-event-source.ts';
import { patience } from './client-settings.ts';
import { streamProblem, type EventHubStream } from './connection.ts';
import { settledWithin } from './deadline.ts';
import { causeOf, ErrorJournal, hubCauses, lossOf } from './error-journal.ts';
import { HubWatch, type WatchedHub } from './hub-watch.ts';
import { Intake } from './intake.ts';
import { ManagementReader } from './management-reader.ts';
import type { SessionListener } from './session-handlers.ts';
import { SharedHub } from './shared-hub.ts';
import { SharedPartitions, unread } from './shared-partitions.ts';
import { SharedSession } from './shared-session.ts';
import { hubReset, isOwnershipLost, sourceError, type Attempt } from './source-error.ts';

export interface SharedHubReaderOptions {
  readonly stream: EventHubStream;
  readonly consumerGroup: string;
  readonly identifier: string;
  readonly container: ContainerClient;
  /** A partition without a position is read from what was enqueued after this instant of the clock. */
  readonly afterMs: number;
  readonly leaseMs: number;
  readonly resetOnRecreate: boolean;
  readonly clock: Clock;
  readonly time: RealTime;
  readonly log: Log;
  readonly listener: SharedSourceListener;
  /** The partitions of the hub are known, or are others than before. */
  readonly onKnown: () => void;
}

/** Reads those partitions of one hub that come to this process. */
export class SharedHubReader {
  readonly #options: SharedHubReaderOptions;
  readonly #journal: ErrorJournal;
  readonly #management: ManagementReader;
  readonly #watch: HubWatch;
  readonly #intake: Intake;
  readonly #partitions: SharedPartitions;
  readonly #hub: SharedHub;
  #session: SharedSession | null = null;
  #stopping = false;
  #closed = false;

  constructor(options: SharedHubReaderOptions) {
    const { stream, consumerGroup, log, time } = options;
    this.#options = options;
    const journal = new ErrorJournal({ hub: stream.name, log, time });
    const management = new ManagementReader(stream, consumerGroup, time);
    this.#journal = journal;
    this.#management = management;
    const hub = new SharedHub({ ...options, management });
    this.#hub = hub;
    this.#partitions = new SharedPartitions({
      ...options,
      checkpoint: (origin) => hub.checkpoint(origin),
      firstLook: (partition) => this.#watch.firstLook(partition),
      lookFailed: (error) => this.#report('management', 'read-partition', error),
      session: () => this.#session,
      handlers: (session) => this.#handlers(session),
    });
    const parts = { ...options, journal, management };
    this.#watch = new HubWatch(parts, this.#watched());
    this.#intake = new Intake({
      ...parts,
      partitions: this.#partitions.open,
      isOpen: (session) => session === this.#session && !this.#stopping && hub.evidence === null,
      doubt: () => hub.doubt(),
      suspectReset: (evidence) => this.#suspectReset(evidence),
    });
  }

  /** Resolves when claiming has begun or a first attempt has failed; then it goes on trying. */
  async start(): Promise<void> {
    const problem = streamProblem(this.#options.stream);
    if (problem !== null) {
      this.#journal.report('configuration', { code: 'unknown', message: problem, at: this.#options.clock.now() });
      return;
    }
    await this.#refresh();
    void this.#watch.run();
  }

  /** The hub's partitions, null until it has been read. */
  origins(): readonly Origin[] | null {
    return this.#hub.origins();
  }

  error(): SourceError | null {
    return this.#standing(this.#journal.newest(hubCauses));
  }

  status(): readonly PartitionStatus[] {
    const session = this.#session;
    return (this.origins() ?? []).map((origin) => {
      const id = origin.partition;
      const owner = session?.store.ownerOf(id) ?? null;
      const error = this.#standing(this.#journal.of(causeOf(id)) ?? this.#journal.of(lossOf(id)));
      const partition = this.#partitions.open.get(id);
      if (partition === undefined || !this.#partitions.isHeld(id)) return unread(origin, owner, error);
      const owned = session !== null && session.isRunning(id) && session.store.owns(id);
      return partition.status({ owner, owned, error });
    });
  }

  /** Lets checkpoints follow positions that are durable; after stop() at once, as nothing looks after them any more. */
  checkpoint(positions: Positions): void {
    for (const partition of this.#partitions.open.values()) {
      const position = positions.get(originKey(partition.origin));
      if (position !== undefined) partition.committed(position);
    }
    if (this.#closed && this.#session !== null) void this.#watch.writeCheckpoints(this.#session);
  }

  /** Gives a partition away and does not claim it for a while. */
  release(origin: Origin): void {
    const session = this.#session;
    if (session === null || this.#stopping || !this.origins()?.some((each) => originKey(each) === originKey(origin)))
      return;
    if (!session.store.owns(origin.partition)) return;
    // What cannot be given away now is given away by the next cycle.
    session.giveAway(origin.partition).catch(() => undefined);
    this.#partitions.lose(origin);
  }

  /** Lets go of all partitions, waits for handlers that run, writes the checkpoints that are behind; at most `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    const { time } = this.#options;
    const end = time.nowMs() + graceMs;
    this.#stopping = true;
    this.#watch.stop();
    const read = [...this.#partitions.open];
    const lost = this.#partitions.loseAll();
    // Their checkpoints go on: positions are told of what was taken last.
    for (const [id, partition] of read) this.#partitions.open.set(id, partition);
    await settledWithin(lost, (graceMs * 2) / 3, time);
    const session = this.#session;
    if (session !== null) await settledWithin(this.#watch.writeCheckpoints(session), (end - time.nowMs()) / 2, time);
    if (this.#closed) return;
    this.#closed = true;
    const ms = Math.min(patience.close, Math.max(0, end - time.nowMs()));
    await Promise.all([session?.close({ release: true, ms }), this.#management.close(ms)]);
  }

  #standing(error: SourceError | null): SourceError | null {
    return error === null ? null : { ...error, at: this.#options.clock.now() };
  }

  #report(cause: string, attempt: Attempt, error: unknown): void {
    const { stream, consumerGroup, clock } = this.#options;
    this.#journal.report(cause, sourceError(error, { attempt, stream, consumerGroup, partition: null }, clock.now()));
  }

  #watched(): WatchedHub {
    const [hub, partitions] = [this.#hub, this.#partitions.open];
    // Accessors of what changes; the watch holds the hub for its whole life.
    const session = (): SharedSession | null => this.#session;
    const ownershipFailedAt = (): number => this.#intake.ownershipFailedAt();
    return {
      partitions,
      get session() {
        return session();
      },
      get halted() {
        return hub.halted;
      },
      get doubtful() {
        return hub.doubtful;
      },
      get ownershipFailedAt() {
        return ownershipFailedAt();
      },
      refresh: () => this.#refresh(),
      doubt: () => hub.doubt(),
      suspectReset: (evidence) => this.#suspectReset(evidence),
      reopen: (reason) => this.#reopen(reason),
    };
  }

  /** Reads what the hub is and follows it. */
  async #refresh(): Promise<void> {
    const { onKnown } = this.#options;
    try {
      const open = this.#partitions.open;
      const change = await this.#hub.refresh(() => [...open.values()].every(({ handed }) => handed === null));
      this.#journal.clear('management');
      if (this.#hub.halted) this.#reportHalt();
      if (change === 'none' || this.#stopping) return;
      if (change === 'hub' && !this.#hub.halted) this.#begin();
      onKnown();
    } catch (error) {
      this.#report('management', 'read-hub', error);
    }
  }

  /** Takes up a hub that was not known before. */
  #begin(): void {
    for (const { partition } of this.origins() ?? []) {
      this.#journal.clear(causeOf(partition));
      this.#journal.forget(lossOf(partition));
    }
    void this.#partitions.loseAll();
    this.#reopen(this.#session === null ? null : 'the hub is another');
  }

  /** Goes on with new clients; what is owned stays so. */
  #reopen(reason: string | null): void {
    const { stream, log } = this.#options;
    if (reason !== null) log.warn('Reading goes on with a new client', { hub: stream.name, reason });
    void this.#session?.close({ release: false, ms: patience.close });
    const session: SharedSession = new SharedSession({
      ...this.#options,
      positions: () => this.#partitions.positions(),
      onOwnership: () => {
        if (session !== this.#session || this.#stopping) return;
        this.#partitions.follow(session, this.origins() ?? [], this.#hub.evidence === null);
      },
    });
    this.#session = session;
    session.balance((error) => this.#intake.failed(session, error, null));
  }

  #handlers(session: SharedSession): SessionListener {
    const { open } = this.#partitions;
    return {
      readerStarted: (id) => open.get(id)?.restarted(this.#options.time.nowMs()),
      take: (batch) => this.#intake.take(session, batch),
      failed: (error, id) => {
        this.#intake.failed(session, error, id);
        if (id === null || !isOwnershipLost(error)) return;
        // Left alone, the client would attach again and take the partition back from whoever owns it now.
        session.endReading(id);
        session.ask().catch(() => undefined);
      },
    };
  }

  #suspectReset(evidence: string): void {
    this.#hub.suspectReset(evidence);
    if (this.#hub.halted) this.#reportHalt();
  }

  #reportHalt(): void {
    const { stream, clock } = this.#options;
    const evidence = this.#hub.evidence ?? '';
    for (const { partition } of this.origins() ?? []) {
      this.#journal.report(causeOf(partition), hubReset(stream, partition, evidence, clock.now()));
    }
  }
}
