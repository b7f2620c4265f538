/**
 * Records as Azure services put them on Event Hubs: keys, order, nesting and sizes of the real ones, names and addresses
 * of documentation ranges. Each call makes a new object; `overrides` replace top-level keys.
 */
export type Json = Record<string, unknown>;

/** A copy without these keys. */
export function without(record: Json, ...keys: readonly string[]): Json {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
}

export const tenantId = '9b1f5c2e-7d44-4f0a-8f5e-2a6c1d9e0b37';
export const subscriptionId = 'f3a0c9d1-52be-4c68-9a1e-6b7d0e8f2c45';
export const userObjectId = '1d7c2b90-4e3f-4a55-b6c8-90e1f2a3b4c5';
const principalObjectId = '7e2d9f04-1b6a-4c3d-8e5f-a0b1c2d3e4f5';
export const resourceId = `/SUBSCRIPTIONS/${subscriptionId.toUpperCase()}/RESOURCEGROUPS/RG-PAYMENTS/PROVIDERS/MICROSOFT.STORAGE/STORAGEACCOUNTS/STPAYMENTS01`;

const soap = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';
const microsoft = 'http://schemas.microsoft.com/identity/claims/';

export const claim = {
  upn: `${soap}upn`,
  name: `${soap}name`,
  email: `${soap}emailaddress`,
  spn: `${soap}spn`,
  objectId: `${microsoft}objectidentifier`,
};

export function userClaims(overrides: Json = {}): Json {
  return {
    aud: 'https://management.core.windows.net/',
    iss: `https://sts.windows.net/${tenantId}/`,
    iat: '1764000000',
    nbf: '1764000000',
    exp: '1764004500',
    'http://schemas.microsoft.com/claims/authnclassreference': '1',
    aio: 'AVQAq/8YAAAAm1kQ0v4nH2rT7sXcW9eLdPzJbGfUoIyKqVtRaMhNwEuSxCzDlFpBgHjQkYiOtWvZnXrMcLsUeJaT',
    'http://schemas.microsoft.com/claims/authnmethodsreferences': 'pwd,mfa',
    appid: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
    appidacr: '0',
    [`${soap}surname`]: 'Olsen',
    [`${soap}givenname`]: 'Marit',
    groups: '0c1d2e3f-4a5b-4c6d-8e9f-0a1b2c3d4e5f,5f4e3d2c-1b0a-4f9e-8d7c-6b5a4f3e2d1c',
    ipaddr: '2001:db8:77::1',
    name: 'Marit Olsen',
    [claim.objectId]: userObjectId,
    puid: '10032001A2B3C4D5',
    [`${microsoft}scope`]: 'user_impersonation',
    [`${soap}nameidentifier`]: 'k3Jq0wVb9sTzXcRpYhLmNdGfUeKaQoIiWvBtEyHgCx8',
    [`${microsoft}tenantid`]: tenantId,
    [claim.name]: 'marit.olsen@contoso.example',
    [claim.upn]: 'marit.olsen@contoso.example',
    uti: 'Zx8mQp2RtUyV5wKjHn3LAA',
    ver: '1.0',
    wids: '62e90394-69f5-4237-9190-012177145e10',
    xms_tcdt: '1415644249',
    ...overrides,
  };
}

export function authorization(evidence: Json = {}): Json {
  return {
    scope: resourceId.toLowerCase(),
    action: 'Microsoft.Storage/storageAccounts/listKeys/action',
    evidence: {
      role: 'Owner',
      roleAssignmentScope: `/subscriptions/${subscriptionId}`,
      roleAssignmentId: '5c0f6a4be1d2437f9a8b7c6d5e4f3a2b',
      roleDefinitionId: '8e3af657a8ff443ca75c2fe8c4bcb635',
      principalId: userObjectId.replaceAll('-', ''),
      principalType: 'User',
      ...evidence,
    },
  };
}

