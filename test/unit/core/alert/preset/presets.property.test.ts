import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../../../src/core/alert/alert.ts';
import { linksOf } from '../../../../../src/core/alert/links.ts';
import { formatAlertmanager, joinAlertmanager } from '../../../../../src/core/alert/preset/alertmanager.ts';
import { formatPagerduty } from '../../../../../src/core/alert/preset/pagerduty.ts';
import { formatSlack } from '../../../../../src/core/alert/preset/slack.ts';
import { formatTeams } from '../../../../../src/core/alert/preset/teams.ts';
import { usualLinks } from '../../../../support/engine-builder.ts';
import { anAlert, anIndicator, aRow } from '../../../../support/sample-alert.ts';
import { anyAlert } from '../../../../support/alert-arbitraries.ts';

/** Texts that a chat program would turn into mentions, links or markup, and long ones. */
const hostile = fc.oneof(
  fc.constantFrom(
    '<!here>',
    '<!channel> @everyone',
    '<@U012AB3CD>',
    '<https://evil.example|click>',
    '[click](https://evil.example)',
    '<at>Everybody</at>',
    '`*bold*` _it_ ~gone~\n> quoted\n# title',
    '&lt;!here&gt;',
    '\u202Egnp.exe\u0007\u2028',
    '"}],"blocks":[',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('€', '"', '\\', '😀', '&', '<', 'x').map((unit) => unit.repeat(9000)),
);
const many = fc.array(hostile, { maxLength: 12 });

/** Alerts in which everything that comes from outside is hostile. */
const hostileAlert: fc.Arbitrary<Alert> = fc
  .record({
    alert: anyAlert,
    names: many,
    caller: hostile,
    ip: hostile,
    description: hostile,
    operations: many,
    resources: many,
    users: many,
    types: many,
  })
  .map(({ alert, names, caller, ip, description, operations, resources, users, types }) => ({
    ...alert,
    caller,
    ip,
    links: linksOf(
      usualLinks,
      ip,
      names.map((name) => `/subscriptions/00000000-0000-0000-0000-000000000001/${name}`),
    ),
    row: aRow({
      TI_Description: description,
      Operations: operations,
      SubscriptionIds: operations,
      ResourceGroups: resources,
      AffectedResources: resources,
      MaxUserRisk: description,
      TLPLevel: description,
    }),
    indicators: [anIndicator({ id: description, source: caller, types, actors: users })],
    incomplete: { partitions: resources },
    corroboration: {
      grade: 'same-principal',
      evidence: users.map((principal) => ({
        kind: 'user',
        principal,
        objectId: '',
        app: '',
        count: 1,
        first: '2026-03-01T09:59:00Z',
        last: '2026-03-01T09:59:00Z',
      })),
    },
  }));
const anything = fc.oneof(hostileAlert, anyAlert);

/** The texts of a message but for the links of the alert, which are ours. */
function unlinkedTexts(value: unknown, { links }: Alert): string[] {
  return textsIn(value)
    .flatMap((text) => text.split(' '))
    .filter((text) => text !== links.windows && !links.resources.includes(text));
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

// eslint-disable-next-line no-control-regex -- what is looked for are control characters
const invisible = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]/;

interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly {
    readonly type: string;
    readonly text?: { readonly type: string; readonly text: string };
    readonly elements?: readonly { readonly elements: readonly { readonly type: string; readonly url?: string }[] }[];
  }[];
}

/** The texts in which Slack reads markup. */
function markedTexts({ text, blocks }: SlackMessage): string[] {
  return [text, ...blocks.flatMap((block) => (block.text === undefined ? [] : [block.text.text]))];
}

