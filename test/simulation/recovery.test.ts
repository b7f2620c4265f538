import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../src/core/time.ts';
import { expectDelivered, expectLifecycles, expectOneAlertPerId } from '../support/simulation/alert-laws.ts';
import { expectCounted } from '../support/simulation/count-laws.ts';
import { deliveryFaults, feedFaults, sinkFaults } from '../support/simulation/fault-plan.ts';
import { expectFlushesInOrder, expectRowsOfReference } from '../support/simulation/flush-laws.ts';
import { problemsOf } from '../support/simulation/news-model.ts';
import { damages, deaths, storageFaults, suspensions } from '../support/simulation/process-faults.ts';
import {
  expectAllDelivered,
  expectCommittedFirst,
  expectOneMeaningPerId,
  expectOneOwner,
  toldBy,
} from '../support/simulation/recovery-laws.ts';
import { simulate, type Simulation } from '../support/simulation/simulation.ts';
import { earlyWorld } from '../support/simulation/early-world.ts';
import { partitionCount, world } from '../support/simulation/world.ts';

const faultyMs = 5 * HOUR_MS;
const seed = fc.integer();

/** What holds of every run in which no state was damaged. */
function expectNothingLost(simulation: Simulation): void {
  expectFlushesInOrder(simulation);
  expectRowsOfReference(simulation);
  expectCounted(simulation);
  expectOneAlertPerId(simulation);
  expectDelivered(simulation);
  expectOneMeaningPerId(simulation);
  expectCommittedFirst(simulation);
  expectOneOwner(simulation);
}

describe('Service', () => {
  test('killed at any moments, it delivers the rows of the reference evaluator', async () => {
    await fc.assert(
      fc.asyncProperty(
        world(),
        deaths(faultyMs),
        deliveryFaults(partitionCount, faultyMs),
        feedFaults(faultyMs),
        sinkFaults(faultyMs),
        seed,
        async (given, death, delivery, feed, sink, salt) => {
          const faults = { ...delivery, ...feed, ...sink, ...death };
          expectNothingLost(await simulate(given, { repeats: true, faults, seed: salt }));
        },
      ),
      { numRuns: 12, endOnFailure: true },
    );
  });

  test('with storage that fails, is slow, full or loses answers, and a lease out of reach, nothing is lost', async () => {
    await fc.assert(
      fc.asyncProperty(
        world(),
        storageFaults(faultyMs),
        deaths(faultyMs, 0),
        sinkFaults(faultyMs),
        seed,
        async (given, storage, death, sink, salt) => {
          const faults = { ...storage, ...sink, ...death };
          expectNothingLost(await simulate(given, { repeats: true, faults, seed: salt }));
        },
      ),
      { numRuns: 10, endOnFailure: true },
    );
  });

  test('no two processes commit in turn: a fenced one commits nothing more and steps down', async () => {
    let takeovers = 0;
    await fc.assert(
      fc.asyncProperty(
        world(),
        suspensions(faultyMs),
        storageFaults(faultyMs),
        sinkFaults(faultyMs),
        seed,
        async (given, suspension, storage, sink, salt) => {
          const faults = { ...storage, ...sink, ...suspension };
          const simulation = await simulate(given, { repeats: true, faults, seed: salt });
          expectNothingLost(simulation);
          takeovers += new Set(simulation.book.heads.map(({ life }) => life)).size - 1;
        },
      ),
      { numRuns: 10, endOnFailure: true },
    );
    expect(takeovers).toBeGreaterThan(0);
  });

  test('killed at any moments, it tells exactly the news', async () => {
    await fc.assert(
      fc.asyncProperty(
        world(),
        deaths(faultyMs),
        storageFaults(faultyMs),
        feedFaults(faultyMs),
        sinkFaults(faultyMs),
        seed,
        async (given, death, storage, feed, sink, salt) => {
          const faults = { ...storage, ...feed, ...sink, ...death };
          const simulation = await simulate(given, { repeats: false, faults, seed: salt });
          expect(problemsOf(simulation)).toEqual([]);
          expectLifecycles(simulation);
          expectOneAlertPerId(simulation);
          expectDelivered(simulation);
          expectOneMeaningPerId(simulation);
          expectCommittedFirst(simulation);
        },
      ),
      { numRuns: 10, endOnFailure: true },
    );
  });

  test('with only news told, a run with kills tells what the run without them tells', async () => {
    let compared = 0;
    const firstFlush = ({ recorder }: Simulation): number | undefined => recorder.flushes[0]?.result.windowEnd;
    await fc.assert(
      fc.asyncProperty(
        world({ settled: true, steady: true }),
        deaths(faultyMs),
        storageFaults(faultyMs),
        seed,
        async (given, death, storage, salt) => {
          const calm = await simulate(given, { repeats: false });
          const rough = await simulate(given, { repeats: false, faults: { ...storage, ...death }, seed: salt });
          // One that ended before its first commit leaves no state, so that the next begins at a later flush.
          if (firstFlush(rough) !== firstFlush(calm)) return;
          expect(toldBy(rough)).toEqual(toldBy(calm));
          compared += 1;
        },
      ),
      { numRuns: 10, endOnFailure: true },
    );
    expect(compared).toBeGreaterThan(0);
  });

  test('whatever of its state is damaged, it goes on with what can be read, and its rows are those of the reference', async () => {
    await fc.assert(
      fc.asyncProperty(world(), damages(faultyMs), feedFaults(faultyMs), seed, async (given, damage, feed, salt) => {
        const simulation = await simulate(given, { repeats: true, faults: { ...feed, ...damage }, seed: salt });
        expectFlushesInOrder(simulation);
        expectRowsOfReference(simulation);
        expectCounted(simulation);
        expectOneMeaningPerId(simulation, true);
        expectAllDelivered(simulation);
        expectCommittedFirst(simulation);
        expectOneOwner(simulation, true);
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });

  test('missed flushes run in order after an outage, none twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        world(),
        fc.integer({ min: HOUR_MS, max: 2 * HOUR_MS }),
        fc.integer({ min: 2 * HOUR_MS, max: 4 * HOUR_MS }),
        seed,
        async (given, atMs, downMs, salt) => {
          const faults = { kills: [{ atMs, downMs, damage: null }] };
          const simulation = await simulate(given, { repeats: true, faults, seed: salt });
          const { lives, recorder } = simulation;
          expect(lives).toHaveLength(2);
          const upMs = given.startMs + atMs + downMs;
          const missed = recorder.flushes.filter(({ result, trueMs }) => result.windowEnd < upMs && trueMs >= upMs);
          expect(missed.length).toBeGreaterThanOrEqual(2);
          // Once the lease of the killed one is over and every partition was read.
          for (const { result, trueMs } of missed) {
            expect(result.lagging).toEqual([]);
            expect(trueMs).toBeLessThan(upMs + HOUR_MS / 2);
          }
          expectNothingLost(simulation);
        },
      ),
      { numRuns: 6, endOnFailure: true },
    );
  });

  test('what was enqueued before a window and happened in it, within the tolerance, is read as well', async () => {
    const startMs = Date.UTC(2026, 2, 2, 11, 55);
    const lookbackMs = 3 * HOUR_MS;
    const happenedMs = startMs + 7 * 60_000 - lookbackMs;
    const given = earlyWorld(startMs, lookbackMs, happenedMs, happenedMs - 12 * 60_000);
    const simulation = await simulate(given, { repeats: true });
    expectRowsOfReference(simulation);
    expect(simulation.recorder.flushes[0]?.result.rows).toBe(1);
  });
});
