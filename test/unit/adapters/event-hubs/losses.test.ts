import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PartitionRead } from '../../../../src/adapters/event-hubs/lag.ts';
import { Losses } from '../../../../src/adapters/event-hubs/losses.ts';
import type { Position } from '../../../../src/core/ports.ts';

function at(sequenceNumber: number): Position {
  return { sequenceNumber, offset: String(sequenceNumber), enqueuedMs: 1000 + sequenceNumber };
}

function holding(first: number, last: number): PartitionRead {
  return {
    firstSequenceNumber: first,
    lastSequenceNumber: last,
    lastEnqueuedMs: 1000 + last,
    isEmpty: first > last,
  };
}

describe('resume()', () => {
  test('finds exactly the numbers between the position and the oldest event held', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), fc.nat(50), (position, first, length) => {
        const losses = new Losses();
        const lost = losses.resume(at(position), holding(first, first + length - 1), 7);
        const count = Math.max(0, first - position - 1);
        expect(lost).toBe(count > 0);
        expect(losses.total).toEqual(count > 0 ? { events: count, from: position + 1, to: first - 1 } : null);
      }),
    );
  });

  test('a partition that retention emptied is seen from now on', () => {
    const losses = new Losses();
    expect(losses.resume(at(5), holding(10, 9), 7777)).toBe(true);
    expect([losses.total?.events, losses.seesSinceMs]).toEqual([4, 7777]);
  });
});

describe('follow() and judge()', () => {
  test('numbers that follow each other are no gap', () => {
    const losses = new Losses();
    losses.follow(null, at(17));
    losses.follow(at(17), at(18));
    expect(losses.gaps).toEqual([]);
  });

  test('a gap is a loss when a read shows that the hub no longer holds it', () => {
    const losses = new Losses();
    losses.follow(at(4), at(10));
    const { gaps } = losses;
    expect(losses.total).toBeNull();
    expect(losses.judge(gaps, holding(10, 20))).toBe(true);
    expect(losses.total).toEqual({ events: 5, from: 5, to: 9 });
    expect(losses.seesSinceMs).toBe(1010);
    expect(losses.judge(losses.gaps, holding(10, 20))).toBe(false);
  });

  test('a gap is none when the hub holds what lies before it: its numbers never were events', () => {
    const losses = new Losses();
    losses.follow(at(4), at(6));
    expect(losses.judge(losses.gaps, holding(0, 20))).toBe(false);
    expect([losses.total, losses.gaps]).toEqual([null, []]);
  });

  test('a read that started before a gap was found does not judge it', () => {
    const losses = new Losses();
    const { gaps } = losses;
    losses.follow(at(4), at(10));
    expect(losses.judge(gaps, holding(0, 20))).toBe(false);
    expect(losses.gaps).toHaveLength(1);
  });

  test('events that come again behind a gap are no second gap', () => {
    const losses = new Losses();
    losses.follow(at(4), at(10));
    losses.follow(at(4), at(10));
    losses.judge(losses.gaps, holding(10, 20));
    expect(losses.total?.events).toBe(5);
  });

  test('what retention took while the first events were on their way is added', () => {
    const losses = new Losses();
    losses.resume(at(4), holding(10, 20), 7);
    losses.follow(at(4), at(12));
    losses.judge(losses.gaps, holding(12, 20));
    expect(losses.total).toEqual({ events: 7, from: 5, to: 11 });
    expect(losses.seesSinceMs).toBe(1012);
  });
});
