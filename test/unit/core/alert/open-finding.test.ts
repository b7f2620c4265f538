import { expect, test } from 'vitest';
import { Finding, type FindingMemory } from '../../../../src/core/alert/finding.ts';
import { openFindings } from '../../../../src/core/alert/open-finding.ts';
import { remindAlertmanager } from '../../../../src/core/alert/preset/alertmanager.ts';
import { HOUR_MS } from '../../../../src/core/time.ts';
import { usualLinks } from '../../../support/engine-builder.ts';
import { anAlert } from '../../../support/sample-alert.ts';

const boundary = Date.parse('2026-03-01T13:00:00Z');

test('openFindings() gives what is open also after a restart, and nothing that was closed or never told', () => {
  const [open, closed, fresh] = ['open', 'closed', 'fresh'].map((key) => new Finding(key, 'mallory', 0xc000_0242));
  for (const finding of [open!, closed!]) finding.last = anAlert();
  open!.isOpen = true;
  fresh!.isOpen = true;
  const restored = [open!, closed!, fresh!].map((finding) => {
    const again = new Finding(finding.key, finding.caller, finding.address);
    again.recall(JSON.parse(JSON.stringify(finding.memory)) as FindingMemory);
    return again;
  });
  const found = openFindings(
    {
      findings: { all: () => restored },
      boundary,
      options: { lookbackMs: 24 * HOUR_MS, links: usualLinks },
    },
    false,
  );
  expect(found).toMatchObject([
    {
      findingKey: 'open',
      caller: 'mallory@contoso.com',
      ip: '192.0.2.66',
      windowStart: '2026-02-28T13:00:00Z',
      windowEnd: '2026-03-01T13:00:00Z',
      links: anAlert().links,
    },
  ]);
});

test('a reminder has the identity of its alert and fires past the last moment of its close', () => {
  const [fired] = JSON.parse(remindAlertmanager(anAlert(), boundary)) as { labels: object; endsAt: string }[];
  expect(fired?.labels).toEqual({
    alertname: 'TidewatchThreatIntelligenceMatch',
    findingKey: anAlert().findingKey,
    caller: 'mallory@contoso.com',
    ip: '192.0.2.66',
    severity: 'high',
  });
  expect(fired?.endsAt).toBe('2026-03-02T15:00:00.000Z');
});