export function activity(overrides: Json = {}): Json {
  return {
    RoleLocation: 'West Europe',
    Stamp: 'FDWeb',
    ReleaseVersion: '7.2026.30.7',
    VmSku: 'Standard_DS5_V2',
    time: '2026-08-12T15:11:47.5329521Z',
    resourceId,
    operationName: 'MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION',
    category: 'Administrative',
    resultType: 'Success',
    resultSignature: 'Succeeded.OK',
    durationMs: '61',
    callerIpAddress: '198.51.100.23',
    correlationId: '3f6b1c7e-94a2-4d05-8b3e-5c7d9e0f1a2b',
    identity: { authorization: authorization(), claims: userClaims() },
    level: 'Information',
    location: 'global',
    properties: {
      statusCode: 'OK',
      serviceRequestId: '8a7b6c5d-4e3f-4211-a0b9-c8d7e6f50413',
      responseBody:
        '{"keys":[{"creationTime":"2025-02-03T09:12:00.1234567Z","keyName":"key1","permissions":"FULL"},{"creationTime":"2025-02-03T09:12:00.1234567Z","keyName":"key2","permissions":"FULL"}]}',
      eventCategory: 'Administrative',
      entity: resourceId.toLowerCase(),
      message: 'Microsoft.Storage/storageAccounts/listKeys/action',
      hierarchy: `${tenantId}/mg-root/mg-landing-zones/${subscriptionId}`,
    },
    tenantId,
    ...overrides,
  };
}

/** An activity record of a principal with these claims and no others. */
export function activityOf(claims: Json, overrides: Json = {}): Json {
  return activity({ identity: { authorization: authorization(), claims }, ...overrides });
}

export function signInProperties(overrides: Json = {}): Json {
  return {
    id: 'a6d5c4b3-0f1e-4d2c-8b7a-96857463f200',
    createdDateTime: '2026-08-12T15:08:31.4417752+00:00',
    userDisplayName: 'Marit Olsen',
    userPrincipalName: 'marit.olsen@contoso.example',
    userId: userObjectId,
    appId: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
    appDisplayName: 'Azure Portal',
    ipAddress: '198.51.100.23',
    status: { errorCode: 0, additionalDetails: 'MFA requirement satisfied by claim in the token' },
    clientAppUsed: 'Browser',
    userAgent:
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36',
    deviceDetail: { deviceId: '', operatingSystem: 'Windows10', browser: 'Chrome 139.0.0' },
    location: {
      city: 'Bergen',
      state: 'Vestland',
      countryOrRegion: 'NO',
      geoCoordinates: { latitude: 60.392990112304688, longitude: 5.3241500854492188 },
    },
    correlationId: '0d9c8b7a-6f5e-4d3c-8b2a-190f8e7d6c5b',
    conditionalAccessStatus: 'success',
    appliedConditionalAccessPolicies: conditionalAccess(2),
    authenticationContextClassReferences: [{ id: 'urn:user:registersecurityinfo', detail: 'previouslySatisfied' }],
    originalRequestId: 'a6d5c4b3-0f1e-4d2c-8b7a-96857463f200',
    isInteractive: true,
    tokenIssuerName: '',
    tokenIssuerType: 'AzureAD',
    authenticationProcessingDetails: [
      { key: 'Legacy TLS (TLS 1.0, 1.1, 3DES)', value: 'False' },
      { key: 'Oauth Scope Info', value: '["User.Read","Directory.Read.All"]' },
    ],
    networkLocationDetails: [{ networkType: 'namedNetwork', networkNames: ["Bergen's office"] }],
    clientCredentialType: 'none',
    processingTimeInMilliseconds: 142,
    riskDetail: 'none',
    riskLevelAggregated: 'none',
    riskLevelDuringSignIn: 'none',
    riskState: 'none',
    riskEventTypes: [],
    riskEventTypes_v2: [],
    resourceDisplayName: 'Azure Resource Manager',
    resourceId: '797f4846-ba00-4fd7-ba43-dac1f8f63013',
    resourceTenantId: tenantId,
    homeTenantId: tenantId,
    authenticationDetails: [
      {
        authenticationStepDateTime: '2026-08-12T15:08:31.4417752+00:00',
        authenticationMethod: 'Previously satisfied',
        succeeded: true,
        authenticationStepResultDetail: 'First factor requirement satisfied by claim in the token',
        authenticationStepRequirement: 'Primary authentication',
        StatusSequence: 0,
        RequestSequence: 0,
      },
    ],
    authenticationRequirement: 'singleFactorAuthentication',
    servicePrincipalId: '',
    userType: 'Member',
    flaggedForReview: false,
    isTenantRestricted: false,
    autonomousSystemNumber: 64496,
    crossTenantAccessType: 'none',
    privateLinkDetails: {},
    uniqueTokenIdentifier: 'vC1qYfT0bEmN8aXzQwLpAA',
    incomingTokenType: 'none',
    authenticationProtocol: 'none',
    signInTokenProtectionStatus: 'none',
    originalTransferMethod: 'none',
    ...overrides,
  };
}

