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
  const partition = new Partition(origin, { afterMs: 0 }, null);
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
        const partition = new Partition(origin, 'oldest', null);
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
    const partition = new Partition(origin, 'oldest', null);
    const stepped = [event(0, 2000), event(1, 2500), event(2, 1900)];
    expect(fresh(partition, stepped)).toEqual([0, 1, 2]);
    expect(fresh(partition, [...stepped, event(3, 2600)])).toEqual([3]);
  });
});

describe('judge()', () => {
  test('finds a partition caught up only by a read that started after an empty batch', () => {
    const partition = partitionAt(10);
    expect(partition.judge(readOf(9), partition.beforeRead(), 5, 5).caughtUp).toBe(false);
    partition.emptyBatch(6);
    expect(partition.judge(readOf(9), partition.beforeRead(), 5, 5).caughtUp).toBe(true);
    expect(partition.judge(readOf(10), partition.beforeRead(), 5, 5).caughtUp).toBe(false);
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
    const before = partition.beforeRead();
    fresh(partition, events(10, 15));
    partition.handlingStarted(1, 1);
    expect(partition.judge(readOf(14), before, 5, 5).caughtUp).toBe(false);
    expect(partition.status(idle).lagEvents).toBe(5);
    expect(partition.signs().behindSince).toBeNull();
  });

  test('keeps since when the partition is behind until it is not', () => {
    const partition = partitionAt(10);
    for (const at of [100, 200]) partition.judge(readOf(12), partition.beforeRead(), 5, at);
    expect(partition.signs().behindSince).toBe(100);
    fresh(partition, events(10, 13));
    partition.judge(readOf(12), partition.beforeRead(), 5, 300);
    expect(partition.signs().behindSince).toBeNull();
  });

  test('counts reads in a row that end before what was handed when they started', () => {
    const partition = partitionAt(10);
    const before = partition.beforeRead();
    expect(partition.judge(readOf(3), before, 5, 5).contradictions).toBe(1);
    expect(partition.judge(readOf(3), before, 5, 5).contradictions).toBe(2);
    expect(partition.judge(readOf(9), before, 5, 5).contradictions).toBe(0);
    expect(partition.judge(readOf(3), { handed: null, drained: true, gaps: [] }, 5, 5).contradictions).toBe(0);
  });

  test('tells since when it sees when retention had taken everything that was wanted', () => {
    const partition = new Partition(origin, { afterMs: 1000 }, null);
    const read = { firstSequenceNumber: 10, lastSequenceNumber: 9, lastEnqueuedMs: 2000, isEmpty: true };
    partition.judge(read, { handed: null, drained: false, gaps: [] }, 7777, 5);
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

describe('behind a restored position', () => {
  const restored = { sequenceNumber: 9, offset: '90', enqueuedMs: 1009 };
  const resumed = (): Partition => new Partition(origin, { afterMs: 0 }, restored);

  test('what lies at or below it is taken already', () => {
    expect(fresh(resumed(), events(5, 15))).toEqual([10, 11, 12, 13, 14]);
  });

  test('a number at or below it that was enqueued later shows a hub that was made anew', () => {
    expect(resumed().admit([event(3, 2000)])).toMatchObject({ contradiction: { position: restored } });
  });

  test('a partition without anything newer is caught up', () => {
    const partition = resumed();
    partition.emptyBatch(1);
    expect(partition.judge(readOf(9), partition.beforeRead(), 5, 5)).toEqual({
      caughtUp: true,
      contradictions: 0,
      lost: false,
    });
    expect(partition.status(idle)).toMatchObject({ position: restored, lagEvents: 0, seesSinceMs: null });
  });

  test('a log that ends before it contradicts it', () => {
    const partition = resumed();
    expect(partition.judge(readOf(8), partition.beforeRead(), 5, 5).contradictions).toBe(1);
  });

  test('a failed first handler has the events read again', () => {
    const partition = resumed();
    fresh(partition, events(10, 12));
    partition.failed();
    expect(partition.handed).toEqual(restored);
    expect(fresh(partition, events(10, 12))).toEqual([10, 11]);
  });

  test('events that retention took are counted once, and the partition is seen from the first one left', () => {
    const partition = resumed();
    const read = { ...readOf(29), firstSequenceNumber: 20 };
    expect(partition.judge(read, partition.beforeRead(), 5, 5).lost).toBe(true);
    expect(partition.loss).toEqual({ events: 10, from: 10, to: 19 });
    take(partition, events(20, 30));
    expect(partition.judge(read, partition.beforeRead(), 5, 5).lost).toBe(false);
    expect(partition.loss?.events).toBe(10);
    expect(partition.status(idle).seesSinceMs).toBe(1020);
  });
});

describe('checkpoints', () => {
  const at = (sequenceNumber: number) => ({ sequenceNumber, offset: '', enqueuedMs: 0 });

  test('follow what is durable, not what was taken', () => {
    const partition = partitionAt(10);
    expect(partition.isCheckpointBehind).toBe(false);
    partition.committed(at(4));
    expect([partition.isCheckpointBehind, partition.durable?.sequenceNumber]).toEqual([true, 4]);
    partition.checkpointed = partition.durable;
    expect(partition.isCheckpointBehind).toBe(false);
  });

  test('never go back', () => {
    const partition = partitionAt(10);
    for (const number of [4, 2, 4]) partition.committed(at(number));
    expect(partition.durable?.sequenceNumber).toBe(4);
  });
});
