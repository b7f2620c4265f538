import type { Actor, ManagedIdentity, ServicePrincipal, Tenant, User } from './actor.ts';
import type { Random } from './random.ts';

const soap = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';
const microsoft = 'http://schemas.microsoft.com/identity/claims';

/** Clients that people reach Resource Manager with: Azure CLI, Azure PowerShell, the portal. */
const publicClients = [
  '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
  '1950a258-227b-4e31-a9cf-717495945fc2',
  'c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
] as const;

/** Roles of the directory as the wids claim names them; the last stands for every member. */
const directoryRoles = [
  'f2ef992c-3afb-46b9-b7cf-a126ee74c451',
  '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3',
  'b79fbf4d-3ef9-4689-8143-76b194e85509',
] as const;

/**
 * Claims of the token that a caller showed to Resource Manager, in the order in which tokens carry them. A member has the
 * upn claim, a guest only emailaddress, an application neither; all carry the object id.
 */
export function tokenClaims(
  actor: Actor,
  tenant: Tenant,
  address: string,
  issuedMs: number,
  random: Random,
): Record<string, string> {
  switch (actor.kind) {
    case 'member':
    case 'guest':
      return userClaims(actor, tenant, address, issuedMs, random);
    case 'service-principal':
    case 'managed-identity':
      return applicationClaims(actor, tenant, issuedMs, random);
  }
}

function userClaims(
  user: User,
  tenant: Tenant,
  address: string,
  issuedMs: number,
  random: Random,
): Record<string, string> {
  const groups = Array.from({ length: random.between(4, 14) }, () => random.uuid());
  const home = user.kind === 'guest' ? { altsecid: `5::${random.hex(16).toUpperCase()}` } : {};
  const provider =
    user.kind === 'guest' ? { [`${microsoft}/identityprovider`]: `https://sts.windows.net/${user.homeTenantId}/` } : {};
  const names: Record<string, string> =
    user.kind === 'guest'
      ? { [`${soap}/emailaddress`]: user.mail, [`${soap}/name`]: user.mail }
      : { [`${soap}/name`]: user.upn, [`${soap}/upn`]: user.upn };
  return {
    ...lifetime(tenant, issuedMs, 5400),
    'http://schemas.microsoft.com/claims/authnclassreference': '1',
    aio: random.token(88),
    ...home,
    'http://schemas.microsoft.com/claims/authnmethodsreferences': 'pwd,mfa',
    appid: random.pick(publicClients),
    appidacr: '0',
    'http://schemas.microsoft.com/2012/01/devicecontext/claims/identifier': random.uuid(),
    [`${soap}/surname`]: user.surname,
    [`${soap}/givenname`]: user.givenName,
    groups: groups.join(','),
    ...provider,
    idtyp: 'user',
    ipaddr: address,
    name: user.displayName,
    [`${microsoft}/objectidentifier`]: user.objectId,
    puid: random.hex(16).toUpperCase(),
    rh: `1.A${random.token(68)}.`,
    [`${microsoft}/scope`]: 'user_impersonation',
    sid: random.uuid(),
    [`${soap}/nameidentifier`]: random.token(43),
    [`${microsoft}/tenantid`]: tenant.id,
    ...names,
    uti: random.token(22),
    ver: '1.0',
    wids: directoryRoles.slice(random.between(0, 2)).join(','),
    xms_cc: 'CP1',
    xms_ftd: random.token(60),
    xms_idrel: user.kind === 'guest' ? '5 20' : '1 24',
    xms_tcdt: '1529310741',
  };
}

function applicationClaims(
  actor: ServicePrincipal | ManagedIdentity,
  tenant: Tenant,
  issuedMs: number,
  random: Random,
): Record<string, string> {
  const managed = actor.kind === 'managed-identity';
  return {
    ...lifetime(tenant, issuedMs, managed ? 86_400 : 3600),
    aio: random.token(36),
    appid: actor.appId,
    appidacr: managed ? '2' : '1',
    [`${microsoft}/identityprovider`]: `https://sts.windows.net/${tenant.id}/`,
    idtyp: 'app',
    [`${microsoft}/objectidentifier`]: actor.objectId,
    rh: `1.A${random.token(68)}.`,
    [`${soap}/nameidentifier`]: actor.objectId,
    [`${microsoft}/tenantid`]: tenant.id,
    uti: random.token(22),
    ver: '1.0',
    ...(managed ? {} : { wids: '0997a1d0-0d1d-4acb-b408-d5ca73121e90' }),
    xms_ftd: random.token(60),
    xms_idrel: managed ? '7 32' : '7 16',
    ...(managed ? { xms_mirid: actor.resourcePath } : {}),
    xms_rd: random.token(64),
    xms_tcdt: '1529310741',
  };
}

function lifetime(tenant: Tenant, issuedMs: number, seconds: number): Record<string, string> {
  const issued = Math.floor(issuedMs / 1000);
  return {
    aud: 'https://management.core.windows.net/',
    iss: `https://sts.windows.net/${tenant.id}/`,
    iat: String(issued),
    nbf: String(issued),
    exp: String(issued + seconds),
  };
}
