import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../src/core/time.ts';
import { expectDelivered, expectOneAlertPerId } from '../support/simulation/alert-laws.ts';
import { expectCounted } from '../support/simulation/count-laws.ts';
import { deliveryFaults, feedFaults, sinkFaults } from '../support/simulation/fault-plan.ts';
import {
  completeRows,
  expectFlushesInOrder,
  expectIncompleteNamed,
  expectRowsOfReference,
} from '../support/simulation/flush-laws.ts';
import { simulate } from '../support/simulation/simulation.ts';
import { partitionCount, world } from '../support/simulation/world.ts';

/** Faults end two hours before the world does. */
const faultyMs = 5 * HOUR_MS;
const seed = fc.integer();

describe('Service', () => {
  test('without faults every flush is complete and gives the rows of the reference evaluator', async () => {
    await fc.assert(
      fc.asyncProperty(world(), async (given) => {
        const simulation = await simulate(given, { repeats: true });
        expectFlushesInOrder(simulation);
        expectRowsOfReference(simulation);
        expect(simulation.recorder.flushes.filter(({ result }) => result.lagging.length > 0)).toEqual([]);
        expectCounted(simulation);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  test('whatever fails between hubs, feeds and sinks, flushes run once and in order, and say what the reference says', async () => {
    await fc.assert(
      fc.asyncProperty(
        world(),
        deliveryFaults(partitionCount, faultyMs),
        feedFaults(faultyMs),
        sinkFaults(faultyMs),
        seed,
        async (given, delivery, feed, sink, salt) => {
          const simulation = await simulate(given, {
            repeats: true,
            faults: { ...delivery, ...feed, ...sink },
            seed: salt,
          });
          expectFlushesInOrder(simulation);
          expectRowsOfReference(simulation);
          expectIncompleteNamed(simulation);
          expectCounted(simulation);
          expectOneAlertPerId(simulation);
          expectDelivered(simulation);
          expect(simulation.recorder.flushes.at(-1)?.result.lagging).toEqual([]);
        },
      ),
      { numRuns: 40, endOnFailure: true },
    );
  });

  test('a run with faults on the way says at each complete flush what the run without them says', async () => {
    await fc.assert(
      fc.asyncProperty(
        world({ settled: true }),
        deliveryFaults(partitionCount, faultyMs),
        seed,
        async (given, faults, salt) => {
          const calm = completeRows(await simulate(given, { repeats: true }));
          const rough = completeRows(await simulate(given, { repeats: true, faults, seed: salt }));
          for (const [windowEnd, rows] of rough) expect(rows).toEqual(calm.get(windowEnd));
        },
      ),
      { numRuns: 25, endOnFailure: true },
    );
  });
});
