import { parseAddress } from '../core/address.ts';
import { isInternal, isLoopback } from '../core/internal-address.ts';
import { type Environment, readSecret } from './feed-secret.ts';
import type { JsonFields } from './json-fields.ts';
import { duration } from './option.ts';

/** Where requests of a sink go, and what they carry. */
export interface HttpMembers {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly allowPrivate: boolean;
  readonly timeoutMs: number;
}

export interface WebhookMembers extends HttpMembers {
  readonly type: 'webhook';
  /** `whsec_` and base64; none sends unsigned. */
  readonly secrets: readonly string[];
}

export interface SlackMembers extends HttpMembers {
  readonly type: 'slack';
}

export interface TeamsMembers extends HttpMembers {
  readonly type: 'teams';
}

export interface PagerdutyMembers extends HttpMembers {
  readonly type: 'pagerduty';
  readonly routingKey: string;
}

export interface AlertmanagerMembers extends HttpMembers {
  readonly type: 'alertmanager';
  readonly remindMs: number;
}

export type HttpSinkMembers = WebhookMembers | SlackMembers | TeamsMembers | PagerdutyMembers | AlertmanagerMembers;

/** RFC 9110 §5.6.2. */
const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
const ascii = /^[ -~]*$/;
/** Headers that the sink sets itself, or that belong to the connection. */
const ownHeaders =
  /^(content-(type|length|encoding)|host|connection|transfer-encoding|expect|upgrade|te|trailer|keep-alive|webhook-.*)$/i;
const signingSecret = /^whsec_(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const signingBytesLeast = 24;
const signingBytesMost = 64;

export function readWebhook(fields: JsonFields, environment: Environment): WebhookMembers {
  return { type: 'webhook', ...readHttp(fields, environment), secrets: readSigningSecrets(fields, environment) };
}

export function readSlack(fields: JsonFields, environment: Environment): SlackMembers {
  return { type: 'slack', ...readHttp(fields, environment) };
}

export function readTeams(fields: JsonFields, environment: Environment): TeamsMembers {
  return { type: 'teams', ...readHttp(fields, environment) };
}

export function readPagerduty(fields: JsonFields, environment: Environment): PagerdutyMembers {
  const http = readHttp(fields, environment, 'https://events.pagerduty.com/v2/enqueue');
  return { type: 'pagerduty', ...http, routingKey: readSecret(fields, 'routingKey', environment, false) };
}

/** Its url is that of Alertmanager itself, with a path if it has one; the path of its API is added. */
export function readAlertmanager(fields: JsonFields, environment: Environment): AlertmanagerMembers {
  const http = readHttp(fields, environment);
  const url = http.url === '' ? '' : `${http.url.replace(/\/+$/, '')}/api/v2/alerts`;
  return { type: 'alertmanager', ...http, url, remindMs: readDuration(fields, 'remindEvery', 60_000, 10_000) };
}

/** The secrets of such a sink, wherever they came from. */
export function secretsOfHttpSink(sink: HttpSinkMembers): readonly string[] {
  const headers = Object.values(sink.headers);
  switch (sink.type) {
    case 'webhook':
      return [sink.url, ...sink.secrets, ...headers];
    case 'slack':
    case 'teams':
      return [sink.url, ...headers];
    case 'pagerduty':
      return [sink.routingKey, ...headers];
    case 'alertmanager':
      return headers;
  }
}

function readHttp(fields: JsonFields, environment: Environment, usual?: string): HttpMembers {
  const allowPrivate = fields.boolean('allowPrivate', false);
  const allowHttp = fields.boolean('allowHttp', false);
  const url =
    usual !== undefined && !fields.has('url')
      ? (fields.value('url'), usual)
      : readUrl(fields, environment, allowPrivate, allowHttp);
  const headers = readHeaders(fields, environment);
  return { url, headers, allowPrivate, timeoutMs: readDuration(fields, 'timeout', 15_000, 100) };
}

/** Reads a URL, which may be a secret: a problem shows nothing of it but its host. */
function readUrl(fields: JsonFields, environment: Environment, allowPrivate: boolean, allowHttp: boolean): string {
  const text = readSecret(fields, 'url', environment, false);
  if (text === '') return '';
  if (!URL.canParse(text)) {
    fields.secretProblem('url', 'must be a URL', `a text of ${text.length} characters that is none`);
    return '';
  }
  const url = new URL(text);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const address = parseAddress(host);
  const isOwn = host === 'localhost' || host.endsWith('.localhost') || (address !== null && isLoopback(address));
  const isPlain = url.protocol === 'http:' && (allowHttp || (allowPrivate && isOwn));
  const refuse = (wanted: string, seen: string): void => fields.secretProblem('url', wanted, seen);
  if (url.protocol !== 'https:' && !isPlain) {
    refuse(
      'must be an https URL, or http with allowHttp or, on this machine, allowPrivate',
      `${url.protocol}//${host}`,
    );
  }
  if (!allowPrivate && (isOwn || (address !== null && isInternal(address)))) {
    refuse('must name a public host unless allowPrivate is true', host);
  }
  if (url.username !== '' || url.password !== '') refuse('must hold no user name, set headers', 'a URL with one');
  if (url.hash !== '') refuse('must have no fragment', 'a URL with one');
  return text;
}

function readHeaders(fields: JsonFields, environment: Environment): Readonly<Record<string, string>> {
  if (!fields.has('headers')) {
    fields.value('headers');
    return {};
  }
  const headers = fields.nested('headers', 'an object with a secret for each name');
  if (headers === null) return {};
  const read = headers.names().map((name): [string, string] => {
    const value = readSecret(headers, name, environment, true);
    if (!token.test(name)) headers.secretProblem(name, 'must have the name of an HTTP header', 'another name');
    else if (ownHeaders.test(name)) headers.secretProblem(name, 'must be no header of the sink itself', name);
    if (!ascii.test(value)) headers.secretProblem(name, 'must be ASCII', 'a text with other characters');
    return [name.toLowerCase(), value];
  });
  return Object.fromEntries(read);
}

function readSigningSecrets(fields: JsonFields, environment: Environment): readonly string[] {
  const list = fields.elements('secrets', 'a list of secrets, the newest first; an empty one sends unsigned');
  if (list === null) return [];
  return list.names().map((name) => {
    const secret = readSecret(list, name, environment, false);
    const bytes = signingSecret.test(secret) ? Buffer.from(secret.slice('whsec_'.length), 'base64').length : 0;
    if (secret !== '' && (bytes < signingBytesLeast || bytes > signingBytesMost)) {
      const wanted = `must be whsec_ and ${signingBytesLeast} to ${signingBytesMost} bytes in base64`;
      list.secretProblem(name, wanted, bytes === 0 ? 'another text' : `${bytes} bytes`);
    }
    return secret;
  });
}

const durations = duration({ env: 'SINKS', group: '', description: '' });

function readDuration(fields: JsonFields, name: string, usualMs: number, leastMs: number): number {
  return fields.read(name, `a duration of at least ${leastMs} ms such as 15s`, usualMs, (value) => {
    const ms = typeof value === 'string' ? durations.read(value) : undefined;
    return typeof ms === 'number' && ms >= leastMs && ms <= 86_400_000 ? ms : undefined;
  });
}
