import type { CorroborationGrade } from '../../../src/core/alert/alert.ts';
import type { Row } from '../../../src/core/alert/row.ts';
import type { ActivityRecord, ReceivedRecord, SignInRecord, SignInStream } from '../../../src/core/record.ts';
import { compareTime, earlier, eventTime, formatTime, later, type EventTime } from '../../../src/core/time.ts';
import { canonicalAddress, coverage } from './address-text.ts';
import { activeIndicators, type ActiveIndicator } from './reference-indicators.ts';
import type { SourcedObject } from '../../../src/core/kql/ti-version.ts';
import { strictest } from './stix-fields.ts';
import { groupBy, least, where } from './table.ts';

export interface ReferenceOptions {
  readonly minConfidence: number;
  readonly lookbackMs: number;
  /** Records enqueued later than this after the evaluation instant do not count yet; null counts all. */
  readonly flushDelayMs: number | null;
  readonly excludedRanges: readonly string[];
  /** Ranges under an allow list that drops: what a caller does from there is taken out before anything is matched. */
  readonly droppedRanges?: readonly string[];
  readonly statuses: readonly string[];
  readonly deduplicate: boolean;
  /** Corroboration streams that are read beside the two of the rule. */
  readonly optionalStreams: readonly SignInStream[];
}

export interface ReferenceRow {
  readonly row: Row;
  readonly grade: CorroborationGrade;
  /** Set columns that were cut, in the order of the row. */
  readonly truncated: readonly string[];
  /** (source, id) of every indicator that matches. */
  readonly indicators: readonly (readonly [string, string])[];
}

/** A record that counts, with its canonical address and the time it counts at. */
interface Counted<Record> {
  readonly record: Record;
  readonly address: string;
  readonly time: EventTime;
}

/**
 * The rule in its repaired semantics at an instant, over the whole list of records: no panes, no index, no order.
 * Records may come in any order. One row per (folded caller, canonical address).
 */
export function referenceRepaired(
  received: readonly ReceivedRecord[],
  objects: readonly SourcedObject[],
  at: number,
  options: ReferenceOptions,
): ReferenceRow[] {
  const excluded = options.excludedRanges.map((range) => coverage(range)!);
  const indicators = activeIndicators(objects, at, options.minConfidence);
  const counted = where<Counted<ReceivedRecord['record']>>(
    ({ address }) => !excluded.some((covers) => covers(address)),
    ({ time }) => compareTime(time, eventTime(at - options.lookbackMs)) > 0,
    ({ time }) => compareTime(time, eventTime(at)) <= 0,
  )(
    received
      .filter(({ enqueuedMs }) => options.flushDelayMs === null || enqueuedMs <= at + options.flushDelayMs)
      .flatMap(countedAt),
  );

  const statuses = options.statuses.map((status) => status.toLowerCase());
  const dropped = (options.droppedRanges ?? []).map((range) => coverage(range)!);
  const kept = counted.filter(({ address }) => !dropped.some((covers) => covers(address)));
  const activity = kept.filter(isActivity).filter((each) => statuses.includes(each.record.resultType.toLowerCase()));
  const signIns = counted
    .filter(isSignIn)
    .filter(({ record }) => record.resultType === '0')
    .filter(({ record: { stream } }) => [...ruleStreams, ...options.optionalStreams].includes(stream));

  return groupBy(activity, ({ record, address }) => [record.caller.toLowerCase(), address]).flatMap((group) => {
    const { address } = group[0]!;
    const matching = indicators.filter((indicator) => indicator.covers(address));
    if (matching.length === 0) return [];
    const here = signIns.filter((signIn) => signIn.address === address);
    return [rowOf(group, here, matching, options)];
  });
}

const ruleStreams: readonly SignInStream[] = ['sign_in', 'service_principal'];

const earlyMs = 15 * 60_000;

