import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PartitionRead } from '../../../../src/adapters/event-hubs/lag.ts';
import { Partition } from '../../../../src/adapters/event-hubs/partition.ts';
import type { Origin, SourceEvent } from '../../../../src/core/ports.ts';

const origin: Origin = { namespace: 'ns', hub: 'logs', partition: '0', incarnation: 1 };

function event(sequenceNumber: number, enqueuedMs = 1000 + sequenceNumber): SourceEvent {
  return { sequenceNumber, enqueuedMs, offset: String(sequenceNumber * 10), body: new Uint8Array() };
}

function events(from: number, to: number): SourceEvent[] {
  return Array.from({ length: to - from }, (_, at) => event(from + at));
}

function fresh(partition: Partition, given: readonly SourceEvent[]): readonly number[] {
  const admission = partition.admit(given);
  if ('contradiction' in admission) throw new Error('Expected events: the numbers started again');
  return admission.fresh.map(({ sequenceNumber }) => sequenceNumber);
}

function partitionAt(count: number): Partition {
  const partition = new Partition(origin, { afterMs: 0 });
  take(partition, events(0, count));
  return partition;
}

function take(partition: Partition, given: readonly SourceEvent[]): void {
  fresh(partition, given);
  partition.handlingStarted(1, 1);
  partition.taken(given, 5);
  partition.handlingEnded(1);
}

const idle = { owner: null, owned: true, error: null };
const readOf = (last: number): PartitionRead => ({
  firstSequenceNumber: 0,
  lastSequenceNumber: last,
  lastEnqueuedMs: 1000 + last,
  isEmpty: last < 0,
});

describe('admit()', () => {
  test('takes each event once, however readers overlap', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: 20 }), (steps) => {
        const partition = new Partition(origin, 'oldest');
        const taken: number[] = [];
        let end = 0;
        for (const [back, length] of steps) {
          const from = Math.max(0, end - back);
          taken.push(...fresh(partition, events(from, from + length)));
          end = Math.max(end, from + length);
        }
        expect(taken).toEqual(Array.from({ length: end }, (_, at) => at));
        expect(partition.handed?.sequenceNumber ?? -1).toBe(end - 1);
      }),
    );
  });

  test('finds a number at or below the mark that was enqueued later than anything before', () => {
    const partition = partitionAt(10);
    const admission = partition.admit([event(3, 50_000)]);
    expect(admission).toMatchObject({ contradiction: { event: { sequenceNumber: 3 } } });
    expect(partition.handed?.sequenceNumber).toBe(9);
  });

  test('is not misled by a clock of the service that stepped back', () => {
    const partition = new Partition(origin, 'oldest');
    const stepped = [event(0, 2000), event(1, 2500), event(2, 1900)];
    expect(fresh(partition, stepped)).toEqual([0, 1, 2]);
    expect(fresh(partition, [...stepped, event(3, 2600)])).toEqual([3]);
  });
});

describe('judge()', () => {
  const drained = (partition: Partition): { handed: Partition['handed']; drained: boolean } => ({
    handed: partition.handed,
    drained: partition.drained,
  });

  test('finds a partition caught up only by a read that started after an empty batch', () => {
    const partition = partitionAt(10);
    expect(partition.judge(readOf(9), drained(partition), 5, 5).caughtUp).toBe(false);
    partition.emptyBatch(6);
    expect(partition.judge(readOf(9), drained(partition), 5, 5).caughtUp).toBe(true);
    expect(partition.judge(readOf(10), drained(partition), 5, 5).caughtUp).toBe(false);
  });

  test('an empty batch says nothing while a handler runs', () => {
    const partition = partitionAt(10);
    partition.handlingStarted(1, 1);
    partition.emptyBatch(6);
    expect(partition.drained).toBe(false);
  });

  test('events handed but not taken yet are lag, and keep a partition from being caught up', () => {
    const partition = partitionAt(10);
    partition.emptyBatch(6);
    const before = drained(partition);
    fresh(partition, events(10, 15));
    partition.handlingStarted(1, 1);
    expect(partition.judge(readOf(14), before, 5, 5).caughtUp).toBe(false);
    expect(partition.status(idle).lagEvents).toBe(5);
    expect(partition.signs().behindSince).toBeNull();
  });

  test('keeps since when the partition is behind until it is not', () => {
    const partition = partitionAt(10);
    for (const at of [100, 200]) partition.judge(readOf(12), drained(partition), 5, at);
    expect(partition.signs().behindSince).toBe(100);
    fresh(partition, events(10, 13));
    partition.judge(readOf(12), drained(partition), 5, 300);
    expect(partition.signs().behindSince).toBeNull();
  });

  test('counts reads in a row that end before what was handed when they started', () => {
    const partition = partitionAt(10);
    const before = drained(partition);
    expect(partition.judge(readOf(3), before, 5, 5).contradictions).toBe(1);
    expect(partition.judge(readOf(3), before, 5, 5).contradictions).toBe(2);
    expect(partition.judge(readOf(9), before, 5, 5).contradictions).toBe(0);
    expect(partition.judge(readOf(3), { handed: null, drained: true }, 5, 5).contradictions).toBe(0);
  });

  test('tells since when it sees when retention had taken everything that was wanted', () => {
    const partition = new Partition(origin, { afterMs: 1000 });
    const read = { firstSequenceNumber: 10, lastSequenceNumber: 9, lastEnqueuedMs: 2000, isEmpty: true };
    partition.judge(read, { handed: null, drained: false }, 7777, 5);
    expect(partition.status(idle).seesSinceMs).toBe(7777);
  });
});

test('a failed handler makes the next reader begin behind the last event that was taken', () => {
  const partition = partitionAt(10);
  const { rewinds } = partition;
  fresh(partition, events(10, 15));
  partition.failed();
  expect(partition.handed?.sequenceNumber).toBe(9);
  expect(partition.rewinds).not.toBe(rewinds);
  expect(fresh(partition, events(10, 15))).toEqual([10, 11, 12, 13, 14]);
});

test('status() shows progress, signs of life and the end that the service told beside events', () => {
  const partition = partitionAt(10);
  partition.sawEnd(29, 9999);
  expect(partition.status(idle)).toMatchObject({
    origin,
    position: { sequenceNumber: 9 },
    lagEvents: 20,
    lastProgressMs: 5,
    lastReadMs: 1,
  });
});
