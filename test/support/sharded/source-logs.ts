import type { Observation } from '../../../src/core/observation.ts';
import { observe, type ObservationRules } from '../../../src/core/decode/observe.ts';
import { originKey, type Origin } from '../../../src/core/ports.ts';
import type { ReceivedRecord } from '../../../src/core/record.ts';
import type { TakenMessage } from '../../../src/core/engine.ts';
import { message } from '../engine-builder.ts';

/** Two hubs of different width, as activity and sign-ins have them. */
export const sourceOrigins: readonly Origin[] = [
  { namespace: 'east', hub: 'activity', partition: '0', incarnation: 1_700_000_000_000 },
  { namespace: 'east', hub: 'activity', partition: '1', incarnation: 1_700_000_000_000 },
  { namespace: 'west', hub: 'sign-ins', partition: '0', incarnation: 1_700_000_000_001 },
];

/** The hubs of these origins, as a shard's configuration names them. */
export const sourceHubs: readonly string[] = ['east/activity', 'west/sign-ins'];

/** Where a record lies, and what it tells. */
export interface PlacedObservation {
  readonly origin: string;
  readonly sequenceNumber: number;
  readonly index: number;
  readonly enqueuedMs: number;
  readonly observation: Observation;
}

/** How records are laid into logs: number i chooses for record i. */
export interface Layout {
  readonly partitions: readonly number[];
  /** Records that share a message. */
  readonly batches: readonly number[];
  /** Unwanted records before each one in its message. */
  readonly gaps: readonly number[];
}

/** Logs of every source partition, written in the order of enqueued times. */
export class SourceLogs {
  readonly logs = new Map<string, TakenMessage[]>(sourceOrigins.map((origin) => [originKey(origin), []]));
  /** All records with the enqueued time of their message. */
  readonly received: ReceivedRecord[] = [];
  readonly #inOrder: TakenMessage[];
  #produced = 0;

  constructor(received: readonly ReceivedRecord[], { partitions, batches, gaps }: Layout) {
    const shares = sourceOrigins.map((): ReceivedRecord[] => []);
    received.forEach((each, at) => shares[chosen(partitions, at) % shares.length]?.push(each));
    this.#inOrder = shares.flatMap((share, at) => {
      const origin = sourceOrigins[at];
      if (origin === undefined) return [];
      return this.#messages(originKey(origin), share, batches, gaps);
    });
    this.#inOrder.sort((a, b) => a.enqueuedMs - b.enqueuedMs);
  }

  /** Everything there will be, in the order of enqueued times. */
  get messages(): readonly TakenMessage[] {
    return this.#inOrder;
  }

  /** Everything enqueued by then has been written; −∞ before anything was. */
  get writtenUpTo(): number {
    if (this.#produced === this.#inOrder.length) return Number.MAX_SAFE_INTEGER / 2;
    return (this.#inOrder[this.#produced - 1]?.enqueuedMs ?? Number.NEGATIVE_INFINITY) - 1;
  }

  /** Writes the next messages. */
  produce(count: number): void {
    for (const each of this.#inOrder.slice(this.#produced, this.#produced + count)) {
      this.logs.get(each.origin)?.push(each);
      this.#produced += 1;
    }
  }

  /** What all messages tell, by the rules of routers. */
  placed(rules: ObservationRules): PlacedObservation[] {
    return this.#inOrder.flatMap(({ origin, sequenceNumber, enqueuedMs, decoded }) =>
      decoded.records.flatMap((record) => {
        const observation = observe(record, enqueuedMs, rules);
        if (typeof observation === 'string') return [];
        return [{ origin, sequenceNumber, index: record.index, enqueuedMs, observation }];
      }),
    );
  }

  #messages(
    origin: string,
    share: readonly ReceivedRecord[],
    batches: Layout['batches'],
    gaps: Layout['gaps'],
  ): TakenMessage[] {
    const messages: TakenMessage[] = [];
    const waiting = [...share].sort((a, b) => a.enqueuedMs - b.enqueuedMs);
    let last = Number.NEGATIVE_INFINITY;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, 1 + chosen(batches, messages.length));
      const enqueuedMs = Math.max(last + 1, ...batch.map((each) => each.enqueuedMs));
      last = enqueuedMs;
      let index = -1;
      const records = batch.map(({ record }) => {
        index += 1 + chosen(gaps, this.received.length + index);
        return { ...record, index };
      });
      for (const { record, place } of batch) this.received.push({ record, place, enqueuedMs });
      const sequenceNumber = messages.length;
      const offset = `offset ${sequenceNumber}`;
      messages.push({ origin, sequenceNumber, offset, enqueuedMs, decoded: message(records) });
    }
    return messages;
  }
}

function chosen(numbers: readonly number[], at: number): number {
  return numbers[Math.abs(at) % Math.max(1, numbers.length)] ?? 0;
}
