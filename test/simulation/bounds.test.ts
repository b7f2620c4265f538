import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectCounted } from '../support/simulation/count-laws.ts';
import { slowness } from '../support/simulation/fault-plan.ts';
import {
  expectFlushesInOrder,
  expectRowsOfReference,
  expectUnmarkedRowsOfReference,
} from '../support/simulation/flush-laws.ts';
import { simulate } from '../support/simulation/simulation.ts';
import { world } from '../support/simulation/world.ts';

describe('Service', () => {
  test('a full list of deferred records holds back what would join it, never what a flush waits for', async () => {
    await fc.assert(
      fc.asyncProperty(
        world({ tardy: true }),
        slowness,
        fc.integer({ min: 1, max: 4 }),
        fc.integer(),
        async (given, faults, deferredMax, seed) => {
          const simulation = await simulate(given, { repeats: true, faults, seed, bounds: { deferredMax } });
          expect(simulation.recorder.flushes.filter(({ result }) => result.lagging.length > 0)).toEqual([]);
          // A message is taken whole or not at all, and holds three records at most.
          expect(Math.max(0, ...simulation.recorder.steps.map(({ deferred }) => deferred))).toBeLessThan(
            deferredMax + 3,
          );
          expectFlushesInOrder(simulation);
          expectRowsOfReference(simulation);
          expectCounted(simulation);
        },
      ),
      { numRuns: 25, endOnFailure: true },
    );
  });

  test('whatever the bounds on candidates and their marks give up, rows that are not marked partial equal the reference', async () => {
    let marked = 0;
    await fc.assert(
      fc.asyncProperty(
        world(),
        fc.record({
          candidateMaxBytes: fc.constantFrom(1, 4000, 8000),
          evictionMarksMax: fc.constantFrom(0, 1, 100),
        }),
        fc.integer(),
        async (given, bounds, seed) => {
          const simulation = await simulate(given, { repeats: true, seed, bounds });
          marked += expectUnmarkedRowsOfReference(simulation);
          expectCounted(simulation);
        },
      ),
      { numRuns: 40, endOnFailure: true },
    );
    // Otherwise no bound was ever met and the law says nothing.
    expect(marked).toBeGreaterThan(0);
  });
});
