import type { Stream } from '../record.ts';
import { isUnwanted, streamOfCategory, wantedTable } from './category.ts';
import type { Fields } from './fields.ts';
import { field, objectField, textField, textOf } from './fields.ts';

/** Where a readable record belongs. */
export type Route =
  | { readonly outcome: 'wanted'; readonly stream: Stream; readonly category: string }
  | { readonly outcome: 'unwanted' }
  | { readonly outcome: 'unknown'; readonly category: string };

const unwanted: Route = { outcome: 'unwanted' };

/**
 * Routes a record by its category and resource, as Log Analytics does, and never by its result: Key Vault audits have
 * "Success" and a caller address too. Rows of the Log Analytics data export are routed by their table, since the
 * category column of another table may hold any word (AuditLogs has "Policy"). `properties.eventCategory` stands in
 * for a missing category.
 */
export function route(record: Fields): Route {
  const type = textOf(field(record, 'Type'));
  const table = type === '' ? null : wantedTable(type);
  if (table !== null) {
    const category = textField(record, 'category', 'CategoryValue') || table.name;
    return { outcome: 'wanted', stream: table.stream, category };
  }
  if (type !== '' && isUnwanted(type)) return unwanted;
  const category = textField(record, 'category') || eventCategory(record);
  const stream = streamOfCategory(category);
  if (stream === null) {
    return isUnwanted(category) ? unwanted : { outcome: 'unknown', category: category || type };
  }
  if (stream === 'activity' && isEntra(record)) return unwanted;
  return { outcome: 'wanted', stream, category };
}

function eventCategory(record: Fields): string {
  const properties = objectField(record, 'properties');
  return properties === null ? '' : textField(properties, 'eventCategory');
}

/** Whether Entra wrote the record: its categories are another vocabulary with some of the same words. */
function isEntra(record: Fields): boolean {
  return (
    /^\/tenants\/[^/]*\/providers\/microsoft\.aadiam/i.test(textField(record, 'resourceId')) &&
    field(record, 'operationVersion') !== null
  );
}
