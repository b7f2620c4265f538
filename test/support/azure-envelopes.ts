import type { Json } from './azure-bodies.ts';

const encoder = new TextEncoder();

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** JSON as ARM writes it. */
export function compact(record: Json): string {
  return JSON.stringify(record);
}

/** JSON as Entra writes it: blanks at the top level, compact properties. */
export function spaced(record: Json): string {
  return `{ ${Object.entries(record)
    .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
    .join(', ')}}`;
}

/** A message body as diagnostic settings write it, of record texts. */
export function envelope(...records: readonly string[]): string {
  return `{"records":[${records.join(',')}]}`;
}
