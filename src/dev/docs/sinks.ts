import { code, markdownTable } from './markdown.ts';

type Field = readonly [name: string, usual: string, meaning: string];

const common: readonly Field[] = [
  ['type', 'required', 'one of the types below'],
  ['name', 'the type', 'unique; names the sink in metrics, health, logs and the state'],
  [
    'silenced',
    '`skip` for webhook, slack, teams, pagerduty and alertmanager, else `send`',
    'whether it is told of [silenced](silences.md) alerts: `send` or `skip`',
  ],
];

const http: readonly Field[] = [
  ['headers', 'none', 'an object with a secret for each name of a header'],
  ['timeout', '`15s`', 'how long one request may take, until its whole answer is there'],
  [
    'allowPrivate',
    '`false`',
    'whether the host may have an internal address: loopback, private, link-local, carrier-grade NAT or the metadata service of a cloud',
  ],
  ['allowHttp', '`false`', 'whether plain HTTP is allowed; to this machine `allowPrivate` allows it'],
];

interface SinkPage {
  readonly title: string;
  readonly text: string;
  readonly fields: readonly Field[];
}

const format: Field = ['format', '`native`', 'the form of the documents'];

const pages: readonly SinkPage[] = [
  { title: 'stdout', text: 'Standard output, one document a line.', fields: [format] },
  {
    title: 'file',
    text: 'A file, one document a line. It may be moved away at any time.',
    fields: [
      ['path', 'required', 'the file; its folder is made if there is none'],
      format,
      ['rotateAt', '`null`', 'size such as `64MiB` beyond which the file is moved to PATH.1; null never does'],
      ['keep', '5', 'moved files that are kept'],
      ['fsync', '`true`', 'whether an alert counts as delivered only once the disk has it'],
    ],
  },
  {
    title: 'event-hubs',
    text: 'A hub of Event Hubs, one document an event. With neither connectionString nor namespace it is one of the namespace of the service.',
    fields: [
      ['hub', 'required', 'the hub; none that is read'],
      ['connectionString', 'none', 'a secret'],
      ['namespace', 'none', 'the host of a namespace, reached by the identity of the process'],
      format,
    ],
  },
  {
    title: 'blob',
    text: 'Append blobs, one a day, one document a line.',
    fields: [
      ['container', 'STORAGE_CONTAINER', 'the container'],
      ['prefix', '`alerts/`', 'the beginning of the names of the blobs'],
      format,
    ],
  },
  {
    title: 'sentinel',
    text: 'A custom table of Microsoft Sentinel, by the Logs Ingestion API; [deploy/sentinel](../sentinel/README.md) sets it up.',
    fields: [
      ['endpoint', 'required', 'the logs ingestion URL'],
      ['ruleId', 'required', 'the immutable id of the data collection rule'],
      ['stream', '`Custom-TidewatchAlerts_CL`', 'the stream of the rule'],
      ['audience', '`https://monitor.azure.com`', 'whom the token is for; another one in sovereign clouds'],
    ],
  },
  {
    title: 'webhook',
    text: 'A receiver of [Standard Webhooks](https://www.standardwebhooks.com) 1.0.0: one alert a request, `webhook-id` being its id. A receiver that answers 410 gets nothing more until the process starts anew.',
    fields: [
      ['url', 'required', 'a secret; an https URL'],
      [
        'secrets',
        'required',
        'a list of secrets, each `whsec_` and 24 to 64 bytes in base64. Each signs, so that a receiver may hold the former or the next one while it is rotated. An empty list sends unsigned',
      ],
      format,
    ],
  },
  {
    title: 'slack',
    text: 'An incoming webhook of Slack. One message a second; 429 is obeyed.',
    fields: [['url', 'required', 'a secret; the URL of the webhook']],
  },
  {
    title: 'teams',
    text: 'A Teams workflow that begins with "When a Teams webhook request is received"; it gets an Adaptive Card.',
    fields: [['url', 'required', 'a secret; the URL of the workflow']],
  },
  {
    title: 'pagerduty',
    text: 'Events API v2 of PagerDuty. A finding is an incident: its `dedup_key` is the `findingKey`, a close resolves it.',
    fields: [
      ['routingKey', 'required', 'a secret; the integration key of the service'],
      [
        'url',
        '`https://events.pagerduty.com/v2/enqueue`',
        'another region, such as `https://events.eu.pagerduty.com/v2/enqueue`',
      ],
    ],
  },
  {
    title: 'alertmanager',
    text: 'API v2 of Prometheus Alertmanager. Labels are `alertname`, `findingKey`, `caller` (in lower case), `ip` and `severity`. Alertmanager keeps no alerts across its restarts, so the open findings are sent again and again; what is open is part of the state of Tidewatch. An alert whose close never arrives ends LOOKBACK and two hours after it was last sent. Of several Alertmanagers that form a cluster each is a sink of its own.',
    fields: [
      ['url', 'required', 'a secret; the URL of Alertmanager, without `/api/v2/alerts`'],
      ['remindEvery', '`1m`', 'how often the open findings are sent again, at least `10s`'],
    ],
  },
];

