import type { Row } from '../../../src/core/alert/row.ts';
import type { ActivityRecord, AzureRecord, SignInRecord } from '../../../src/core/record.ts';
import { compareTime, earlier, eventTime, formatTime, later, type EventTime } from '../../../src/core/time.ts';
import { observableValues } from './stix-pattern.ts';
import { confidenceField, listText, textField, timeField, tlpField } from './stix-fields.ts';
import type { SourcedObject } from '../../../src/core/kql/ti-version.ts';
import { groupBy, innerJoin, makeSet, maxText, where } from './table.ts';

/**
 * The rule to the letter, statement by statement in the order of its text, over whole tables. Slow, and meant to be read
 * beside the KQL. What the language leaves open is settled as: `any()` is the first row, `make_set` keeps the order in
 * which values are first met, a table keeps the order of the input.
 */
export function referenceKql(
  records: readonly AzureRecord[],
  indicators: readonly SourcedObject[],
  at: number,
  lookbackMs: number,
): Row[] {
  const withinLookback = ({ TimeGenerated }: { TimeGenerated: EventTime | null }): boolean =>
    TimeGenerated !== null &&
    compareTime(TimeGenerated, eventTime(at - lookbackMs)) > 0 &&
    compareTime(TimeGenerated, eventTime(at)) <= 0;

  const TIIPIndicators = groupBy(
    where<ThreatIntelIndicator>(
      (row) => isActive(row, at),
      (row) => !row.Revoked,
      (row) => row.ValidUntil !== null && row.ValidUntil > at,
      (row) => row.Confidence !== null && row.Confidence >= 75,
      (row) => row.ObservableValue !== '',
      (row) => !hasAnyPrivateRange(row.ObservableValue),
    )(indicators.flatMap(threatIntelIndicators)),
    (row) => [row.ObservableValue],
  ).map((rows) => ({
    ThreatType: rows[0]!.ThreatType,
    TI_Description: rows[0]!.Description,
    ConfidenceScore: Math.max(...rows.map((row) => row.Confidence ?? 0)),
    ActivityGroupNames: rows[0]!.Tags,
    TLPLevel: rows[0]!.TLPLevel,
    TI_IP: rows[0]!.ObservableValue,
  }));

  const MgmtPlaneHits = innerJoin(
    where<ReturnType<typeof azureActivity>>(
      withinLookback,
      (row) => row.ActivityStatusValue.toLowerCase() === 'success',
      (row) => row.CallerIpAddress !== '',
      (row) => !hasAnyPrivateRange(row.CallerIpAddress),
    )(records.filter((record) => record.stream === 'activity').map(azureActivity)),
    TIIPIndicators,
    (left, right) => left.CallerIpAddress === right.TI_IP,
  ).map(({ left, right }) => ({ ...left, ...right }));

  const signIns = (stream: SignInRecord['stream']): ReturnType<typeof signInLog>[] =>
    innerJoin(
      where<ReturnType<typeof signInLog>>(
        withinLookback,
        (row) => row.ResultType === '0',
        (row) => row.IPAddress !== '',
        (row) => !hasAnyPrivateRange(row.IPAddress),
      )(
        records
          .filter((record) => record.stream !== 'activity')
          .filter((record) => record.stream === stream)
          .map(signInLog),
      ),
      TIIPIndicators,
      (left, right) => left.IPAddress === right.TI_IP,
    ).map(({ left }) => left);
  const users = signIns('sign_in');
  const servicePrincipals = signIns('service_principal');

  return groupBy(MgmtPlaneHits, (row) => [row.Caller, row.TI_IP]).map((rows) => {
    const [first] = rows as [(typeof rows)[number], ...typeof rows];
    const userRows = orNull(users.filter((row) => row.IPAddress === first.TI_IP));
    const servicePrincipalRows = orNull(servicePrincipals.filter((row) => row.IPAddress === first.TI_IP));
    return {
      Caller: first.Caller,
      TI_IP: first.TI_IP,
      OperationCount: rows.length,
      Operations: makeSet(
        rows.map((row) => row.OperationNameValue),
        10,
      ),
      SubscriptionIds: makeSet(
        rows.map((row) => row.SubscriptionId),
        5,
      ),
      ResourceGroups: makeSet(
        rows.map((row) => row.ResourceGroup),
        5,
      ),
      AffectedResources: makeSet(
        rows.map((row) => row.ResourceId),
        10,
      ),
      CallerIP: first.CallerIpAddress,
      ThreatType: first.ThreatType,
      TI_Description: first.TI_Description,
      ConfidenceScore: Math.max(...rows.map((row) => row.ConfidenceScore)),
      ActivityGroupNames: first.ActivityGroupNames,
      TLPLevel: first.TLPLevel,
      FirstSeen: formatTime(rows.map((row) => row.TimeGenerated!).reduce(earlier)),
      LastSeen: formatTime(rows.map((row) => row.TimeGenerated!).reduce(later)),
      UserSigninCount: userRows?.length ?? null,
      SigninUsers:
        userRows &&
        makeSet(
          userRows.map((row) => row.Principal),
          5,
        ),
      MaxUserRisk: maxText((userRows ?? []).map((row) => row.RiskLevelAggregated)),
      SPSigninCount: servicePrincipalRows?.length ?? null,
      SigninSPs:
        servicePrincipalRows &&
        makeSet(
          servicePrincipalRows.map((row) => row.Principal),
          5,
        ),
      CorroboratedBySignin: userRows !== null || servicePrincipalRows !== null,
      TotalSigninCount: (userRows?.length ?? 0) + (servicePrincipalRows?.length ?? 0),
      AccountName: first.Caller.split('@')[0] ?? '',
      AccountUPNSuffix: first.Caller.split('@')[1] ?? '',
    };
  });
}

