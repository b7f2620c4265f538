import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../src/core/time.ts';
import { expectDelivered, expectLifecycles, expectOneAlertPerId } from '../support/simulation/alert-laws.ts';
import { deliveryFaults, feedFaults, sinkFaults } from '../support/simulation/fault-plan.ts';
import { problemsOf } from '../support/simulation/news-model.ts';
import { simulate } from '../support/simulation/simulation.ts';
import { partitionCount, world } from '../support/simulation/world.ts';

const faultyMs = 5 * HOUR_MS;

describe('Service', () => {
  test('a flush tells exactly of the pairs with evidence added since they were last told of, and closes what has ended', async () => {
    await fc.assert(
      fc.asyncProperty(world(), async (given) => {
        const simulation = await simulate(given, { repeats: false });
        expect(problemsOf(simulation)).toEqual([]);
        expectLifecycles(simulation);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  test('whatever fails, exactly the news are told, each under one id, to every sink in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        world(),
        deliveryFaults(partitionCount, faultyMs),
        feedFaults(faultyMs),
        sinkFaults(faultyMs),
        fc.integer(),
        async (given, delivery, feed, sink, seed) => {
          const faults = { ...delivery, ...feed, ...sink };
          const simulation = await simulate(given, { repeats: false, faults, seed });
          expect(problemsOf(simulation)).toEqual([]);
          expectLifecycles(simulation);
          expectOneAlertPerId(simulation);
          expectDelivered(simulation);
        },
      ),
      { numRuns: 40, endOnFailure: true },
    );
  });
});
