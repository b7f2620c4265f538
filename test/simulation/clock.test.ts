import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../src/core/time.ts';
import { expectOneAlertPerId } from '../support/simulation/alert-laws.ts';
import { expectCounted } from '../support/simulation/count-laws.ts';
import { clockFaults } from '../support/simulation/fault-plan.ts';
import { simulate } from '../support/simulation/simulation.ts';
import { world } from '../support/simulation/world.ts';

describe('Service', () => {
  test('a clock that steps back or jumps ahead runs no flush twice, skips none and drops no record uncounted', async () => {
    await fc.assert(
      fc.asyncProperty(world(), clockFaults(5 * HOUR_MS), fc.integer(), async (given, faults, seed) => {
        const simulation = await simulate(given, { repeats: true, faults, seed });
        // How far it gets depends on where the clock stands at the end; that it goes boundary by boundary does not.
        const ends = simulation.recorder.flushes.map(({ result }) => result.windowEnd);
        expect(ends).toEqual(ends.map((_, index) => (ends[0] ?? 0) + index * HOUR_MS));
        expectCounted(simulation);
        expectOneAlertPerId(simulation);
      }),
      { numRuns: 40 },
    );
  });
});
