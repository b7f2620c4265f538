import type { ContainerClient } from '@azure/storage-blob';
import { originKey, type Log, type Origin, type Position, type RealTime } from '../../core/ports.ts';
import { readCheckpoints, type BlobPlace, type CheckpointBlob } from './checkpoint-blob.ts';
import { namespaceOf, type EventHubStream } from './connection.ts';
import { belongsTo, HubMemory } from './hub-memory.ts';
import type { HubRead, ManagementReader } from './management-reader.ts';
import { recreated } from './source-error.ts';
import { storageAnswer } from './storage-deadline.ts';

export interface SharedHubOptions {
  readonly stream: EventHubStream;
  readonly consumerGroup: string;
  readonly container: ContainerClient;
  readonly management: ManagementReader;
  readonly resetOnRecreate: boolean;
  readonly time: RealTime;
  readonly log: Log;
}

interface KnownHub extends HubRead {
  readonly incarnation: number;
}

/** What a read of the hub showed: nothing new, more partitions, or a hub that was not known before. */
export type HubChange = 'none' | 'partitions' | 'hub';

/**
 * Which hub it is that is read, as processes that share it agree: its partitions, and its incarnation, which they take
 * from each other's checkpoints. One that was made anew is read only when that is allowed.
 */
export class SharedHub {
  readonly #options: SharedHubOptions;
  #known: KnownHub | null = null;
  #memory: HubMemory | null = null;
  #evidence: string | null = null;
  #halted = false;
  #doubted = false;

  constructor(options: SharedHubOptions) {
    this.#options = options;
  }

  /** The hub's partitions, null until it has been read. */
  origins(): readonly Origin[] | null {
    if (this.#known === null) return null;
    const { incarnation, partitions } = this.#known;
    return partitions.map((partition) => ({ ...this.#place(), partition, incarnation }));
  }

  /** What shows that the hub was made anew, null when nothing does. */
  get evidence(): string | null {
    return this.#evidence;
  }

  /** Whether nothing is read until somebody decides. */
  get halted(): boolean {
    return this.#halted;
  }

  /** Whether a sign of another hub waits for a read that decides. */
  get doubtful(): boolean {
    return (this.#doubted || this.#evidence !== null) && !this.#halted;
  }

  doubt(): void {
    this.#doubted = true;
  }

  /** Something proves that the numbers started again: the next read decides, or nothing goes on until someone does. */
  suspectReset(evidence: string): void {
    if (this.#halted || this.#evidence !== null) return;
    this.#evidence = evidence;
    this.#halted = !this.#options.resetOnRecreate;
  }

  /** Reads the hub; `untouched` says whether none of its events was taken. Throws what hub and storage answer. */
  async refresh(untouched: () => boolean): Promise<HubChange> {
    const read = await this.#options.management.readHub();
    this.#doubted = false;
    const known = this.#known;
    if (known === null) return this.#begin(read);
    if (read.createdMs !== known.createdMs || this.#evidence !== null) {
      const evidence = this.#evidence ?? recreated(known.createdMs, read.createdMs);
      return this.#madeAnew(read, evidence, untouched() && (await this.#isUntouched(known)));
    }
    this.#known = { ...known, ...read };
    return read.partitions.length === known.partitions.length ? 'none' : 'partitions';
  }

  /** The checkpoint of a partition, null when there is none of its incarnation. Throws what the storage answers. */
  async checkpoint({ partition, incarnation }: Origin): Promise<Position | null> {
    const found = (await this.#checkpoints()).find((each) => each.partition === partition);
    if (found === undefined) return null;
    if (found.incarnation === null || found.incarnation === incarnation) return found.position;
    if (this.#known !== null && isLater(found.incarnation, this.#known)) {
      this.suspectReset('another process found that its numbers had started again');
      throw new Error(`Cannot read partition ${partition} as its hub was made anew`);
    }
    return null;
  }

  async #begin(read: HubRead): Promise<HubChange> {
    const stored = (await this.#checkpoints()).flatMap(({ partition, incarnation, position }) => {
      if (incarnation === null) return [];
      return [[originKey({ ...this.#place(), partition, incarnation }), position] as const];
    });
    const memory = new HubMemory(new Map(stored), this.#place());
    this.#memory = memory;
    const before = memory.newest();
    const incarnation = memory.incarnationOf(read.createdMs);
    if (incarnation === null && before !== null) {
      return this.#madeAnew(read, recreated(before, read.createdMs), false, before);
    }
    this.#know({ ...read, incarnation: incarnation ?? read.createdMs });
    return 'hub';
  }

  /** Whether no process has told how far it read the hub. */
  async #isUntouched({ createdMs }: KnownHub): Promise<boolean> {
    if (this.#halted) return false;
    const checkpoints = await this.#checkpoints();
    return checkpoints.every(({ incarnation }) => incarnation !== null && !belongsTo(incarnation, createdMs));
  }

  #madeAnew(read: HubRead, evidence: string, untouched: boolean, before: number | null = null): HubChange {
    const { resetOnRecreate, log, stream } = this.#options;
    if (!resetOnRecreate && !untouched) {
      this.#evidence = evidence;
      this.#halted = true;
      if (before !== null) this.#know({ ...read, createdMs: before, incarnation: before });
      return before === null ? 'none' : 'hub';
    }
    log.warn('The hub was made anew and is read from its beginning', { hub: stream.name, evidence });
    this.#evidence = null;
    this.#halted = false;
    this.#know({ ...read, incarnation: this.#memory?.another(read.createdMs) ?? read.createdMs });
    return 'hub';
  }

  #know(hub: KnownHub): void {
    this.#known = hub;
    this.#memory?.add(hub.incarnation);
  }

  #checkpoints(): Promise<readonly CheckpointBlob[]> {
    const { stream, consumerGroup, container, time } = this.#options;
    const host = namespaceOf(stream.connection).replace(/:\d+$/, '');
    const place: BlobPlace = { fullyQualifiedNamespace: host, eventHubName: stream.name, consumerGroup };
    return storageAnswer(readCheckpoints(container, place), time);
  }

  #place(): Pick<Origin, 'namespace' | 'hub'> {
    const { name, connection } = this.#options.stream;
    return { namespace: namespaceOf(connection), hub: name };
  }
}

function isLater(incarnation: number, { createdMs, incarnation: ours }: KnownHub): boolean {
  return incarnation > ours && belongsTo(incarnation, createdMs);
}
