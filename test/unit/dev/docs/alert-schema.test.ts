import { globSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../../src/core/alert/alert.ts';
import { anAlert, anIndicator, aRow } from '../../../support/sample-alert.ts';

const schema = JSON.parse(readFileSync('deploy/reference/alert.schema.json', 'utf8')) as object;
const validate = new Ajv2020({ strict: true, strictRequired: false, allErrors: true }).compile(schema);

function errorsOf(document: unknown): string[] {
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

const samples: [string, Alert][] = [
  ['a first match', anAlert()],
  ['an update', anAlert({ activity: 'update', truncated: ['Operations', 'SigninSPs'], late: true })],
  ['counts that may hold copies', anAlert({ truncated: ['OperationCount', 'UserSigninCount', 'SPSigninCount'] })],
  ['a close', anAlert({ activity: 'close', closeReason: 'window-empty' })],
  ['a withdrawal', anAlert({ activity: 'close', closeReason: 'indicator-revoked', indicators: [] })],
  ['a partial row', anAlert({ partial: { before: '2026-03-01T09:00:00Z' }, backfill: true })],
  [
    'a close by an allow list',
    anAlert({ activity: 'close', closeReason: 'allow-listed', severity: 'Low', allowLists: ['azure'] }),
  ],
  ['an incomplete flush', anAlert({ incomplete: { partitions: ['insights-activity-logs/1'] } })],
  [
    'a caller without a name, without sign-ins and without markings',
    anAlert({
      caller: '',
      row: aRow({
        Caller: '',
        AccountName: '',
        AccountUPNSuffix: '',
        UserSigninCount: null,
        SigninUsers: null,
        MaxUserRisk: '',
        CorroboratedBySignin: false,
        TotalSigninCount: 0,
        TLPLevel: '',
      }),
      indicators: [anIndicator({ tlp: '', validFrom: null, validUntil: '2026-04-01T00:00:00.1234567Z' })],
      corroboration: { grade: 'none', evidence: [] },
    }),
  ],
];

describe('alert.schema.json', () => {
  test.each(samples)('accepts %s', (_name, alert) => {
    expect(errorsOf(alert)).toEqual([]);
  });

  // Alerts that the engine itself made, reviewed by eye.
  const goldenAlerts = globSync('test/golden/*.json').flatMap((path) =>
    (JSON.parse(readFileSync(path, 'utf8')) as unknown[]).map((alert, index) => [`${path} ${index}`, alert] as const),
  );
  test('is held against alerts of every activity', () => {
    const activities = new Set(goldenAlerts.map(([, alert]) => (alert as Alert).activity));
    expect([...activities].sort()).toEqual(['close', 'create', 'update']);
  });
  test.each(goldenAlerts)('accepts %s', (_name, alert) => {
    expect(errorsOf(alert)).toEqual([]);
  });

  test.each(Object.keys(anAlert()))('misses %s', (member) => {
    const alert = Object.fromEntries(Object.entries(anAlert()).filter(([name]) => name !== member));
    expect(errorsOf(alert)).not.toEqual([]);
  });

  test.each(Object.keys(aRow()))('misses %s in the row', (column) => {
    const row = Object.fromEntries(Object.entries(aRow()).filter(([name]) => name !== column));
    expect(errorsOf({ ...anAlert(), row })).not.toEqual([]);
  });

  const wrong: [string, Record<string, unknown>][] = [
    ['an unknown member', { colour: 'red' }],
    ['an unknown column', { row: { ...aRow(), Colour: 'red' } }],
    ['another version', { schemaVersion: 2 }],
    ['an id that is no digest', { id: 'match-1' }],
    ['a time without a zone', { emittedAt: '2026-03-01T11:30:02' }],
    ['a time with an offset', { windowEnd: '2026-03-01T12:00:00+00:00' }],
    ['another rule', { rule: { ...anAlert().rule, severity: 'Low' } }],
    ['an unknown activity', { activity: 'delete' }],
    ['a close without a reason', { activity: 'close' }],
    ['a reason without a close', { closeReason: 'window-empty' }],
    ['a set longer than its limit', { row: aRow({ SubscriptionIds: ['1', '2', '3', '4', '5', '6'] }) }],
    ['an empty member of a set', { row: aRow({ Operations: [''] }) }],
    ['a count of no sign-ins', { row: aRow({ UserSigninCount: 0 }) }],
    ['a truncated column that is never cut', { truncated: ['Caller'] }],
    ['an unknown severity', { severity: 'Critical' }],
    ['an allow list that is named twice', { allowLists: ['azure', 'azure'] }],
    ['an unknown grade', { corroboration: { grade: 'strong', evidence: [] } }],
    ['incomplete without partitions', { incomplete: { partitions: [] } }],
    ['a confidence above 100', { indicators: [anIndicator({ confidence: 101 })] }],
  ];
  test.each(wrong)('refuses %s', (_name, changes) => {
    expect(errorsOf({ ...anAlert(), ...changes })).not.toEqual([]);
  });
});
