import type { ServicePrincipal, Tenant, User } from './actor.ts';
import { entraText } from './entra-text.ts';
import type { Random } from './random.ts';
import { type Resource, resourcePath } from './resource.ts';
import { offsetTime, utcTime } from './timestamp.ts';

/** AuditLogs of Entra, 1.5 to 2.5 KB; the address, where there is one, is that of the directory's own caller. */
export function auditRecord(user: User, target: User, tenant: Tenant, timeMs: number, random: Random): string {
  const ticks = random.between(0, 9999);
  const correlationId = random.uuid();
  const activity = random.pick(['Update user', 'Add member to group', 'Update StsRefreshTokenValidFrom Timestamp']);
  return entraText(
    {
      time: utcTime(timeMs, ticks),
      operationName: activity,
      category: 'AuditLogs',
      resultSignature: 'None',
      callerIpAddress: random.chance(0.3) ? '<null>' : random.pick(user.addresses),
      correlationId,
      properties: {
        id: `Directory_${correlationId}_${random.token(5)}_${random.between(100_000, 999_999)}`,
        category: 'UserManagement',
        correlationId,
        result: 'success',
        resultReason: '',
        activityDisplayName: activity,
        activityDateTime: offsetTime(timeMs, ticks),
        loggedByService: 'Core Directory',
        operationType: 'Update',
        userAgent: null,
        initiatedBy: {
          user: {
            id: user.objectId,
            displayName: null,
            userPrincipalName: user.upn,
            ipAddress: user.addresses[0] ?? null,
            roles: [],
          },
        },
        targetResources: [
          {
            id: target.objectId,
            displayName: null,
            type: 'User',
            userPrincipalName: target.upn,
            modifiedProperties: [
              { displayName: 'MobilePhone', oldValue: '[]', newValue: '["+00 000 000000"]' },
              { displayName: 'Included Updated Properties', oldValue: null, newValue: '"MobilePhone"' },
              { displayName: 'TargetId.UserType', oldValue: null, newValue: '"Member"' },
            ],
            administrativeUnits: [],
          },
        ],
        additionalDetails: [
          { key: 'UserType', value: 'Member' },
          { key: 'User-Agent', value: user.platform.userAgent },
        ],
      },
    },
    tenant,
  );
}

const scopes = [
  'AuditLog.Read.All',
  'Calendars.ReadWrite',
  'Chat.Read',
  'DeviceManagementConfiguration.Read.All',
  'Directory.Read.All',
  'Files.ReadWrite.All',
  'Group.Read.All',
  'Mail.ReadWrite',
  'People.Read',
  'Presence.Read.All',
  'Sites.Read.All',
  'Tasks.ReadWrite',
  'TeamsActivity.Send',
  'User.Read',
  'User.ReadBasic.All',
  'openid',
  'profile',
  'email',
];

/** MicrosoftGraphActivityLogs, about 2 KB: one request to Microsoft Graph. */
export function graphRecord(user: User, tenant: Tenant, timeMs: number, random: Random): string {
  const time = utcTime(timeMs, random.between(0, 9999));
  const requestId = random.uuid();
  const durationMs = random.between(8_000, 2_000_000);
  return JSON.stringify({
    time,
    resourceId: `/TENANTS/${tenant.id.toUpperCase()}/PROVIDERS/MICROSOFT.AADIAM`,
    operationName: 'Microsoft Graph Activity',
    operationVersion: 'v1.0',
    category: 'MicrosoftGraphActivityLogs',
    resultSignature: '200',
    durationMs: String(durationMs),
    callerIpAddress: random.pick(user.addresses),
    correlationId: requestId,
    level: 'Informational',
    location: 'West Europe',
    properties: {
      timeGenerated: time,
      location: 'West Europe',
      requestId,
      operationId: requestId,
      clientRequestId: random.uuid(),
      apiVersion: 'v1.0',
      requestMethod: 'GET',
      responseStatusCode: 200,
      tenantId: tenant.id,
      durationMs,
      responseSizeBytes: random.between(200, 90_000),
      signInActivityId: random.token(22),
      roles: '',
      appId: random.uuid(),
      UserPrincipalObjectID: user.objectId,
      scopes: scopes.join(' '),
      identityProvider: `https://sts.windows.net/${tenant.id}/`,
      clientAuthMethod: '0',
      wids: '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3 b79fbf4d-3ef9-4689-8143-76b194e85509',
      C_Idtyp: 'user',
      C_Iat: String(Math.floor(timeMs / 1000) - 1800),
      ipAddress: random.pick(user.addresses),
      userAgent: user.platform.userAgent,
      requestUri: `https://graph.microsoft.com/v1.0/users/${user.objectId}/messages?$top=25&$select=id,subject,from,receivedDateTime&$skiptoken=${random.token(40)}`,
      atContentP: '',
      tokenIssuedAt: utcTime(timeMs - 1_800_000, 0),
    },
    tenantId: tenant.id,
  });
}

/** Key Vault's AuditEvent: `Success`, an address and claims, yet data plane, not the Activity log. */
export function keyVaultRecord(
  resource: Resource,
  principal: ServicePrincipal,
  timeMs: number,
  random: Random,
): string {
  const vault = `kv-${resource.name.slice(0, 16)}`;
  const path = resourcePath({ ...resource, type: 'Microsoft.KeyVault/vaults', name: vault });
  const secret = `https://${vault}.vault.azure.net/secrets/${random.pick(['db-password', 'api-key', 'signing-key'])}`;
  return JSON.stringify({
    time: utcTime(timeMs, random.between(0, 9999)),
    category: 'AuditEvent',
    operationName: random.pick(['SecretGet', 'VaultGet', 'KeySign']),
    resultType: 'Success',
    correlationId: random.uuid(),
    callerIpAddress: random.pick(principal.addresses),
    identity: {
      claim: {
        'http://schemas.microsoft.com/identity/claims/objectidentifier': principal.objectId,
        appid: principal.appId,
        xms_az_nwperimid: [],
      },
    },
    properties: {
      id: secret,
      clientInfo: 'azsdk-net-Security.KeyVault.Secrets/4.8.0 (.NET 9.0.10; Microsoft Windows 10.0.20348)',
      requestUri: `${secret}/?api-version=7.6`,
      httpStatusCode: 200,
      isAccessPolicyMatch: true,
      tlsVersion: 'TLS1_3',
      addrAuthType: 'PublicIP',
    },
    resourceId: path.toUpperCase(),
    operationVersion: '7.6',
    resultSignature: 'OK',
    durationMs: String(random.between(4, 90)),
  });
}

/** A platform metric: it arrives in the same envelope and has no category. */
export function metricRecord(resource: Resource, timeMs: number, random: Random): string {
  const total = random.between(1, 5000);
  return JSON.stringify({
    count: 4,
    total,
    minimum: 0,
    maximum: total,
    average: total / 4,
    resourceId: resourcePath(resource).toUpperCase(),
    time: utcTime(Math.floor(timeMs / 60_000) * 60_000, 0),
    metricName: random.pick(['Percentage CPU', 'Network In Total', 'Transactions', 'Availability']),
    timeGrain: 'PT1M',
  });
}
