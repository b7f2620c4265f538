import type { Alert } from '../core/alert/alert.ts';
import type { Row } from '../core/alert/row.ts';
import { compareRows, type ComparedRow } from '../core/kql/compare.ts';
import { KqlTables } from '../core/kql/kql-tables.ts';
import type { SourceSettings } from '../core/intel/indicator-reader.ts';
import type { StixObject } from '../core/intel/stix-object.ts';
import type { ReceivedRecord } from '../core/record.ts';
import { formatMs } from '../core/time.ts';
import type { ReplayRule } from './replay.ts';

/** A row of the rule to the letter, with the window it speaks of. */
export interface LetterRow {
  readonly windowStart: string;
  readonly windowEnd: string;
  readonly row: Row;
}

/** The tables of the rule to the letter over every version given; `source` is the feed that all came from. */
export function letterTables(objects: readonly StixObject[], source: SourceSettings, rule: ReplayRule): KqlTables {
  const { minConfidence, excluded, statuses, deduplicate, lookbackMs } = rule;
  const options = { minConfidence, excluded, statuses, deduplicate, flushDelayMs: null };
  return new KqlTables(
    objects.map((object) => ({ source, object })),
    lookbackMs,
    options,
  );
}

/** The rows of the rule to the letter at an instant; adds the records to the tables. */
export function letterRows(tables: KqlTables, records: readonly ReceivedRecord[], at: number): readonly Row[] {
  for (const record of records) tables.add(record);
  return tables.evaluate(at);
}

export function withWindow(rows: readonly Row[], at: number, { lookbackMs }: ReplayRule): readonly LetterRow[] {
  const [windowStart, windowEnd] = [formatMs(at - lookbackMs), formatMs(at)];
  return rows.map((row) => ({ windowStart, windowEnd, row }));
}

/** Joins the rows of the letter with those of a replay at the same instant, and says why they differ. */
export function compareReplay(
  tables: KqlTables,
  at: number,
  letter: readonly Row[],
  alerts: readonly Alert[],
): readonly ComparedRow[] {
  return compareRows(
    tables,
    at,
    letter,
    alerts.map(({ row }) => row),
  );
}
