import type { ActivityRecord, AzureRecord, SignInRecord } from '../../../src/core/record.ts';
import { formatTime } from '../../../src/core/time.ts';
import type { Json } from '../azure-bodies.ts';
import { claim } from '../azure-bodies.ts';

/** A record as Azure would have written it, no field but those that are read. */
export function recordBody(record: AzureRecord): Json {
  const time = record.time === null ? {} : { time: formatTime(record.time) };
  return { ...time, ...(record.stream === 'activity' ? activityBody(record) : signInBody(record)) };
}

function activityBody(record: ActivityRecord): Json {
  return {
    category: record.category,
    resultType: record.resultType,
    callerIpAddress: record.address,
    operationName: record.operation,
    resourceId: record.resourceId,
    correlationId: record.correlationId,
    subscriptionId: record.subscriptionId,
    resourceGroup: record.resourceGroup,
    identity: { claims: { [claim.upn]: record.caller, [claim.objectId]: record.objectId } },
  };
}

function signInBody(record: SignInRecord): Json {
  const isUser = record.stream === 'sign_in' || record.stream === 'non_interactive';
  return {
    category: record.category,
    resultType: record.resultType,
    properties: {
      id: record.id,
      [isUser ? 'userPrincipalName' : 'servicePrincipalName']: record.principal,
      [isUser ? 'userId' : 'servicePrincipalId']: record.objectId,
      appDisplayName: record.app,
      riskLevelAggregated: record.risk,
      ipAddress: record.address,
    },
  };
}
