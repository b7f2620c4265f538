import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Row } from '../../../../src/core/alert/row.ts';
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
