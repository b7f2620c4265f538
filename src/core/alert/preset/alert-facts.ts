import type { Alert, CloseReason, CorroborationGrade } from '../alert.ts';
import type { OpenFinding } from '../open-finding.ts';

/** One line of what a responder is told. The label is ours, the values come from outside. */
export interface Fact {
  readonly label: string;
  readonly values: readonly string[];
  /** Whether there were more values than the alert itself holds. */
  readonly isCut?: boolean;
}

const activityWords = { create: 'new', update: 'updated', close: 'closed' } as const;

const gradeWords: Readonly<Record<CorroborationGrade, string>> = {
  'same-principal': 'the caller signed in from this address',
  'other-principal': 'somebody else signed in from this address',
  undetermined: 'sign-ins from this address, unknown whose',
  none: 'no sign-in from this address',
};

/** Why a finding was closed, in words. */
export function closeWords(reason: CloseReason | undefined): string {
  return (reason ?? 'closed').replaceAll('-', ' ');
}

function silenceWords(silenced: OpenFinding['silenced']): readonly string[] {
  return silenced === null ? [] : [`until ${silenced.until} by ${silenced.author}: ${silenced.reason}`];
}

/** What happened, in our own words alone: nothing of it comes from outside. */
export function headlineOf(alert: Pick<Alert, 'activity' | 'severity'>): string {
  return `${alert.severity}: threat intelligence match on an Azure caller (${activityWords[alert.activity]})`;
}

/** The members of a set column, and whether the rule had cut it. */
function setFact(
  label: string,
  column: 'Operations' | 'SubscriptionIds' | 'ResourceGroups' | 'AffectedResources',
  finding: OpenFinding,
): Fact {
  return { label, values: finding.row[column], isCut: finding.truncated.includes(column) };
}

/** What a responder needs first, the most telling first. Facts without a value are left out. */
export function factsOf(finding: OpenFinding): readonly Fact[] {
  const { row, indicators, corroboration } = finding;
  const [best] = indicators;
  const facts: Fact[] = [
    { label: 'Caller', values: [finding.caller] },
    { label: 'Address', values: [finding.ip] },
    { label: 'Severity', values: [finding.severity] },
    { label: 'Confidence', values: [String(row.ConfidenceScore)] },
    { label: 'Sign-ins', values: [gradeWords[corroboration.grade]] },
    { label: 'Signed in', values: corroboration.evidence.map(({ principal, objectId }) => principal || objectId) },
    { label: 'Risk', values: [row.MaxUserRisk] },
    { label: 'Operations counted', values: [String(row.OperationCount)] },
    setFact('Operations', 'Operations', finding),
    setFact('Subscriptions', 'SubscriptionIds', finding),
    setFact('Resource groups', 'ResourceGroups', finding),
    setFact('Resources', 'AffectedResources', finding),
    { label: 'First seen', values: [row.FirstSeen] },
    { label: 'Last seen', values: [row.LastSeen] },
    { label: 'Indicators', values: indicators.map(({ id, source }) => `${id} (${source})`) },
    { label: 'Threat types', values: best?.types ?? [] },
    { label: 'Actors', values: best?.actors ?? [] },
    { label: 'Description', values: [row.TI_Description] },
    { label: 'Allow lists', values: finding.allowLists },
    { label: 'Silenced', values: silenceWords(finding.silenced) },
    { label: 'TLP', values: [row.TLPLevel] },
    { label: 'Finding', values: [finding.findingKey] },
  ];
  return facts.flatMap((fact) => {
    const values = fact.values.filter((value) => value !== '');
    return values.length === 0 ? [] : [{ ...fact, values }];
  });
}

/** What limits the word of an alert, and why it was closed. */
export function notesOf(alert: Alert): readonly Fact[] {
  return [
    ...(alert.activity === 'close' ? [{ label: 'Closed', values: [closeWords(alert.closeReason)] }] : []),
    ...(alert.late ? [{ label: 'Late', values: ['a record came after the flush of its window'] }] : []),
    ...(alert.backfill ? [{ label: 'Backfill', values: ['found while reading the past'] }] : []),
    ...(alert.partial === null
      ? []
      : [{ label: 'Partial', values: [`nothing is known before ${alert.partial.before}`] }]),
    ...(alert.incomplete === null ? [] : [{ label: 'Incomplete, without', values: alert.incomplete.partitions }]),
  ];
}

/**
 * Joins values within a number of UTF-16 units and says how many are left out: `a, b and 7 more`.
 * @param render makes one value harmless and short; it may be longer than the budget only when it is the first.
 */
export function joinWithin({ values, isCut = false }: Fact, max: number, render: (value: string) => string): string {
  const reserve = ' and 1000000000 more'.length;
  const shown: string[] = [];
  let length = 0;
  for (const value of values) {
    const text = render(value);
    if (shown.length > 0 && length + text.length + 2 > max - reserve) break;
    shown.push(text);
    length += text.length + 2;
  }
  const left = values.length - shown.length;
  return `${shown.join(', ')}${left > 0 ? ` and ${left} more` : isCut ? ' and more' : ''}`;
}
