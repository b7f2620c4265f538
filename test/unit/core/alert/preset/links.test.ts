import { describe, expect, test } from 'vitest';
import { linksOf, noLinks } from '../../../../../src/core/alert/links.ts';
import { formatAlertmanager } from '../../../../../src/core/alert/preset/alertmanager.ts';
import { formatPagerduty } from '../../../../../src/core/alert/preset/pagerduty.ts';
import { formatSlack } from '../../../../../src/core/alert/preset/slack.ts';
import { formatTeams } from '../../../../../src/core/alert/preset/teams.ts';
import { usualLinks } from '../../../../support/engine-builder.ts';
import { anAlert } from '../../../../support/sample-alert.ts';

describe('the links of an alert', () => {
  const alert = anAlert({
    links: linksOf(usualLinks, '2001:db8::7', [
      '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg (a)',
    ]),
  });
  const windows = 'https://tidewatch.example.com/windows/2001%3Adb8%3A%3A7';
  const resource =
    'https://portal.azure.com/#resource/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg%20%28a%29';
  const bare = anAlert({ links: noLinks });

  test('stand in a block of rich text in Slack', () => {
    const { blocks } = JSON.parse(formatSlack(alert)) as { blocks: { elements?: { elements: unknown[] }[] }[] };
    expect(blocks.at(-1)?.elements?.[0]?.elements).toEqual([
      { type: 'text', text: 'Links: ', style: { bold: true } },
      { type: 'link', url: windows, text: 'Windows of this address' },
      { type: 'text', text: ', ' },
      { type: 'link', url: resource, text: 'rg%20%28a%29' },
    ]);
    expect(formatSlack(bare)).not.toContain('rich_text');
  });

  test('are actions of a Teams card', () => {
    const contentOf = (text: string): unknown =>
      (JSON.parse(text) as { attachments: { content: { actions?: unknown } }[] }).attachments[0]!.content.actions;
    expect(contentOf(formatTeams(alert))).toEqual([
      { type: 'Action.OpenUrl', title: 'Windows of this address', url: windows },
      { type: 'Action.OpenUrl', title: 'rg%20%28a%29', url: resource },
    ]);
    expect(contentOf(formatTeams(bare))).toBeUndefined();
  });

  test('are links of a PagerDuty event, and the service its client', () => {
    expect(JSON.parse(formatPagerduty(alert))).toMatchObject({
      client_url: windows,
      links: [
        { href: windows, text: 'Windows of this address' },
        { href: resource, text: 'rg%20%28a%29' },
      ],
    });
    expect(formatPagerduty(bare)).not.toMatch(/client_url|links/);
  });

  test('are generatorURL and an annotation of an alert for Alertmanager', () => {
    const [one] = JSON.parse(formatAlertmanager(alert)) as [{ generatorURL: string; annotations: object }];
    expect(one.generatorURL).toBe(windows);
    expect(one.annotations).toMatchObject({ resource_links: resource });
    expect(formatAlertmanager(bare)).not.toMatch(/generatorURL|resource_links/);
  });
});
