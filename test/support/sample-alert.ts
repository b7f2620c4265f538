import { type Alert, type AlertIndicator, rule } from '../../src/core/alert/alert.ts';
import type { Row } from '../../src/core/alert/row.ts';

export function aRow(changes: Partial<Row> = {}): Row {
  return {
    Caller: 'mallory@contoso.com',
    TI_IP: '192.0.2.66',
    OperationCount: 3,
    Operations: ['Microsoft.Authorization/roleAssignments/write'],
    SubscriptionIds: ['00000000-0000-0000-0000-000000000001'],
    ResourceGroups: ['rg-payments'],
    AffectedResources: ['/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-payments'],
    CallerIP: '192.0.2.66',
    ThreatType: '["anonymization"]',
    TI_Description: 'Exit node of an anonymiser',
    ConfidenceScore: 90,
    ActivityGroupNames: '["ActivityGroup:Tidal"]',
    TLPLevel: 'AMBER',
    FirstSeen: '2026-03-01T10:00:00.0000001Z',
    LastSeen: '2026-03-01T11:30:00Z',
    UserSigninCount: 1,
    SigninUsers: ['mallory@contoso.com'],
    MaxUserRisk: 'high',
    SPSigninCount: null,
    SigninSPs: null,
    CorroboratedBySignin: true,
    TotalSigninCount: 1,
    AccountName: 'mallory',
    AccountUPNSuffix: 'contoso.com',
    ...changes,
  };
}

export function anIndicator(changes: Partial<AlertIndicator> = {}): AlertIndicator {
  return {
    id: 'indicator--00000000-0000-4000-8000-000000000001',
    source: 'partner',
    sourceName: 'Harbour CERT',
    confidence: 90,
    modified: '2026-02-01T00:00:00.000Z',
    validFrom: '2026-02-01T00:00:00.000Z',
    validUntil: null,
    pattern: "[ipv4-addr:value = '192.0.2.66']",
    value: '192.0.2.66',
    types: ['anonymization'],
    labels: ['ActivityGroup:Tidal'],
    tlp: 'AMBER',
    actors: ['Tidal'],
    ...changes,
  };
}

export function anAlert(changes: Partial<Alert> = {}): Alert {
  return {
    schemaVersion: 1,
    id: '0123456789abcdef0123456789abcdef',
    findingKey: 'fedcba9876543210fedcba9876543210',
    emittedAt: '2026-03-01T11:30:02.120Z',
    rule,
    severity: 'High',
    activity: 'create',
    caller: 'mallory@contoso.com',
    ip: '192.0.2.66',
    windowStart: '2026-02-28T12:00:00Z',
    windowEnd: '2026-03-01T12:00:00Z',
    row: aRow(),
    indicators: [anIndicator()],
    corroboration: {
      grade: 'same-principal',
      evidence: [
        {
          kind: 'user',
          principal: 'mallory@contoso.com',
          objectId: '00000000-0000-0000-0000-0000000000aa',
          app: 'Azure Portal',
          count: 1,
          first: '2026-03-01T09:59:00Z',
          last: '2026-03-01T09:59:00Z',
        },
      ],
    },
    allowLists: [],
    truncated: [],
    late: false,
    backfill: false,
    partial: null,
    incomplete: null,
    silenced: null,
    indexVersion: '7-abcdef0123456789',
    links: {
      windows: 'https://tidewatch.example.com/windows/192.0.2.66',
      resources: [
        'https://portal.azure.com/#resource/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-payments',
      ],
    },
    ...changes,
  };
}
