import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  contradicts,
  isCaughtUp,
  lagOf,
  seesSince,
  type PartitionRead,
  type ReadingStart,
} from '../../../../src/adapters/event-hubs/lag.ts';
import type { Position } from '../../../../src/core/ports.ts';

const start: ReadingStart = { afterMs: 1000 };

function read(overrides: Partial<PartitionRead> = {}): PartitionRead {
  return { firstSequenceNumber: 0, lastSequenceNumber: 9, lastEnqueuedMs: 5000, isEmpty: false, ...overrides };
}

function at(sequenceNumber: number, enqueuedMs = 4000): Position {
  return { sequenceNumber, enqueuedMs, offset: String(sequenceNumber) };
}

const never: PartitionRead = {
  firstSequenceNumber: 0,
  lastSequenceNumber: -1,
  lastEnqueuedMs: -62_135_596_800_000,
  isEmpty: true,
};

const reads = fc.record({
  firstSequenceNumber: fc.nat(1000),
  lastSequenceNumber: fc.integer({ min: -1, max: 2000 }),
  lastEnqueuedMs: fc.nat(10_000),
  isEmpty: fc.boolean(),
});
const positions = fc.option(fc.tuple(fc.nat(2000), fc.nat(10_000)).map(([number, ms]) => at(number, ms)));
const starts = fc.oneof(
  fc.constant<ReadingStart>('oldest'),
  fc.nat(10_000).map((afterMs): ReadingStart => ({ afterMs })),
);

describe('isCaughtUp()', () => {
  test.each([
    ['a partition that was never used', never, null, true],
    ['a partition that retention emptied', read({ isEmpty: true }), null, true],
    ['events that all lie before the start', read({ lastEnqueuedMs: 1000 }), null, true],
    ['an event behind the start', read({ lastEnqueuedMs: 1001 }), null, false],
    ['a position at the end', read(), at(9), true],
    ['a position one before the end', read(), at(8), false],
    ['a position that events have carried past the read', read(), at(12), true],
  ])('of %s', (_what, given, position, expected) => {
    expect(isCaughtUp(given, position, start)).toBe(expected);
  });

  test('a start at the oldest event wants every event that is held', () => {
    expect(isCaughtUp(read({ lastEnqueuedMs: 1 }), null, 'oldest')).toBe(false);
  });
});

describe('lagOf()', () => {
  test('is 0 exactly when the partition is caught up', () => {
    fc.assert(
      fc.property(reads, positions, starts, (given, position, from) => {
        const lag = lagOf(given, position, from);
        if (isCaughtUp(given, position, from)) expect(lag).toEqual({ events: 0, seconds: 0 });
        else expect(lag.seconds).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('counts the events behind the position and the seconds between it and the newest', () => {
    expect(lagOf(read(), at(4, 2500), start)).toEqual({ events: 5, seconds: 2.5 });
  });

  test('counts what is held before the first event was taken', () => {
    expect(lagOf(read({ firstSequenceNumber: 3 }), null, start)).toEqual({ events: 7, seconds: 4 });
  });
});

describe('seesSince()', () => {
  test('is null when nothing was cut', () => {
    expect(seesSince(read(), start, at(0, 2000))).toBeNull();
  });

  test('is null when an older event is held that the lookback does not want', () => {
    expect(seesSince(read({ firstSequenceNumber: 5 }), start, at(6, 2000))).toBeNull();
  });

  test('is the time of the oldest event held when the first delivered is that one', () => {
    expect(seesSince(read({ firstSequenceNumber: 5 }), start, at(5, 2000))).toBe(2000);
  });
});

describe('contradicts()', () => {
  test('holds when the newest event is older than one that was taken', () => {
    expect(contradicts(read(), at(10))).toBe(true);
    expect(contradicts(never, at(0))).toBe(true);
    expect(contradicts(read(), at(9))).toBe(false);
    expect(contradicts(never, null)).toBe(false);
  });
});
