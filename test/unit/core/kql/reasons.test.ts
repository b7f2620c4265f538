import { expect, test } from 'vitest';
import { parseCidr, RangeSet } from '../../../../src/core/address-range.ts';
import type { RepairOptions } from '../../../../src/core/kql/address-case.ts';
import { compareRows, reasonMeaning } from '../../../../src/core/kql/compare.ts';
import { KqlTables } from '../../../../src/core/kql/kql-tables.ts';
import { allRepairs, noRepairs, repairs, type Repair } from '../../../../src/core/kql/repair.ts';
import type { SourcedObject } from '../../../../src/core/kql/ti-version.ts';
import type { ReceivedRecord } from '../../../../src/core/record.ts';
import { eventTime, HOUR_MS } from '../../../../src/core/time.ts';
import { activity, indicator, received, ruleAt, signIn } from '../../../support/rule-input.ts';

interface Example {
  readonly records?: readonly ReceivedRecord[];
  readonly indicators?: readonly SourcedObject[];
  readonly options?: Partial<RepairOptions>;
  /** Columns that differ, or the one side that has a row. */
  readonly differs: readonly string[] | 'kql' | 'repaired';
}

const lookbackMs = 24 * HOUR_MS;

const defaults: RepairOptions = {
  minConfidence: 75,
  excluded: new RangeSet(['10.0.0.0/8', '100.64.0.0/10'].map((text) => parseCidr(text)!)),
  statuses: ['Success'],
  deduplicate: true,
  flushDelayMs: 300_000,
};

/** One small case for each repair, in which it is the only reason. */
const examples: Readonly<Record<Repair, Example>> = {
  'revoked-version': {
    indicators: [indicator(), indicator({ modified: '2026-02-02T00:00:00Z', revoked: true })],
    differs: 'kql',
  },
  'superseded-version': {
    indicators: [indicator(), indicator({ modified: '2026-02-02T00:00:00Z', confidence: 80 })],
    differs: ['ConfidenceScore'],
  },
  'no-valid-until': { indicators: [indicator({ valid_until: undefined })], differs: 'repaired' },
  unscored: { indicators: [indicator({ confidence: undefined }, { defaultConfidence: 80 })], differs: 'repaired' },
  'confidence-floor': {
    indicators: [indicator({ confidence: 60 })],
    options: { minConfidence: 50 },
    differs: 'repaired',
  },
  'pattern-qualifier': {
    indicators: [indicator({ pattern: "[ipv4-addr:value = '198.51.100.7'] REPEATS 5 TIMES" })],
    differs: 'kql',
  },
  'excluded-range': {
    records: [received(activity({ address: '100.64.0.1' }))],
    indicators: [indicator({ pattern: "[ipv4-addr:value = '100.64.0.1']" })],
    differs: 'kql',
  },
  'private-prefix': {
    records: [received(activity({ address: '52.10.3.4' }))],
    indicators: [indicator({ pattern: "[ipv4-addr:value = '52.10.3.4']" })],
    differs: 'repaired',
  },
  'observable-kind': {
    indicators: [indicator({ pattern: "[network-traffic:src_ref.value = '198.51.100.7']" })],
    differs: 'repaired',
  },
  ipv6: {
    records: [received(activity({ address: '2001:db8::5' }))],
    indicators: [indicator({ pattern: "[ipv6-addr:value = '2001:db8::5']" })],
    differs: 'repaired',
  },
  range: { indicators: [indicator({ pattern: "[ipv4-addr:value = '198.51.100.0/24']" })], differs: 'repaired' },
  'address-form': { records: [received(activity({ address: '198.51.100.7:443' }))], differs: 'repaired' },
  undated: { records: [received(activity({ time: null }))], differs: 'repaired' },
  early: {
    records: [received(activity({ time: eventTime(ruleAt + 1) }), ruleAt - HOUR_MS)],
    differs: 'repaired',
  },
  'late-enqueued': { records: [received(activity(), ruleAt + 300_001)], differs: 'kql' },
  'activity-status': {
    records: [received(activity({ resultType: 'Succeeded' }))],
    options: { statuses: ['Success', 'Succeeded'] },
    differs: 'repaired',
  },
  'caller-case': {
    records: [
      received(activity({ time: eventTime(ruleAt - 3 * HOUR_MS) })),
      received(activity({ caller: 'ANN@CONTOSO.COM', time: eventTime(ruleAt - 3 * HOUR_MS, 1) })),
    ],
    differs: ['OperationCount'],
  },
  'duplicate-records': { records: [received(activity()), received(activity())], differs: ['OperationCount'] },
  'risk-order': {
    records: [received(activity()), received(signIn({ risk: 'high' })), received(signIn({ id: 'id-2' }))],
    differs: ['MaxUserRisk'],
  },
  'empty-member': {
    records: [received(activity({ resourceGroup: '' }))],
    differs: ['ResourceGroups'],
  },
  'set-case': {
    records: [received(activity()), received(activity({ resourceGroup: 'g1', time: eventTime(ruleAt - HOUR_MS) }))],
    differs: ['ResourceGroups'],
  },
  'set-order': {
    records: [received(activity()), received(activity({ resourceGroup: 'A', time: eventTime(ruleAt - 9 * HOUR_MS) }))],
    differs: ['ResourceGroups'],
  },
  'best-indicator': {
    indicators: [indicator(), indicator({ id: 'indicator--2', confidence: 95, description: 'Botnet' })],
    differs: ['TI_Description'],
  },
  'tlp-strictest': {
    indicators: [
      indicator(),
      indicator({
        id: 'indicator--2',
        confidence: 80,
        object_marking_refs: ['marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1'],
      }),
    ],
    differs: ['TLPLevel'],
  },
};

test.each(repairs)('%s is the one reason where nothing else differs', (repair) => {
  const { records = [received(activity())], indicators = [indicator()], options, differs } = examples[repair];
  const tables = new KqlTables(indicators, lookbackMs, { ...defaults, ...options });
  for (const record of records) tables.add(record);
  const compared = compareRows(tables, ruleAt, tables.evaluate(ruleAt, noRepairs), tables.evaluate(ruleAt, allRepairs));
  const reasons = new Set(compared.flatMap((row) => row.reasons));
  expect([...reasons]).toEqual([repair]);
  if (typeof differs === 'string') {
    expect(compared.map(({ side }) => side)).toEqual([differs]);
  } else {
    const columns = new Set(compared.flatMap((row) => row.columns.map(({ column }) => column)));
    expect([...columns]).toEqual(expect.arrayContaining([...differs]));
    expect(compared.every(({ side }) => side === 'both')).toBe(true);
  }
});

test('a difference with two causes names both', () => {
  const tables = new KqlTables([indicator({ valid_until: undefined })], lookbackMs, defaults);
  tables.add(received(activity({ address: '198.51.100.7:443' })));
  const [row] = compareRows(tables, ruleAt, [], tables.evaluate(ruleAt, allRepairs));
  expect(row?.reasons).toEqual(['no-valid-until', 'address-form']);
});

test('every reason has a meaning of its own', () => {
  const meanings = [...repairs, 'unknown' as const].map(reasonMeaning);
  expect(new Set(meanings).size).toBe(repairs.length + 1);
});
