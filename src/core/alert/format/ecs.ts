import type { AlertActivity, AlertIndicator, Severity } from '../alert.ts';
import { attackTactics, attackTechniques } from './attack.ts';
import { confidenceLevel, confidenceScale } from './confidence-level.ts';
import { constant, copied, listOf, mappedFormat, type Field } from './mapping.ts';
import { summaryOf, summarySources } from './summary.ts';

const actions: Readonly<Record<AlertActivity, string>> = {
  create: 'finding-created',
  update: 'finding-updated',
  close: 'finding-closed',
};

/** The numbers that Elastic Security gives its severities, so that alerts sort beside its own. */
const severityNumbers: Readonly<Record<Severity, number>> = { Informational: 21, Low: 21, Medium: 47, High: 73 };

const event: readonly Field[] = [
  copied('@timestamp', 'emittedAt'),
  constant('ecs.version', '9.0.0'),
  constant('event.kind', 'alert'),
  constant('event.category', ['threat', 'intrusion_detection']),
  constant('event.type', ['indicator', 'info']),
  constant('event.module', 'tidewatch'),
  constant('event.dataset', 'tidewatch.alert'),
  copied('event.id', 'id'),
  {
    target: 'event.action',
    source: ['activity'],
    rule: Object.entries(actions)
      .map(([activity, action]) => `${activity}: \`${action}\``)
      .join(', '),
    value: ({ activity }) => actions[activity],
  },
  copied('event.reason', 'closeReason'),
  { target: 'event.url', source: ['links.windows'], rule: 'as it is', value: ({ links }) => links.windows },
  {
    target: 'event.severity',
    source: ['severity'],
    rule: 'Informational and Low 21, Medium 47, High 73',
    value: (alert) => severityNumbers[alert.severity],
  },
  { target: 'event.start', source: ['row.FirstSeen'], rule: 'as it is', value: ({ row }) => row.FirstSeen },
  { target: 'event.end', source: ['row.LastSeen'], rule: 'as it is', value: ({ row }) => row.LastSeen },
  {
    target: 'tags',
    source: ['silenced'],
    rule: '`["silenced"]` when it is silenced',
    value: ({ silenced }) => (silenced === null ? [] : ['silenced']),
  },
  { target: 'message', source: summarySources, rule: 'one sentence', value: summaryOf },
  { target: 'rule.name', source: ['rule.name'], rule: 'as it is', value: ({ rule }) => rule.name },
];

const parties: readonly Field[] = [
  copied('user.name', 'caller'),
  {
    target: 'user.domain',
    source: ['row.AccountUPNSuffix'],
    rule: 'as it is',
    value: ({ row }) => row.AccountUPNSuffix,
  },
  copied('source.ip', 'ip'),
  constant('cloud.provider', 'azure'),
  {
    target: 'cloud.account.id',
    source: ['row.SubscriptionIds'],
    rule: 'the subscription, when there is exactly one',
    value: ({ row }) => (row.SubscriptionIds.length === 1 ? row.SubscriptionIds[0] : undefined),
  },
  { target: 'related.ip', source: ['ip'], rule: 'a list of it', value: ({ ip }) => [ip] },
  {
    target: 'related.user',
    source: ['caller', 'corroboration.evidence[].principal'],
    rule: 'each once',
    value: ({ caller, corroboration }) => [
      ...new Set([caller, ...corroboration.evidence.map(({ principal }) => principal)].filter((name) => name !== '')),
    ],
  },
];

interface Enrichment {
  readonly indicator: AlertIndicator;
  /** The address that it names: the caller's. */
  readonly ip: string;
  readonly emittedAt: string;
}

/** Whether it names one address: a range is none, and "" is a value that is not told. */
function isAddress({ value }: AlertIndicator): boolean {
  return value !== '' && !value.includes('/');
}

/** ISO 8601 of a time as a feed wrote it; undefined for what is no time, which a date field would refuse. */
function dateOf(text: string): string | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

