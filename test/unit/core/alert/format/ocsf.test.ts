import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../../../src/core/alert/alert.ts';
import { ocsfFormat } from '../../../../../src/core/alert/format/ocsf.ts';
import { anyAlert } from '../../../../support/alert-arbitraries.ts';
import { structuralFaults } from '../../../../support/ocsf-structure.ts';
import { anAlert, anIndicator, aRow } from '../../../../support/sample-alert.ts';

interface Finding {
  readonly activity_id: number;
  readonly type_uid: number;
  readonly status_id: number;
  readonly status_detail?: string;
  readonly is_alert: boolean;
  readonly start_time: number;
  readonly end_time: number;
  readonly evidences: readonly Record<string, unknown>[];
  readonly resources?: readonly Record<string, unknown>[];
  readonly observables: readonly { readonly type_id: number; readonly value: string }[];
  readonly osint?: readonly Record<string, unknown>[];
  readonly metadata: { readonly profiles: readonly string[] };
  readonly finding_info: { readonly attacks: readonly Record<string, { readonly uid: string }>[] };
}

function render(alert: Alert): Finding {
  return JSON.parse(ocsfFormat.render(alert)!) as Finding;
}

describe('A Detection Finding', () => {
  test('passes the structural checks for any alert', () => {
    fc.assert(
      fc.property(anyAlert, (alert) => {
        expect(structuralFaults(render(alert))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['create', 1, 200401, 1, true],
    ['update', 2, 200402, 1, true],
    ['close', 3, 200403, 4, false],
  ] as const)('says a %s by its ids', (activity, activityId, typeUid, statusId, isAlert) => {
    const finding = render(anAlert({ activity, ...(activity === 'close' && { closeReason: 'window-empty' }) }));
    expect([finding.activity_id, finding.type_uid, finding.status_id, finding.is_alert]).toEqual([
      activityId,
      typeUid,
      statusId,
      isAlert,
    ]);
    expect(finding.status_detail).toBe(activity === 'close' ? 'window-empty' : undefined);
  });

  test('is suppressed while it is silenced, and resolved when it closes all the same', () => {
    const silenced = { id: 's1', author: 'ann', reason: 'known scanner', until: '2026-03-02T12:00:00Z' };
    const hidden = render(anAlert({ silenced }));
    expect([hidden.status_id, hidden.status_detail, hidden.is_alert]).toEqual([3, 'known scanner', false]);
    const closed = render(anAlert({ activity: 'close', closeReason: 'window-empty', silenced }));
    expect([closed.status_id, closed.status_detail, closed.is_alert]).toEqual([4, 'window-empty', false]);
  });

  test('begins and ends with the activity, to the millisecond', () => {
    const { start_time, end_time } = render(anAlert());
    expect([start_time, end_time]).toEqual([Date.UTC(2026, 2, 1, 10), Date.UTC(2026, 2, 1, 11, 30)]);
  });

  test('has an evidence for each operation and each sign-in', () => {
    const finding = render(anAlert({ row: aRow({ Operations: ['A/read', 'B/write'] }) }));
    expect(finding.evidences).toEqual([
      ...['A/read', 'B/write'].map((operation) => ({
        name: 'operation',
        actor: { user: { name: 'mallory@contoso.com', domain: 'contoso.com' } },
        src_endpoint: { ip: '192.0.2.66' },
        api: { operation },
      })),
      {
        name: 'sign-in:user',
        actor: {
          user: { name: 'mallory@contoso.com', uid: '00000000-0000-0000-0000-0000000000aa', type_id: 1, type: 'User' },
          app_name: 'Azure Portal',
        },
        src_endpoint: { ip: '192.0.2.66' },
        data: { count: 1, first: '2026-03-01T09:59:00Z', last: '2026-03-01T09:59:00Z' },
      },
    ]);
  });

  test('observes the address, every name once and every resource', () => {
    const { observables } = render(anAlert({ row: aRow({ AffectedResources: ['/a', '/b'] }) }));
    expect(observables.map(({ type_id, value }) => [type_id, value])).toEqual([
      [2, '192.0.2.66'],
      [4, 'mallory@contoso.com'],
      [10, '/a'],
      [10, '/b'],
    ]);
  });

  test('lists resources, subscriptions and resource groups as affected', () => {
    const row = aRow({ AffectedResources: ['/a'], SubscriptionIds: ['s'], ResourceGroups: ['g'] });
    expect(render(anAlert({ row })).resources).toEqual([
      { uid: '/a' },
      { uid: 's', type: 'Microsoft.Resources/subscriptions' },
      { name: 'g', type: 'Microsoft.Resources/resourceGroups' },
    ]);
  });

  test('carries the intelligence, and its profile only with it', () => {
    const range = anIndicator({ value: '192.0.2.0/24', tlp: 'AMBER+STRICT', confidence: 40 });
    const { osint, metadata } = render(anAlert({ indicators: [range] }));
    expect(metadata.profiles).toEqual(['cloud', 'osint']);
    expect(osint).toEqual([
      expect.objectContaining({
        value: '192.0.2.0/24',
        subnet: '192.0.2.0/24',
        tlp: 'AMBER STRICT',
        confidence_id: 2,
        threat_actor: { name: 'Tidal' },
      }),
    ]);
    const without = render(anAlert({ indicators: [] }));
    expect([without.metadata.profiles, without.osint]).toEqual([['cloud'], undefined]);
  });

  test('names every tactic and technique of the rule', () => {
    const { attacks } = render(anAlert()).finding_info;
    expect(attacks.map(({ tactic, technique }) => [tactic!.uid, technique!.uid])).toEqual([
      ['TA0001', 'T1078'],
      ['TA0003', 'T1098'],
      ['TA0040', 'T1496'],
    ]);
  });
});

describe('The structural checks', () => {
  const valid = render(anAlert()) as unknown as Record<string, unknown>;
  const without = (name: string): unknown =>
    Object.fromEntries(Object.entries(valid).filter(([member]) => member !== name));

  test.each([
    'activity_id',
    'category_uid',
    'class_uid',
    'finding_info',
    'metadata',
    'severity_id',
    'time',
    'type_uid',
    'cloud',
  ])('miss %s', (name) => {
    expect(structuralFaults(without(name))).toEqual([`finding.${name} is missing`]);
  });

  test.each([
    ['an unknown attribute', { colour: 'red' }],
    ['a time as text', { time: '2026-03-01T10:00:00Z' }],
    ['another class', { class_uid: 2001 }],
    ['an empty list', { osint: [] }],
    ['a user without a name', { evidences: [{ actor: { user: { type_id: 1 } } }] }],
    ['an indicator without a value', { osint: [{ type_id: 1 }] }],
  ])('refuse %s', (_name, changes) => {
    expect(structuralFaults({ ...valid, ...changes })).toHaveLength(1);
  });
});
