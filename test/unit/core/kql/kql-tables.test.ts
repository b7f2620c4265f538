import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowColumns, setLimits, type Row } from '../../../../src/core/alert/row.ts';
import { evaluateKql, KqlTables } from '../../../../src/core/kql/kql-tables.ts';
import { allRepairs } from '../../../../src/core/kql/repair.ts';
import { HOUR_MS } from '../../../../src/core/time.ts';
import { repairOptions, scenario } from '../../../support/arbitraries.ts';
import { referenceKql } from '../../../support/reference/reference-kql.ts';
import { referenceRepaired } from '../../../support/reference/reference-repaired.ts';

function inOrder(rows: readonly Row[]): Row[] {
  const key = ({ TI_IP, Caller }: Row): string => JSON.stringify([TI_IP, Caller]);
  return [...rows].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

test('evaluateKql() gives the rows of the reference on the same order of input', () => {
  fc.assert(
    fc.property(scenario(), ({ received, objects, at, lookbackMs }) => {
      const records = received.map(({ record }) => record);
      const expected = referenceKql(records, objects, at, lookbackMs);
      expect(inOrder(evaluateKql(received, objects, at, lookbackMs))).toEqual(inOrder(expected));
    }),
    { numRuns: 500 },
  );
});

test('with every repair the tables give the rows of the repaired reference', () => {
  fc.assert(
    fc.property(scenario(), (given) => {
      const { received, objects, at, lookbackMs, options } = given;
      const expected = referenceRepaired(received, objects, at, { ...options, lookbackMs }).map(({ row }) => row);
      const tables = new KqlTables(objects, lookbackMs, repairOptions(given));
      for (const record of received) tables.add(record);
      expect(inOrder(tables.evaluate(at, allRepairs))).toEqual(inOrder(expected));
    }),
    { numRuns: 500 },
  );
});

test('tables that are fed and asked hour by hour and forget what is past give the rows of a single evaluation', () => {
  fc.assert(
    fc.property(scenario(), ({ received, objects, at, lookbackMs }) => {
      const tables = new KqlTables(objects, lookbackMs);
      const hours = [at - 2 * HOUR_MS, at - HOUR_MS, at];
      for (const record of received) tables.add(record);
      for (const hour of hours) {
        tables.forget(hour);
        expect(tables.evaluate(hour)).toEqual(evaluateKql(received, objects, hour, lookbackMs));
      }
    }),
    { numRuns: 500 },
  );
});

const anyColumns: readonly (keyof Row)[] = ['ThreatType', 'TI_Description', 'ActivityGroupNames', 'TLPLevel'];

/** What of a row follows from the set of records and indicators, whatever their order. */
function withoutOrder(row: Row): unknown[] {
  return rowColumns
    .filter((column) => !anyColumns.includes(column))
    .map((column) => {
      const value = row[column];
      if (value === null || typeof value !== 'object') return value;
      return column in setLimits && value.length < setLimits[column as keyof typeof setLimits]
        ? value.toSorted()
        : value.length;
    });
}

test('evaluateKql() depends on the order of its input only in any() and in which members make_set keeps, and how', () => {
  fc.assert(
    fc.property(
      scenario(),
      fc.infiniteStream(fc.nat({ max: 1000 })),
      ({ received, objects, at, lookbackMs }, random) => {
        const shuffled = <Item>(items: readonly Item[]): Item[] =>
          items
            .map((item) => ({ item, key: Number(random.next().value) }))
            .sort((a, b) => a.key - b.key)
            .map(({ item }) => item);
        const rows = evaluateKql(received, objects, at, lookbackMs);
        const others = evaluateKql(shuffled(received), shuffled(objects), at, lookbackMs);
        expect(others.map(withoutOrder)).toEqual(rows.map(withoutOrder));
      },
    ),
    { numRuns: 300 },
  );
});
