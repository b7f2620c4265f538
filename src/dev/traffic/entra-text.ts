import type { Tenant } from './actor.ts';

/** The top level that Entra's log categories share; undefined fields are left out. */
export interface EntraRecord {
  readonly time: string;
  readonly operationName: string;
  readonly category: string;
  readonly resultType?: string;
  readonly resultSignature: string;
  readonly resultDescription?: string | undefined;
  readonly callerIpAddress?: string | undefined;
  readonly correlationId: string;
  readonly identity?: string | undefined;
  readonly location?: string | undefined;
  readonly properties: Readonly<Record<string, unknown>>;
}

/**
 * Writes a record as Entra spaces it: a blank after each colon and comma of the top level, `properties` compact. Key order
 * and spacing as seen in records of 2025.
 */
export function entraText(record: EntraRecord, tenant: Tenant): string {
  const fields: readonly (readonly [string, unknown])[] = [
    ['time', record.time],
    ['resourceId', `/tenants/${tenant.id}/providers/Microsoft.aadiam`],
    ['operationName', record.operationName],
    ['operationVersion', '1.0'],
    ['category', record.category],
    ['tenantId', tenant.id],
    ['resultType', record.resultType],
    ['resultSignature', record.resultSignature],
    ['resultDescription', record.resultDescription],
    ['durationMs', 0],
    ['callerIpAddress', record.callerIpAddress],
    ['correlationId', record.correlationId],
    ['identity', record.identity],
    ['Level', 4],
    ['location', record.location],
    ['properties', record.properties],
  ];
  const written = fields.filter(([, value]) => value !== undefined);
  return `{ ${written.map(([key, value]) => `"${key}": ${JSON.stringify(value)}`).join(', ')}}`;
}
