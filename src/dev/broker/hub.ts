import rhea from 'rhea';
import type { StampedEvent } from './batch-message.ts';
import { partitionOfKey } from './partition-key.ts';
import type { PartitionLog } from './partition-log.ts';
import { Readers } from './readers.ts';

/** What a hub is made of. `$Default` is always among its consumer groups. */
export interface HubOptions {
  readonly name: string;
  /** Number of partitions, 1 to 2048 as the service's dedicated tier allows; their ids are '0', '1', … */
  readonly partitions: number;
  readonly consumerGroups?: readonly string[];
  /** Events older than this are cut, measured on the broker's clock. Absent: nothing is cut. */
  readonly retentionMs?: number;
}

/** How `append` shall write a body. */
export interface AppendOptions {
  /** Enqueued time in milliseconds since 1970, may lie in the past; the broker's now when absent. */
  readonly enqueuedMs?: number;
  readonly partitionKey?: string;
  readonly properties?: Readonly<Record<string, string | number | boolean>>;
}

const DEFAULT_GROUP = '$default';

/** One event hub: its partitions, its consumer groups and who reads them. */
export class Hub {
  readonly name: string;
  readonly partitions: readonly PartitionLog[];
  readonly #now: () => number;
  readonly #groups: ReadonlySet<string>;
  readonly #retentionMs: number | null;
  readonly #readers = new Map<string, Readers>();
  readonly #onReset: (createdMs: number) => void;
  #createdMs: number;
  #nextPartition = 0;

  constructor(
    options: HubOptions,
    partitions: readonly PartitionLog[],
    createdMs: number,
    now: () => number,
    onReset: (createdMs: number) => void = () => undefined,
  ) {
    this.name = options.name;
    this.partitions = partitions;
    this.#createdMs = createdMs;
    this.#now = now;
    this.#onReset = onReset;
    this.#retentionMs = options.retentionMs ?? null;
    this.#groups = new Set([DEFAULT_GROUP, ...(options.consumerGroups ?? []).map((group) => group.toLowerCase())]);
  }

  /** When the hub was created, milliseconds since 1970: changes when it is reset. */
  get createdMs(): number {
    return this.#createdMs;
  }

  hasGroup(group: string): boolean {
    return this.#groups.has(group.toLowerCase());
  }

  /** The partition with this id, cut to its retention; undefined when there is none. */
  partition(id: string): PartitionLog | undefined {
    const log = this.partitions.find((partition) => partition.id === id);
    if (log !== undefined && this.#retentionMs !== null) log.trimBefore(this.#now() - this.#retentionMs);
    return log;
  }

  /** The receivers of a partition in a consumer group. */
  readers(group: string, partition: string): Readers {
    const key = `${group.toLowerCase()}/${partition}`;
    let readers = this.#readers.get(key);
    if (readers === undefined) this.#readers.set(key, (readers = new Readers()));
    return readers;
  }

  /** The partition for events that name none: by their key, else the next in turn (one batch, one partition). */
  route(partitionKey: string | null): PartitionLog {
    const count = this.partitions.length;
    const index = partitionKey === null ? this.#nextPartition++ % count : partitionOfKey(partitionKey, count);
    const log = this.partitions[index];
    if (log === undefined) throw new RangeError(`Cannot route to partition ${index}: ${this.name} has ${count}`);
    return log;
  }

  /**
   * Writes one event directly, past the wire: for histories whose enqueued times lie in the past.
   * @param partition id of the partition, or null for the one that key or turn gives
   * @param body bytes as they are, or text as UTF-8
   */
  append(partition: string | null, body: Uint8Array | string, options: AppendOptions = {}): StampedEvent {
    const key = options.partitionKey ?? null;
    const log = partition === null ? this.route(key) : this.partition(partition);
    if (log === undefined) {
      throw new RangeError(`Cannot append to partition ${partition}: ${this.name} has ${this.partitions.length}`);
    }
    const message = encodeEvent(typeof body === 'string' ? Buffer.from(body) : body, options.properties);
    const [event] = log.append([message], options.enqueuedMs ?? this.#now(), key);
    if (event === undefined) throw new Error(`Cannot append to partition ${log.id}: nothing was stored`);
    return event;
  }

  /** Makes the hub as new, as deleting and creating it does: empty partitions, numbers from 0, another created_at. */
  reset(): void {
    this.#createdMs = Math.max(this.#now(), this.#createdMs + 1);
    for (const log of this.partitions) log.reset();
    this.#onReset(this.#createdMs);
  }

  close(): void {
    for (const log of this.partitions) log.close();
  }
}

/** A bare message with application properties and one data section. */
function encodeEvent(body: Uint8Array, properties: AppendOptions['properties']): Buffer {
  if (properties === undefined) return Buffer.concat([dataSectionHead(body.length), body]);
  const emptyData = rhea.message.data_section(Buffer.alloc(0)) as unknown;
  const encoded = rhea.message.encode({ application_properties: properties, body: emptyData });
  // The empty data section is the last 5 bytes: descriptor 00 53 75, binary of size 0 a0 00.
  return Buffer.concat([encoded.subarray(0, -5), dataSectionHead(body.length), body]);
}

function dataSectionHead(length: number): Buffer {
  const head = Buffer.from([0x00, 0x53, 0x75, 0xb0, 0, 0, 0, 0]);
  head.writeUInt32BE(length, 4);
  return head;
}
