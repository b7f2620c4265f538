import { readFileSync } from 'node:fs';
import { isJsonObject, type JsonFields, kindOf } from './json-fields.ts';

export type FeedAuth =
  | { readonly type: 'none' }
  | { readonly type: 'basic'; readonly username: string; readonly password: string }
  | { readonly type: 'bearer'; readonly token: string }
  | { readonly type: 'header'; readonly name: string; readonly value: string };

export type Environment = Readonly<Record<string, string | undefined>>;

const wantedAuth = '{"basic":{"username","password"}}, {"bearer":SECRET} or {"header":{"name","value"}}';

/** RFC 9110 §5.6.2. */
const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
// eslint-disable-next-line no-control-regex -- control characters are what must not get into a header
const unprintable = /[\u0000-\u001f\u007f]/;

/**
 * Reads `auth`. A secret is a text, `{"file": PATH}` (one trailing line end is dropped) or `{"env": NAME}`, and is never
 * shown in a problem. A password may be empty: some services take their key as the user name (AlienVault OTX).
 */
export function readFeedAuth(feed: JsonFields, environment: Environment): FeedAuth {
  const value = feed.value('auth');
  if (value === undefined || value === 'none') return { type: 'none' };
  const auth = feed.nested('auth', wantedAuth);
  if (auth === null) return { type: 'none' };
  const kinds = ['basic', 'bearer', 'header'].filter((kind) => auth.has(kind));
  if (kinds.length !== 1) {
    feed.secretProblem('auth', `must be one of ${wantedAuth}`, `an object with ${kinds.length} of them`);
  }
  const read = readKind(auth, kinds[0], environment);
  auth.done();
  return read;
}

function readKind(auth: JsonFields, kind: string | undefined, environment: Environment): FeedAuth {
  if (kind === 'bearer') return { type: 'bearer', token: readSecret(auth, 'bearer', environment, false) };
  if (kind === 'basic') {
    const basic = auth.nested('basic', 'an object with username and password');
    if (basic === null) return { type: 'none' };
    const username = readSecret(basic, 'username', environment, false);
    if (username.includes(':')) basic.secretProblem('username', 'must hold no colon (RFC 7617)', 'a text with one');
    const read: FeedAuth = { type: 'basic', username, password: readSecret(basic, 'password', environment, true) };
    basic.done();
    return read;
  }
  if (kind === 'header') {
    const header = auth.nested('header', 'an object with name and value');
    if (header === null) return { type: 'none' };
    const name = header.text('name', 'the name of an HTTP header', (text) => token.test(text));
    const read: FeedAuth = { type: 'header', name, value: readSecret(header, 'value', environment, false) };
    header.done();
    return read;
  }
  return { type: 'none' };
}

/**
 * Whether the user name is a key itself: some services (AlienVault OTX) take theirs there, with any password or none.
 * An ordinary name is no secret, and hiding it would hide every word of the log that is spelt like it.
 */
function isKey({ username, password }: Extract<FeedAuth, { readonly type: 'basic' }>): boolean {
  return password === '' || username.length >= 20;
}

/** The texts of credentials that must not leave the process otherwise than in a request. */
export function secretsOfAuth(auth: FeedAuth): readonly string[] {
  switch (auth.type) {
    case 'none':
      return [];
    case 'basic':
      // The two travel as one Base64 text.
      return [...(isKey(auth) ? [auth.username] : []), auth.password, `${auth.username}:${auth.password}`];
    case 'bearer':
      return [auth.token];
    case 'header':
      return [auth.value];
  }
}

/** Reads a secret; "" with a problem when it cannot be had. */
function readSecret(fields: JsonFields, name: string, environment: Environment, mayBeEmpty: boolean): string {
  const refuse = (wanted: string, seen: string): string => {
    fields.secretProblem(name, wanted, seen);
    return '';
  };
  const given = fields.value(name);
  const { text, seen } = resolveSecret(given, environment);
  if (text === undefined) return refuse('must be a text, {"file": PATH} or {"env": NAME}', seen);
  if (text === '' && !mayBeEmpty) return refuse('must not be empty', seen);
  if (unprintable.test(text)) return refuse('must hold no control characters', 'a text with one');
  return text;
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
