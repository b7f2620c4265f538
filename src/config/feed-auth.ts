import { type FeedCertificate, readCertificate } from './feed-certificate.ts';
import { type Environment, readSecret } from './feed-secret.ts';
import type { JsonFields } from './json-fields.ts';

export type FeedAuth =
  | { readonly type: 'none' }
  | { readonly type: 'basic'; readonly username: string; readonly password: string }
  | { readonly type: 'bearer'; readonly token: string }
  | { readonly type: 'header'; readonly name: string; readonly value: string };

/** How a feed's requests prove who asks: in their headers, by a certificate, or both. */
export interface FeedCredentials {
  readonly auth: FeedAuth;
  readonly certificate: FeedCertificate | null;
}

const wantedAuth = '{"basic":{"username","password"}}, {"bearer":SECRET} or {"header":{"name","value"}}';
const wantedCertificate = '"certificate" with its "key"';

/** RFC 9110 §5.6.2. */
const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
/** What a header may carry without being written in another way than it was given (RFC 9110 §5.5). */
const ascii = /^[ -~]*$/;

/**
 * Reads `auth`. A secret is a text, `{"file": PATH}` (one trailing line end is dropped) or `{"env": NAME}`, and is never
 * shown in a problem. A password may be empty: some services take their key as the user name (AlienVault OTX).
 */
export function readFeedAuth(feed: JsonFields, environment: Environment): FeedCredentials {
  const value = feed.value('auth');
  const none: FeedCredentials = { auth: { type: 'none' }, certificate: null };
  if (value === undefined || value === 'none') return none;
  const auth = feed.nested('auth', `${wantedAuth}, or ${wantedCertificate}`);
  if (auth === null) return none;
  const kinds = ['basic', 'bearer', 'header'].filter((kind) => auth.value(kind) !== undefined);
  const certificate = readCertificate(auth, environment);
  if (kinds.length > 1 || (kinds.length === 0 && certificate === null)) {
    const seen = `an object with ${kinds.length} of them`;
    feed.secretProblem('auth', `must be one of ${wantedAuth}, may have ${wantedCertificate} besides or alone`, seen);
  }
  const read = readKind(auth, kinds[0], environment);
  auth.done();
  return { auth: read, certificate };
}

function readKind(auth: JsonFields, kind: string | undefined, environment: Environment): FeedAuth {
  if (kind === 'bearer') return { type: 'bearer', token: readAscii(auth, 'bearer', environment) };
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
    const read: FeedAuth = { type: 'header', name, value: readAscii(header, 'value', environment) };
    header.done();
    return read;
  }
  return { type: 'none' };
}

function readAscii(fields: JsonFields, name: string, environment: Environment): string {
  const text = readSecret(fields, name, environment, false);
  if (ascii.test(text)) return text;
  fields.secretProblem(name, 'must hold only ASCII characters, as a header does', 'a text with another one');
  return '';
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
      // Of `Token KEY` the key is secret by itself.
      return [auth.value, auth.value.replace(/^[\w-]+ +/, '')];
  }
}
