import { corroborationGrades, severities } from '../../core/alert/alert.ts';
import type { Option } from '../../config/option.ts';
import { options } from '../../config/options.ts';
import { code, markdownTable } from './markdown.ts';

const table: readonly Option<unknown>[] = Object.values(options);

function byGroup(): readonly (readonly [group: string, members: readonly Option<unknown>[]])[] {
  const groups = new Set(table.map(({ group }) => group));
  return [...groups].map((name) => [name, table.filter(({ group }) => group === name)]);
}

function defaultOf({ fallback }: Option<unknown>): string {
  if (fallback === undefined) return '–';
  // Long lists would widen every row of the table.
  return code(fallback.length > 60 ? `${fallback.slice(0, fallback.indexOf(','))}, …` : fallback);
}

function row(option: Option<unknown>): string[] {
  const { env, expected, description, secret } = option;
  return [code(env), expected, defaultOf(option), secret ? `${description} Secret: never logged.` : description];
}

/** Two feeds as TI_FEEDS wants them; a test reads them as the service does. */
export const feedsExample = [
  {
    type: 'taxii',
    name: 'partner',
    url: 'https://taxii.example.com/taxii2/',
    collection: 'High Value Indicators',
    auth: { basic: { username: 'reader', password: { file: '/run/secrets/partner-password' } } },
    defaultConfidence: 80,
  },
  { type: 'file', name: 'own', path: '/etc/tidewatch/indicators/*.json', tlp: 'AMBER', maxAge: '90d' },
] as const;

const commonFields = [
  ['type', 'taxii or file', 'Required.'],
  ['name', 'a name', 'Required and unique. It stands in alerts, metrics and logs.'],
  [
    'defaultConfidence',
    'a number from 0 to 100',
    'Confidence of indicators that say none; without it they never match.',
  ],
  ['tlp', 'a TLP level', 'Marking of indicators that carry none.'],
  ['maxAge', 'a duration', 'Takes the place of INDICATOR_MAX_AGE.'],
  ['useDstRef', 'true or false', 'Whether network-traffic:dst_ref counts as an address of a caller. Default: false.'],
  [
    'weight',
    'a number from 0 to 1',
    'How much its word counts: confidence is multiplied by it and rounded to a whole number. Default: 1.',
  ],
  [
    'allowRevocation',
    'true or false',
    'Whether `revoked` ends an indicator, else it goes on until it expires. Default: true.',
  ],
  [
    'decay',
    'an object or null',
    'How confidence falls with age: `{"model":"opencti","lifetime":"47d","pound":0.55}` or `{"model":"misp","lifetime","speed"}`. Default: null, it does not fall.',
  ],
  [
    'allowRedDescription',
    'true or false',
    'Whether descriptions and patterns of TLP:RED go into alerts. Default: false.',
  ],
];
const taxiiFields = [
  ['url', 'an https URL', 'Required. Discovery URL, API root or collections URL of a TAXII server.'],
  ['version', '2.0 or 2.1', 'Of TAXII. By default 2.1, and 2.0 where the server does not speak it.'],
  [
    'collection',
    'an id, alias or title',
    'Chooses one collection; without it every collection of the default API root is read.',
  ],
  [
    'auth',
    'an object',
    '`{"basic":{"username","password"}}`, `{"bearer":SECRET}` or `{"header":{"name","value"}}`. A secret is a text, `{"file":PATH}` or `{"env":NAME}`. For a client certificate `certificate`, `key` and `passphrase`, alone or besides.',
  ],
  ['ca', 'PEM', "Authorities of the server's certificate. Default: those that Node trusts."],
  ['limit', 'a whole number', 'Objects asked for a page. Default: 1000.'],
  ['matchTypes', 'a list of STIX types', 'Asks the server for these types only. Default: all.'],
  ['resync', 'a duration', 'How often everything is fetched anew, so that deletions are noticed. Default: 24h.'],
  ['allowHttp', 'true or false', 'Whether a host other than this machine may be asked without TLS. Default: false.'],
];
const fileFields = [['path', 'a file, a folder or a glob', 'Required. STIX 2.1 bundles, read again at each refresh.']];

function feedSection(): string {
  return `## Feeds

TI_FEEDS is a JSON list with one object a feed, or \`@FILE\` that holds such a list:

\`\`\`json
${JSON.stringify(feedsExample, null, 2)}
\`\`\`

Every feed has:

${fieldTable(commonFields)}

A feed of type \`taxii\` has besides:

${fieldTable(taxiiFields)}

A feed of type \`file\` has besides:

${fieldTable(fileFields)}`;
}

