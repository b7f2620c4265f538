import type { Tenant, User } from './actor.ts';
import type { Application } from './application.ts';
import { entraText } from './entra-text.ts';
import type { Random } from './random.ts';
import { offsetTime, utcTime } from './timestamp.ts';

export type SignInRisk = 'none' | 'low' | 'medium' | 'high' | 'hidden';

export interface SignInFields {
  /** `properties.id`: the same for every copy of one sign-in. */
  readonly id: string;
  readonly interactive: boolean;
  /** When the user signed in. */
  readonly createdMs: number;
  /** When Entra processed it: the record's `time`. Since 2023 half a minute to four minutes later. */
  readonly timeMs: number;
  readonly ticks: number;
  readonly user: User;
  readonly address: string;
  readonly application: Application;
  readonly resource: Application;
  /** Error code; 0 is success. */
  readonly resultCode: number;
  readonly risk: SignInRisk;
}

const failures: Readonly<Record<number, string>> = {
  50126: 'Error validating credentials due to invalid username or password.',
  50074: 'Strong Authentication is required.',
  50140: "This error occurred due to 'Keep me signed in' interrupt when the user was signing-in.",
  53003: 'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
};

/** Codes of sign-ins that did not succeed: wrong password, interrupts, blocked by policy. */
export const failureCodes: readonly number[] = Object.keys(failures).map(Number);

/** One record of SignInLogs or NonInteractiveUserSignInLogs, about 4 KB. */
export function signInRecord(fields: SignInFields, tenant: Tenant, random: Random): string {
  const correlationId = random.uuid();
  return entraText(
    {
      time: utcTime(fields.timeMs, fields.ticks),
      operationName: 'Sign-in activity',
      category: fields.interactive ? 'SignInLogs' : 'NonInteractiveUserSignInLogs',
      resultType: String(fields.resultCode),
      resultSignature: fields.resultCode === 0 ? 'SUCCESS' : 'FAILURE',
      resultDescription: failures[fields.resultCode],
      callerIpAddress: fields.address,
      correlationId,
      identity: fields.user.displayName,
      location: fields.user.place.country,
      properties: {
        ...whoAndWhere(fields, correlationId),
        ...policies(random),
        ...howAuthenticated(fields, random),
        ...tokenDetails(fields, tenant, random),
      },
    },
    tenant,
  );
}

function whoAndWhere(fields: SignInFields, correlationId: string): Record<string, unknown> {
  const { user, application } = fields;
  const reason = failures[fields.resultCode];
  return {
    id: fields.id,
    createdDateTime: offsetTime(fields.createdMs, fields.ticks),
    userDisplayName: user.displayName,
    userPrincipalName: user.upn,
    userId: user.objectId,
    appId: application.appId,
    appDisplayName: application.name,
    ipAddress: fields.address,
    status: { errorCode: fields.resultCode, ...(reason === undefined ? {} : { failureReason: reason }) },
    clientAppUsed: fields.interactive ? 'Browser' : 'Mobile Apps and Desktop clients',
    userAgent: user.platform.userAgent,
    deviceDetail: { deviceId: '', operatingSystem: user.platform.operatingSystem, browser: user.platform.browser },
    location: {
      city: user.place.city,
      state: user.place.state,
      countryOrRegion: user.place.country,
      geoCoordinates: { latitude: user.place.latitude, longitude: user.place.longitude },
    },
    correlationId,
  };
}

function policies(random: Random): Record<string, unknown> {
  return {
    conditionalAccessStatus: 'success',
    appliedConditionalAccessPolicies: [
      policy('CA001: Require multifactor authentication for all users', ['Mfa'], 'success', random),
      policy('CA014: Block legacy authentication', ['Block'], 'notApplied', random),
    ],
    authenticationContextClassReferences: [],
  };
}

function policy(displayName: string, controls: readonly string[], result: string, random: Random): unknown {
  return {
    id: random.uuid(),
    displayName,
    enforcedGrantControls: controls,
    enforcedSessionControls: [],
    result,
    conditionsSatisfied: result === 'success' ? 3 : 1,
    conditionsNotSatisfied: result === 'success' ? 0 : 2,
  };
}

function howAuthenticated(fields: SignInFields, random: Random): Record<string, unknown> {
  return {
    originalRequestId: fields.id,
    isInteractive: fields.interactive,
    tokenIssuerName: '',
    tokenIssuerType: 'AzureAD',
    authenticationProcessingDetails: [
      { key: 'Legacy TLS (TLS 1.0, 1.1, 3DES)', value: 'False' },
      { key: 'Is CAE Token', value: 'False' },
    ],
    networkLocationDetails: [],
    clientCredentialType: 'none',
    processingTimeInMilliseconds: random.between(40, 400),
    riskDetail: 'none',
    riskLevelAggregated: fields.risk,
    riskLevelDuringSignIn: fields.risk,
    riskState: fields.risk === 'none' || fields.risk === 'hidden' ? 'none' : 'atRisk',
    riskEventTypes: fields.risk === 'medium' || fields.risk === 'high' ? ['anonymizedIPAddress'] : [],
    riskEventTypes_v2: fields.risk === 'medium' || fields.risk === 'high' ? ['anonymizedIPAddress'] : [],
    authenticationDetails: [
      {
        authenticationStepDateTime: offsetTime(fields.createdMs, fields.ticks),
        authenticationMethod: 'Previously satisfied',
        succeeded: fields.resultCode === 0,
        authenticationStepResultDetail: 'MFA requirement satisfied by claim in the token',
        authenticationStepRequirement: 'Primary authentication',
        StatusSequence: 0,
        RequestSequence: 0,
      },
    ],
    authenticationRequirementPolicies: [],
    sessionLifetimePolicies: [],
    authenticationRequirement: 'multiFactorAuthentication',
  };
}

function tokenDetails(fields: SignInFields, tenant: Tenant, random: Random): Record<string, unknown> {
  const guest = fields.user.kind === 'guest';
  return {
    resourceDisplayName: fields.resource.name,
    resourceId: fields.resource.appId,
    resourceTenantId: tenant.id,
    homeTenantId: fields.user.homeTenantId,
    tenantId: tenant.id,
    servicePrincipalId: '',
    userType: guest ? 'Guest' : 'Member',
    flaggedForReview: false,
    isTenantRestricted: false,
    autonomousSystemNumber: fields.user.place.autonomousSystem,
    crossTenantAccessType: guest ? 'b2bCollaboration' : 'none',
    privateLinkDetails: {},
    ssoExtensionVersion: '',
    uniqueTokenIdentifier: random.token(22),
    authenticationStrengths: [],
    incomingTokenType: 'none',
    authenticationProtocol: 'none',
    appServicePrincipalId: null,
    resourceServicePrincipalId: random.uuid(),
    rngcStatus: 0,
    signInTokenProtectionStatus: 'none',
    tokenProtectionStatusDetails: { signInSessionStatus: 'unbound', signInSessionStatusCode: 1002 },
    originalTransferMethod: 'none',
    isThroughGlobalSecureAccess: false,
    conditionalAccessAudiences: [{ applicationId: fields.resource.appId, audienceReasons: 'none' }],
    sessionId: random.uuid(),
    appOwnerTenantId: 'f8cdef31-a31e-4b4a-93e4-5f571e91255a',
    resourceOwnerTenantId: 'f8cdef31-a31e-4b4a-93e4-5f571e91255a',
  };
}
