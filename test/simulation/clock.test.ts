import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../src/core/time.ts';
import { expectDelivered, expectLifecycles, expectOneAlertPerId } from '../support/simulation/alert-laws.ts';
import { expectCounted } from '../support/simulation/count-laws.ts';
import { clockFaults, deliveryFaults, sinkFaults, standstills } from '../support/simulation/fault-plan.ts';
import { expectFlushesInOrder, expectRowsOfReference } from '../support/simulation/flush-laws.ts';
import { problemsOf } from '../support/simulation/news-model.ts';
import { simulate } from '../support/simulation/simulation.ts';
import { partitionCount, world } from '../support/simulation/world.ts';

const faultyMs = 5 * HOUR_MS;

describe('Service', () => {
  test('a clock that steps back or jumps ahead runs no flush twice, skips none and drops no record uncounted', async () => {
    await fc.assert(
      fc.asyncProperty(
        world(),
        clockFaults(faultyMs),
        deliveryFaults(partitionCount, faultyMs),
        sinkFaults(faultyMs),
        fc.integer(),
        async (given, clock, delivery, sink, seed) => {
          const simulation = await simulate(given, { repeats: true, faults: { ...delivery, ...sink, ...clock }, seed });
          // How far it gets depends on where the clock stands at the end; that it goes boundary by boundary does not.
          const ends = simulation.recorder.flushes.map(({ result }) => result.windowEnd);
          expect(ends).toEqual(ends.map((_, index) => (ends[0] ?? 0) + index * HOUR_MS));
          expectRowsOfReference(simulation, false);
          expectCounted(simulation);
          expectOneAlertPerId(simulation);
          expectDelivered(simulation);
        },
      ),
      { numRuns: 25, endOnFailure: true },
    );
  });

  test('a clock that steps back or jumps ahead changes nothing of what is news', async () => {
    await fc.assert(
      fc.asyncProperty(world(), clockFaults(faultyMs), fc.integer(), async (given, faults, seed) => {
        const simulation = await simulate(given, { repeats: false, faults, seed });
        expect(problemsOf(simulation)).toEqual([]);
        expectLifecycles(simulation);
      }),
      { numRuns: 20, endOnFailure: true },
    );
  });

  test('after a standstill of the process every missed flush runs, in order and complete', async () => {
    await fc.assert(
      fc.asyncProperty(world(), standstills(faultyMs), fc.integer(), async (given, faults, seed) => {
        const simulation = await simulate(given, { repeats: true, faults, seed });
        expect(simulation.recorder.flushes.filter(({ result }) => result.lagging.length > 0)).toEqual([]);
        expectFlushesInOrder(simulation);
        expectRowsOfReference(simulation);
        expectCounted(simulation);
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });
});
