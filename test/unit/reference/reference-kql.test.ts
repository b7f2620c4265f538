import { expect, test } from 'vitest';
import { rowColumns } from '../../../src/core/alert/row.ts';
import { HOUR_MS, eventTime } from '../../../src/core/time.ts';
import { activity, indicator, ruleAt, signIn } from '../../support/rule-input.ts';
import { referenceKql } from '../../support/reference/reference-kql.ts';

test('the reference of the letter gives the rows worked out by hand', () => {
  const records = [
    activity({ resourceGroup: '' }),
    activity({ caller: 'oid-app', time: eventTime(ruleAt, 0) }),
    activity({ time: eventTime(ruleAt - HOUR_MS), resourceGroup: 'g1' }),
    activity({ time: eventTime(ruleAt - HOUR_MS), resourceGroup: 'G1' }),
    activity({ address: '198.51.100.7:443' }),
    activity({ time: null }),
    activity({ time: eventTime(ruleAt - 24 * HOUR_MS) }),
    signIn({ risk: 'high' }),
    signIn({ risk: 'low' }),
  ];
  const indicators = [
    indicator({ confidence: 80 }),
    indicator({ modified: '2026-02-03T00:00:00Z', confidence: 85, description: 'Botnet' }),
    indicator({ id: 'indicator--2', confidence: undefined }),
    indicator({ id: 'indicator--3', valid_until: undefined, confidence: 99 }),
  ];
  const rows = referenceKql(records, indicators, ruleAt, 24 * HOUR_MS);
  for (const row of rows) expect(Object.keys(row)).toEqual(rowColumns);
  const resource = '/SUBSCRIPTIONS/S1/RESOURCEGROUPS/G1/PROVIDERS/MICROSOFT.COMPUTE/VIRTUALMACHINES/VM1';
  const common = {
    TI_IP: '198.51.100.7',
    Operations: ['MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE'],
    SubscriptionIds: ['S1'],
    AffectedResources: [resource],
    CallerIP: '198.51.100.7',
    ThreatType: '["malicious-activity"]',
    TI_Description: 'Seen scanning',
    ConfidenceScore: 85,
    ActivityGroupNames: '["c2"]',
    TLPLevel: '',
    UserSigninCount: 2,
    SigninUsers: ['ann@contoso.com'],
    MaxUserRisk: 'low',
    SPSigninCount: null,
    SigninSPs: null,
    CorroboratedBySignin: true,
    TotalSigninCount: 2,
  };
  expect(rows).toEqual([
    {
      ...common,
      Caller: 'ann@contoso.com',
      OperationCount: 3,
      ResourceGroups: ['', 'g1', 'G1'],
      FirstSeen: '2026-03-02T10:00:00Z',
      LastSeen: '2026-03-02T11:00:00Z',
      AccountName: 'ann',
      AccountUPNSuffix: 'contoso.com',
    },
    {
      ...common,
      Caller: 'oid-app',
      OperationCount: 1,
      ResourceGroups: ['G1'],
      FirstSeen: '2026-03-02T12:00:00Z',
      LastSeen: '2026-03-02T12:00:00Z',
      AccountName: 'oid-app',
      AccountUPNSuffix: '',
    },
  ]);
});
