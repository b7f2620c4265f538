import type { Alert } from '../core/alert/alert.ts';
import type { Row } from '../core/alert/row.ts';
import { reasonMeaning, type ComparedRow } from '../core/kql/compare.ts';
import { printable } from './printable.ts';

/** Longest text of a cell; the documents of `--format ndjson` hold the whole. */
const cellMax = 60;

type Line = readonly string[];

/** Lays lines out in columns as wide as their widest cell, two blanks apart; longer cells are cut. */
export function alignTable(heads: Line, lines: readonly Line[], longest = cellMax): string[] {
  const cells = [heads, ...lines].map((line) => line.map((text) => cell(text, longest)));
  const widths = heads.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  return cells.map((line) =>
    line
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function cell(text: string, longest: number): string {
  const shown = printable(text);
  return shown.length <= longest ? shown : `${shown.slice(0, longest - 1)}…`;
}

const rowHeads = [
  'CALLER',
  'ADDRESS',
  'OPERATIONS',
  'FIRST SEEN',
  'LAST SEEN',
  'CONFIDENCE',
  'TLP',
  'USER SIGN-INS',
  'SP SIGN-INS',
  'RISK',
];

function rowCells(row: Row): Line {
  return [
    row.Caller,
    row.TI_IP,
    String(row.OperationCount),
    row.FirstSeen,
    row.LastSeen,
    String(row.ConfidenceScore),
    row.TLPLevel,
    String(row.UserSigninCount ?? 0),
    String(row.SPSigninCount ?? 0),
    row.MaxUserRisk,
  ];
}

export function rowTable(rows: readonly Row[]): string[] {
  return alignTable(rowHeads, rows.map(rowCells));
}

export function alertTable(alerts: readonly Alert[]): string[] {
  const heads = ['EMITTED', 'ALERT', 'WINDOW END', ...rowHeads, 'CORROBORATION'];
  const lines = alerts.map(({ emittedAt, activity, closeReason, windowEnd, row, corroboration }) => [
    emittedAt,
    closeReason === undefined ? activity : `${activity} ${closeReason}`,
    windowEnd,
    ...rowCells(row),
    corroboration.grade,
  ]);
  return alignTable(heads, lines);
}

/** A line a column that differs, and below them what the reasons mean. */
export function comparisonTable(compared: readonly ComparedRow[]): string[] {
  const lines = compared.flatMap(({ caller, ip, side, columns, reasons }): Line[] => {
    if (side !== 'both') return [[caller, ip, `${side} only`, '', '', '', reasons.join(' ')]];
    if (columns.length === 0) return [[caller, ip, 'equal', '', '', '', '']];
    return columns.map(({ column, kql, repaired, reasons: own }) => [
      caller,
      ip,
      'differs',
      column,
      JSON.stringify(kql),
      JSON.stringify(repaired),
      own.join(' '),
    ]);
  });
  const reasons = new Set(compared.flatMap((row) => row.reasons));
  const meanings = [...reasons].map((reason) => `${reason}: ${reasonMeaning(reason)}`);
  const table = alignTable(['CALLER', 'ADDRESS', 'RESULT', 'COLUMN', 'KQL', 'REPAIRED', 'REASONS'], lines);
  return meanings.length === 0 ? table : [...table, '', ...meanings];
}
