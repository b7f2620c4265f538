import type { Alert, AlertActivity, Severity } from '../alert.ts';
import { attackTactics, attackTechniques, type Tactic } from './attack.ts';
import { constant, copied, mappedFormat, type Field, type NotCarried } from './mapping.ts';
import { confidenceIdOf, confidenceIdRule } from './ocsf-confidence.ts';
import { ocsfEvidence } from './ocsf-evidence.ts';
import { ocsfIntelligence } from './ocsf-intelligence.ts';
import { timestampOf } from './ocsf-timestamp.ts';
import { ocsfUnmapped } from './ocsf-unmapped.ts';
import { summaryOf, summarySources } from './summary.ts';

const classUid = 2004;

interface Named {
  readonly id: number;
  readonly name: string;
}

const activities: Readonly<Record<AlertActivity, Named>> = {
  create: { id: 1, name: 'Create' },
  update: { id: 2, name: 'Update' },
  close: { id: 3, name: 'Close' },
};

/** Whether somebody reviews a finding is not known here: it is new until it is closed, unless it is silenced. */
const statuses = {
  new: { id: 1, name: 'New' },
  silenced: { id: 3, name: 'Suppressed' },
  close: { id: 4, name: 'Resolved' },
} as const satisfies Readonly<Record<string, Named>>;

function statusOf({ activity, silenced }: Alert): Named {
  if (activity === 'close') return statuses.close;
  return silenced === null ? statuses.new : statuses.silenced;
}

function byStatus(name: keyof Named): Pick<Field, 'source' | 'rule' | 'value'> {
  const { close, silenced, new: others } = statuses;
  return {
    source: ['activity', 'silenced'],
    rule: `close: ${close[name]}, silenced: ${silenced[name]}, else ${others[name]}`,
    value: (alert) => statusOf(alert)[name],
  };
}

const severityIds: Readonly<Record<Severity, number>> = { Informational: 1, Low: 2, Medium: 3, High: 4 };

function byActivity(name: keyof Named): Pick<Field, 'source' | 'rule' | 'value'> {
  const each = Object.entries(activities).map(([activity, values]) => `${activity}: ${values[name]}`);
  return { source: ['activity'], rule: each.join(', '), value: ({ activity }) => activities[activity][name] };
}

const classification: readonly Field[] = [
  constant('category_uid', 2),
  constant('category_name', 'Findings'),
  constant('class_uid', classUid),
  constant('class_name', 'Detection Finding'),
  { target: 'activity_id', ...byActivity('id') },
  { target: 'activity_name', ...byActivity('name') },
  {
    target: 'type_uid',
    source: ['activity'],
    rule: 'class_uid × 100 + activity_id',
    value: ({ activity }) => classUid * 100 + activities[activity].id,
  },
  {
    target: 'type_name',
    source: ['activity'],
    rule: 'class_name: activity_name',
    value: ({ activity }) => `Detection Finding: ${activities[activity].name}`,
  },
  { target: 'status_id', ...byStatus('id') },
  { target: 'status', ...byStatus('name') },
  {
    target: 'status_detail',
    source: ['closeReason', 'silenced.reason'],
    rule: 'why it was closed, else why it is silenced',
    value: ({ closeReason, silenced }) => closeReason ?? silenced?.reason,
  },
  {
    target: 'severity_id',
    source: ['severity'],
    rule: 'Informational 1, Low 2, Medium 3, High 4',
    value: (alert) => severityIds[alert.severity],
  },
  { target: 'severity', source: ['severity'], rule: 'as it is', value: ({ severity }) => severity },
  {
    target: 'is_alert',
    source: ['activity', 'silenced'],
    rule: 'false for a close and for what is silenced, else true',
    value: ({ activity, silenced }) => activity !== 'close' && silenced === null,
  },
];

function timestamp(target: string, column: 'FirstSeen' | 'LastSeen'): Field {
  return {
    target,
    source: [`row.${column}`],
    rule: 'milliseconds since 1970; unmapped.row has all digits',
    value: ({ row }) => timestampOf(row[column]),
  };
}

