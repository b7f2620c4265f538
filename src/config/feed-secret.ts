import { readFileSync } from 'node:fs';
import { isJsonObject, type JsonFields, kindOf } from './json-fields.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

// eslint-disable-next-line no-control-regex -- control characters are what must not get into a header
const unprintable = /[\u0000-\u001f\u007f]/;
const block = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/;

/** Reads a secret for a header; "" with a problem when it cannot be had. */
export function readSecret(fields: JsonFields, name: string, environment: Environment, mayBeEmpty: boolean): string {
  const text = readGiven(fields, name, environment);
  if (text === null) return '';
  if (text === '' && !mayBeEmpty) return refuse(fields, name, 'must not be empty', 'an empty text');
  if (unprintable.test(text)) return refuse(fields, name, 'must hold no control characters', 'a text with one');
  return text;
}

/** Reads a PEM text; "" with a problem when it cannot be had. A variable may hold `\n` in place of line ends. */
export function readPem(fields: JsonFields, name: string, environment: Environment): string {
  const text = readGiven(fields, name, environment)?.replaceAll('\\n', '\n');
  if (text === undefined) return '';
  const seen = text === '' ? 'an empty text' : `a text of ${text.length} characters without it`;
  return block.test(text) ? text : refuse(fields, name, 'must be PEM, which has a "-----BEGIN" line', seen);
}

/** Null, with a problem, when there is nothing to be had. */
function readGiven(fields: JsonFields, name: string, environment: Environment): string | null {
  const { text, seen } = resolveSecret(fields.value(name), environment);
  if (text !== undefined) return text;
  refuse(fields, name, 'must be a text, {"file": PATH} or {"env": NAME}', seen);
  return null;
}

function refuse(fields: JsonFields, name: string, wanted: string, seen: string): '' {
  fields.secretProblem(name, wanted, seen);
  return '';
}

function resolveSecret(given: unknown, environment: Environment): { text: string | undefined; seen: string } {
  if (typeof given === 'string') return { text: given, seen: kindOf(given) };
  if (!isJsonObject(given) || Object.keys(given).length !== 1) return { text: undefined, seen: kindOf(given) };
  const { file, env } = given;
  if (typeof env === 'string') {
    const text = environment[env];
    return { text, seen: text === undefined ? `the variable ${env}, which is not set` : `the variable ${env}` };
  }
  if (typeof file !== 'string') return { text: undefined, seen: kindOf(given) };
  try {
    return { text: readFileSync(file, 'utf8').replace(/\r?\n$/, ''), seen: `the file ${file}` };
  } catch (cause) {
    return { text: undefined, seen: `a file that cannot be read: ${cause instanceof Error ? cause.message : file}` };
  }
}

/** Names of the variables that hold secrets, `{"env": NAME}`, wherever in a JSON value. */
export function variablesOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(variablesOf);
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'env' && typeof member === 'string' ? [member] : variablesOf(member),
  );
}
