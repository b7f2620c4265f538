import type { Identity, Observation } from '../../../src/core/observation.ts';
import { parseAddress } from '../../../src/core/address.ts';
import { identityOf } from '../../../src/core/identity.ts';
import type { ActivityRecord, SignInRecord } from '../../../src/core/record.ts';
import { eventTime } from '../../../src/core/time.ts';

const noon = Date.UTC(2026, 2, 2, 12);

function hex(seed: number, digits: number): string {
  return (BigInt(seed + 1) * 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835n)
    .toString(16)
    .padStart(digits, '7')
    .slice(0, digits);
}

function guid(seed: number): string {
  const text = hex(seed, 32);
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20, 32)].join('-');
}

/**
 * Observation number `at` of a tenant as an export shows it: two activity records to a sign-in; `callers` people and
 * applications, each from an address of its own; forty operations; resources in `callers` groups.
 */
export function typicalObservation(at: number, callers: number): Observation {
  const who = at % callers;
  const common = {
    address: parseAddress(`20.${who >>> 8}.${who & 0xff}.17`) ?? 0,
    time: eventTime(noon + at * 37, (at * 7919) % 10_000),
    undated: false,
    objectId: guid(who),
  };
  if (at % 3 === 2) {
    const principal = `first.last${who}@contoso.onmicrosoft.com`;
    const identity = identified({ stream: 'sign_in', category: 'SignInLogs', id: guid(at + 1_000_000) });
    return { kind: 'user', ...common, identity, principal, app: 'Azure Portal', risk: 'none' };
  }
  const subscriptionId = guid(who % 7);
  const resourceGroup = `rg-application-${who}`;
  const operation = `MICROSOFT.COMPUTE/VIRTUALMACHINES/ACTION${at % 40}/ACTION`;
  const resourceId = `/SUBSCRIPTIONS/${subscriptionId}/RESOURCEGROUPS/${resourceGroup}/PROVIDERS/MICROSOFT.COMPUTE/VIRTUALMACHINES/VM-${at % 11}`;
  const caller = `first.last${who}@contoso.onmicrosoft.com`;
  const identity = identified({
    stream: 'activity',
    correlationId: guid(at),
    caller,
    operation,
    resourceId,
    resultType: 'Success',
    time: common.time,
  });
  return { kind: 'activity', ...common, identity, caller, operation, subscriptionId, resourceGroup, resourceId };
}

function identified(record: Partial<ActivityRecord> | Partial<SignInRecord>): Identity | null {
  return identityOf(record as ActivityRecord);
}
