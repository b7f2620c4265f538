import type { ContainerClient } from '@azure/storage-blob';
import type { Clock, Log, Origin, PartitionStatus } from '../../core/ports.ts';
import { originKey, type Position, type Positions } from '../../core/ports.ts';
import type { RealTime, SourceError, SourceListener } from '../../core/ports.ts';
import { patience } from './client-settings.ts';
import { namespaceOf, streamProblem, type EventHubStream } from './connection.ts';
import { ConsumerSession } from './consumer-session.ts';
import { settledWithin } from './deadline.ts';
import { causeOf, ErrorJournal, hubCauses, lossOf } from './error-journal.ts';
import { ExclusiveClaims } from './exclusive-claims.ts';
import { HubMemory } from './hub-memory.ts';
import { HubWatch, type WatchedHub } from './hub-watch.ts';
import { Intake } from './intake.ts';
import type { ReadingStart } from './lag.ts';
import { ManagementReader, type HubRead } from './management-reader.ts';
import { Partition } from './partition.ts';
import { hubReset, recreated, sourceError } from './source-error.ts';

export interface HubReaderOptions {
  readonly stream: EventHubStream;
  readonly consumerGroup: string;
  readonly identifier: string;
  readonly container: ContainerClient;
  /** Positions behind which reading goes on, of this hub and of others. */
  readonly restored: Positions;
  /** A partition without a position is read from what was enqueued after this instant of the clock. */
  readonly afterMs: number;
  /** Whether this process is to have every partition. */
  readonly exclusive: boolean;
  readonly leaseMs: number;
  readonly resetOnRecreate: boolean;
  readonly clock: Clock;
  readonly time: RealTime;
  readonly log: Log;
  readonly listener: SourceListener;
  /** The partitions of the hub are known, or are others than before. */
  readonly onKnown: () => void;
}

interface KnownHub extends HubRead {
  readonly incarnation: number;
}

/** Reads one hub. The states of its partitions outlive the clients that come and go beneath them. */
export class HubReader {
  readonly #options: HubReaderOptions;
  readonly #journal: ErrorJournal;
  readonly #management: ManagementReader;
  readonly #watch: HubWatch;
  readonly #intake: Intake;
  readonly #partitions = new Map<string, Partition>();
  readonly #memory: HubMemory;
  readonly #claims: ExclusiveClaims | null;
  #session: ConsumerSession | null = null;
  #hub: KnownHub | null = null;
  /** What shows that the hub was made anew. */
  #anew: string | null = null;
  #doubted = false;
  #halted = false;
  #stopping = false;
  #closed = false;

