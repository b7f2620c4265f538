import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../src/core/time.ts';
import { expectDelivered, expectOneAlertPerId } from '../support/simulation/alert-laws.ts';
import type { FaultPlan } from '../support/simulation/fault-plan.ts';
import { simulate, type Simulation } from '../support/simulation/simulation.ts';
import { world } from '../support/simulation/world.ts';

/** True time that a minute of the world takes. */
const minute = 300;

/** What a sink can do to us, for hours. */
const troubles: readonly (readonly [string, Partial<FaultPlan>])[] = [
  ['is down for an hour', { sinkFailures: [{ fromMs: 2 * HOUR_MS, toMs: 3 * HOUR_MS }] }],
  ['takes up to a minute for each delivery', { sinkMs: minute }],
  ['refuses one of three', { sinkRefusal: 1 / 3 }],
  ['asks to be left alone for up to half an hour', { sinkRefusal: 1 / 3, sinkRetryAfterMs: 30 * minute }],
  [
    'does all of it',
    {
      sinkFailures: [{ fromMs: HOUR_MS, toMs: 2 * HOUR_MS }],
      sinkMs: minute,
      sinkRetryAfterMs: 30 * minute,
      sinkRefusal: 1 / 3,
    },
  ],
];

/** What a troubled sink must not change: when the other one is given what, when flushes run and what they emit. */
function undisturbed({ sinks, recorder }: Simulation): unknown {
  const [steady] = sinks;
  return {
    given: steady?.taken.map((text, at) => [text, steady.takenMs[at]]),
    flushes: recorder.flushes.map(({ result, nowMs }) => [result, nowMs]),
  };
}

describe('A sink that', () => {
  test.each(troubles)(
    '%s gets every alert in order under its one id, and delays nothing else',
    async (_name, faults) => {
      await fc.assert(
        fc.asyncProperty(world(), fc.integer(), async (given, seed) => {
          const calm = await simulate(given, { repeats: false, seed });
          const troubled = await simulate(given, { repeats: false, faults, seed });
          expectDelivered(troubled);
          expectOneAlertPerId(troubled);
          expect(undisturbed(troubled)).toEqual(undisturbed(calm));
        }),
        { numRuns: 6, endOnFailure: true },
      );
    },
  );
});
