import { originKey, type Origin, type Position, type SourceEvent } from '../../src/core/ports.ts';
import type { SharedSourceListener } from '../../src/core/shared-event-source.ts';

/** What all processes know of each partition together, as the durable state of its shard: the numbers taken. */
export class ShardLedger {
  readonly #taken = new Map<string, Position[]>();
  /** Laws that were broken. */
  readonly offences: string[] = [];

  /** Behind which position the partition goes on. */
  position(origin: Origin): Position | null {
    return this.#taken.get(originKey(origin))?.at(-1) ?? null;
  }

  numbers(origin: Origin): readonly number[] {
    return (this.#taken.get(originKey(origin)) ?? []).map(({ sequenceNumber }) => sequenceNumber);
  }

  /** Takes what is new; a number that comes before its turn was skipped. */
  take(origin: Origin, { sequenceNumber, offset, enqueuedMs }: SourceEvent): void {
    const key = originKey(origin);
    const taken = this.#taken.get(key) ?? [];
    const last = taken.at(-1)?.sequenceNumber ?? -1;
    if (sequenceNumber > last + 1) this.offences.push(`${key}: ${sequenceNumber} follows ${last}`);
    if (sequenceNumber > last) taken.push({ sequenceNumber, offset, enqueuedMs });
    this.#taken.set(key, taken);
  }
}

/** One process on a ledger; notes what it is told and every breach of what the port promises. */
export class ShardListener implements SharedSourceListener {
  readonly ledger: ShardLedger;
  readonly name: string;
  readonly known: (readonly Origin[])[] = [];
  readonly claims: { readonly origin: Origin; readonly checkpoint: Position | null; readonly signal: AbortSignal }[] =
    [];
  readonly losses: Origin[] = [];
  readonly caughtUp: Origin[] = [];
  /** Numbers that this process was handed, by partition. */
  readonly handed = new Map<string, number[]>();
  /** What a claim waits for before it is answered. */
  beforeAnswer: (origin: Origin, signal: AbortSignal) => Promise<void> = () => Promise.resolve();
  /** What a batch waits for before it is taken. */
  beforeTake: (origin: Origin) => Promise<void> = () => Promise.resolve();
  /** Partitions whose claim was answered and that were not lost since. */
  readonly held = new Set<string>();
  readonly #claiming = new Set<string>();
  readonly #taking = new Set<string>();

  constructor(ledger: ShardLedger, name: string) {
    this.ledger = ledger;
    this.name = name;
  }

  readonly onPartitions = (origins: readonly Origin[]): void => {
    this.known.push(origins);
  };

  readonly onClaimed = async (
    origin: Origin,
    checkpoint: Position | null,
    signal: AbortSignal,
  ): Promise<Position | null> => {
    const { partition } = origin;
    this.#forbid(this.held.has(partition), origin, 'was claimed while held');
    this.#forbid(this.#claiming.has(partition), origin, 'was claimed twice at once');
    this.#forbid(this.#taking.has(partition), origin, 'was claimed while events of it were taken');
    this.claims.push({ origin, checkpoint, signal });
    this.#claiming.add(partition);
    try {
      await this.beforeAnswer(origin, signal);
      this.held.add(partition);
      return this.ledger.position(origin);
    } finally {
      this.#claiming.delete(partition);
    }
  };

  readonly onLost = (origin: Origin): void => {
    this.#forbid(!this.held.delete(origin.partition), origin, 'was lost and not held');
    this.losses.push(origin);
  };

  readonly onEvents = async (origin: Origin, events: readonly SourceEvent[]): Promise<void> => {
    const { partition } = origin;
    this.#forbid(!this.held.has(partition), origin, 'handed events and is not held');
    this.#forbid(this.#taking.has(partition), origin, 'handed two batches at once');
    this.#taking.add(partition);
    await this.beforeTake(origin);
    const handed = this.handed.get(partition) ?? [];
    this.handed.set(partition, handed);
    for (const event of events) {
      handed.push(event.sequenceNumber);
      this.ledger.take(origin, event);
    }
    this.#taking.delete(partition);
  };

  readonly onCaughtUp = (origin: Origin): void => {
    this.#forbid(!this.held.has(origin.partition), origin, 'caught up and is not held');
    this.caughtUp.push(origin);
  };

  claimsOf(partition: string): number {
    return this.claims.filter(({ origin }) => origin.partition === partition).length;
  }

  lossesOf(partition: string): number {
    return this.losses.filter((origin) => origin.partition === partition).length;
  }

  #forbid(broken: boolean, origin: Origin, what: string): void {
    if (broken) this.ledger.offences.push(`${this.name}: ${originKey(origin)} ${what}`);
  }
}
