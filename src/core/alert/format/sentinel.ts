import type { Alert, AlertActivity } from '../alert.ts';

/** Types of columns, as a data collection rule names them. */
export type SentinelType = 'string' | 'datetime' | 'int' | 'real' | 'boolean' | 'dynamic';

interface SentinelColumn {
  readonly name: string;
  readonly type: SentinelType;
  readonly of: (alert: Alert) => unknown;
}

const statuses: Readonly<Record<AlertActivity, string>> = { create: 'New', update: 'InProgress', close: 'Resolved' };

/**
 * The columns of TidewatchAlerts_CL in their order. Those that SecurityAlert has too have its names
 * (learn.microsoft.com/azure/azure-monitor/reference/tables/securityalert). Names have at most 45 characters. The files
 * under deploy/sentinel declare the same columns.
 */
export const sentinelColumns: readonly SentinelColumn[] = [
  { name: 'TimeGenerated', type: 'datetime', of: ({ emittedAt }) => emittedAt },
  { name: 'VendorOriginalId', type: 'string', of: ({ id }) => id },
  { name: 'FindingKey', type: 'string', of: ({ findingKey }) => findingKey },
  { name: 'VendorName', type: 'string', of: () => 'Tidewatch' },
  { name: 'ProductName', type: 'string', of: () => 'Tidewatch' },
  { name: 'AlertName', type: 'string', of: ({ rule }) => rule.name },
  { name: 'AlertSeverity', type: 'string', of: ({ severity }) => severity },
  { name: 'Description', type: 'string', of: describe },
  { name: 'Status', type: 'string', of: statusOf },
  { name: 'Activity', type: 'string', of: ({ activity }) => activity },
  { name: 'CloseReason', type: 'string', of: ({ closeReason }) => closeReason ?? '' },
  { name: 'StartTime', type: 'datetime', of: ({ row }) => row.FirstSeen },
  { name: 'EndTime', type: 'datetime', of: ({ row }) => row.LastSeen },
  { name: 'WindowStart', type: 'datetime', of: ({ windowStart }) => windowStart },
  { name: 'WindowEnd', type: 'datetime', of: ({ windowEnd }) => windowEnd },
  { name: 'ConfidenceScore', type: 'real', of: ({ row }) => row.ConfidenceScore / 100 },
  { name: 'Tactics', type: 'string', of: ({ rule }) => rule.tactics.join(', ') },
  { name: 'Techniques', type: 'string', of: ({ rule }) => rule.techniques.join(', ') },
  { name: 'CompromisedEntity', type: 'string', of: ({ caller }) => caller },
  { name: 'AccountName', type: 'string', of: ({ row }) => row.AccountName },
  { name: 'AccountUPNSuffix', type: 'string', of: ({ row }) => row.AccountUPNSuffix },
  { name: 'CallerIP', type: 'string', of: ({ ip }) => ip },
  { name: 'OperationCount', type: 'int', of: ({ row }) => row.OperationCount },
  { name: 'TotalSigninCount', type: 'int', of: ({ row }) => row.TotalSigninCount },
  { name: 'CorroboratedBySignin', type: 'boolean', of: ({ row }) => row.CorroboratedBySignin },
  { name: 'Corroboration', type: 'string', of: ({ corroboration }) => corroboration.grade },
  { name: 'AlertLink', type: 'string', of: ({ links }) => links.windows ?? '' },
  { name: 'Entities', type: 'dynamic', of: entitiesOf },
  { name: 'ExtendedProperties', type: 'dynamic', of: extendedProperties },
];

/** Renders an alert as a row of TidewatchAlerts_CL, one JSON object. */
export function formatSentinel(alert: Alert): string {
  return JSON.stringify(Object.fromEntries(sentinelColumns.map(({ name, of }) => [name, of(alert)])));
}

/** SecurityAlert calls an alert that nobody has to look at dismissed. */
function statusOf({ activity, silenced }: Alert): string {
  return silenced !== null && activity !== 'close' ? 'Dismissed' : statuses[activity];
}

function describe({ caller, ip, row, indicators }: Alert): string {
  const who = caller === '' ? 'An unknown caller' : caller;
  const sources = [...new Set(indicators.map(({ source }) => source))].join(', ');
  const named = sources === '' ? 'threat intelligence names' : `threat intelligence of ${sources} names`;
  return `${who} made ${row.OperationCount} management operations from ${ip}, which ${named}.`;
}

/** Entities as SecurityAlert lists them, learn.microsoft.com/azure/sentinel/entities-reference. */
function entitiesOf({ ip, caller, row }: Alert): readonly Readonly<Record<string, string>>[] {
  const account = {
    $id: '2',
    Type: 'account',
    Name: row.AccountName,
    ...(row.AccountUPNSuffix === '' ? {} : { UPNSuffix: row.AccountUPNSuffix }),
  };
  return [{ $id: '1', Type: 'ip', Address: ip }, ...(caller === '' ? [] : [account])];
}

function extendedProperties({ row, indicators, corroboration, ...alert }: Alert): Readonly<Record<string, unknown>> {
  const { late, backfill, partial, incomplete, truncated, silenced, indexVersion } = alert;
  const { Operations, SubscriptionIds, ResourceGroups, AffectedResources, ThreatType, TLPLevel } = row;
  const { ActivityGroupNames, SigninUsers, SigninSPs, MaxUserRisk } = row;
  return {
    Operations,
    SubscriptionIds,
    ResourceGroups,
    AffectedResources,
    ThreatType,
    TLPLevel,
    ActivityGroupNames,
    SigninUsers,
    SigninSPs,
    MaxUserRisk,
    Indicators: indicators,
    SignIns: corroboration.evidence,
    ResourceLinks: alert.links.resources,
    ...{ late, backfill, partial, incomplete, truncated, silenced, indexVersion },
  };
}