/** Allow lists as ALLOW_LISTS wants them, and a policy as SEVERITY_POLICY does; a test reads both as the service does. */
export const allowListsExample = [
  { name: 'azure', path: '/etc/tidewatch/allow-lists/azure.json' },
  { name: 'own scanners', path: '/etc/tidewatch/allow-lists/scanners.txt', action: 'drop' },
] as const;

export const severityPolicyExample = [
  { when: { allowListed: true }, change: -2 },
  { when: { confidenceBelow: 85, grade: ['none', 'undetermined'] }, change: -1 },
  { when: { allowListed: true, grade: ['same-principal'] }, change: 1 },
] as const;

const allowListFields = [
  ['name', 'a name', 'Required and unique. It stands in alerts, metrics and logs.'],
  [
    'path',
    'a file, a folder or a glob',
    'Required. Text with one CIDR or address a line, where # begins a comment, or a MISP warninglist of type cidr. Of a folder .json, .txt, .cidr and .netset files. Read again every TI_REFRESH_INTERVAL; what was read stays in force while it cannot be. Replace a file by renaming another onto it, as half a list is a list too.',
  ],
  [
    'action',
    'lower or drop',
    'lower: the alert names the list, and SEVERITY_POLICY sees it. drop: no indicator matches the address; its activity is kept, so that it matches once the list no longer names it. Default: lower.',
  ],
];

const conditionFields = [
  ['allowListed', 'true or false', 'Whether an allow list covers the address.'],
  ['grade', 'a list of grades', `Grade of the corroboration: ${corroborationGrades.join(', ')}.`],
  ['confidenceBelow', 'a number from 0 to 100', 'The confidence of the best indicator is below it.'],
  ['confidenceAtLeast', 'a number from 0 to 100', 'The confidence of the best indicator is at least it.'],
  ['tlp', 'a list of TLP levels', 'Strictest marking of the indicators; "" is none.'],
];

function fieldTable(rows: readonly (readonly string[])[]): string {
  return markdownTable(
    ['Field', 'Value', 'Meaning'],
    rows.map(([name = '', ...cells]) => [code(name), ...cells]),
  );
}

function allowListSection(): string {
  return `## Allow lists

ALLOW_LISTS is a JSON list with one object a list, or \`@FILE\` that holds such a list:

\`\`\`json
${JSON.stringify(allowListsExample, null, 2)}
\`\`\`

Every allow list has:

${fieldTable(allowListFields)}

Attackers rent addresses of every large provider: drop what is your own, and lower the rest. What a list is met by is counted in either case (tidewatch_allow_list_hits_total). A list that changes closes what it drops with the reason allow-listed, and what it no longer drops is matched again, both when it is read; a pair that was alerted before alerts again at the next flush.`;
}

function severitySection(): string {
  return `## Severity policy

SEVERITY_POLICY is a JSON list of steps, or \`@FILE\` that holds one. A step applies when every condition of its \`when\` holds. An alert begins with the severity of the rule, High; the changes of all steps that apply add up, in levels of ${severities.join(', ')}; the sum ends at the least and the greatest of them. For example:

\`\`\`json
${JSON.stringify(severityPolicyExample, null, 2)}
\`\`\`

Conditions:

${fieldTable(conditionFields)}

\`change\` is a whole number from -${severities.length - 1} to ${severities.length - 1}. A severity that rises is news: the finding is updated at the next flush. One that falls is told with the next alert. The alert's \`rule.severity\` stays that of the rule.`;
}

/** deploy/reference/configuration.md: every option by group. */
export function configurationReference(): string {
  const sections = byGroup().map(
    ([group, members]) =>
      `## ${group}\n\n${markdownTable(['Variable', 'Value', 'Default', 'Meaning'], members.map(row))}`,
  );
  return `# Configuration

Tidewatch is configured by environment variables. Each can also be given as NAME_FILE, the path of a file that holds the value, for secrets that are mounted as files. All problems are reported together and end the process with exit code 78. A variable that looks like one of these and is none is an error in \`check\` and a warning in \`serve\`. env.example has every default in full.

${sections.join('\n\n')}

${feedSection()}

${allowListSection()}

${severitySection()}
`;
}

/** deploy/reference/env.example: every option, commented out, with its default. */
export function environmentExample(): string {
  const sections = byGroup().map(([group, members]) => {
    const entries = members.map(
      ({ env, description, expected, fallback = '' }) =>
        `# ${description}\n# Value: ${expected}.\n#${env}=${fallback}\n`,
    );
    return `# ---- ${group} ----\n\n${entries.join('\n')}`;
  });
  return `# Every option of Tidewatch with its default. Remove the leading # to set one.\n\n${sections.join('\n')}`;
}
