import type { Json } from './azure-bodies.ts';
import {
  principalProperties,
  resourceId,
  servicePrincipal,
  subscriptionId,
  tenantId,
  userClaims,
  without,
} from './azure-bodies.ts';

/** Records of a shared hub that no rule reads, and rows in other shapes than the diagnostic setting's. */

/** Managed identities carry no caller address, and "" under properties. */
export function managedIdentity(overrides: Json = {}): Json {
  return {
    ...without(servicePrincipal(), 'callerIpAddress', 'location'),
    category: 'ManagedIdentitySignInLogs',
    properties: principalProperties({ ipAddress: '', servicePrincipalName: 'id-payments-worker' }),
    ...overrides,
  };
}

/** Key Vault audit: successful, with an address and an identity, and yet no activity record. */
export function keyVaultAudit(overrides: Json = {}): Json {
  return {
    time: '2026-08-12T15:11:40.1122334Z',
    category: 'AuditEvent',
    operationName: 'SecretGet',
    resultType: 'Success',
    correlationId: '77665544-3322-4110-8899-aabbccddeeff',
    callerIpAddress: '198.51.100.23',
    identity: {
      claim: {
        [`http://schemas.microsoft.com/identity/claims/objectidentifier`]: '1d7c2b90-4e3f-4a55-b6c8-90e1f2a3b4c5',
        appid: '84790797-af35-4c37-9077-09166da89208',
      },
    },
    properties: {
      id: 'https://kv-payments.vault.azure.net/secrets/db-password',
      clientInfo: 'azsdk-net-Security.KeyVault.Secrets/4.6.0 (.NET 8.0.8; Linux)',
      requestUri: 'https://kv-payments.vault.azure.net/secrets/db-password/?api-version=7.4',
      httpStatusCode: 200,
      isAddressAuthorized: true,
    },
    resourceId: `/SUBSCRIPTIONS/${subscriptionId}/RESOURCEGROUPS/RG-PAYMENTS/PROVIDERS/MICROSOFT.KEYVAULT/VAULTS/KV-PAYMENTS`,
    operationVersion: '7.4',
    resultSignature: 'OK',
    durationMs: '31',
    ...overrides,
  };
}

export function storageRead(overrides: Json = {}): Json {
  return {
    time: '2026-08-12T15:11:41.8123456Z',
    resourceId: `${resourceId}/blobServices/default`,
    category: 'StorageRead',
    operationName: 'GetBlob',
    operationVersion: '2024-11-04',
    schemaVersion: '1.0',
    statusCode: 200,
    statusText: 'Success',
    durationMs: 12,
    callerIpAddress: '198.51.100.23:38208',
    correlationId: '1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f9',
    identity: { type: 'OAuth', tokenHash: '6A1F0E' },
    location: 'westeurope',
    properties: { accountName: 'stpayments01', userAgentHeader: 'azsdk-python-storage-blob/12.22.0', etag: '"0x8DC"' },
    uri: 'https://stpayments01.blob.core.windows.net/exports/2026-08.csv',
    protocol: 'HTTPS',
    resourceType: 'Microsoft.Storage/storageAccounts/blobServices',
    ...overrides,
  };
}

export function metric(overrides: Json = {}): Json {
  return {
    count: 5,
    total: 12,
    minimum: 2,
    maximum: 3,
    average: 2.4,
    resourceId,
    time: '2026-08-12T15:11:00.0000000Z',
    metricName: 'Transactions',
    timeGrain: 'PT1M',
    ...overrides,
  };
}

export function auditLog(overrides: Json = {}): Json {
  return {
    time: '2026-08-12T15:09:12.5500012Z',
    resourceId: `/tenants/${tenantId}/providers/Microsoft.aadiam`,
    operationName: 'Update policy',
    operationVersion: '1.0',
    category: 'AuditLogs',
    tenantId,
    resultSignature: 'None',
    durationMs: 0,
    callerIpAddress: '<null>',
    correlationId: '9e8d7c6b-5a4f-4e3d-8c2b-1a0f9e8d7c6b',
    identity: 'Azure AD Cloud Sync',
    level: 'Informational',
    properties: {
      id: 'Directory_9e8d7c6b-5a4f-4e3d-8c2b-1a0f9e8d7c6b_X1Y2Z_12345678',
      category: 'Policy',
      result: 'success',
      activityDisplayName: 'Update policy',
      loggedByService: 'Core Directory',
      initiatedBy: { app: { appId: null, displayName: 'Microsoft Azure AD Group-Based Licensing' } },
      targetResources: [{ id: '0c1d2e3f-4a5b-4c6d-8e9f-0a1b2c3d4e5f', type: 'Policy', modifiedProperties: [] }],
    },
    ...overrides,
  };
}

/** A function app's log line exactly as Azure writes it: the properties are no JSON. */
export function functionAppText(message = 'Host initialization: ConsecutiveErrors=0'): string {
  return `{ "time": "2026-08-12T15:11:51Z", "resourceId": "/SUBSCRIPTIONS/${subscriptionId}/RESOURCEGROUPS/RG-FUNCTIONS/PROVIDERS/MICROSOFT.WEB/SITES/FUNC-PAYMENTS", "category": "FunctionAppLogs", "operationName": "Microsoft.Web/sites/functions/log", "level": "Informational", "location": "West Europe", "properties": {'appName':'func-payments','roleInstance':'E16F0DBE-638669450009004073','message':'${message}','category':'Host.Startup','hostVersion':'4.636.1.1','level':'Information','levelId':2,'processId':29628}}`;
}

