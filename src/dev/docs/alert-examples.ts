import { readFileSync } from 'node:fs';
import type { Alert } from '../../core/alert/alert.ts';
import type { AlertFormat } from '../../core/alert/format/alert-format.ts';
import { formatAlertmanager } from '../../core/alert/preset/alertmanager.ts';
import { formatPagerduty } from '../../core/alert/preset/pagerduty.ts';
import { formatSlack } from '../../core/alert/preset/slack.ts';
import { formatTeams } from '../../core/alert/preset/teams.ts';
import { code, markdownTable } from './markdown.ts';
import type { SlackMessage } from './slack-drawing.ts';

interface Preset {
  readonly name: string;
  readonly title: string;
  readonly format: AlertFormat;
  /** Where a body can be looked at. */
  readonly shownBy: string;
}

const presets: readonly Preset[] = [
  {
    name: 'slack',
    title: 'Slack',
    format: formatSlack,
    shownBy: 'the [Block Kit Builder](https://app.slack.com/block-kit-builder)',
  },
  {
    name: 'teams',
    title: 'Teams',
    format: formatTeams,
    shownBy: 'the [Adaptive Cards Designer](https://adaptivecards.io/designer), the `content` of the attachment',
  },
  { name: 'pagerduty', title: 'PagerDuty', format: formatPagerduty, shownBy: 'the incident of a test service' },
  { name: 'alertmanager', title: 'Alertmanager', format: formatAlertmanager, shownBy: '`amtool alert query`' },
];

export const examplesFolder = 'deploy/reference/alert-examples';
const incident = 'stolen-service-principal';

/** The alerts of a scripted incident, which the golden tests keep: how it begins, what it comes to and how it ends. */
export function incidentAlerts(): readonly Alert[] {
  const file = new URL(`../../../test/golden/${incident}.json`, import.meta.url);
  const alerts = JSON.parse(readFileSync(file, 'utf8')) as readonly Alert[];
  return [alerts.at(0), alerts.at(-2), alerts.at(-1)].filter((alert) => alert !== undefined);
}

/** The bodies that each preset makes of a scripted incident: path under the repository → JSON. */
export function alertExamples(): ReadonlyMap<string, string> {
  const alerts = incidentAlerts();
  return new Map(
    presets.map(({ name, format }) => {
      const bodies = alerts.map((alert): unknown => JSON.parse(format(alert) ?? 'null'));
      return [`${examplesFolder}/${name}.json`, JSON.stringify(bodies)];
    }),
  );
}

/** deploy/reference/alert-examples/README.md: what a responder reads. */
export function alertExamplesPage(): string {
  const [, last] = incidentAlerts();
  const rows = presets.map(({ name, title, shownBy }) => [title, `[${name}.json](${name}.json)`, shownBy]);
  const slack = last === undefined ? null : (JSON.parse(formatSlack(last)) as SlackMessage);
  return `# Alerts as a responder sees them

The scripted incident ${code(incident)} as each preset sends it: a list of three bodies, for the alert that opens the finding, the last update and the close. The routing key, which PagerDuty's sink adds, is left out. [sinks.md](../sinks.md) tells how a preset is set up.

${markdownTable(['Target', 'Bodies', 'Shown by'], rows)}

The update as a responder sees it, taken in Chromium by \`npm run pictures\` from the bodies above. Slack has no renderer outside of its programs, so its picture is drawn after the block structure; the card is drawn by Microsoft's renderer of Adaptive Cards, with a setting near to that of Teams. PagerDuty and Alertmanager show fields.

![The update as a message in Slack](slack.png)

![The update as a card in Teams](teams.png)

The text of the update as Slack is given it; a block with the links follows:

\`\`\`text
${slack?.blocks.flatMap(({ text }) => (text === undefined ? [] : [text.text])).join('\n\n') ?? ''}
\`\`\`
`;
}
