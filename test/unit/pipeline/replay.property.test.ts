import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluateKql } from '../../../src/core/kql/kql-tables.ts';
import type { SourcedObject } from '../../../src/core/kql/ti-version.ts';
import type { ReceivedRecord } from '../../../src/core/record.ts';
import { compareTime, eventTime, formatMs, HOUR_MS, paneEnd } from '../../../src/core/time.ts';
import { objectsAsOf, ReplayIntelligence } from '../../../src/pipeline/replay-intelligence.ts';
import { compareReplay, letterRows, letterTables } from '../../../src/pipeline/replay-letter.ts';
import { replayAt, replayHourly, type ReplayInput, type ReplayRule } from '../../../src/pipeline/replay.ts';
import { scenario, type Scenario } from '../../support/arbitraries.ts';
import { noAllowLists } from '../../../src/core/intel/allow-lists.ts';
import { excludedSet, sha256, usualLinks, usualPolicy } from '../../support/engine-builder.ts';
import { referenceRepaired, type ReferenceOptions } from '../../support/reference/reference-repaired.ts';
import { replaySource } from '../../support/replay-rig.ts';

interface Case {
  readonly at: number;
  readonly records: readonly ReceivedRecord[];
  readonly objects: readonly SourcedObject[];
  readonly rule: ReplayRule;
  readonly reference: ReferenceOptions;
}

function timeOf({ record, enqueuedMs }: ReceivedRecord) {
  return record.time ?? eventTime(enqueuedMs);
}

/** The objects of all feeds as one, whose versions differ: STIX does not say which of two equal ones is the newer. */
function ofOneFeed(objects: readonly SourcedObject[]): SourcedObject[] {
  const versions = new Map(
    objects.map(({ object }) => [`${String(object['id'])} ${String(object['modified'])}`, object]),
  );
  return [...versions.values()].map((object) => ({ source: replaySource, object }));
}

/** A scenario as files would hold it: one feed, and no enqueued times. */
function caseOf({ received, objects, options, lookbackMs }: Scenario, at: number): Case {
  const records = received
    .map((each) => ({ ...each, enqueuedMs: each.record.time?.ms ?? each.enqueuedMs }))
    .toSorted((a, b) => compareTime(timeOf(a), timeOf(b)));
  const { minConfidence, excludedRanges, statuses, deduplicate, optionalStreams } = options;
  return {
    at,
    records,
    objects: ofOneFeed(objects),
    rule: {
      lookbackMs,
      hopMs: HOUR_MS,
      minConfidence,
      excluded: excludedSet(excludedRanges),
      statuses,
      streams: new Set(['activity', 'sign_in', 'service_principal', ...optionalStreams]),
      deduplicate,
      repeats: true,
      severityPolicy: usualPolicy,
      links: usualLinks,
    },
    reference: { ...options, lookbackMs, flushDelayMs: null },
  };
}

function inputOf({ records, objects, rule }: Case, asOf = false): ReplayInput {
  const { minConfidence, excluded } = rule;
  const options = { source: replaySource, minConfidence, excluded, asOf, refreshMs: 60_000 };
  const intelligence = new ReplayIntelligence(
    objects.map(({ object }) => object),
    options,
  );
  const [first, last] = [records[0], records.at(-1)];
  const span = first === undefined || last === undefined ? null : { first: timeOf(first), last: timeOf(last) };
  const counts = { total: 0, wanted: 0, named: 0, unwanted: 0, unknown: 0, undated: 0 };
  return { records, span, counts, rule, intelligence, allowLists: noAllowLists, digest: sha256 };
}

const byText = (a: { key: string }, b: { key: string }): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

/** What a reference row and an alert both say, in an order of its own. */
function told(
  rows: readonly { row: { TI_IP: string; Caller: string }; grade: string; truncated: readonly string[] }[],
): unknown {
  return rows
    .map(({ row, grade, truncated }) => ({ key: `${row.TI_IP} ${row.Caller}`, row, grade, truncated }))
    .toSorted(byText);
}

/** Scenarios at whole hours and between them. */
const cases = fc
  .tuple(scenario(), fc.constantFrom(0, 60_000, -1_800_000, 1, 777_777))
  .map(([given, shift]) => caseOf(given, given.at + shift));