/** What a left outer join finds: nothing at all, or rows. */
function orNull<Item>(rows: readonly Item[]): readonly Item[] | null {
  return rows.length === 0 ? null : rows;
}

const PrivateRanges = [
  ...['10.', '192.168.', '172.16.', '172.17.', '172.18.', '172.19.', '172.20.', '172.21.', '172.22.', '172.23.'],
  ...['172.24.', '172.25.', '172.26.', '172.27.', '172.28.', '172.29.', '172.30.', '172.31.', '127.', '169.254.'],
  '168.63.',
];

/** `has_any`: a needle counts wherever no letter or digit stands before it. */
function hasAnyPrivateRange(text: string): boolean {
  return PrivateRanges.some((prefix) => {
    for (let at = text.indexOf(prefix); at >= 0; at = text.indexOf(prefix, at + 1))
      if (at === 0 || !/[A-Za-z0-9]/.test(text[at - 1]!)) return true;
    return false;
  });
}

type ThreatIntelIndicator = ReturnType<typeof threatIntelIndicators>[number];

/** Sentinel writes one row for each comparison of each version that it is given. */
function threatIntelIndicators({ object }: SourcedObject) {
  if (object['type'] !== 'indicator') return [];
  const patternType = textField(object, 'pattern_type');
  if (patternType !== '' && patternType !== 'stix') return [];
  return observableValues(textField(object, 'pattern')).map((ObservableValue) => ({
    ObservableValue,
    Revoked: object['revoked'] === true,
    ValidFrom: timeField(object, 'valid_from'),
    ValidUntil: timeField(object, 'valid_until'),
    Confidence: confidenceField(object),
    Tags: listText(object, 'labels'),
    ThreatType: listText(object, 'indicator_types'),
    Description: textField(object, 'description'),
    TLPLevel: tlpField(object),
  }));
}

function isActive(row: ThreatIntelIndicator, at: number): boolean {
  return !row.Revoked && (row.ValidFrom === null || row.ValidFrom <= at);
}

function azureActivity(record: ActivityRecord) {
  return {
    TimeGenerated: record.time,
    ActivityStatusValue: record.resultType,
    CallerIpAddress: record.address,
    Caller: record.caller,
    OperationNameValue: record.operation,
    ResourceId: record.resourceId,
    ResourceGroup: record.resourceGroup,
    SubscriptionId: record.subscriptionId,
  };
}

function signInLog(record: SignInRecord) {
  return {
    TimeGenerated: record.time,
    ResultType: record.resultType,
    IPAddress: record.address,
    Principal: record.principal,
    RiskLevelAggregated: record.risk,
  };
}