/** Sinks as SINKS wants them; a test reads them as the service does. */
const sinksExample = [
  { type: 'file', path: '/var/lib/tidewatch/alerts.ndjson', rotateAt: '64MiB', keep: 9 },
  {
    type: 'webhook',
    name: 'soar',
    url: { env: 'SOAR_URL' },
    secrets: [{ file: '/run/secrets/soar-next' }, { file: '/run/secrets/soar' }],
    headers: { 'x-tenant': 'contoso' },
  },
  { type: 'slack', url: { env: 'SLACK_WEBHOOK' } },
  { type: 'teams', url: { env: 'TEAMS_WORKFLOW' } },
  { type: 'pagerduty', routingKey: { env: 'PAGERDUTY_KEY' } },
  { type: 'alertmanager', url: 'http://alertmanager.monitoring.svc:9093', allowHttp: true, allowPrivate: true },
] as const;

/** What the check of each sink does: kept beside the adapters by their docstrings. */
const tries = [
  ['stdout', 'whether standard output is open'],
  ['file', 'whether the file, or the folder that it will be made in, can be written'],
  ['event-hubs', 'opens the link that alerts are sent on, which wants the hub and the right to send'],
  [
    'blob',
    'the container, and an append at a length that no blob has, which the storage refuses earlier to whoever may not append',
  ],
  ['sentinel', 'a token, and a list without rows: rule, stream and role are judged before the rows'],
  [
    'webhook, slack, teams, pagerduty',
    'name, address, connection and certificate of the host; nothing is posted, so that a wrong path or key shows only in `sinks test`',
  ],
  ['alertmanager', 'reads `/api/v2/status`'],
  ['sightings of a feed', 'whether the collection says that it can be written'],
];

function table(fields: readonly Field[]): string {
  return markdownTable(
    ['key', 'default', 'meaning'],
    fields.map(([name, ...cells]) => [code(name), ...cells]),
  );
}

/** deploy/reference/sinks.md: every type of SINKS with its settings. */
export function sinksReference(): string {
  const sections = pages.map(({ title, text, fields }) => `## ${title}\n\n${text}\n\n${table(fields)}`);
  return `# Sinks

\`SINKS\` is a list of names such as \`stdout,file:PATH\`, a JSON list of sinks, or \`@FILE\` that holds one. Every problem of the list is reported at once, with the sink it belongs to. Unknown keys are errors. A secret is a text, \`{"env": NAME}\` or \`{"file": PATH}\`, and is never shown.

\`\`\`json
${JSON.stringify(sinksExample, null, 2)}
\`\`\`

Each sink has a queue of its own. An alert is sent again under its id until it is taken; one that is refused for good becomes a dead letter. Every sink has:

${table(common)}

Those that send HTTP requests, of types webhook, slack, teams, pagerduty and alertmanager, have besides:

${table(http)}

They follow no redirect. Names are resolved at each connection, and one internal address among those of a host is enough to refuse it. A proxy is not used. In the messages of slack, teams, pagerduty and alertmanager what comes from outside (callers, operations, resources, intelligence) can make no mention, link or markup; links are those of the alert, to \`PUBLIC_URL\` and the Azure portal. Long lists end in "and 7 more"; [alert-examples](alert-examples/README.md) shows them.

## What check tries

\`tidewatch check\` tries each sink and sends no alert; \`tidewatch sinks test\` sends a marked one and its close.

${markdownTable(['type', 'tried'], tries)}

${sections.join('\n\n')}
`;
}
