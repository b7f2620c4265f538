import type { ContainerClient } from '@azure/storage-blob';
import type { Clock, Log, Origin, PartitionStatus } from '../../core/ports.ts';
import type { Position, RealTime, SourceError, SourceListener } from '../../core/ports.ts';
import { patience } from './client-settings.ts';
import { namespaceOf, streamProblem, type EventHubStream } from './connection.ts';
import { ConsumerSession } from './consumer-session.ts';
import { settledWithin } from './deadline.ts';
import { causeOf, ErrorJournal } from './error-journal.ts';
import { HubWatch, type WatchedHub } from './hub-watch.ts';
import { Intake } from './intake.ts';
import type { ReadingStart } from './lag.ts';
import { ManagementReader, type HubRead } from './management-reader.ts';
import { Partition } from './partition.ts';
import { hubReset, sourceError } from './source-error.ts';

export interface HubReaderOptions {
  readonly stream: EventHubStream;
  readonly consumerGroup: string;
  readonly identifier: string;
  readonly container: ContainerClient;
  /** Reading begins behind this instant of the clock. */
  readonly afterMs: number;
  readonly leaseMs: number;
  readonly resetOnRecreate: boolean;
  readonly clock: Clock;
  readonly time: RealTime;
  readonly log: Log;
  readonly listener: SourceListener;
  /** The partitions of the hub are known, or are others than before. */
  readonly onKnown: () => void;
}

/** Causes of errors that belong to the whole hub. */
const hubCauses = ['configuration', 'management', 'ownership', 'checkpoint', 'reader', 'credit'] as const;

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
  #session: ConsumerSession | null = null;
  #hub: KnownHub | null = null;
  /** What shows that the hub was made anew. */
  #anew: string | null = null;
  #doubted = false;
  #halted = false;
  #stopping = false;

  constructor(options: HubReaderOptions) {
    const { stream, consumerGroup, log, time } = options;
    this.#options = options;
    const journal = new ErrorJournal({ hub: stream.name, log, time });
    const management = new ManagementReader(stream, consumerGroup, time);
    this.#journal = journal;
    this.#management = management;
    this.#watch = new HubWatch({ ...options, journal, management }, this.#watched());
    this.#intake = new Intake({
      ...options,
      journal,
      partitions: this.#partitions,
      isOpen: (session) => session === this.#session && !this.#stopping && !this.#halted,
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
    return this.#hub === null ? null : [...this.#partitions.values()].map(({ origin }) => origin);
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
        error: this.#standing(this.#journal.of(causeOf(id))),
      }),
    );
  }

  /** Waits for handlers that run, writes their checkpoints, and leaves the partitions to others; at most `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    const { time } = this.#options;
    const end = time.nowMs() + graceMs;
    this.#stopping = true;
    this.#watch.stop();
    const lines = Promise.all([...this.#partitions.values()].map(({ line }) => line));
    await settledWithin(lines, (graceMs * 2) / 3, time);
    const session = this.#session;
    if (session !== null) await settledWithin(this.#watch.writeCheckpoints(session), (end - time.nowMs()) / 2, time);
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
      if (known === null) await this.#adopt({ ...read, incarnation: read.createdMs }, this.#firstStart());
      else if (read.createdMs !== known.createdMs || this.#anew !== null) await this.#madeAnew(read, known);
      else await this.#adopt({ ...known, ...read }, 'oldest');
      this.#journal.clear('management');
    } catch (error) {
      const context = { attempt: 'read-hub', stream, consumerGroup, partition: null } as const;
      this.#journal.report('management', sourceError(error, context, clock.now()));
    }
  }

  #firstStart(): ReadingStart {
    return { afterMs: this.#options.afterMs };
  }

  /** Takes over what a read of the hub told, and opens a client when its partitions have become others. */
  async #adopt(hub: KnownHub, start: ReadingStart): Promise<void> {
    const { stream } = this.#options;
    const place = { namespace: namespaceOf(stream.connection), hub: stream.name, incarnation: hub.incarnation };
    const added = hub.partitions
      .filter((id) => !this.#partitions.has(id))
      .map((partition) => new Partition({ ...place, partition }, start));
    await Promise.all(added.map((partition) => this.#watch.look(partition)));
    for (const partition of added) this.#partitions.set(partition.origin.partition, partition);
    this.#hub = hub;
    if (added.length === 0 || this.#stopping) return;
    this.#reopen(this.#session === null ? null : 'the hub has other partitions');
    this.#options.onKnown();
  }

  /** Closes the client, if there is one, and reads on with a new one. */
  #reopen(reason: string | null): void {
    const old = this.#session;
    const { stream, log, time } = this.#options;
    if (reason !== null) log.warn('Reading goes on with a new client', { hub: stream.name, reason });
    if (old !== null) void old.close({ release: false, ms: patience.close });
    const session = new ConsumerSession({ ...this.#options, positions: () => this.#positions() });
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
    const [before, now] = [known.createdMs, read.createdMs].map((at) => new Date(at).toISOString());
    const evidence = this.#anew ?? `its created_at was ${String(before)} and is ${String(now)}`;
    const untouched = [...this.#partitions.values()].every(({ handed }) => handed === null);
    if (!resetOnRecreate && !untouched) {
      this.#anew = evidence;
      this.#halt(evidence);
      return;
    }
    log.warn('The hub was made anew and is read from its beginning', { hub: stream.name, evidence });
    const old = this.#session;
    const ids = [...this.#partitions.keys()];
    for (const id of ids) this.#journal.clear(causeOf(id));
    this.#partitions.clear();
    this.#anew = null;
    if (old !== null) for (const id of ids) void this.#watch.forgetCheckpoint(old, id);
    await this.#adopt({ ...read, incarnation: Math.max(read.createdMs, known.incarnation + 1) }, 'oldest');
  }

  #halt(evidence: string): void {
    const { stream, clock } = this.#options;
    this.#halted = true;
    for (const id of this.#partitions.keys()) {
      this.#journal.report(causeOf(id), hubReset(stream, id, evidence, clock.now()));
    }
  }
}
