import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Row } from '../../../../src/core/alert/row.ts';
import { compareRows, type ComparedRow } from '../../../../src/core/kql/compare.ts';
import { KqlTables } from '../../../../src/core/kql/kql-tables.ts';
import { repairOptions, scenario, type Scenario } from '../../../support/arbitraries.ts';
import { referenceKql } from '../../../support/reference/reference-kql.ts';
import { referenceRepaired } from '../../../support/reference/reference-repaired.ts';

interface BothResults {
  readonly kql: readonly Row[];
  readonly repaired: readonly Row[];
  readonly tables: KqlTables;
}

function bothResults(given: Scenario): BothResults {
  const { received, objects, at, lookbackMs, options } = given;
  const tables = new KqlTables(objects, lookbackMs, repairOptions(given));
  for (const record of received) tables.add(record);
  const records = received.map(({ record }) => record);
  return {
    kql: referenceKql(records, objects, at, lookbackMs),
    repaired: referenceRepaired(received, objects, at, { ...options, lookbackMs }).map(({ row }) => row),
    tables,
  };
}

function compared(given: Scenario): { results: BothResults; rows: ComparedRow[] } {
  const results = bothResults(given);
  return { results, rows: compareRows(results.tables, given.at, results.kql, results.repaired) };
}

test('every difference between the two references has a reason, and none is unknown', () => {
  fc.assert(
    fc.property(scenario(), (given) => {
      for (const { side, columns, reasons } of compared(given).rows) {
        expect(reasons).not.toContain('unknown');
        if (side !== 'both') expect(reasons).not.toEqual([]);
        for (const column of columns) expect(column.reasons).not.toEqual([]);
      }
    }),
    { numRuns: 300 },
  );
});

test('equal rows have no reasons, and rows without reasons are equal', () => {
  fc.assert(
    fc.property(scenario(), (given) => {
      const { results, rows } = compared(given);
      for (const { side, columns, reasons, caller, ip } of rows) {
        if (side !== 'both') continue;
        expect(reasons.length === 0).toBe(columns.length === 0);
        const repaired = results.repaired.find((row) => row.Caller === caller && row.TI_IP === ip);
        const twin = results.kql.some((row) => JSON.stringify(row) === JSON.stringify(repaired));
        if (columns.length === 0) expect(twin).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});

test('every row of either result stands in the comparison', () => {
  fc.assert(
    fc.property(scenario(), (given) => {
      const { results, rows } = compared(given);
      const kqlRows = rows.filter(({ side }) => side !== 'repaired').length;
      expect(kqlRows).toBe(results.kql.length);
      const pairs = rows.filter(({ side }) => side !== 'kql').map(({ caller, ip }) => JSON.stringify([caller, ip]));
      expect(new Set(pairs).size).toBe(results.repaired.length);
    }),
    { numRuns: 300 },
  );
});

test('a row that the records do not give is unknown', () => {
  let wrong = 0;
  fc.assert(
    fc.property(scenario(), (given) => {
      const { tables, kql, repaired } = bothResults(given);
      const [first, ...rest] = repaired;
      if (first === undefined) return;
      const altered = { ...first, OperationCount: first.OperationCount + 1 };
      const rows = compareRows(tables, given.at, kql, [altered, ...rest]);
      const own = rows.filter(({ caller, ip }) => caller === first.Caller && ip === first.TI_IP);
      const differs = own.filter(({ reasons }) => reasons.length > 0);
      expect(own.length).toBeGreaterThan(0);
      for (const { reasons } of differs) expect(reasons).toEqual(['unknown']);
      wrong += differs.length;
    }),
    { numRuns: 100 },
  );
  expect(wrong).toBeGreaterThan(0);
});
