import { expect, test } from 'vitest';
import { rowColumns } from '../../../src/core/alert/row.ts';
import type { ReceivedRecord } from '../../../src/core/record.ts';
import { eventTime, HOUR_MS } from '../../../src/core/time.ts';
import { activity, indicator, received, ruleAt, signIn } from '../../support/rule-input.ts';
import { referenceRepaired, type ReferenceOptions } from '../../support/reference/reference-repaired.ts';

const options: ReferenceOptions = {
  lookbackMs: 24 * HOUR_MS,
  flushDelayMs: 300_000,
  minConfidence: 75,
  excludedRanges: ['10.0.0.0/8'],
  statuses: ['Success'],
  deduplicate: true,
  optionalStreams: [],
};

function evaluate(records: readonly ReceivedRecord[], change: Partial<ReferenceOptions> = {}) {
  return referenceRepaired(records, [indicator()], ruleAt, { ...options, ...change });
}

test('the reference of the repaired semantics gives the row worked out by hand', () => {
  const start = eventTime(ruleAt - 24 * HOUR_MS);
  const records = [
    received(activity({ caller: 'ANN@contoso.com', address: '198.51.100.7:443' })),
    received(
      activity({
        time: { ...start, ticks: 1 },
        resourceGroup: '',
        operation: 'microsoft.compute/VIRTUALMACHINES/write',
      }),
    ),
    received(activity({ time: start, correlationId: 'before the window' })),
    received(activity({ time: { ms: ruleAt, ticks: 1 }, correlationId: 'after the window' })),
    received(activity({ resultType: 'Failure', correlationId: 'no success' })),
    received(activity({ caller: 'ANN@contoso.com', address: '::ffff:198.51.100.7' })),
    received(signIn({ risk: 'medium' })),
    received(signIn({ risk: 'none', time: eventTime(ruleAt) })),
    received(signIn({ id: 'id-2', principal: 'bob@contoso.com', objectId: 'oid-bob', resultType: '50140' })),
    received(
      signIn({
        stream: 'service_principal',
        category: 'ServicePrincipalSignInLogs',
        principal: 'deploy',
        objectId: 'oid-app',
      }),
    ),
  ];
  const [result, ...others] = evaluate(records);
  expect(others).toEqual([]);
  expect(Object.keys(result!.row)).toEqual(rowColumns);
  expect(result).toEqual({
    row: {
      Caller: 'ann@contoso.com',
      TI_IP: '198.51.100.7',
      OperationCount: 2,
      Operations: ['microsoft.compute/VIRTUALMACHINES/write'],
      SubscriptionIds: ['S1'],
      ResourceGroups: ['G1'],
      AffectedResources: ['/SUBSCRIPTIONS/S1/RESOURCEGROUPS/G1/PROVIDERS/MICROSOFT.COMPUTE/VIRTUALMACHINES/VM1'],
      CallerIP: '198.51.100.7',
      ThreatType: '["malicious-activity"]',
      TI_Description: 'Seen scanning',
      ConfidenceScore: 90,
      ActivityGroupNames: '["c2"]',
      TLPLevel: '',
      FirstSeen: '2026-03-01T12:00:00.0000001Z',
      LastSeen: '2026-03-02T10:00:00Z',
      UserSigninCount: 1,
      SigninUsers: ['ann@contoso.com'],
      MaxUserRisk: 'medium',
      SPSigninCount: 1,
      SigninSPs: ['deploy'],
      CorroboratedBySignin: true,
      TotalSigninCount: 2,
      AccountName: 'ann',
      AccountUPNSuffix: 'contoso.com',
    },
    grade: 'same-principal',
    truncated: [],
    indicators: [['feed', 'indicator--1']],
  });
});

test.each([
  ['none without a sign-in', [], 'none'],
  [
    'same-principal by object id, whatever the name',
    [signIn({ principal: 'renamed', objectId: 'OID-ANN' })],
    'same-principal',
  ],
  [
    'same-principal by UPN, whatever the object id',
    [signIn({ principal: 'Ann@Contoso.com', objectId: 'x' })],
    'same-principal',
  ],
  [
    'other-principal for the name of a service principal',
    [signIn({ stream: 'service_principal', objectId: 'x' })],
    'other-principal',
  ],
  ['other-principal', [signIn({ principal: 'bob@contoso.com', objectId: 'oid-bob' })], 'other-principal'],
  ['undetermined without a key', [signIn({ principal: '', objectId: '' })], 'undetermined'],
] as const)('the reference grades %s', (_, signIns, grade) => {
  const [result] = evaluate([received(activity()), ...signIns.map((each) => received(each))]);
  expect(result?.grade).toBe(grade);
});

test('the reference grades more than 4,096 principals as undetermined, even with this principal among them', () => {
  const crowd = (size: number): ReceivedRecord[] =>
    Array.from({ length: size }, (_, n) =>
      received(signIn({ id: `id-${n}`, objectId: `oid-${n}`, principal: `p${n}` })),
    );
  const own = [received(activity()), received(signIn())];
  expect(evaluate([...own, ...crowd(4095)])[0]?.grade).toBe('same-principal');
  expect(evaluate([...own, ...crowd(4096)])[0]?.grade).toBe('undetermined');
});

test('the reference counts sign-ins of an optional stream for the grade alone', () => {
  const silent = signIn({ stream: 'non_interactive', category: 'NonInteractiveUserSignInLogs' });
  const records = [received(activity()), received(silent)];
  expect(evaluate(records)[0]).toMatchObject({ grade: 'none', row: { UserSigninCount: null } });
  expect(evaluate(records, { optionalStreams: ['non_interactive'] })[0]).toMatchObject({
    grade: 'same-principal',
    row: { UserSigninCount: null, CorroboratedBySignin: false },
  });
});

test('the reference names the sets that were cut', () => {
  const records = Array.from({ length: 6 }, (_, n) =>
    received(activity({ correlationId: `c${n}`, subscriptionId: `S${n}`, time: eventTime(ruleAt - n * 60_000) })),
  );
  const [result] = evaluate(records);
  expect(result?.truncated).toEqual(['SubscriptionIds']);
  expect(result?.row.SubscriptionIds).toEqual(['S5', 'S4', 'S3', 'S2', 'S1']);
});
