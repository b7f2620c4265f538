import type { Tenant } from './actor.ts';
import type { ActivityFields } from './activity-record.ts';
import { tokenClaims } from './claims.ts';
import type { Random } from './random.ts';
import { type Resource, resourcePath } from './resource.ts';
import { utcTime } from './timestamp.ts';

/**
 * Category Policy: the audit that follows a user's write. It carries the writer's own claims and address and says
 * `Success`, so the rule counts it beside the write.
 */
export function policyRecord(fields: ActivityFields, tenant: Tenant, random: Random): string {
  const path = resourcePath(fields.resource);
  return JSON.stringify({
    time: utcTime(fields.timeMs, fields.ticks),
    resourceId: path.toUpperCase(),
    operationName: 'MICROSOFT.AUTHORIZATION/POLICIES/AUDIT/ACTION',
    category: 'Policy',
    resultType: 'Success',
    resultSignature: 'Succeeded.',
    durationMs: '0',
    callerIpAddress: fields.address,
    correlationId: fields.correlationId,
    identity: {
      authorization: { scope: path, action: fields.operation.name },
      claims: tokenClaims(fields.actor, tenant, fields.address ?? '', fields.timeMs - 600_000, random),
    },
    level: 'Warning',
    properties: {
      isComplianceCheck: 'False',
      resourceLocation: fields.resource.location,
      ancestors: `mg-platform,${tenant.id}`,
      policies: JSON.stringify([policy(fields.resource.subscriptionId, random)]),
      eventCategory: 'Policy',
      entity: path,
      message: 'Microsoft.Authorization/policies/audit/action',
      hierarchy: '',
    },
    tenantId: tenant.id,
  });
}

function policy(subscriptionId: string, random: Random): unknown {
  const definition = random.uuid();
  return {
    policyDefinitionId: `/providers/Microsoft.Authorization/policyDefinitions/${definition}/`,
    policyDefinitionName: definition,
    policyDefinitionEffect: random.pick(['Audit', 'AuditIfNotExists']),
    policyAssignmentId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/policyAssignments/baseline/`,
    policyAssignmentName: 'baseline',
    policyAssignmentScope: `/subscriptions/${subscriptionId}`,
    policyExemptionIds: [],
  };
}

/** Category ResourceHealth: no identity and no address, so never a caller. */
export function resourceHealthRecord(resource: Resource, timeMs: number, random: Random): string {
  const step = random.pick(['Active', 'Resolved', 'Updated', 'In Progress']);
  return JSON.stringify({
    time: utcTime(timeMs, random.between(0, 9999)),
    resourceId: resourcePath(resource).toUpperCase(),
    correlationId: random.uuid(),
    operationName: `Microsoft.Resourcehealth/healthevent/${step === 'Active' ? 'Activated' : 'Updated'}/action`,
    level: 'Information',
    resultType: step,
    category: 'ResourceHealth',
    properties: {
      eventCategory: 'ResourceHealth',
      eventProperties: {
        title: random.pick(['Degraded', 'Unavailable', 'Rebooted by user']),
        details: 'Our monitoring found that the resource answered fewer requests than it should have.',
        currentHealthStatus: step === 'Resolved' ? 'Available' : 'Degraded',
        previousHealthStatus: step === 'Resolved' ? 'Degraded' : 'Available',
        type: 'Downtime',
        cause: random.pick(['PlatformInitiated', 'UserInitiated', 'Unknown']),
      },
    },
  });
}

/** Category Autoscale: an Azure service acts by its spn claim and says `Succeeded`, which the rule does not count. */
export function autoscaleRecord(resource: Resource, timeMs: number, random: Random): string {
  const path = resourcePath(resource);
  return JSON.stringify({
    time: utcTime(timeMs, random.between(0, 9999)),
    resourceId: path.toUpperCase(),
    operationName: 'Microsoft.Insights/AutoscaleSettings/Scaleup/Action',
    category: 'Autoscale',
    resultType: 'Succeeded',
    correlationId: random.uuid(),
    identity: {
      claims: {
        'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/spn': 'Microsoft.Insights/autoscaleSettings',
      },
    },
    level: 'Informational',
    properties: {
      eventCategory: 'Autoscale',
      eventProperties: {
        Description: 'The autoscale engine attempting to scale resource from 3 instances count to 4 instances count.',
        ResourceName: path,
        OldInstancesCount: 3,
        NewInstancesCount: 4,
        ActiveAutoscaleProfile: { Name: 'weekdays', Capacity: { Minimum: '2', Maximum: '10', Default: '2' } },
        LastScaleActionTime: utcTime(timeMs, 0),
      },
    },
  });
}
