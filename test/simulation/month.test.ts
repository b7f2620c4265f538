import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatMs, HOUR_MS } from '../../src/core/time.ts';
import { referenceRows, rowsOf } from '../support/simulation/flush-laws.ts';
import type { Pace } from '../support/simulation/life.ts';
import { lastingFaults } from '../support/simulation/month-world.ts';
import {
  expectAllDelivered,
  expectCommittedFirst,
  expectOneMeaningPerId,
  expectOneOwner,
} from '../support/simulation/recovery-laws.ts';
import { simulate } from '../support/simulation/simulation.ts';
import { world } from '../support/simulation/world.ts';

const monthMs = 30 * 24 * HOUR_MS;

/** Loops look every 50 to 100 seconds; a lease lasts ten minutes of the world. */
const pace: Pace = { speed: 1000, leaseMs: 600, snapshotIntervalMs: 1800, graceMs: 600, startTimeoutMs: 600 };

describe('Service', () => {
  test('over a month with faults of every kind, each complete flush gives the rows of the reference evaluator', async () => {
    await fc.assert(
      fc.asyncProperty(
        world({ minRecords: 1000, maxRecords: 1200, lengthMs: monthMs }),
        lastingFaults(monthMs - 6 * HOUR_MS),
        fc.integer(),
        async (given, faults, seed) => {
          const simulation = await simulate(given, { repeats: true, faults, seed, pace });
          const { lives, received } = simulation;
          const { lookbackMs } = given.options;
          const flushed = new Set<number>();
          let complete = 0;
          let rows = 0;
          for (const step of lives.flatMap(({ recorder }) => recorder.own)) {
            if (step.kind !== 'flush') continue;
            const { windowEnd, lagging } = step.result;
            flushed.add(windowEnd);
            if (lagging.length > 0) continue;
            // Nothing older is in the window: no record counts at a time before it was enqueued by more.
            const near = received.filter(({ enqueuedMs }) => enqueuedMs > windowEnd - lookbackMs - HOUR_MS);
            const said = rowsOf(step);
            expect(said, `complete flush ${formatMs(windowEnd)}`).toEqual(referenceRows(near, step, given));
            complete += 1;
            rows += said.length;
          }
          expectOneMeaningPerId(simulation, true);
          expectAllDelivered(simulation);
          expectCommittedFirst(simulation);
          expectOneOwner(simulation, true);
          expect(lives.length).toBeGreaterThan(24);
          expect(complete).toBeGreaterThan(flushed.size / 2);
          // A world in which nothing ever matches says nothing of rows: another one is taken.
          fc.pre(rows > 0);
        },
      ),
      { numRuns: 1, endOnFailure: true },
    );
  });
});
