import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../src/core/alert/alert.ts';
import { Engine } from '../../../src/core/engine.ts';
import { noAllowLists } from '../../../src/core/intel/allow-lists.ts';
import type { ReceivedRecord } from '../../../src/core/record.ts';
import { Tally } from '../../../src/core/tally.ts';
import { HOUR_MS } from '../../../src/core/time.ts';
import { allowListsOf } from '../../support/allow-list-builder.ts';
import { scenario, type Scenario } from '../../support/arbitraries.ts';
import { buildIndex, drain, engineOptions, message, takeAll } from '../../support/engine-builder.ts';
import {
  referenceRepaired,
  type ReferenceOptions,
  type ReferenceRow,
} from '../../support/reference/reference-repaired.ts';

const day = 24 * HOUR_MS;

/** Ranges that cover addresses of the scenarios, some of them inside others. */
const coverable = ['198.51.100.0/24', '198.51.100.7', '203.0.113.0/25', '52.0.0.0/8', '2001:db8::/32', '100.64.0.0/10'];

function optionsOf({ options, lookbackMs }: Scenario): ReferenceOptions {
  return { ...options, lookbackMs };
}

/** What a flush said, in an order of its own. */
function said(alerts: readonly Alert[]): unknown[] {
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

function expected(given: Scenario, at: number): unknown[] {
  return inOrder(referenceRepaired(given.received, given.objects, at, optionsOf(given)));
}

function inOrder(rows: readonly ReferenceRow[]): unknown[] {
  return rows.map((each) => ({ ...each, indicators: each.indicators.map((pair) => [...pair]).sort() })).sort(byRow);
}

function byRow(a: { row: { Caller: string; TI_IP: string } }, b: { row: { Caller: string; TI_IP: string } }): number {
  const [left, right] = [a, b].map(({ row }) => `${row.TI_IP} ${row.Caller.toLowerCase()}`) as [string, string];
  return left < right ? -1 : 1;
}

/** Runs the flushes from one boundary to another and gives what each said. */
function flushes(engine: Engine, upTo: number): Map<number, unknown[]> {
  const byBoundary = new Map<number, unknown[]>();
  while (engine.boundary <= upTo) {
    drain(engine);
    const windowEnd = engine.boundary;
    engine.flush({ lagging: [] }, windowEnd + 300_000);
    byBoundary.set(
      windowEnd,
      said(
        drain(engine).filter(
          (alert) =>
            (Date.parse(alert.windowEnd) === windowEnd && !alert.late) || Date.parse(alert.windowEnd) === windowEnd,
        ),
      ),
    );
  }
  return byBoundary;
}

function engineFor(given: Scenario, firstBoundary: number): Engine {
  const setting = { ...optionsOf(given), flushDelayMs: given.options.flushDelayMs ?? day * 10, repeats: true };
  const engine = new Engine(engineOptions(setting), { firstBoundary, warmUntil: null });
  const { index } = buildIndex(given.objects, given.options);
  engine.setIndex(index, () => 'indicator-deleted', firstBoundary - HOUR_MS);
  return engine;
}

describe('Engine', () => {
  test('flush() gives the rows of the reference evaluator, whatever the order', () => {
    fc.assert(
      fc.property(scenario(), fc.integer(), (given, seed) => {
        const engine = engineFor(given, given.at);
        takeAll(engine, shuffled(given.received, seed), given.at - 1);
        drain(engine);
        engine.flush({ lagging: [] }, given.at + 300_000);
        const alerts = drain(engine).filter(({ windowEnd }) => Date.parse(windowEnd) === given.at);
        expect(said(alerts)).toEqual(expected(given, given.at));
      }),
      { numRuns: 200 },
    );
  });

  test('flush() gives the rows of the reference evaluator at every boundary, whenever records are taken', () => {
    fc.assert(
      fc.property(scenario(), fc.integer(), fc.nat({ max: 40 }), (given, seed, early) => {
        const first = given.at - 2 * HOUR_MS;
        const engine = engineFor(given, first);
        const order = shuffled(given.received, seed);
        // Live reading: before each flush everything enqueued up to its cut has been taken, and `early` records more.
        const taken = new Set<ReceivedRecord>();
        const tally = new Tally();
        let next = 0;
        const take = (each: ReceivedRecord): void => {
          if (taken.has(each)) return;
          taken.add(each);
          engine.take(
            {
              origin: 'hub/0',
              sequenceNumber: next++,
              offset: '',
              enqueuedMs: each.enqueuedMs,
              decoded: message([{ ...each.record, index: 0 }]),
            },
            engine.boundary,
            tally,
          );
        };
        const delay = given.options.flushDelayMs ?? day * 10;
        for (let at = first; at <= given.at + 2 * HOUR_MS; at += HOUR_MS) {
          order.filter(({ enqueuedMs }) => enqueuedMs <= at + delay).forEach(take);
          order.slice(0, early).forEach(take);
          const [said] = flushes(engine, at).values();
          expect(said).toEqual(expected(given, at));
        }
      }),
      { numRuns: 120 },
    );
  });

  test('what an allow list drops is as if nobody had done it, whether the list comes before the records or after', () => {
    fc.assert(
      fc.property(scenario(), fc.subarray(coverable), fc.boolean(), (given, dropped, isFirst) => {
        const engine = engineFor(given, given.at);
        const lists = allowListsOf(['drop', ...dropped]);
        if (isFirst) engine.swapAllowLists(lists, given.at - HOUR_MS);
        takeAll(engine, given.received, given.at - 1);
        if (!isFirst) engine.swapAllowLists(lists, given.at - 1);
        drain(engine);
        engine.flush({ lagging: [] }, given.at + 300_000);
        const alerts = drain(engine).filter(({ windowEnd }) => Date.parse(windowEnd) === given.at);
        const options = { ...optionsOf(given), droppedRanges: dropped };
        const rows = referenceRepaired(given.received, given.objects, given.at, options);
        expect(said(alerts)).toEqual(inOrder(rows));
      }),
      { numRuns: 200 },
    );
  });

  test('an allow list that came and went has changed no flush, however much of it was looked up meanwhile', () => {
    fc.assert(
      fc.property(scenario(), fc.subarray(coverable), fc.nat({ max: 5 }), fc.nat(), (given, dropped, limit, cut) => {
        const engine = engineFor(given, given.at);
        const at = cut % Math.max(1, given.received.length);
        takeAll(engine, given.received.slice(0, at), given.at - 1);
        engine.swapAllowLists(allowListsOf(['drop', ...dropped]), given.at - 1);
        engine.probeIndex(limit, given.at - 1);
        takeAll(engine, given.received.slice(at), given.at - 1, 'hub/1');
        engine.swapAllowLists(noAllowLists, given.at - 1);
        engine.probeIndex(Number.POSITIVE_INFINITY, given.at - 1);
        drain(engine);
        engine.flush({ lagging: [] }, given.at + 300_000);
        const alerts = drain(engine).filter(({ windowEnd }) => Date.parse(windowEnd) === given.at);
        expect(said(alerts)).toEqual(expected(given, given.at));
      }),
      { numRuns: 200 },
    );
  });

  test('take() of positions at or below the mark changes nothing', () => {
    fc.assert(
      fc.property(scenario(), (given) => {
        const once = engineFor(given, given.at);
        takeAll(once, given.received, given.at - 1);
        const twice = engineFor(given, given.at);
        takeAll(twice, given.received, given.at - 1);
        const replay = takeAll(twice, given.received, given.at - 1);
        expect(replay.records().every(([, outcome]) => outcome === 'replayed')).toBe(true);
        once.flush({ lagging: [] }, given.at);
        twice.flush({ lagging: [] }, given.at);
        expect(drain(twice)).toEqual(drain(once));
      }),
      { numRuns: 60 },
    );
  });

  test('take() gives each record exactly one outcome', () => {
    fc.assert(
      fc.property(scenario(), (given) => {
        const tally = takeAll(engineFor(given, given.at), given.received, given.at - 1);
        const total = tally.records().reduce((sum, [, , count]) => sum + count, 0);
        expect(total).toBe(given.received.length);
      }),
      { numRuns: 60 },
    );
  });

  test('batches and partitions change no flush', () => {
    fc.assert(
      fc.property(
        scenario(),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 4 }),
        (given, size, partitions) => {
          const engine = engineFor(given, given.at);
          const tally = new Tally();
          const byPartition = new Map<string, ReceivedRecord[]>();
          given.received.forEach((each, index) => {
            const key = `hub/${index % partitions}`;
            byPartition.set(key, [...(byPartition.get(key) ?? []), each]);
          });
          for (const [origin, own] of byPartition)
            for (let start = 0; start < own.length; start += size) {
              // A message has one enqueued time, so a batch takes that of each of its records in turn.
              own.slice(start, start + size).forEach(({ record, enqueuedMs }, index) => {
                const decoded = message([{ ...record, index }]);
                engine.take(
                  { origin, sequenceNumber: start + index, offset: '', enqueuedMs, decoded },
                  given.at - 1,
                  tally,
                );
              });
            }
          drain(engine);
          engine.flush({ lagging: [] }, given.at + 300_000);
          const alerts = drain(engine).filter(({ windowEnd }) => Date.parse(windowEnd) === given.at);
          expect(said(alerts)).toEqual(expected(given, given.at));
        },
      ),
      { numRuns: 80 },
    );
  });
});

function shuffled<T>(items: readonly T[], seed: number): T[] {
  let state = seed >>> 0;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
