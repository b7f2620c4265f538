import fc from 'fast-check';
import { expect, test } from 'vitest';
import { growthTable, needOf } from '../../bench/growth.ts';

const cost = { cpuPerRecord: 20e-6, observed: 0.3, bytesPerObservation: 200 };

test('needOf() never asks for less where there is more', () => {
  const volume = fc.integer({ min: 1000, max: 20_000_000_000 });
  fc.assert(
    fc.property(volume, volume, (a, b) => {
      const [less, more] = [needOf(Math.min(a, b), cost), needOf(Math.max(a, b), cost)];
      for (const name of ['cores', 'replicas', 'shards', 'megabytesPerSecond', 'throughputUnits', 'gigabytes'] as const)
        expect(more[name]).toBeGreaterThanOrEqual(less[name]);
    }),
  );
});

test('needOf() has a second replica, so that one that dies is taken over from', () => {
  expect(needOf(1000, cost)).toMatchObject({ replicas: 2, shards: 4, throughputUnits: 1 });
});

test('needOf() follows the cost of a record', () => {
  const day = 1e9;
  expect(needOf(day, { ...cost, cpuPerRecord: 40e-6 }).cores).toBeCloseTo(2 * needOf(day, cost).cores);
  expect(needOf(day, { ...cost, observed: 0.6 }).gigabytes).toBeCloseTo(2 * needOf(day, cost).gigabytes);
});

test('growthTable() has a row for each volume from a million to ten thousand million', () => {
  expect(growthTable(cost).split('\n')).toHaveLength(7);
});
