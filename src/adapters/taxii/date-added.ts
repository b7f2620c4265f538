/**
 * Dates of the X-TAXII-Date-Added headers, kept as text. A JavaScript Date would cut them to milliseconds, and a cursor
 * that lies before the last object re-reads it for ever (OpenCTI-Platform/opencti 10090).
 */
const dateText = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|[+-]00:?00)$/i;

const MICROS_PER_MS = 1000n;

/**
 * Reads a header's date in normal form: T, Z and at least six digits of fraction, none lost. Null for what is no UTC
 * timestamp: servers also send nothing, "undefined" (opencti 6973) or a JavaScript date (attack-workbench-taxii-server 32).
 */
export function readDateAdded(text: string | null): string | null {
  const match = dateText.exec(text?.trim() ?? '');
  const [, day, time, fraction = ''] = match ?? [];
  if (day === undefined || time === undefined) return null;
  if (Number.isNaN(Date.parse(`${day}T${time}Z`))) return null;
  return `${day}T${time}.${fraction.padEnd(6, '0')}Z`;
}

/** Orders two dates in normal form, whatever their number of digits. */
export function compareDateAdded(a: string, b: string): number {
  const width = Math.max(a.length, b.length);
  const left = a.slice(0, -1).padEnd(width, '0');
  const right = b.slice(0, -1).padEnd(width, '0');
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The later of two dates, where null is earlier than any. */
export function laterDateAdded(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return compareDateAdded(a, b) >= 0 ? a : b;
}

/**
 * Moves a date by microseconds and writes it with exactly six digits: fewer are refused by OpenTAXII (400), Trellix
 * (demisto/content 21349) and others (elastic/integrations 19107). Digits past the sixth are cut, towards the past.
 */
export function shiftDateAdded(date: string, micros: number): string {
  const wholeMs = BigInt(Date.parse(`${date.slice(0, 19)}Z`));
  const total = wholeMs * MICROS_PER_MS + BigInt(date.slice(20, 26)) + BigInt(micros);
  const floor = ((total % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const second = new Date(Number((total - floor) / MICROS_PER_MS)).toISOString().slice(0, 19);
  return `${second}.${floor.toString().padStart(6, '0')}Z`;
}

/** Writes milliseconds since 1970 as such a date. */
export function dateAddedOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -1)}000Z`;
}
