import { readFileSync } from 'node:fs';
import { isJsonObject, JsonFields, kindOf } from './json-fields.ts';

/**
 * Reads an option that is a JSON list of objects, or `@FILE` that holds one. Collects every problem: of the list, and of
 * each object with its place in the list. Null when there is any.
 */
export function readJsonList<Item>(
  env: string,
  text: string,
  problems: string[],
  read: (fields: JsonFields, place: string) => Item,
): readonly Item[] | null {
  const before = problems.length;
  const items = listOf(env, text, problems).flatMap((value, index) => {
    const name = isJsonObject(value) && typeof value['name'] === 'string' ? ` (${value['name']})` : '';
    const place = `${env}[${index}]${name}`;
    if (!isJsonObject(value)) {
      problems.push(`Cannot use ${place} as it must be an object: current value is ${kindOf(value)}`);
      return [];
    }
    const fields = new JsonFields(place, value, problems);
    const item = read(fields, place);
    fields.done();
    return [item];
  });
  return problems.length > before ? null : items;
}

function listOf(env: string, text: string, problems: string[]): readonly unknown[] {
  const source = text.startsWith('@') ? `${env} file ${text.slice(1)}` : env;
  try {
    const json = text.startsWith('@') ? readFileSync(text.slice(1), 'utf8') : text;
    const value: unknown = JSON.parse(json.replace(/^\uFEFF/, ''));
    if (Array.isArray(value)) return value;
    problems.push(`Cannot use ${source} as it must be a JSON list: current value is ${kindOf(value)}`);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    problems.push(`Cannot read ${source}: ${reason}: a JSON list or @FILE is wanted`);
  }
  return [];
}
