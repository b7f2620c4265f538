import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  hasBalancerStopped,
  hasStalled,
  isSilent,
  recreateDelay,
  type ReaderSigns,
} from '../../../../src/adapters/event-hubs/stall.ts';

const quiet: ReaderSigns = { startedAt: 0, eventsAt: null, batchAt: null, handling: false, behindSince: null };

const moments = fc.option(fc.nat(100_000));
const anySigns: fc.Arbitrary<ReaderSigns> = fc.record({
  startedAt: fc.nat(100_000),
  eventsAt: moments,
  batchAt: moments,
  handling: fc.boolean(),
  behindSince: moments,
});

describe('hasStalled()', () => {
  test('needs proof that the partition is behind', () => {
    expect(hasStalled({ ...quiet, batchAt: 5 }, 1_000_000, 10)).toBe(false);
  });

  test('never holds while a handler runs: that is back-pressure', () => {
    fc.assert(
      fc.property(anySigns, fc.nat(1_000_000), (signs, now) => {
        expect(hasStalled({ ...signs, handling: true }, now, 10)).toBe(false);
      }),
    );
  });

  test('counts from the newest of start, events and falling behind', () => {
    expect(hasStalled({ ...quiet, behindSince: 100 }, 109, 10)).toBe(false);
    expect(hasStalled({ ...quiet, behindSince: 100 }, 110, 10)).toBe(true);
    expect(hasStalled({ ...quiet, behindSince: 100, eventsAt: 105 }, 110, 10)).toBe(false);
    expect(hasStalled({ ...quiet, behindSince: 100, startedAt: 105 }, 110, 10)).toBe(false);
    expect(hasStalled({ ...quiet, behindSince: 100, startedAt: 105 }, 115, 10)).toBe(true);
  });

  test('empty batches are no progress', () => {
    expect(hasStalled({ ...quiet, behindSince: 100, batchAt: 109 }, 110, 10)).toBe(true);
  });

  test('once it holds it holds until something changes', () => {
    fc.assert(
      fc.property(anySigns, fc.nat(200_000), fc.nat(200_000), (signs, now, later) => {
        if (hasStalled(signs, now)) expect(hasStalled(signs, now + later)).toBe(true);
      }),
    );
  });
});

describe('isSilent()', () => {
  test('holds for a reader that showed nothing at all since it was started', () => {
    expect(isSilent({ ...quiet, startedAt: 100 }, 109, 10)).toBe(false);
    expect(isSilent({ ...quiet, startedAt: 100 }, 110, 10)).toBe(true);
    expect(isSilent({ ...quiet, startedAt: 100, batchAt: 105 }, 1_000_000, 10)).toBe(false);
    expect(isSilent({ ...quiet, startedAt: 100, handling: true }, 1_000_000, 10)).toBe(false);
  });
});

test('hasBalancerStopped() waits for the lease, and at least for the patience with a stall', () => {
  expect(hasBalancerStopped(0, 9999, 100)).toBe(false);
  expect(hasBalancerStopped(0, 10_000, 100)).toBe(true);
  expect(hasBalancerStopped(0, 29_999, 30_000)).toBe(false);
  expect(hasBalancerStopped(0, 30_000, 30_000)).toBe(true);
});

test('recreateDelay() doubles up to its bound', () => {
  expect([0, 1, 2, 3, 4, 50].map(recreateDelay)).toEqual([5000, 10_000, 20_000, 40_000, 60_000, 60_000]);
});
