import fc from 'fast-check';
import type { Origin, SourceEvent } from '../../../src/core/ports.ts';
import type { SignInStream } from '../../../src/core/record.ts';
import { HOUR_MS } from '../../../src/core/time.ts';
import { addressForms, type Setting } from '../address-arbitraries.ts';
import { scenarioAt } from '../arbitraries.ts';
import type { ReferenceOptions } from '../reference/reference-repaired.ts';
import type { PartitionLog } from './memory-event-source.ts';
import { recordBody } from './record-body.ts';
import { intelligence, type Intelligence } from './world-intelligence.ts';
import { arrivals, type Arrival } from './world-records.ts';
import { describeWorld } from './world-text.ts';

/** What there is to see, whatever goes wrong on the way: the logs of the hubs and what the feeds publish when. */
export interface World {
  readonly startMs: number;
  readonly endMs: number;
  readonly options: ReferenceOptions & { readonly flushDelayMs: number };
  readonly logs: readonly PartitionLog[];
  readonly intelligence: readonly Intelligence[];
}

/** How many partitions the hubs of every world have together. */
export const partitionCount = 4;

const streamHub = { activity: 'activity', sign_in: 'entra' } as const;

function originOf(partition: number): Origin {
  const hub = partition < 2 ? streamHub.activity : streamHub.sign_in;
  return { namespace: 'tides', hub, partition: String(partition % 2), incarnation: 1 };
}

/** Hubs of every world, as the service names them before it knows their partitions. */
export const hubs = ['tides/activity', 'tides/entra'];

const encoder = new TextEncoder();

interface Message {
  readonly partition: number;
  readonly enqueuedMs: number;
  readonly body: Uint8Array;
}

/** Bodies that hold no wanted record: unwanted, unknown, noise, dead letters, nothing. */
const oddBody = fc.constantFrom(
  '{"records":[{"category":"AuditLogs"},{"category":"Nobody.Knows"}]}',
  'not JSON at all',
  '{"records":[{"time":"2026-03-02T11:00:00Z","category":"SignInLogs","properties":{"id":',
  '{"records":[]}',
  '',
);

/** Which records share a message, and which partition takes it. */
const packing = fc.record({ size: fc.integer({ min: 1, max: 3 }), partition: fc.nat({ max: partitionCount - 1 }) });

function packed(
  records: readonly Arrival[],
  packings: readonly { readonly size: number; readonly partition: number }[],
): Message[] {
  const messages: Message[] = [];
  for (let index = 0, next = 0; index < records.length; next += 1) {
    const { size, partition } = packings[next % packings.length]!;
    const together = records.slice(index, index + size);
    index += size;
    const body = JSON.stringify({ records: together.map(({ record }) => recordBody(record)) });
    messages.push({ partition, enqueuedMs: together.at(-1)!.enqueuedMs, body: encoder.encode(body) });
  }
  return messages;
}

/** Logs that hold messages in the order in which they were enqueued. */
export function logsOf(messages: readonly Message[], heldSinceMs: number): PartitionLog[] {
  return Array.from({ length: partitionCount }, (_, partition) => ({
    origin: originOf(partition),
    events: messages
      .filter((message) => message.partition === partition && message.enqueuedMs > heldSinceMs)
      .sort((a, b) => a.enqueuedMs - b.enqueuedMs)
      .map(({ enqueuedMs, body }, index): SourceEvent => {
        const sequenceNumber = index * 3;
        return { body, enqueuedMs, sequenceNumber, offset: String(sequenceNumber * 100) };
      }),
  }));
}

export interface WorldBounds {
  readonly minRecords?: number;
  readonly maxRecords?: number;
  /** Whether feeds hold everything from the start and keep it. */
  readonly settled?: boolean;
  /** Whether no validity begins or ends. */
  readonly steady?: boolean;
  /** How long the service looks, 8 hours unless told otherwise. */
  readonly lengthMs?: number;
  /** Whether most records come after the flush of their hour. */
  readonly tardy?: boolean;
}

const defaultExcluded = ['10.0.0.0/8', '100.64.0.0/10', '168.63.129.16/32', 'fe80::/10'];

/**
 * A few hours of records and indicators that meet often. The service starts between two boundaries, reads back, and
 * runs until every window is empty.
 */
export function world(bounds: WorldBounds = {}): fc.Arbitrary<World> {
  const {
    minRecords = 0,
    maxRecords = 60,
    settled = false,
    steady = false,
    tardy = false,
    lengthMs = 8 * HOUR_MS,
  } = bounds;
  const lookbackMs = 3 * HOUR_MS;
  const flushDelayMs = 300_000;
  const startMs = scenarioAt - 17 * 60_000;
  const endMs = startMs + lengthMs;
  const span = { startMs, endMs: endMs - lookbackMs, lookbackMs, flushDelayMs };
  return fc.constantFrom(...addressForms.slice(0, 6)).chain((hot) => {
    const setting: Setting = { at: scenarioAt, lookbackMs, hot };
    return fc
      .record({
        records: arrivals(setting, span, { minRecords, maxRecords, tardy }),
        odd: fc.array(
          fc.record({ body: oddBody, enqueuedMs: fc.integer({ min: startMs - lookbackMs, max: endMs }), packing }),
          { maxLength: 3 },
        ),
        packings: fc.array(packing, { minLength: 1, maxLength: 20, size: 'max' }),
        feeds: intelligence(setting, span, { settled, steady }),
        options: fc.record({
          minConfidence: fc.constantFrom(75, 75, 50, 90),
          excludedRanges: fc.constantFrom(defaultExcluded, defaultExcluded, ['203.0.113.0/24']),
          deduplicate: fc.constantFrom(true, true, false),
          optionalStreams: fc.subarray<SignInStream>(['non_interactive', 'managed_identity']),
        }),
      })
      .map(({ records, odd, packings, feeds, options }): World => {
        const messages = [
          ...packed(records, packings),
          ...odd.map(({ body, enqueuedMs, packing: { partition } }) => ({
            partition,
            enqueuedMs,
            body: encoder.encode(body),
          })),
        ];
        const made: World = {
          startMs,
          endMs,
          options: { ...options, lookbackMs, flushDelayMs, statuses: ['Success'] },
          logs: logsOf(messages, startMs - lookbackMs - HOUR_MS),
          intelligence: feeds,
        };
        return Object.assign(made, { [fc.toStringMethod]: () => describeWorld(made) });
      });
  });
}