/** An undated record, and one dated more than 15 minutes after it was enqueued, counts at its enqueued time. */
function countedAt({ record, enqueuedMs }: ReceivedRecord): Counted<ReceivedRecord['record']>[] {
  const address = canonicalAddress(record.address);
  if (address === null) return [];
  const isEarly = record.time !== null && compareTime(record.time, eventTime(enqueuedMs + earlyMs)) > 0;
  const time = record.time === null || isEarly ? eventTime(enqueuedMs) : record.time;
  return [{ record, address, time }];
}

function isActivity(each: Counted<ReceivedRecord['record']>): each is Counted<ActivityRecord> {
  return each.record.stream === 'activity';
}

function isSignIn(each: Counted<ReceivedRecord['record']>): each is Counted<SignInRecord> {
  return each.record.stream !== 'activity';
}

function rowOf(
  group: readonly Counted<ActivityRecord>[],
  signIns: readonly Counted<SignInRecord>[],
  matching: readonly ActiveIndicator[],
  options: ReferenceOptions,
): ReferenceRow {
  const { address } = group[0]!;
  const caller = least(
    group.map(({ record, time }) => ({ time, form: record.caller })),
    byForm,
  ).form;
  const best = least(matching, byQuality);
  const users = signIns.filter(({ record }) => record.stream === 'sign_in');
  const servicePrincipals = signIns.filter(({ record }) => record.stream === 'service_principal');
  const sets = {
    Operations: distinct(group, (record) => record.operation),
    SubscriptionIds: distinct(group, (record) => record.subscriptionId),
    ResourceGroups: distinct(group, (record) => record.resourceGroup),
    AffectedResources: distinct(group, (record) => record.resourceId),
    SigninUsers: distinct(users, (record) => record.principal),
    SigninSPs: distinct(servicePrincipals, (record) => record.principal),
  };
  const userCount = count(users, options.deduplicate, signInIdentity);
  const servicePrincipalCount = count(servicePrincipals, options.deduplicate, signInIdentity);
  const row: Row = {
    Caller: caller,
    TI_IP: address,
    OperationCount: count(group, options.deduplicate, activityIdentity),
    Operations: sets.Operations.slice(0, 10),
    SubscriptionIds: sets.SubscriptionIds.slice(0, 5),
    ResourceGroups: sets.ResourceGroups.slice(0, 5),
    AffectedResources: sets.AffectedResources.slice(0, 10),
    CallerIP: address,
    ThreatType: best.threatType,
    TI_Description: best.description,
    ConfidenceScore: Math.max(...matching.map(({ confidence }) => confidence)),
    ActivityGroupNames: best.tags,
    TLPLevel: strictest(matching.map(({ tlp }) => tlp)),
    FirstSeen: formatTime(group.map(({ time }) => time).reduce(earlier)),
    LastSeen: formatTime(group.map(({ time }) => time).reduce(later)),
    UserSigninCount: users.length === 0 ? null : userCount,
    SigninUsers: users.length === 0 ? null : sets.SigninUsers.slice(0, 5),
    MaxUserRisk: highestRisk(users.map(({ record }) => record.risk)),
    SPSigninCount: servicePrincipals.length === 0 ? null : servicePrincipalCount,
    SigninSPs: servicePrincipals.length === 0 ? null : sets.SigninSPs.slice(0, 5),
    CorroboratedBySignin: users.length > 0 || servicePrincipals.length > 0,
    TotalSigninCount: userCount + servicePrincipalCount,
    AccountName: caller.split('@')[0] ?? '',
    AccountUPNSuffix: caller.split('@')[1] ?? '',
  };
  const limits = {
    Operations: 10,
    SubscriptionIds: 5,
    ResourceGroups: 5,
    AffectedResources: 10,
    SigninUsers: 5,
    SigninSPs: 5,
  };
  return {
    row,
    grade: gradeOf(group, signIns),
    truncated: Object.entries(limits)
      .filter(([column, limit]) => sets[column as keyof typeof sets].length > limit)
      .map(([column]) => column),
    indicators: matching.map(({ source, id }) => [source, id] as const),
  };
}

interface Form {
  readonly time: EventTime;
  readonly form: string;
}