  constructor(options: HubReaderOptions) {
    const { stream, consumerGroup, log, time } = options;
    this.#options = options;
    this.#memory = new HubMemory(options.restored, { namespace: namespaceOf(stream.connection), hub: stream.name });
    this.#claims = options.exclusive ? new ExclusiveClaims(options) : null;
    const journal = new ErrorJournal({ hub: stream.name, log, time });
    const management = new ManagementReader(stream, consumerGroup, time);
    this.#journal = journal;
    this.#management = management;
    this.#watch = new HubWatch({ ...options, journal, management }, this.#watched());
    this.#intake = new Intake({
      ...options,
      journal,
      partitions: this.#partitions,
      isOpen: (session) => {
        return session === this.#session && !this.#stopping && !this.#halted && this.#anew === null;
      },
      doubt: () => this.#doubt(),
      suspectReset: (evidence) => this.#suspectReset(evidence),
    });
  }

  /** Resolves when reading has begun or a first attempt has failed; then it goes on trying. */
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
    if (this.#hub === null || this.#partitions.size === 0) return null;
    return [...this.#partitions.values()].map(({ origin }) => origin);
  }

  error(): SourceError | null {
    return this.#standing(this.#journal.newest(hubCauses));
  }

  status(): readonly PartitionStatus[] {
    const session = this.#session;
    return [...this.#partitions].map(([id, partition]) =>
      partition.status({
        owner: session?.store.ownerOf(id) ?? null,
        owned: session !== null && session.isRunning(id) && session.store.owns(id),
        error: this.#standing(this.#journal.of(causeOf(id)) ?? this.#journal.of(lossOf(id))),
      }),
    );
  }

  /** Lets checkpoints follow positions that are durable; after stop() at once, as nothing looks after them any more. */
  checkpoint(positions: Positions): void {
    for (const partition of this.#partitions.values()) {
      const position = positions.get(originKey(partition.origin));
      if (position !== undefined) partition.committed(position);
    }
    if (this.#closed && this.#session !== null) void this.#watch.writeCheckpoints(this.#session);
  }

  /**
   * Waits for handlers that run, writes the checkpoints that are behind, and leaves the partitions to others; at most
   * `graceMs`. Once more, it waits for checkpoints that were told since.
   */
  async stop(graceMs: number): Promise<void> {
    const { time } = this.#options;
    const end = time.nowMs() + graceMs;
    this.#stopping = true;
    this.#watch.stop();
    const lines = Promise.all([...this.#partitions.values()].map(({ line }) => line));
    await settledWithin(lines, (graceMs * 2) / 3, time);
    const session = this.#session;
    if (session !== null) await settledWithin(this.#watch.writeCheckpoints(session), (end - time.nowMs()) / 2, time);
    if (this.#closed) return;
    this.#closed = true;
    const ms = Math.min(patience.close, Math.max(0, end - time.nowMs()));
    await Promise.all([session?.close({ release: true, ms }), this.#management.close(ms)]);
  }

  /** An error of the journal holds until it is cleared, whatever was read since it was first seen. */
  #standing(error: SourceError | null): SourceError | null {
    return error === null ? null : { ...error, at: this.#options.clock.now() };
  }

  #watched(): WatchedHub {
    // Accessors of what changes; the watch holds the hub for its whole life.
    const session = (): ConsumerSession | null => this.#session;
    const halted = (): boolean => this.#halted;
    const doubtful = (): boolean => (this.#doubted || this.#anew !== null) && !this.#halted;
    const ownershipFailedAt = (): number => this.#intake.ownershipFailedAt();
    return {
      partitions: this.#partitions,
      get session() {
        return session();
      },
      get halted() {
        return halted();
      },
      get doubtful() {
        return doubtful();
      },
      get ownershipFailedAt() {
        return ownershipFailedAt();
      },
      refresh: () => this.#refresh(),
      doubt: () => this.#doubt(),
      suspectReset: (evidence) => this.#suspectReset(evidence),
      reopen: (reason) => this.#reopen(reason),
    };
  }

  /** Reads what the hub is and follows it: its partitions, and whether it is still the one that was read before. */
  async #refresh(): Promise<void> {
    const { stream, consumerGroup, clock } = this.#options;
    try {
      const read = await this.#management.readHub();
      this.#doubted = false;
      const known = this.#hub;
      if (known === null) await this.#begin(read);
      else if (read.createdMs !== known.createdMs || this.#anew !== null) await this.#madeAnew(read, known);
      else await this.#adopt({ ...known, ...read }, 'oldest');
      // The first look at a partition may have shown it.
      if (this.#hub !== null && this.#anew !== null && !this.#halted) await this.#madeAnew(read, this.#hub);
      this.#journal.clear('management');
    } catch (error) {
      const context = { attempt: 'read-hub', stream, consumerGroup, partition: null } as const;
      this.#journal.report('management', sourceError(error, context, clock.now()));
    }
  }

  /** Takes up the hub where the restored positions left it. */
  async #begin(read: HubRead): Promise<void> {
    const start = { afterMs: this.#options.afterMs };
    const incarnation = this.#memory.incarnationOf(read.createdMs);
    const before = this.#memory.newest();
    if (incarnation !== null || before === null) {
      await this.#adopt({ ...read, incarnation: incarnation ?? read.createdMs }, start);
      return;
    }
    const known = { ...read, createdMs: before, incarnation: before };
    if (this.#options.resetOnRecreate) {
      await this.#madeAnew(read, known);
      return;
    }
    this.#anew = recreated(before, read.createdMs);
    this.#halted = true;
    await this.#adopt(known, start);
  }

  /** Takes over what a read of the hub told, and opens a client when its partitions have become others. */
  async #adopt(hub: KnownHub, start: ReadingStart): Promise<void> {
    const { stream } = this.#options;
    const place = { namespace: namespaceOf(stream.connection), hub: stream.name, incarnation: hub.incarnation };
    const positions = this.#memory.positions(hub.incarnation);
    const added = hub.partitions
      .filter((id) => !this.#partitions.has(id))
      .map((id) => new Partition({ ...place, partition: id }, start, positions.get(id) ?? null));
    if (!this.#halted) await Promise.all(added.map((partition) => this.#watch.firstLook(partition)));
    for (const partition of added) this.#partitions.set(partition.origin.partition, partition);
    this.#hub = hub;
    this.#memory.add(hub.incarnation);
    if (added.length === 0 || this.#stopping) return;
    if (this.#anew === null) this.#reopen(this.#session === null ? null : 'the hub has other partitions');
    else if (this.#halted) this.#halt(this.#anew);
    else return;
    this.#options.onKnown();
  }

  /** Closes the client, if there is one, and reads on with a new one. */
  #reopen(reason: string | null): void {
    const old = this.#session;
    const { stream, log, time } = this.#options;
    if (reason !== null) log.warn('Reading goes on with a new client', { hub: stream.name, reason });
    if (old !== null) void old.close({ release: false, ms: patience.close });
    const positions = (): ReadonlyMap<string, Position> => this.#positions();
    const session = new ConsumerSession({ ...this.#options, exclusive: this.#claims, positions });
    this.#session = session;
    const starts = new Map([...this.#partitions].map(([id, { start }]) => [id, start]));
    session.open(starts, {
      readerStarted: (id) => this.#partitions.get(id)?.restarted(time.nowMs()),
      take: (batch) => this.#intake.take(session, batch),
      failed: (error, id) => this.#intake.failed(session, error, id),
    });
  }

  #positions(): ReadonlyMap<string, Position> {
    return new Map([...this.#partitions].flatMap(([id, { handed }]) => (handed === null ? [] : [[id, handed]])));
  }

  #doubt(): void {
    this.#doubted = true;
  }

  /** Something shows that the numbers started again: the next read of the hub decides, or nothing goes on until someone does. */
  #suspectReset(evidence: string): void {
    if (this.#halted || this.#anew !== null) return;
    this.#anew = evidence;
    if (!this.#options.resetOnRecreate) this.#halt(evidence);
  }

  async #madeAnew(read: HubRead, known: KnownHub): Promise<void> {
    const { resetOnRecreate, log, stream } = this.#options;
    const evidence = this.#anew ?? recreated(known.createdMs, read.createdMs);
    const untouched = [...this.#partitions.values()].every(({ handed }) => handed === null);
    if (!resetOnRecreate && !untouched) {
      this.#anew = evidence;
      this.#halt(evidence);
      return;
    }
    log.warn('The hub was made anew and is read from its beginning', { hub: stream.name, evidence });
    for (const id of this.#partitions.keys()) {
      this.#journal.clear(causeOf(id));
      this.#journal.forget(lossOf(id));
    }
    this.#partitions.clear();
    this.#anew = null;
    this.#hub = { ...read, incarnation: this.#memory.another(read.createdMs) };
    await this.#adopt(this.#hub, 'oldest');
  }

  #halt(evidence: string): void {
    const { stream, clock } = this.#options;
    this.#halted = true;
    for (const id of this.#partitions.keys()) {
      this.#journal.report(causeOf(id), hubReset(stream, id, evidence, clock.now()));
    }
  }
}
