import { readFileSync } from 'node:fs';
import { isJsonObject, JsonFields, kindOf } from './json-fields.ts';

/**
 * Parses an option that is a JSON list, or `@FILE` that holds one; empty, with a problem, when it is none. With `item`,
 * the name of what it lists, the list must not be empty.
 */
export function parseJsonList(
  env: string,
  text: string,
  problems: string[],
  item: string | null = null,
): readonly unknown[] {
  const source = text.startsWith('@') ? `${env} file ${text.slice(1)}` : env;
  const [wanted, list] =
    item === null ? ['a JSON list', 'a JSON list'] : [`a JSON list of at least one ${item}`, `a JSON list of ${item}s`];
  try {
    const json = text.startsWith('@') ? readFileSync(text.slice(1), 'utf8') : text;
    const value: unknown = JSON.parse(json.replace(/^\uFEFF/, ''));
    if (Array.isArray(value) && (item === null || value.length > 0)) return value;
    const seen = Array.isArray(value) ? 'an empty list' : kindOf(value);
    problems.push(`Cannot use ${source} as it must be ${wanted}: current value is ${seen}`);
  } catch (cause) {
    // The message of JSON.parse quotes the text, which may hold a secret.
    const reason = cause instanceof SyntaxError ? 'it is no JSON' : cause instanceof Error ? cause.message : 'unknown';
    problems.push(`Cannot read ${source}: ${reason}: ${list} or @FILE is wanted`);
  }
  return [];
}

/**
 * Reads the objects of a list, and collects every problem of each with its place. `read` gives null for one that it
 * cannot begin to read, having said why; what it then did not ask for is no further problem.
 */
export function readEach<Item>(
  env: string,
  values: readonly unknown[],
  problems: string[],
  read: (fields: JsonFields) => Item | null,
): readonly Item[] {
  return values.flatMap((value, index) => {
    const name = isJsonObject(value) && typeof value['name'] === 'string' ? ` (${value['name']})` : '';
    const place = `${env}[${index}]${name}`;
    if (!isJsonObject(value)) {
      problems.push(`Cannot use ${place} as it must be an object: current value is ${kindOf(value)}`);
      return [];
    }
    const fields = new JsonFields(place, value, problems);
    const item = read(fields);
    if (item === null) return [];
    fields.done();
    return [item];
  });
}

/** Reads an option that is a JSON list of objects, or `@FILE` that holds one. Null when there is any problem. */
export function readJsonList<Item>(
  env: string,
  text: string,
  problems: string[],
  read: (fields: JsonFields) => Item,
): readonly Item[] | null {
  const before = problems.length;
  const items = readEach(env, parseJsonList(env, text, problems), problems, read);
  return problems.length > before ? null : items;
}
