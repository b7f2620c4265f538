import type { Alert } from '../../../src/core/alert/alert.ts';
import { alertId } from '../../../src/core/alert/alert-id.ts';
import type { StixObject } from '../../../src/core/intel/stix-object.ts';
import type { ReceivedRecord } from '../../../src/core/record.ts';
import { formatMs, HOUR_MS } from '../../../src/core/time.ts';
import { loadConfig } from '../../../src/config/config.ts';
import { sha256 } from '../engine-builder.ts';
import { referenceRepaired, type ReferenceOptions } from '../reference/reference-repaired.ts';
import { ruleSource } from '../rule-input.ts';

/** What a row says, in a form that alerts and reference share. */
export interface SaidRow {
  readonly row: Alert['row'];
  readonly grade: Alert['corroboration']['grade'];
  readonly truncated: readonly string[];
  readonly indicators: readonly (readonly string[])[];
}

/** The name that the local stack gives its feed. */
export const feedName = 'estuary';

/** The options of a service that was told nothing but its flush delay. */
export function referenceOptions(flushDelayMs: number | null): ReferenceOptions {
  const { config, problems } = loadConfig({
    EVENTHUB_NAMESPACE: 'tides.servicebus.windows.net',
    STORAGE_ACCOUNT_URL: 'https://tides.blob.core.windows.net',
    TI_FEEDS: '[]',
  });
  if (config === null) throw new Error(problems.join('; '));
  const { minConfidence, lookback, excludedRanges, activityStatuses } = config;
  return {
    minConfidence,
    lookbackMs: lookback,
    flushDelayMs,
    excludedRanges,
    statuses: activityStatuses,
    deduplicate: true,
    optionalStreams: [],
  };
}

function ordered(rows: readonly SaidRow[]): SaidRow[] {
  const key = ({ row }: SaidRow): string => `${row.TI_IP} ${row.Caller.toLowerCase()}`;
  return rows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** What alerts say, by address and caller. */
export function saidBy(alerts: readonly Alert[]): SaidRow[] {
  return ordered(
    alerts.map(({ row, corroboration, truncated, indicators }) => ({
      row,
      grade: corroboration.grade,
      truncated,
      indicators: indicators.map(({ source, id }) => [source, id]).sort(),
    })),
  );
}

/** The rows that a flush sent, told from first matches by their ids. */
export function flushAlerts(alerts: readonly Alert[], windowEnd: number): Alert[] {
  const text = formatMs(windowEnd);
  return alerts.filter(
    ({ id, findingKey, activity }) => id === alertId(sha256, findingKey, text, 'flush') && activity !== 'close',
  );
}

/** What the rule says at an instant of everything the broker holds. */
export function expectedRows(
  received: readonly ReceivedRecord[],
  objects: readonly StixObject[],
  at: number,
  options: ReferenceOptions,
): SaidRow[] {
  const sourced = objects.map((object) => ({ source: { ...ruleSource, name: feedName }, object }));
  return ordered(
    referenceRepaired(received, sourced, at, options).map((each) => ({
      ...each,
      indicators: each.indicators.map((pair) => [...pair]).sort(),
    })),
  );
}

/** The boundary at or after an instant. */
export function boundaryAfter(ms: number): number {
  return Math.ceil(ms / HOUR_MS) * HOUR_MS;
}