const occurrence: readonly Field[] = [
  {
    target: 'time',
    source: ['emittedAt'],
    rule: 'milliseconds since 1970',
    value: ({ emittedAt }) => timestampOf(emittedAt),
  },
  timestamp('start_time', 'FirstSeen'),
  timestamp('end_time', 'LastSeen'),
  { target: 'count', source: ['row.OperationCount'], rule: 'as it is', value: ({ row }) => row.OperationCount },
  { target: 'message', source: summarySources, rule: 'one sentence', value: summaryOf },
  {
    target: 'confidence_score',
    source: ['row.ConfidenceScore'],
    rule: 'the nearest whole number',
    value: ({ row }) => Math.round(row.ConfidenceScore),
  },
  {
    target: 'confidence_id',
    source: ['row.ConfidenceScore'],
    rule: confidenceIdRule,
    value: ({ row }) => confidenceIdOf(row.ConfidenceScore),
  },
  constant('cloud.provider', 'Azure'),
];

const metadata: readonly Field[] = [
  constant('metadata.version', '1.8.0'),
  constant('metadata.product.name', 'Tidewatch'),
  constant('metadata.product.vendor_name', 'Tidewatch'),
  copied('metadata.uid', 'id'),
  copied('metadata.correlation_uid', 'findingKey'),
  {
    target: 'metadata.profiles',
    source: ['indicators'],
    rule: '`cloud`, and `osint` where there are indicators',
    value: ({ indicators }) => (indicators.length === 0 ? ['cloud'] : ['cloud', 'osint']),
  },
];

/** Each technique with its tactic, then the tactics that no technique serves. */
function attacksOf(tactics: readonly Tactic[], techniques: readonly (keyof typeof attackTechniques)[]): unknown[] {
  const tacticOf = (tactic: Tactic): object => ({ uid: attackTactics[tactic].id, name: attackTactics[tactic].name });
  const served = techniques.map((technique) => attackTechniques[technique].tactic);
  return [
    ...techniques.map((technique) => ({
      tactic: tacticOf(attackTechniques[technique].tactic),
      technique: { uid: technique, name: attackTechniques[technique].name },
    })),
    ...tactics.filter((tactic) => !served.includes(tactic)).map((tactic) => ({ tactic: tacticOf(tactic) })),
  ];
}

const findingInfo: readonly Field[] = [
  copied('finding_info.uid', 'findingKey'),
  { target: 'finding_info.title', source: ['rule.name'], rule: 'as it is', value: ({ rule }) => rule.name },
  {
    target: 'finding_info.types',
    source: ['indicators[].types'],
    rule: 'each once',
    value: ({ indicators }) => [...new Set(indicators.flatMap(({ types }) => types))],
  },
  { target: 'finding_info.src_url', source: ['links.windows'], rule: 'as it is', value: ({ links }) => links.windows },
  timestamp('finding_info.first_seen_time', 'FirstSeen'),
  timestamp('finding_info.last_seen_time', 'LastSeen'),
  { target: 'finding_info.analytic.name', source: ['rule.name'], rule: 'as it is', value: ({ rule }) => rule.name },
  constant('finding_info.analytic.type_id', 1),
  constant('finding_info.analytic.type', 'Rule'),
  {
    target: 'finding_info.attacks',
    source: ['rule.tactics', 'rule.techniques'],
    rule: 'technique and tactic by their ids and names in MITRE ATT&CK',
    value: ({ rule }) => attacksOf(rule.tactics, rule.techniques),
  },
];

const notCarried: readonly NotCarried[] = [
  { source: 'rule.severity', reason: 'it is what SEVERITY_POLICY began with; `severity` is what it came to' },
  { source: 'row.Caller', reason: 'it is `caller`' },
  { source: 'row.TI_IP', reason: 'it is `ip`' },
  { source: 'row.CallerIP', reason: 'it is `ip`' },
  { source: 'row.AccountName', reason: 'it is the text of `caller` before its first @' },
];

/**
 * A Detection Finding of OCSF 1.8.0 (class 2004), of the profiles cloud and osint. All that is said of one finding has
 * one finding_info.uid; metadata.uid is the id of the alert.
 */
export const ocsfFormat = mappedFormat(
  'application/json',
  [
    ...classification,
    ...occurrence,
    ...metadata,
    ...findingInfo,
    ...ocsfEvidence,
    ...ocsfIntelligence,
    ...ocsfUnmapped,
  ],
  notCarried,
);