describe('a Slack message', () => {
  test('stays within the limits of Block Kit', () => {
    fc.assert(
      fc.property(anything, (alert) => {
        const { text, blocks } = JSON.parse(formatSlack(alert)) as SlackMessage;
        expect(text.length).toBeLessThanOrEqual(3000);
        expect(blocks.length).toBeLessThanOrEqual(50);
        for (const block of blocks.filter((each) => each.text !== undefined))
          expect(block.text!.text.length).toBeLessThanOrEqual(block.type === 'header' ? 150 : 3000);
      }),
    );
  });

  test('holds what comes from outside in code only, with nothing that Slack reads', () => {
    fc.assert(
      fc.property(anything, (alert) => {
        for (const shown of markedTexts(JSON.parse(formatSlack(alert)) as SlackMessage)) {
          expect(shown).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)/);
          expect(shown).not.toMatch(invisible);
          expect(shown).not.toContain('://');
          // Without the code spans nothing is left but words of ours.
          const ours = shown.replaceAll(/`[^`\n]+`/g, '');
          expect(ours).toMatch(/^[A-Za-z0-9*:;,() \n-]*$/);
        }
      }),
    );
  });
});

describe('a Teams message', () => {
  test('is smaller than 28 KB', () => {
    fc.assert(
      fc.property(anything, (alert) => {
        expect(Buffer.byteLength(formatTeams(alert))).toBeLessThan(28_000);
      }),
    );
  });

  test('holds what comes from outside in texts without markup', () => {
    const marks = 'mallory <at>all</at> [x](https://evil.example) **b**';
    const message = JSON.parse(formatTeams(anAlert({ caller: marks, row: aRow({ Operations: [marks] }) }))) as {
      attachments: {
        content: { body: { type: string; text?: string; inlines?: { type: string; text: string }[] }[] };
      }[];
    };
    const blocks = message.attachments[0]!.content.body;
    expect(blocks.filter(({ type }) => type !== 'RichTextBlock').map(({ text }) => text)).toEqual([
      'High: threat intelligence match on an Azure caller (new)',
    ]);
    const runs = blocks.flatMap(({ inlines = [] }) => inlines);
    expect(new Set(runs.map(({ type }) => type))).toEqual(new Set(['TextRun']));
    expect(runs.map(({ text }) => text).filter((text) => text.includes('<at>'))).toHaveLength(2);
  });

  test('has no invisible character and no link', () => {
    fc.assert(
      fc.property(anything, (alert) => {
        const texts = unlinkedTexts(JSON.parse(formatTeams(alert)), alert).filter(
          (text) => !text.startsWith('http://adaptivecards.io'),
        );
        for (const text of texts) expect(text).not.toMatch(/:\/\//);
        for (const text of texts) expect(text).not.toMatch(invisible);
      }),
    );
  });
});

describe('a PagerDuty event', () => {
  test('stays within the limits of the Events API', () => {
    fc.assert(
      fc.property(anything, (alert) => {
        const text = formatPagerduty(alert);
        const { dedup_key: key, payload } = JSON.parse(text) as {
          dedup_key: string;
          payload?: { summary: string; severity: string };
        };
        expect(Buffer.byteLength(text)).toBeLessThan(511 * 1024);
        expect(key).toBe(alert.findingKey);
        expect(payload?.summary.length ?? 0).toBeLessThanOrEqual(1024);
        expect(payload === undefined).toBe(alert.activity === 'close');
      }),
    );
  });

  test('has no invisible character, link or mention', () => {
    fc.assert(
      fc.property(anything, (alert) => {
        const event: unknown = JSON.parse(formatPagerduty(alert));
        for (const text of unlinkedTexts(event, alert)) expect(text).not.toMatch(/:\/\/|[<>]/);
        for (const text of textsIn(event)) expect(text).not.toMatch(invisible);
      }),
    );
  });
});

interface FiredAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
}

describe('an alert for Alertmanager', () => {
  const fired = (alert: Alert): FiredAlert[] => JSON.parse(formatAlertmanager(alert)) as FiredAlert[];

  test('is what its API takes: names of labels, times in order, no empty label', () => {
    fc.assert(
      fc.property(anything, (alert) => {
        for (const { labels, annotations, startsAt, endsAt } of fired(alert)) {
          for (const name of Object.keys({ ...labels, ...annotations })) expect(name).toMatch(/^[a-z_][a-z0-9_]*$/i);
          expect(Date.parse(startsAt)).toBeLessThanOrEqual(Date.parse(endsAt));
        }
      }),
    );
  });

  test('has no invisible character, link or mention', () => {
    fc.assert(
      fc.property(anything, (alert) => {
        for (const text of unlinkedTexts(fired(alert), alert)) expect(text).not.toMatch(/:\/\/|[<>]/);
        for (const text of textsIn(fired(alert))) expect(text).not.toMatch(invisible);
      }),
    );
  });

  test('fires past the last moment of its close, and has ended once it is closed', () => {
    const alert = anAlert({ emittedAt: '2026-03-01T11:30:02Z' });
    expect(fired(alert)[0]!.endsAt).toBe('2026-03-02T14:00:00.000Z');
    const closed = fired({ ...alert, activity: 'close', closeReason: 'window-empty' });
    expect(new Set(closed.map(({ labels }) => labels['severity']))).toEqual(
      new Set(['high', 'medium', 'low', 'informational']),
    );
    for (const { endsAt } of closed) expect(endsAt).toBe('2026-03-01T11:29:02.000Z');
  });

  test('keeps its identity when the form of its caller changes', () => {
    const [one] = fired(anAlert({ caller: 'Mallory@Contoso.com' }));
    const [other] = fired(anAlert({ caller: 'mallory@contoso.com', activity: 'update' }));
    expect(one!.labels).toEqual(other!.labels);
  });

  test('ends under each other severity when its own changed', () => {
    const alert = anAlert({ severity: 'Medium', activity: 'update' });
    const states = fired(alert).map(({ labels, endsAt }) => [labels['severity'], endsAt > alert.emittedAt]);
    expect(new Map(states as [string, boolean][])).toEqual(
      new Map([
        ['medium', true],
        ['informational', false],
        ['low', false],
        ['high', false],
      ]),
    );
    expect(fired({ ...alert, activity: 'create' })).toHaveLength(1);
  });

  test('lies in one list with others', () => {
    fc.assert(
      fc.property(fc.array(anyAlert, { minLength: 1, maxLength: 4 }), (alerts) => {
        expect(JSON.parse(joinAlertmanager(alerts.map(formatAlertmanager)))).toEqual(alerts.flatMap(fired));
      }),
    );
  });
});

test('a list that is cut says how much is left out', () => {
  const resources = Array.from({ length: 10 }, (_, at) => `/subscriptions/${at}${'x'.repeat(200)}`);
  expect(formatTeams(anAlert({ row: aRow({ AffectedResources: resources }) }))).toMatch(/ and 9 more/);
  expect(formatSlack(anAlert({ truncated: ['Operations'] }))).toMatch(/Operations:\* `[^`]*` and more/);
});