const enrichment: readonly Field<Enrichment>[] = [
  {
    target: 'indicator.type',
    source: ['ip'],
    rule: '`ipv6-addr` when it has a colon, else `ipv4-addr`',
    value: ({ ip }) => (ip.includes(':') ? 'ipv6-addr' : 'ipv4-addr'),
  },
  {
    target: 'indicator.ip',
    source: ['ip', 'indicators[].value'],
    rule: 'the address, when the indicator names it alone and not a range',
    value: ({ indicator, ip }) => (isAddress(indicator) ? ip : undefined),
  },
  {
    target: 'indicator.name',
    source: ['indicators[].value'],
    rule: 'as it is',
    value: ({ indicator }) => indicator.value,
  },
  {
    target: 'indicator.provider',
    source: ['indicators[].source'],
    rule: 'as it is',
    value: ({ indicator }) => indicator.source,
  },
  {
    target: 'indicator.confidence',
    source: ['indicators[].confidence'],
    rule: confidenceScale,
    value: ({ indicator }) => confidenceLevel(indicator.confidence),
  },
  {
    target: 'indicator.modified_at',
    source: ['indicators[].modified'],
    rule: 'ISO 8601; left out when it is no time',
    value: ({ indicator }) => dateOf(indicator.modified),
  },
  {
    target: 'indicator.marking.tlp',
    source: ['indicators[].tlp'],
    rule: 'as it is',
    value: ({ indicator }) => indicator.tlp,
  },
  { target: 'matched.atomic', source: ['ip'], rule: 'as it is', value: ({ ip }) => ip },
  { target: 'matched.field', source: [], rule: 'always `"source.ip"`', value: () => 'source.ip' },
  { target: 'matched.type', source: [], rule: 'always `"indicator_match_rule"`', value: () => 'indicator_match_rule' },
  { target: 'matched.id', source: ['indicators[].id'], rule: 'as it is', value: ({ indicator }) => indicator.id },
  {
    target: 'matched.index',
    source: ['indicators[].source'],
    rule: 'as it is',
    value: ({ indicator }) => indicator.source,
  },
  { target: 'matched.occurred', source: ['emittedAt'], rule: 'as it is', value: ({ emittedAt }) => emittedAt },
];

const threat: readonly Field[] = [
  constant('threat.framework', 'MITRE ATT&CK'),
  {
    target: 'threat.tactic.id',
    source: ['rule.tactics'],
    rule: 'their ids in MITRE ATT&CK',
    value: ({ rule }) => rule.tactics.map((tactic) => attackTactics[tactic].id),
  },
  {
    target: 'threat.tactic.name',
    source: ['rule.tactics'],
    rule: 'their names in MITRE ATT&CK',
    value: ({ rule }) => rule.tactics.map((tactic) => attackTactics[tactic].name),
  },
  {
    target: 'threat.technique.id',
    source: ['rule.techniques'],
    rule: 'as they are',
    value: ({ rule }) => rule.techniques,
  },
  {
    target: 'threat.technique.name',
    source: ['rule.techniques'],
    rule: 'their names in MITRE ATT&CK',
    value: ({ rule }) => rule.techniques.map((technique) => attackTechniques[technique].name),
  },
  listOf(
    'threat.enrichments',
    'one an indicator, in their order',
    ({ indicators, ip, emittedAt }) => indicators.map((indicator) => ({ indicator, ip, emittedAt })),
    enrichment,
  ),
];

/** What ECS has no field for, under a name of our own as ECS wants it, in the words of the native document. */
const own: readonly Field[] = (
  [
    'schemaVersion',
    'findingKey',
    'activity',
    'windowStart',
    'windowEnd',
    'row',
    'indicators',
    'corroboration',
    'allowLists',
    'truncated',
    'late',
    'backfill',
    'partial',
    'incomplete',
    'silenced',
    'indexVersion',
    'links',
  ] as const
).map((member) => copied(`tidewatch.${member}`, member));

/** An alert of the Elastic Common Schema 9.0. */
export const ecsFormat = mappedFormat('application/json', [...event, ...parties, ...threat, ...own]);
