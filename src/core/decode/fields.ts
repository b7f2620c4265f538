import { repair } from './repair.ts';

/** A JSON object as it was read, nothing known of its keys. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The value under a key, whatever the key's letter case; the exact key wins where an object holds both (`Level` beside
 * `level`). Null when absent. Folds only keys of the right length, so that the usual record costs one lookup a field
 * and no allocation.
 */
export function field(fields: Fields, key: string): unknown {
  const exact = fields[key];
  if (exact !== undefined) return exact;
  for (const candidate in fields) {
    if (candidate.length === key.length && candidate.toLowerCase() === key.toLowerCase()) return fields[candidate];
  }
  return null;
}

/**
 * A value as text: texts as they are, numbers and booleans as JSON writes them, `{value, localizedValue}` of the REST
 * shape as its value. "" for all else.
 */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (!isFields(value)) return '';
  const inner = field(value, 'value');
  return isFields(inner) ? '' : textOf(inner);
}

/** The first text that is not "" under any of the keys, in the order of the keys. */
export function textField(fields: Fields, ...keys: readonly string[]): string {
  for (const key of keys) {
    const text = textOf(field(fields, key));
    if (text !== '') return text;
  }
  return '';
}

/**
 * A value as an object: an object as it is, or the object that a text holds as JSON or in the single-quoted manner of
 * some services. Null for all else, a display name for one.
 */
function objectOf(value: unknown): Fields | null {
  if (typeof value !== 'string') return isFields(value) ? value : null;
  if (!/^\s*\{/.test(value)) return null;
  const parsed = parseJson(value) ?? parseJson(repair(value));
  return isFields(parsed) ? parsed : null;
}

/** The object under a key, see objectOf(). */
export function objectField(fields: Fields, key: string): Fields | null {
  return objectOf(field(fields, key));
}

/** The value of a JSON text, undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