/** PIM has no identity; the actor is JSON text in the properties. */
export function privilegedIdentity(callerInfo: Json, overrides: Json = {}): Json {
  return {
    time: '2026-08-12T15:11:30.6600000Z',
    resourceId: `/subscriptions/${subscriptionId}`,
    operationName: 'Add member to role completed (PIM activation)',
    category: 'Administrative',
    resultType: 'Succeeded',
    correlationId: '2b1a0f9e-8d7c-4b6a-9584-73625140f0e1',
    callerIpAddress: '198.51.100.23',
    level: 'Informational',
    properties: {
      eventCategory: 'Administrative',
      ResourceGroupName: 'Contoso production',
      CallerInfo: JSON.stringify(callerInfo),
    },
    ...overrides,
  };
}

export function resourceHealth(overrides: Json = {}): Json {
  return {
    time: '2026-08-12T15:11:26.498Z',
    resourceId,
    correlationId: '55dc161c-c72e-4cb7-b41a-4e7e6835c076',
    operationName: 'Microsoft.Resourcehealth/healthevent/Updated/action',
    level: 'Information',
    resultType: 'Updated',
    category: 'ResourceHealth',
    properties: {
      eventCategory: 'ResourceHealth',
      eventProperties: { title: 'Unavailable', cause: 'PlatformInitiated' },
    },
    ...overrides,
  };
}

/** A row of the Log Analytics data export: columns in PascalCase, nested ones as JSON text, no `time`. */
export function signInRow(overrides: Json = {}): Json {
  return {
    TenantId: '0f1e2d3c-4b5a-4697-8857-463524130201',
    TimeGenerated: '2026-08-12T15:10:02.7031188Z',
    ResourceId: `/tenants/${tenantId}/providers/Microsoft.aadiam`,
    OperationName: 'Sign-in activity',
    OperationVersion: '1.0',
    Category: 'SignInLogs',
    ResultType: '0',
    CorrelationId: '0d9c8b7a-6f5e-4d3c-8b2a-190f8e7d6c5b',
    Identity: 'Marit Olsen',
    Level: '4',
    AADTenantId: tenantId,
    AppDisplayName: 'Azure Portal',
    AppId: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
    CreatedDateTime: '2026-08-12T15:08:31.4417752Z',
    DeviceDetail: '{"deviceId":"","operatingSystem":"Windows10","browser":"Chrome 139.0.0"}',
    IPAddress: '198.51.100.23',
    Id: 'a6d5c4b3-0f1e-4d2c-8b7a-96857463f200',
    RiskLevelAggregated: 'medium',
    Status: '{"errorCode":0,"additionalDetails":"MFA requirement satisfied by claim in the token"}',
    UserDisplayName: 'Marit Olsen',
    UserId: '1d7c2b90-4e3f-4a55-b6c8-90e1f2a3b4c5',
    UserPrincipalName: 'marit.olsen@contoso.example',
    Type: 'SigninLogs',
    ...overrides,
  };
}

export function activityRow(overrides: Json = {}): Json {
  return {
    TenantId: '0f1e2d3c-4b5a-4697-8857-463524130201',
    TimeGenerated: '2026-08-12T15:11:47.5329521Z',
    OperationName: 'List Storage Account Keys',
    OperationNameValue: 'MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION',
    ActivityStatus: 'Succeeded',
    ActivityStatusValue: 'Success',
    ActivitySubstatusValue: 'OK',
    Caller: 'marit.olsen@contoso.example',
    CallerIpAddress: '198.51.100.23',
    Category: 'Administrative',
    CategoryValue: 'Administrative',
    Claims: JSON.stringify(userClaims()),
    CorrelationId: '3f6b1c7e-94a2-4d05-8b3e-5c7d9e0f1a2b',
    Level: 'Informational',
    ResourceGroup: 'RG-PAYMENTS',
    SubscriptionId: subscriptionId,
    _ResourceId: resourceId.toLowerCase(),
    Type: 'AzureActivity',
    ...overrides,
  };
}

/** An event of the Activity log's REST interface, as pollers and exports keep it. */
export function restEvent(overrides: Json = {}): Json {
  return {
    authorization: { action: 'Microsoft.Storage/storageAccounts/listKeys/action', role: 'Owner', scope: resourceId },
    caller: 'marit.olsen@contoso.example',
    channels: 'Operation',
    claims: userClaims(),
    correlationId: '3f6b1c7e-94a2-4d05-8b3e-5c7d9e0f1a2b',
    eventDataId: '64b3a2f1-e0d9-4c8b-97a6-b5c4d3e2f101',
    eventName: { value: 'EndRequest', localizedValue: 'End request' },
    category: { value: 'Administrative', localizedValue: 'Administrative' },
    httpRequest: { clientRequestId: '0a1b', clientIpAddress: '198.51.100.23', method: 'POST' },
    level: 'Informational',
    resourceGroupName: 'rg-payments',
    resourceId,
    operationName: {
      value: 'Microsoft.Storage/storageAccounts/listKeys/action',
      localizedValue: 'List Storage Account Keys',
    },
    status: { value: 'Succeeded', localizedValue: 'Succeeded' },
    subStatus: { value: 'OK', localizedValue: 'OK (HTTP Status Code: 200)' },
    eventTimestamp: '2026-08-12T15:11:47.5329521Z',
    submissionTimestamp: '2026-08-12T15:13:02Z',
    subscriptionId,
    ...overrides,
  };
}
