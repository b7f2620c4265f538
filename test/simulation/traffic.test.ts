import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../src/core/time.ts';
import { expectDelivered, expectLifecycles, expectOneAlertPerId } from '../support/simulation/alert-laws.ts';
import { expectCounted } from '../support/simulation/count-laws.ts';
import { deliveryFaults, sinkFaults } from '../support/simulation/fault-plan.ts';
import {
  expectFlushesInOrder,
  expectIncompleteNamed,
  expectRowsOfReference,
} from '../support/simulation/flush-laws.ts';
import { problemsOf } from '../support/simulation/news-model.ts';
import { simulate } from '../support/simulation/simulation.ts';
import { trafficWorld } from '../support/simulation/traffic-world.ts';
import { partitionCount } from '../support/simulation/world.ts';

/** Faults go on until all has been enqueued. */
const faultyMs = 16 * HOUR_MS;

describe('Service', () => {
  const { world, incidents } = trafficWorld(1);
  const found = incidents.flatMap(({ expectation }) => (expectation.quiet ? [] : expectation.findings));

  test('finds every scripted incident in a day of traffic and nothing else, whatever fails on the way', async () => {
    await fc.assert(
      fc.asyncProperty(
        deliveryFaults(partitionCount, faultyMs),
        sinkFaults(faultyMs),
        fc.integer(),
        async (delivery, sink, seed) => {
          const simulation = await simulate(world, { repeats: false, faults: { ...delivery, ...sink }, seed });
          const alerts = simulation.recorder.emissions.map(({ alert }) => alert);
          expect(new Set(alerts.map(({ caller, ip }) => `${caller} ${ip}`))).toEqual(
            new Set(found.map(({ caller, ip }) => `${caller} ${ip}`)),
          );
          for (const { caller, ip, operations, userSignIns, servicePrincipalSignIns, grade } of found)
            expect(
              alerts
                .filter((alert) => alert.caller === caller && alert.ip === ip)
                .map(({ row, corroboration }) => [
                  row.OperationCount,
                  row.UserSigninCount ?? 0,
                  row.SPSigninCount ?? 0,
                  corroboration.grade,
                ]),
            ).toContainEqual([operations, userSignIns, servicePrincipalSignIns, grade]);
          expect(problemsOf(simulation)).toEqual([]);
          expectLifecycles(simulation);
          expectOneAlertPerId(simulation);
          expectDelivered(simulation);
          expectCounted(simulation);
        },
      ),
      { numRuns: 2, endOnFailure: true },
    );
  });

  test('every flush of a day of traffic says what the reference evaluator says, whatever fails on the way', async () => {
    await fc.assert(
      fc.asyncProperty(deliveryFaults(partitionCount, faultyMs), fc.integer(), async (faults, seed) => {
        const simulation = await simulate(world, { repeats: true, faults, seed });
        expectFlushesInOrder(simulation);
        expectRowsOfReference(simulation);
        expectIncompleteNamed(simulation);
      }),
      { numRuns: 1, endOnFailure: true },
    );
  });
});
