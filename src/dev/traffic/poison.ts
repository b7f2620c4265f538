import type { Tenant } from './actor.ts';
import type { GeneratedRecord } from './message.ts';
import type { Random } from './random.ts';
import { utcTime } from './timestamp.ts';

/**
 * A record of the Activity log that is no JSON: the quotes inside `requestbody` are not escaped, as Azure sent them in May
 * 2020 (microsoft/AzureFunctionforSplunkVS issue 26). Whole, it can be told what was meant; cut off inside the request, as
 * every second one is, it cannot.
 */
export function poisonedRecord(tenant: Tenant, random: Random): GeneratedRecord {
  const head = JSON.stringify({
    time: utcTime(1_590_000_000_000 + random.between(0, 1_000_000_000), random.between(0, 9999)),
    resourceId: `/SUBSCRIPTIONS/${random.uuid().toUpperCase()}/RESOURCEGROUPS/RG-LEGACY/PROVIDERS/MICROSOFT.COMPUTE/DISKS/D1`,
    operationName: 'MICROSOFT.COMPUTE/DISKS/WRITE',
    category: 'Administrative',
    resultType: 'Start',
    tenantId: tenant.id,
  });
  const cut = random.chance(0.5);
  const unescaped = `"{"Id":"${random.uuid()}","sku":{"name":"Premium_${cut ? '"' : 'LRS"}}"'}`;
  const text = `${head.slice(0, -1)},"properties":{"eventCategory":"Administrative","requestbody":${unescaped}}}`;
  return { kind: cut ? 'unreadable' : 'activity', text };
}

/** A FunctionApp log whose properties are quoted as in JavaScript. No rule reads its category. */
export function functionAppRecord(timeMs: number, random: Random): string {
  const message = random.pick(['Host lock lease acquired.', 'Executing function.', 'Stopping the listener.']);
  const properties = `{'appName':'func-${random.hex(6)}','message':'${message}','level':'Information','processId':${random.between(10, 40_000)}}`;
  return `{ "time": "${utcTime(timeMs, 0)}", "category": "FunctionAppLogs", "operationName": "Microsoft.Web/sites/functions/log", "properties": ${properties}}`;
}

/** What another producer on the hub may send: no JSON at all. */
export function foreignText(random: Random): string {
  return `Ã heartbeat ${random.hex(16)} queue=${random.between(0, 900)}`;
}