function byText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function byForm(a: Form, b: Form): number {
  return compareTime(a.time, b.time) || byText(a.form, b.form);
}

/** Highest confidence, then newest, then least id. */
function byQuality(a: ActiveIndicator, b: ActiveIndicator): number {
  return b.confidence - a.confidence || b.modifiedMs - a.modifiedMs || byText(a.id, b.id) || byText(a.source, b.source);
}

/** Non-empty texts, distinct without regard to case, each in its earliest form, least by (first event time, folded). */
function distinct<Record>(items: readonly Counted<Record>[], column: (record: Record) => string): string[] {
  const forms = items.map(({ record, time }) => ({ time, form: column(record) })).filter(({ form }) => form !== '');
  return groupBy(forms, ({ form }) => [form.toLowerCase()])
    .map((group) => least(group, byForm))
    .sort((a, b) => compareTime(a.time, b.time) || byText(a.form.toLowerCase(), b.form.toLowerCase()))
    .map(({ form }) => form);
}

/** How many records there are when copies count once; a record without identity is never a copy. */
function count<Record>(
  items: readonly Counted<Record>[],
  deduplicate: boolean,
  identity: (record: Record) => string | null,
): number {
  if (!deduplicate) return items.length;
  const identities = items.map(({ record }) => identity(record));
  return new Set(identities.filter((each) => each !== null)).size + identities.filter((each) => each === null).length;
}

function activityIdentity(record: ActivityRecord): string | null {
  const { caller, correlationId, operation, resourceId, resultType, time } = record;
  if (correlationId === '') return null;
  return JSON.stringify([caller, correlationId, operation, resourceId, resultType, time]).toLowerCase();
}

function signInIdentity({ category, id }: SignInRecord): string | null {
  return id === '' ? null : JSON.stringify([category, id]).toLowerCase();
}

const riskRanks = ['', 'unknown', 'hidden', 'none', 'low', 'medium', 'high'];

/** A text that is no known risk is an unknown one, as Entra's unknownFutureValue is. */
function highestRisk(risks: readonly string[]): string {
  const ranks = risks.map((risk) => riskRanks.indexOf(risk.trim().toLowerCase())).map((rank) => (rank < 0 ? 1 : rank));
  return riskRanks[Math.max(0, ...ranks)] ?? '';
}

const principalsMax = 4096;

/** The streams whose principal is a user principal name. */
const userStreams: readonly SignInStream[] = ['sign_in', 'non_interactive'];

/** Whether a sign-in of this very principal is among the sign-ins from its address. */
function gradeOf(
  group: readonly Counted<ActivityRecord>[],
  signIns: readonly Counted<SignInRecord>[],
): CorroborationGrade {
  if (signIns.length === 0) return 'none';
  const caller = group[0]!.record.caller.toLowerCase();
  const objectIds = group.map(({ record }) => objectIdKey(record.objectId)).filter((id) => id !== '');
  const principals = signIns.map(({ record }) => principalKey(record));
  if (new Set(principals).size > principalsMax) return 'undetermined';
  const isSame = signIns.some(
    ({ record: { stream, objectId, principal } }) =>
      objectIds.includes(objectIdKey(objectId)) ||
      (userStreams.includes(stream) && caller !== '' && principal.toLowerCase() === caller),
  );
  if (isSame) return 'same-principal';
  const hasKey =
    (caller !== '' || objectIds.length > 0) &&
    signIns.some(({ record }) => record.principal !== '' || objectIdKey(record.objectId) !== '');
  return hasKey ? 'other-principal' : 'undetermined';
}

/** What tells principals apart: the object id, else the name. */
function principalKey({ objectId, principal }: SignInRecord): string {
  const id = objectIdKey(objectId);
  return id === '' ? `name ${principal.toLowerCase()}` : `id ${id}`;
}

function objectIdKey(objectId: string): string {
  return objectId === '00000000-0000-0000-0000-000000000000' ? '' : objectId.toLowerCase();
}