/** Policies as each sign-in lists them; a large tenant has dozens. */
export function conditionalAccess(count: number): Json[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `ccb90f89-cdaf-4ae6-9dd1-${String(index).padStart(12, '0')}`,
    displayName: `CA${String(index).padStart(3, '0')}: Require multifactor authentication for "all users"`,
    enforcedGrantControls: ['Mfa'],
    enforcedSessionControls: ['SignInFrequency'],
    result: 'reportOnlyNotApplied',
    conditionsSatisfied: 1,
    conditionsNotSatisfied: 2,
  }));
}

function entra(category: string, rest: Json): Json {
  return {
    time: '2026-08-12T15:10:02.7031188Z',
    resourceId: `/tenants/${tenantId}/providers/Microsoft.aadiam`,
    operationName: 'Sign-in activity',
    operationVersion: '1.0',
    category,
    tenantId,
    resultType: '0',
    resultSignature: 'SUCCESS',
    durationMs: 0,
    callerIpAddress: '198.51.100.23',
    correlationId: '0d9c8b7a-6f5e-4d3c-8b2a-190f8e7d6c5b',
    ...rest,
  };
}

export function signIn(overrides: Json = {}): Json {
  return entra('SignInLogs', {
    identity: 'Marit Olsen',
    Level: 4,
    location: 'NO',
    properties: signInProperties(),
    ...overrides,
  });
}

export function nonInteractive(overrides: Json = {}): Json {
  return entra('NonInteractiveUserSignInLogs', {
    identity: 'Marit Olsen',
    Level: 4,
    location: 'NO',
    properties: signInProperties({ isInteractive: false, id: 'b7e6d5c4-1a2f-4e3d-9c8b-a79685740300' }),
    ...overrides,
  });
}

export function principalProperties(overrides: Json = {}): Json {
  return {
    id: '5d4c3b2a-7f6e-4a1b-9c0d-e8f7a6b51400',
    createdDateTime: '2026-08-12T15:07:58.332641+00:00',
    userId: null,
    appId: '84790797-af35-4c37-9077-09166da89208',
    ipAddress: '203.0.113.77',
    status: { errorCode: 0 },
    location: {
      city: 'Frankfurt am Main',
      state: 'Hessen',
      countryOrRegion: 'DE',
      geoCoordinates: { latitude: 50.115520477294922, longitude: 8.6841697692871094 },
    },
    correlationId: 'c3b2a190-8f7e-4d6c-9b5a-4f3e2d1c0b9a',
    isInteractive: false,
    tokenIssuerType: 'AzureAD',
    authenticationProcessingDetails: [{ key: 'Azure AD App Authentication Library', value: '' }],
    clientCredentialType: 'clientSecret',
    processingTimeInMilliseconds: 0,
    riskDetail: 'none',
    riskLevelAggregated: 'low',
    riskLevelDuringSignIn: 'low',
    riskState: 'none',
    resourceDisplayName: 'Azure Resource Manager',
    resourceId: '797f4846-ba00-4fd7-ba43-dac1f8f63013',
    servicePrincipalName: 'sp-deploy-payments',
    servicePrincipalId: principalObjectId,
    servicePrincipalCredentialKeyId: 'e9d8c7b6-a5f4-4e3d-8c2b-1a0f9e8d7c6b',
    flaggedForReview: false,
    isTenantRestricted: false,
    crossTenantAccessType: 'none',
    uniqueTokenIdentifier: 'Sr90nLu8UkmUYbW6vJYfAA',
    incomingTokenType: 'none',
    authenticationProtocol: 'none',
    appServicePrincipalId: null,
    resourceServicePrincipalId: '',
    signInTokenProtectionStatus: 'none',
    originalTransferMethod: 'none',
    isThroughGlobalSecureAccess: false,
    ...overrides,
  };
}

export function servicePrincipal(overrides: Json = {}): Json {
  return entra('ServicePrincipalSignInLogs', {
    callerIpAddress: '203.0.113.77',
    Level: 4,
    location: 'DE',
    properties: principalProperties(),
    ...overrides,
  });
}
