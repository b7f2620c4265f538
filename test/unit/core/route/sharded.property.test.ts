import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../../src/core/alert/alert.ts';
import { Engine } from '../../../../src/core/engine.ts';
import type { EngineOptions } from '../../../../src/core/engine-options.ts';
import type { IndicatorIndex } from '../../../../src/core/intel/address-index.ts';
import { Tally } from '../../../../src/core/tally.ts';
import { HOUR_MS } from '../../../../src/core/time.ts';
import { scenario, type Scenario } from '../../../support/arbitraries.ts';
import { buildIndex, drain, engineOptions } from '../../../support/engine-builder.ts';
import { referenceRepaired, type ReferenceRow } from '../../../support/reference/reference-repaired.ts';
import { Fleet, fleetStep } from '../../../support/sharded/fleet.ts';
import { drainOf } from '../../../support/sharded/shard-process.ts';
import { SourceLogs, type Layout } from '../../../support/sharded/source-logs.ts';

const layout: fc.Arbitrary<Layout> = fc.record({
  partitions: fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 40 }),
  batches: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 10 }),
  gaps: fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 10 }),
});

const sizes = fc.record({
  shards: fc.integer({ min: 1, max: 4 }),
  eventBytes: fc.constantFrom(1, 300, 1500),
  lingerMs: fc.constantFrom(0, 3, 20),
  heartbeatMs: fc.constantFrom(0, 5),
  pendingBytesMax: fc.constantFrom(1500, 1_000_000),
  aheadMaxMs: fc.constantFrom(HOUR_MS, 1000 * HOUR_MS),
});

const story = fc.record({
  given: scenario({ maxRecords: 50 }),
  layout,
  sizes,
  steps: fc.array(fleetStep, { minLength: 100, maxLength: 250, size: 'max' }),
});

interface Told {
  readonly row: { readonly Caller: string; readonly TI_IP: string };
}

function byRow(a: Told, b: Told): number {
  const [left, right] = [a, b].map(({ row }) => `${row.TI_IP} ${row.Caller.toLowerCase()}`) as [string, string];
  return left < right ? -1 : 1;
}

function rowsOf(alerts: readonly Alert[]): unknown[] {
  return alerts
    .filter(({ activity }) => activity !== 'close')
    .map(({ row, corroboration, truncated, indicators }) => ({
      row,
      grade: corroboration.grade,
      truncated,
      indicators: indicators.map(({ source, id }) => [source, id]).sort(),
    }))
    .sort(byRow);
}

function inOrder(rows: readonly ReferenceRow[]): unknown[] {
  return rows.map((each) => ({ ...each, indicators: each.indicators.map((pair) => [...pair]).sort() })).sort(byRow);
}

/** Whether a row is a new finding depends on when its records were read beside the indicators' times; its id does not. */
function idsOf(alerts: readonly Alert[]): string[] {
  return alerts
    .filter(({ activity }) => activity !== 'close')
    .map(({ id }) => id)
    .sort();
}

/** What one engine says at each flush that reads everything in the order in which it was enqueued. */
function saidByOne(logs: SourceLogs, engine: Engine, lastBoundary: number): Map<number, readonly Alert[]> {
  const said = new Map<number, readonly Alert[]>();
  const waiting = [...logs.messages];
  while (engine.boundary <= lastBoundary) {
    const { boundary } = engine;
    const upTo = boundary + engine.options.flushDelayMs;
    while ((waiting[0]?.enqueuedMs ?? Infinity) <= upTo) engine.take(waiting.shift()!, boundary, new Tally());
    drain(engine);
    engine.flush({ lagging: [] }, boundary + 300_000);
    said.set(boundary, drainOf(engine, boundary));
  }
  return said;
}

interface Ruled {
  readonly engine: EngineOptions;
  readonly firstBoundary: number;
  readonly index: IndicatorIndex;
}

function ruledBy({ options, lookbackMs, objects, at }: Scenario): Ruled {
  const flushDelayMs = options.flushDelayMs ?? 240 * HOUR_MS;
  const engine = engineOptions({ ...options, lookbackMs, flushDelayMs, repeats: true });
  return { engine, firstBoundary: at - 2 * HOUR_MS, index: buildIndex(objects, options).index };
}

describe('Router and shards', () => {
  test('say together what the reference evaluator says, and what one engine says, under the same ids', () => {
    fc.assert(
      fc.property(story, ({ given, layout, sizes: { shards, ...router }, steps }) => {
        const ruled = ruledBy(given);
        const logs = new SourceLogs(given.received, layout);
        const lastBoundary = given.at + 2 * HOUR_MS;
        const fleet = new Fleet({ ...ruled, shards, router: { ...router, maxWaitMs: HOUR_MS }, lastBoundary }, logs);
        for (const step of steps) fleet.do(step);
        fleet.settle();

        expect(fleet.faults).toEqual([]);
        expect(fleet.shards.map(({ engine }) => engine.boundary)).toEqual(
          fleet.shards.map(() => lastBoundary + HOUR_MS),
        );
        expect(fleet.shards.map(({ admitted }) => admitted)).toEqual(
          fleet.shards.map((_, at) => fleet.placed.filter(({ shard }) => shard === at).length),
        );
        const one = new Engine(ruled.engine, { firstBoundary: ruled.firstBoundary, warmUntil: null });
        one.setIndex(ruled.index, () => 'indicator-deleted', ruled.firstBoundary - 1);
        const options = { ...given.options, lookbackMs: given.lookbackMs };
        for (const [windowEnd, alerts] of saidByOne(logs, one, lastBoundary)) {
          const together = fleet.shards.flatMap((_, at) => fleet.said.get(`${windowEnd} ${at}`) ?? []);
          expect(rowsOf(together)).toEqual(
            inOrder(referenceRepaired(logs.received, given.objects, windowEnd, options)),
          );
          expect(idsOf(together)).toEqual(idsOf(alerts));
        }
      }),
      { numRuns: 100 },
    );
  });
});