test('the rows of an instant are those of the reference, on a boundary or between two', () => {
  let rows = 0;
  fc.assert(
    fc.property(cases, (given) => {
      const alerts = replayAt(inputOf(given), given.at);
      const expected = referenceRepaired(given.records, given.objects, given.at, given.reference);
      const seen = alerts.map(({ row, corroboration, truncated }) => ({ row, grade: corroboration.grade, truncated }));
      expect(told(seen)).toEqual(told(expected));
      rows += alerts.length;
    }),
    { numRuns: 150 },
  );
  expect(rows).toBeGreaterThan(50);
});

test('the alerts of an instant stand alone, in an order that the records do not change', () => {
  fc.assert(
    fc.property(cases, (given) => {
      const alerts = replayAt(inputOf(given), given.at);
      const keys = alerts.map(({ ip, caller }) => ({ key: `${ip} ${caller}` }));
      expect(keys).toEqual(keys.toSorted(byText));
      expect(new Set(alerts.map(({ id }) => id)).size).toBe(alerts.length);
      for (const { activity, windowEnd, emittedAt, backfill, incomplete } of alerts)
        expect({ activity, windowEnd, emittedAt, backfill, incomplete }).toEqual({
          activity: 'create',
          windowEnd: formatMs(given.at),
          emittedAt: formatMs(given.at),
          backfill: false,
          incomplete: null,
        });
      expect(replayAt(inputOf({ ...given, records: given.records.toReversed() }), given.at)).toEqual(alerts);
    }),
    { numRuns: 50 },
  );
});

test('every flush of an hourly replay has the rows of the reference at its boundary, versions as of then or not', () => {
  let flushes = 0;
  fc.assert(
    fc.property(cases, fc.boolean(), (given, asOf) => {
      const alerts = [...replayHourly(inputOf(given, asOf))];
      const first = given.records[0];
      if (first === undefined) return;
      const last = paneEnd(timeOf(given.records.at(-1)!), HOUR_MS);
      for (let at = paneEnd(timeOf(first), HOUR_MS); at <= last; at += HOUR_MS) {
        const known = asOf ? given.objects.filter(({ object }) => objectsAsOf([object], at).length > 0) : given.objects;
        const expected = referenceRepaired(given.records, known, at, given.reference);
        const flushed = alerts.filter(
          ({ emittedAt, windowEnd, activity }) =>
            emittedAt === formatMs(at) && windowEnd === emittedAt && activity !== 'close',
        );
        // A record on the boundary itself may raise a first match there; the flush speaks after it.
        const rows = new Map(
          flushed.map(({ row, corroboration: { grade }, truncated }) => [
            `${row.TI_IP} ${row.Caller.toLowerCase()}`,
            { row, grade, truncated },
          ]),
        );
        expect(told([...rows.values()])).toEqual(told(expected));
        flushes += expected.length;
      }
    }),
    { numRuns: 60 },
  );
  expect(flushes).toBeGreaterThan(50);
});

test('the letter of an instant is the one of evaluateKql', () => {
  fc.assert(
    fc.property(cases, ({ records, objects, at, rule }) => {
      const tables = letterTables(
        objects.map(({ object }) => object),
        replaySource,
        rule,
      );
      expect(letterRows(tables, records, at)).toEqual(evaluateKql(records, objects, at, rule.lookbackMs));
    }),
    { numRuns: 100 },
  );
});

test('every difference between a replay and the letter has a reason, and none is unknown', () => {
  fc.assert(
    fc.property(cases, (given) => {
      const tables = letterTables(
        given.objects.map(({ object }) => object),
        replaySource,
        given.rule,
      );
      const letter = letterRows(tables, given.records, given.at);
      for (const { side, columns, reasons } of compareReplay(
        tables,
        given.at,
        letter,
        replayAt(inputOf(given), given.at),
      )) {
        expect(reasons).not.toContain('unknown');
        expect(reasons.length === 0).toBe(side === 'both' && columns.length === 0);
      }
    }),
    { numRuns: 100 },
  );
});
