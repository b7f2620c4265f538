import type { Actor, Tenant } from './actor.ts';
import { tokenClaims } from './claims.ts';
import type { Operation } from './operation.ts';
import type { Random } from './random.ts';
import { type Resource, resourcePath } from './resource.ts';
import { utcTime } from './timestamp.ts';

/** Phase of an operation as Resource Manager words it in `resultType`. */
export type Phase = 'Start' | 'Accept' | 'Success' | 'Failure';

export interface ActivityFields {
  readonly timeMs: number;
  readonly ticks: number;
  readonly actor: Actor;
  /** As delivered; null leaves `callerIpAddress` out. */
  readonly address: string | null;
  readonly operation: Operation;
  readonly resource: Resource;
  readonly phase: Phase;
  readonly correlationId: string;
}

const signatures = {
  Start: ['Started.'],
  Accept: ['Accepted.Accepted', 'Accepted.Created'],
  Success: ['Succeeded.', 'Succeeded.OK', 'Succeeded.OK', 'Succeeded.Created'],
  Failure: ['Failed.Forbidden', 'Failed.Conflict', 'Failed.NotFound'],
} as const;

const messages: Readonly<Record<string, string>> = {
  Forbidden:
    'The client does not have authorization to perform the action over the scope, or the scope is invalid. If access was recently granted, please refresh your credentials.',
  Conflict:
    'Operation could not be completed as it results in exceeding approved quota or in a conflict with its state.',
  NotFound: 'The resource was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix',
};

/**
 * One record of category Administrative as Resource Manager writes it: compact JSON with the full claims of the caller's
 * token (2.5 to 5 KB). Shape: Azure Monitor's activity log schema for Event Hubs as records of 2026 show it.
 */
export function activityRecord(fields: ActivityFields, tenant: Tenant, random: Random): string {
  const path = resourcePath(fields.resource);
  const signature = random.pick<string>(signatures[fields.phase]);
  const status = signature.slice(signature.indexOf('.') + 1);
  return JSON.stringify({
    RoleLocation: random.pick(['West Europe', 'North Europe', 'Germany West Central']),
    Stamp: 'FDWeb',
    ReleaseVersion: '7.2026.30.7',
    VmSku: 'Standard_DS5_V2',
    time: utcTime(fields.timeMs, fields.ticks),
    resourceId: path.toUpperCase(),
    operationName: fields.operation.name.toUpperCase(),
    category: 'Administrative',
    resultType: fields.phase,
    resultSignature: signature,
    durationMs: fields.phase === 'Start' ? '0' : String(random.between(20, 4000)),
    ...(fields.address === null ? {} : { callerIpAddress: fields.address }),
    correlationId: fields.correlationId,
    identity: {
      authorization: authorization(fields, path, random),
      claims: tokenClaims(
        fields.actor,
        tenant,
        fields.address ?? '',
        fields.timeMs - random.between(1, 50) * 60_000,
        random,
      ),
    },
    level: fields.phase === 'Failure' ? 'Error' : 'Information',
    location: 'global',
    properties: properties(fields, path, status, tenant, random),
    tenantId: tenant.id,
  });
}

function authorization(fields: ActivityFields, path: string, random: Random): unknown {
  const user = fields.actor.kind === 'member' || fields.actor.kind === 'guest';
  return {
    scope: path,
    action: fields.operation.name,
    evidence: {
      role: random.pick(['Owner', 'Contributor', 'Virtual Machine Contributor']),
      roleAssignmentScope: `/subscriptions/${fields.resource.subscriptionId}`,
      roleAssignmentId: random.hex(32),
      roleDefinitionId: random.hex(32),
      // Roles are often held through a group, whose id then stands here instead of the caller's.
      principalId: user && random.chance(0.5) ? random.hex(32) : fields.actor.objectId.replaceAll('-', ''),
      principalType: user ? random.pick(['User', 'Group']) : 'ServicePrincipal',
    },
  };
}

function properties(fields: ActivityFields, path: string, status: string, tenant: Tenant, random: Random): unknown {
  const write = fields.operation.name.endsWith('/write');
  return {
    ...(status === '' ? {} : { statusCode: status }),
    serviceRequestId: fields.phase === 'Start' ? null : random.uuid(),
    ...(fields.phase === 'Failure' ? { statusMessage: failureText(status) } : {}),
    ...(write && fields.phase === 'Start' ? { requestbody: requestBody(fields.resource, random) } : {}),
    ...(write && fields.phase === 'Success' ? { responseBody: responseBody(fields.resource, path, random) } : {}),
    eventCategory: 'Administrative',
    entity: path,
    message: fields.operation.name,
    hierarchy: `${tenant.id}/mg-platform/mg-landing-zones/${fields.resource.subscriptionId}`,
  };
}

function failureText(status: string): string {
  return JSON.stringify({ error: { code: status, message: messages[status] ?? status } });
}

function requestBody(resource: Resource, random: Random): string {
  return JSON.stringify({
    location: resource.location,
    tags: tags(random),
    properties: { provisioning: random.uuid() },
  });
}

function responseBody(resource: Resource, path: string, random: Random): string {
  return JSON.stringify({
    id: path,
    name: resource.name,
    type: resource.type,
    location: resource.location,
    tags: tags(random),
    properties: { provisioningState: 'Succeeded', resourceGuid: random.uuid() },
  });
}

function tags(random: Random): Record<string, string> {
  return { costCentre: String(random.between(1000, 9999)), owner: 'platform', managedBy: 'terraform' };
}
