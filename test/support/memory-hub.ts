import { originKey, type Clock, type Origin, type Position, type SourceEvent } from '../../src/core/ports.ts';

export interface MemoryHubOptions {
  readonly namespace?: string;
  readonly hub: string;
  readonly incarnation?: number;
  readonly partitions: number;
  /** Stamps what is enqueued. */
  readonly clock: Clock;
}

/** Who owns a partition, "" for nobody, and when that was last renewed, in true milliseconds. */
export interface MemoryOwnership {
  readonly owner: string;
  readonly renewedAt: number;
}

/** A hub in memory with what its consumers keep in storage: logs, ownership, checkpoints, and who reads. */
export class MemoryHub {
  readonly namespace: string;
  readonly hub: string;
  readonly clock: Clock;
  readonly owners = new Map<string, MemoryOwnership>();
  /** The one reader that each partition has: another takes its place. */
  readonly readers = new Map<string, object>();
  /** Checkpoints by originKey(). */
  readonly checkpoints = new Map<string, Position>();
  #incarnation: number;
  #logs: ReadonlyMap<string, SourceEvent[]>;

  constructor({ namespace = 'memory', hub, incarnation = 1, partitions, clock }: MemoryHubOptions) {
    this.namespace = namespace;
    this.hub = hub;
    this.clock = clock;
    this.#incarnation = incarnation;
    this.#logs = emptyLogs(partitions);
  }

  get incarnation(): number {
    return this.#incarnation;
  }

  get partitions(): readonly string[] {
    return [...this.#logs.keys()];
  }

  origin(partition: string): Origin {
    return { namespace: this.namespace, hub: this.hub, partition, incarnation: this.#incarnation };
  }

  origins(): readonly Origin[] {
    return this.partitions.map((partition) => this.origin(partition));
  }

  /** Enqueues an event; throws RangeError when there is no such partition. */
  append(partition: string, body: Uint8Array, enqueuedMs = this.clock.now()): SourceEvent {
    const log = this.#logs.get(partition);
    if (log === undefined)
      throw new RangeError(`Cannot append to partition ${partition} of ${this.hub}: there is none`);
    const sequenceNumber = log.length;
    const event = { body: body.slice(), sequenceNumber, offset: String(sequenceNumber * 100), enqueuedMs };
    log.push(event);
    return event;
  }

  /** Everything that was enqueued to the partition so far, oldest first. */
  events(partition: string): readonly SourceEvent[] {
    return this.#logs.get(partition) ?? [];
  }

  checkpointOf(partition: string): Position | null {
    return this.checkpoints.get(originKey(this.origin(partition))) ?? null;
  }

  /** Makes the hub anew: another incarnation, empty, with as many partitions as told. Ownership stays. */
  recreate(partitions = this.#logs.size, incarnation = this.#incarnation + 1): void {
    this.#incarnation = incarnation;
    this.#logs = emptyLogs(partitions);
    this.readers.clear();
  }
}

function emptyLogs(partitions: number): ReadonlyMap<string, SourceEvent[]> {
  return new Map(Array.from({ length: partitions }, (_, number) => [String(number), []]));
}
