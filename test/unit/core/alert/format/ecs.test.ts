import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../../../src/core/alert/alert.ts';
import { ecsFormat } from '../../../../../src/core/alert/format/ecs.ts';
import { anyAlert } from '../../../../support/alert-arbitraries.ts';
import { anAlert, anIndicator, aRow } from '../../../../support/sample-alert.ts';

interface EcsAlert {
  readonly '@timestamp': string;
  readonly event: Readonly<Record<string, unknown>>;
  readonly message: string;
  readonly user?: Readonly<Record<string, unknown>>;
  readonly cloud: Readonly<Record<string, unknown>>;
  readonly related: { readonly ip: readonly string[]; readonly user?: readonly string[] };
  readonly threat: {
    readonly tactic: { readonly id: readonly string[]; readonly name: readonly string[] };
    readonly technique: { readonly id: readonly string[]; readonly name: readonly string[] };
    readonly enrichments?: readonly {
      readonly indicator: Record<string, unknown>;
      readonly matched: Record<string, unknown>;
    }[];
  };
}

function render(alert: Alert): EcsAlert {
  return JSON.parse(ecsFormat.render(alert)!) as EcsAlert;
}

describe('An alert of ECS', () => {
  test('has the fields that Elasticsearch types, in their types, for any alert', () => {
    fc.assert(
      fc.property(anyAlert, (alert) => {
        const document = render(alert);
        const dates = [
          document['@timestamp'],
          document.event['start'],
          document.event['end'],
          ...(document.threat.enrichments ?? []).flatMap(({ indicator, matched }) => [
            matched['occurred'],
            indicator['modified_at'] ?? alert.emittedAt,
          ]),
        ];
        for (const date of dates) expect(Number.isNaN(Date.parse(date as string))).toBe(false);
        const addresses = (document.threat.enrichments ?? []).flatMap(({ indicator, matched }) => [
          matched['atomic'],
          indicator['ip'] ?? alert.ip,
        ]);
        expect(new Set([...document.related.ip, ...addresses])).toEqual(new Set([alert.ip]));
        expect(document.event['severity']).toBeTypeOf('number');
        expect(document.message).not.toBe('');
      }),
    );
  });

  test.each([
    ['create', 'finding-created'],
    ['update', 'finding-updated'],
    ['close', 'finding-closed'],
  ] as const)('says a %s by its action', (activity, action) => {
    const { event } = render(anAlert({ activity, ...(activity === 'close' && { closeReason: 'indicator-revoked' }) }));
    expect(event).toMatchObject({ kind: 'alert', action, severity: 73 });
    expect(event['reason']).toBe(activity === 'close' ? 'indicator-revoked' : undefined);
  });

  test('tells what matched', () => {
    expect(render(anAlert()).threat.enrichments).toEqual([
      {
        indicator: {
          type: 'ipv4-addr',
          ip: '192.0.2.66',
          name: '192.0.2.66',
          provider: 'partner',
          confidence: 'High',
          modified_at: '2026-02-01T00:00:00.000Z',
          marking: { tlp: 'AMBER' },
        },
        matched: {
          atomic: '192.0.2.66',
          field: 'source.ip',
          type: 'indicator_match_rule',
          id: 'indicator--00000000-0000-4000-8000-000000000001',
          index: 'partner',
          occurred: '2026-03-01T11:30:02.120Z',
        },
      },
    ]);
  });

  test.each(['192.0.2.0/24', ''])('gives no address for the value "%s"', (value) => {
    const [enrichment] = render(anAlert({ indicators: [anIndicator({ value })] })).threat.enrichments!;
    expect(enrichment!.indicator['ip']).toBeUndefined();
  });

  test('names a subscription when there is one alone', () => {
    expect(render(anAlert()).cloud).toEqual({
      provider: 'azure',
      account: { id: '00000000-0000-0000-0000-000000000001' },
    });
    expect(render(anAlert({ row: aRow({ SubscriptionIds: ['a', 'b'] }) })).cloud).toEqual({ provider: 'azure' });
  });

  test('names every tactic and technique of the rule', () => {
    const { tactic, technique } = render(anAlert()).threat;
    expect(tactic).toEqual({ id: ['TA0001', 'TA0003', 'TA0040'], name: ['Initial Access', 'Persistence', 'Impact'] });
    expect(technique.id).toEqual(['T1078', 'T1098', 'T1496']);
    expect(technique.name).toEqual(['Valid Accounts', 'Account Manipulation', 'Resource Hijacking']);
  });
});
