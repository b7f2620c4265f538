import { fold } from '../observation.ts';
import type { Stream } from '../record.ts';

/** Categories of the Activity log; the last three are those of the old log profiles. Folded. */
const activityCategories = [
  'administrative',
  'security',
  'servicehealth',
  'alert',
  'recommendation',
  'policy',
  'autoscale',
  'resourcehealth',
  'write',
  'delete',
  'action',
] as const;

/** Categories of the sign-in streams, folded, with the form Entra writes. */
const signInCategories = {
  signinlogs: { stream: 'sign_in', name: 'SignInLogs' },
  serviceprincipalsigninlogs: { stream: 'service_principal', name: 'ServicePrincipalSignInLogs' },
  noninteractiveusersigninlogs: { stream: 'non_interactive', name: 'NonInteractiveUserSignInLogs' },
  managedidentitysigninlogs: { stream: 'managed_identity', name: 'ManagedIdentitySignInLogs' },
} as const satisfies Record<string, { stream: Stream; name: string }>;

/** Log Analytics tables that hold wanted records, as the data export names them in `Type`. Folded. */
const tables = {
  azureactivity: { stream: 'activity', name: 'Administrative' },
  signinlogs: signInCategories.signinlogs,
  aadserviceprincipalsigninlogs: signInCategories.serviceprincipalsigninlogs,
  aadnoninteractiveusersigninlogs: signInCategories.noninteractiveusersigninlogs,
  aadmanagedidentitysigninlogs: signInCategories.managedidentitysigninlogs,
} as const satisfies Record<string, { stream: Stream; name: string }>;

/** Categories, and tables of the data export, that services are known to write and no rule reads. Folded. */
const unwantedNames = new Set(
  [
    // Entra
    'MicrosoftServicePrincipalSignInLogs ADFSSignInLogs AuditLogs Audit RiskyUsers UserRiskEvents',
    'RiskyServicePrincipals ServicePrincipalRiskEvents ProvisioningLogs MicrosoftGraphActivityLogs',
    'EnrichedOffice365AuditLogs NetworkAccessTrafficLogs NetworkAccessAlerts RemoteNetworkHealthLogs B2CRequestLogs',
    'AADProvisioningLogs AADRiskyUsers AADUserRiskEvents AADRiskyServicePrincipals AADServicePrincipalRiskEvents',
    // Resources
    'AuditEvent AzurePolicyEvaluationDetails StorageRead StorageWrite StorageDelete FunctionAppLogs',
    'AppServiceConsoleLogs AppServiceHTTPLogs AppServiceAppLogs AppServiceAuditLogs AppServiceIPSecAuditLogs',
    'AppServicePlatformLogs kube-audit kube-audit-admin kube-apiserver kube-controller-manager kube-scheduler',
    'cluster-autoscaler cloud-controller-manager guard csi-azuredisk-controller csi-azurefile-controller',
    'SQLSecurityAuditEvents SQLInsights AutomaticTuning QueryStoreRuntimeStatistics QueryStoreWaitStatistics Errors',
    'DatabaseWaitStatistics Timeouts Blocks Deadlocks PostgreSQLLogs MySqlAuditLogs MySqlSlowLogs DataPlaneRequests',
    'QueryRuntimeStatistics PartitionKeyStatistics ControlPlaneRequests GatewayLogs OperationalLogs ArchiveLogs',
    'RuntimeAuditLogs ApplicationMetricsLogs DiagnosticErrorLogs WorkflowRuntime JobLogs JobStreams',
    'ApplicationGatewayAccessLog ApplicationGatewayFirewallLog ApplicationGatewayPerformanceLog',
    'AzureFirewallApplicationRule AzureFirewallNetworkRule AzureFirewallDnsProxy FrontDoorAccessLog',
    'FrontDoorHealthProbeLog FrontDoorWebApplicationFirewallLog NetworkSecurityGroupEvent',
    'NetworkSecurityGroupRuleCounter NetworkSecurityGroupFlowEvent FlowLogFlowEvent ContainerRegistryLoginEvents',
    'ContainerRegistryRepositoryEvents AutoscaleEvaluations AutoscaleScaleActions AllMetrics',
  ]
    .join(' ')
    .split(' ')
    .map(fold),
);

const wantedCategories = new Map<string, Wanted>([
  ...activityCategories.map((name) => [name, { stream: 'activity', name: '' }] as const),
  ...Object.entries(signInCategories),
]);

const wantedTables = new Map<string, Wanted>(Object.entries(tables));

/** A stream, and the category its records have when they name none. */
export interface Wanted {
  readonly stream: Stream;
  readonly name: string;
}

/** The stream of a category, whatever its letter case. */
export function streamOfCategory(category: string): Stream | null {
  return wantedCategories.get(fold(category.trim()))?.stream ?? null;
}

/** The stream of a Log Analytics table that the data export names. */
export function wantedTable(type: string): Wanted | null {
  return wantedTables.get(fold(type.trim())) ?? null;
}

/** Whether a category or table is known to hold nothing a rule reads. */
export function isUnwanted(name: string): boolean {
  return unwantedNames.has(fold(name.trim()));
}

/**
 * The names that say enough wherever they stand, and, since `Action` or `Policy` are words like others, the rest only
 * as the value of a category. Quotes may be escaped, since the text may be a string inside another, and the text may end
 * behind the name.
 */
const mention = new RegExp(
  [
    `(?<![a-z])(?:${[...Object.keys(signInCategories), ...Object.keys(tables)].join('|')})(?![a-z])`,
    `category(?:value)?\\\\*["']\\s*:\\s*(?:\\{\\s*\\\\*["']value\\\\*["']\\s*:\\s*)?\\\\*["'](?:${activityCategories.join('|')})(?![a-z])`,
  ].join('|'),
  'i',
);

/** Whether a text that cannot be read names a category that a rule reads. */
export function mentionsWanted(text: string): boolean {
  return mention.test(text);
}
