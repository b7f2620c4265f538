import { describe, expect, expectTypeOf, test } from 'vitest';
import type { RecordOutcome, RecordStream } from '../../../src/core/outcome.ts';
import type { FeedErrorCode } from '../../../src/core/ports.ts';
import type { SourceErrorCode } from '../../../src/core/source-error-code.ts';
import { type Definition, definitions } from '../../../src/telemetry/definitions.ts';
import type { LabelsOf } from '../../../src/telemetry/metrics.ts';

const table: [string, Definition][] = Object.entries(definitions);

describe('definitions', () => {
  test.each(table)('%s follows the naming conventions of Prometheus', (name, { type, labels, buckets }) => {
    expect(name).toMatch(/^tidewatch_[a-z][a-z_]*[a-z]$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    if (type === 'histogram') {
      expect(name).toMatch(/_seconds$/);
      expect(buckets).toEqual([...(buckets ?? [])].sort((a, b) => a - b));
    }
    for (const label of Object.keys(labels)) expect(label).toMatch(/^[a-z_]+$/);
  });

  test('no label can carry a caller or an address', () => {
    const labels = new Set(table.flatMap(([, definition]) => Object.keys(definition.labels)));
    for (const label of labels) expect(label).not.toMatch(/caller|principal|user|ip$|address/);
  });

  // Prose and dashboards rely on these names and labels.
  test.each([
    ['tidewatch_records_total', ['stream', 'outcome']],
    ['tidewatch_lookups_total', ['stream', 'result']],
    ['tidewatch_alerts_total', ['activity']],
    ['tidewatch_flushes_total', ['complete']],
    ['tidewatch_dead_letters_total', ['reason']],
    ['tidewatch_indicators', ['feed', 'kind']],
    ['tidewatch_indicators_skipped', ['feed', 'reason']],
    ['tidewatch_feed_last_success_timestamp_seconds', ['feed']],
    ['tidewatch_partition_lag_events', ['hub', 'partition']],
    ['tidewatch_partition_lag_seconds', ['hub', 'partition']],
    ['tidewatch_watermark_delay_seconds', []],
    ['tidewatch_windows', ['state']],
    ['tidewatch_evictions_total', ['reason']],
    ['tidewatch_event_to_alert_seconds', []],
  ])('%s exists with its labels', (name, labels) => {
    expect(Object.keys(Object.fromEntries(table)[name]!.labels)).toEqual(labels);
  });
});

describe('LabelsOf', () => {
  test('holds the closed sets of core, whole', () => {
    expectTypeOf<LabelsOf<'tidewatch_records_total'>>().toEqualTypeOf<{
      readonly stream: RecordStream;
      readonly outcome: RecordOutcome;
    }>();
    expectTypeOf<LabelsOf<'tidewatch_source_errors'>['code']>().toEqualTypeOf<SourceErrorCode>();
    expectTypeOf<LabelsOf<'tidewatch_feed_failures_total'>['code']>().toEqualTypeOf<FeedErrorCode>();
  });

  test('is empty for a metric without labels', () => {
    expectTypeOf<LabelsOf<'tidewatch_watermark_delay_seconds'>>().toEqualTypeOf<Readonly<Record<string, never>>>();
  });
});
