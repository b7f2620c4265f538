import type { ManagedIdentity, Place, ServicePrincipal, Tenant } from './actor.ts';
import type { Application } from './application.ts';
import { entraText } from './entra-text.ts';
import type { Random } from './random.ts';
import { offsetTime, utcTime } from './timestamp.ts';

export interface ApplicationSignInFields {
  /** `properties.id`: the same for every copy of one sign-in. */
  readonly id: string;
  readonly createdMs: number;
  readonly timeMs: number;
  readonly ticks: number;
  readonly resource: Application;
  readonly resultCode: number;
}

const invalidSecret =
  'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.';

/** Code of a sign-in with a wrong secret. */
export const invalidSecretCode = 7000215;

/** One record of ServicePrincipalSignInLogs, about 1.8 KB: no identity, no user, no application name. */
export function servicePrincipalSignInRecord(
  fields: ApplicationSignInFields,
  principal: ServicePrincipal,
  address: string,
  tenant: Tenant,
  random: Random,
): string {
  return record('ServicePrincipalSignInLogs', fields, principal, { address, place: principal.place }, tenant, random);
}

/** One record of ManagedIdentitySignInLogs, about 1.8 KB. Azure leaves its address empty. */
export function managedIdentitySignInRecord(
  fields: ApplicationSignInFields,
  identity: ManagedIdentity,
  tenant: Tenant,
  random: Random,
): string {
  return record('ManagedIdentitySignInLogs', fields, identity, null, tenant, random);
}

function record(
  category: string,
  fields: ApplicationSignInFields,
  principal: ServicePrincipal | ManagedIdentity,
  origin: { readonly address: string; readonly place: Place } | null,
  tenant: Tenant,
  random: Random,
): string {
  const correlationId = random.uuid();
  const failed = fields.resultCode !== 0;
  return entraText(
    {
      time: utcTime(fields.timeMs, fields.ticks),
      operationName: 'Sign-in activity',
      category,
      resultType: String(fields.resultCode),
      resultSignature: failed ? 'FAILURE' : 'SUCCESS',
      resultDescription: failed ? invalidSecret : undefined,
      callerIpAddress: origin?.address,
      correlationId,
      location: origin?.place.country,
      properties: {
        id: fields.id,
        createdDateTime: offsetTime(fields.createdMs, fields.ticks),
        userId: null,
        appId: principal.appId,
        ipAddress: origin?.address ?? '',
        status: { errorCode: fields.resultCode, ...(failed ? { failureReason: invalidSecret } : {}) },
        location: location(origin?.place),
        correlationId,
        ...authentication(random),
        resourceDisplayName: fields.resource.name,
        resourceId: fields.resource.appId,
        servicePrincipalName: principal.name,
        servicePrincipalId: principal.objectId,
        ...token(tenant, random),
        ...(principal.kind === 'managed-identity' ? { appOwnerTenantId: tenant.id } : {}),
      },
    },
    tenant,
  );
}

function location(place: Place | undefined): unknown {
  return {
    city: place?.city ?? '',
    state: place?.state ?? '',
    countryOrRegion: place?.country ?? '',
    geoCoordinates: { latitude: place?.latitude ?? 0, longitude: place?.longitude ?? 0 },
  };
}

function authentication(random: Random): Record<string, unknown> {
  return {
    isInteractive: false,
    tokenIssuerType: 'AzureAD',
    authenticationProcessingDetails: [{ key: 'Azure AD App Authentication Library', value: '' }],
    clientCredentialType: random.pick(['none', 'clientSecret', 'certificate']),
    processingTimeInMilliseconds: 0,
    riskDetail: 'none',
    riskLevelAggregated: 'low',
    riskLevelDuringSignIn: 'low',
    riskState: 'none',
  };
}

function token(tenant: Tenant, random: Random): Record<string, unknown> {
  return {
    flaggedForReview: false,
    isTenantRestricted: false,
    crossTenantAccessType: 'none',
    uniqueTokenIdentifier: random.token(22),
    incomingTokenType: 'none',
    authenticationProtocol: 'none',
    appServicePrincipalId: null,
    resourceServicePrincipalId: '',
    signInTokenProtectionStatus: 'none',
    originalTransferMethod: 'none',
    isThroughGlobalSecureAccess: false,
    resourceTenantId: tenant.id,
  };
}
