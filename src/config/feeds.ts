import type { FeedPolicy } from '../core/intel/feed-policy.ts';
import { type Tlp, tlpLevels } from '../core/intel/indicator.ts';
import { type FeedCredentials, readFeedAuth, secretsOfAuth } from './feed-auth.ts';
import { readAuthorities, secretsOfCertificate } from './feed-certificate.ts';
import { readDuration } from './feed-duration.ts';
import { readFeedPolicy } from './feed-policy.ts';
import { type Environment, variablesOf } from './feed-secret.ts';
import { readSightings, type SightingSettings } from './feed-sightings.ts';
import type { JsonFields } from './json-fields.ts';
import { parseJsonList, readEach } from './json-list.ts';

interface FeedCommon extends FeedPolicy {
  /** Unique; names the feed in alerts, metrics and logs. */
  readonly name: string;
  /** Confidence, 0 to 100, of indicators that say none; null leaves them unscored. */
  readonly defaultConfidence: number | null;
  /** Marking of objects that carry none. */
  readonly tlp: Tlp;
  /** Overrides INDICATOR_MAX_AGE, milliseconds. */
  readonly maxAgeMs: number | null;
  /** Whether network-traffic:dst_ref counts as an address of a caller. */
  readonly useDstRef: boolean;
}

export interface TaxiiFeedSettings extends FeedCommon, FeedCredentials {
  readonly type: 'taxii';
  readonly url: string;
  readonly collection: string | null;
  /** Null finds it out. */
  readonly version: '2.0' | '2.1' | null;
  /** PEM of the authorities of the server's certificate; null takes those that Node trusts. */
  readonly ca: string | null;
  readonly limit: number;
  readonly allowHttp: boolean;
  readonly matchTypes: readonly string[];
  readonly resyncMs: number;
  /** Null reports none. */
  readonly sightings: SightingSettings | null;
}

export interface FileFeedSettings extends FeedCommon {
  readonly type: 'file';
  readonly path: string;
}

export type FeedSettings = TaxiiFeedSettings | FileFeedSettings;

export interface ReadFeeds {
  /** Empty when there is a problem. */
  readonly feeds: readonly FeedSettings[];
  /** All problems at once. */
  readonly problems: readonly string[];
  /** Names of the variables that hold secrets of the feeds: `{"env": NAME}`. */
  readonly variables: readonly string[];
}

const DEFAULT_LIMIT = 1000;
const DEFAULT_RESYNC = '24h';
const feedName = /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/;
const stixType = /^[a-z0-9][a-z0-9-]{2,249}$/;

/** Reads TI_FEEDS: a JSON list of feeds, or `@FILE` that holds one. Secrets may come from files or the environment. */
export function readFeeds(text: string, environment: Environment = process.env): ReadFeeds {
  const problems: string[] = [];
  const list = parseJsonList('TI_FEEDS', text, problems, 'feed');
  const feeds = readEach('TI_FEEDS', list, problems, (fields) => readFeed(fields, environment));
  const names = new Map<string, number>();
  feeds.forEach(({ name }, index) => {
    const earlier = names.get(name.toLowerCase());
    if (earlier !== undefined && name !== '') {
      problems.push(`Cannot use TI_FEEDS[${index}].name as it must be unique: ${name} is also TI_FEEDS[${earlier}]`);
    }
    names.set(name.toLowerCase(), index);
  });
  return { feeds: problems.length === 0 ? feeds : [], problems, variables: variablesOf(list) };
}

/** Every secret of the feeds, wherever it came from, for logs to leave out. */
export function secretsOfFeeds(feeds: readonly FeedSettings[]): readonly string[] {
  const secrets = feeds.flatMap((feed) => {
    if (feed.type !== 'taxii') return [];
    const { auth, certificate } = feed;
    return [...secretsOfAuth(auth), ...(certificate === null ? [] : secretsOfCertificate(certificate))];
  });
  return [...new Set(secrets)].filter((secret) => secret !== '');
}

/** The feeds that sightings are reported to. */
export function sightingFeeds(
  feeds: readonly FeedSettings[],
): { readonly feed: TaxiiFeedSettings; readonly sightings: SightingSettings }[] {
  return feeds.flatMap((feed) =>
    feed.type === 'taxii' && feed.sightings !== null ? [{ feed, sightings: feed.sightings }] : [],
  );
}

function readFeed(fields: JsonFields, environment: Environment): FeedSettings | null {
  const type = fields.value('type');
  if (type !== 'taxii' && type !== 'file') {
    fields.problem('type', 'must be "taxii" or "file"', type);
    return null;
  }
  const common = readCommon(fields);
  return type === 'taxii' ? readTaxii(fields, common, environment) : readFile(fields, common);
}

function readCommon(fields: JsonFields): FeedCommon {
  return {
    name: fields.text('name', 'a name of at most 64 letters, digits, blanks, ".", "_" or "-"', (text) =>
      feedName.test(text),
    ),
    defaultConfidence: fields.read<number | null>(
      'defaultConfidence',
      'a number from 0 to 100 or null',
      null,
      (value) => (value === null || (typeof value === 'number' && value >= 0 && value <= 100) ? value : undefined),
    ),
    tlp: fields.read<Tlp>('tlp', `one of ${tlpLevels.join(', ')}`, '', readTlp),
    maxAgeMs: fields.read<number | null>('maxAge', 'a duration such as 90d', null, readDuration),
    useDstRef: fields.boolean('useDstRef', false),
    ...readFeedPolicy(fields),
  };
}

function readTaxii(fields: JsonFields, common: FeedCommon, environment: Environment): TaxiiFeedSettings {
  const allowHttp = fields.boolean('allowHttp', false);
  const url = readUrl(fields, allowHttp);
  const credentials = readFeedAuth(fields, environment);
  const ca = readAuthorities(fields, environment);
  if ((credentials.certificate !== null || ca !== null) && url.startsWith('http:')) {
    fields.problem('url', 'must be an https URL as certificates are given', url);
  }
  const version = fields.read<'2.0' | '2.1' | null>('version', '"2.0", "2.1" or null', null, (value) =>
    value === null || value === '2.0' || value === '2.1' ? value : undefined,
  );
  const sightings = readSightings(fields);
  if (sightings !== null && version === '2.0') {
    fields.problem('version', 'must be "2.1" or null as sightings are given', version);
  }
  return {
    ...common,
    ...credentials,
    type: 'taxii',
    url,
    version,
    sightings,
    ca,
    collection: fields.read<string | null>('collection', 'the id, alias or title of a collection', null, (value) =>
      value === null || (typeof value === 'string' && value !== '') ? value : undefined,
    ),
    limit: fields.integer('limit', DEFAULT_LIMIT, 1, 100_000),
    allowHttp,
    matchTypes: fields.read<readonly string[]>('matchTypes', 'a list of STIX types', [], (value) =>
      Array.isArray(value) && value.every((item) => typeof item === 'string' && stixType.test(item))
        ? value
        : undefined,
    ),
    resyncMs: fields.read('resync', 'a duration such as 24h', readDuration(DEFAULT_RESYNC) ?? 0, readDuration),
  };
}

function readFile(fields: JsonFields, common: FeedCommon): FileFeedSettings {
  return { ...common, type: 'file', path: fields.text('path', 'a file, a folder or a glob of STIX bundles') };
}

function readUrl(fields: JsonFields, allowHttp: boolean): string {
  const text = fields.text('url', 'an https URL', (value) => URL.canParse(value));
  if (text === '') return '';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    fields.secretProblem('url', 'must hold no credentials, they belong in auth', 'a URL with them');
  } else if (url.search !== '' || url.hash !== '') {
    fields.secretProblem('url', 'must have no query and no fragment', 'a URL with one');
  } else if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    fields.problem('url', 'must be an https URL', text);
  } else if (url.protocol === 'http:' && !allowHttp && !isLoopback(url.hostname)) {
    fields.problem('url', 'must be an https URL unless its host is this machine or allowHttp is true', text);
  }
  return text;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d+){3}$/.test(host);
}

function readTlp(value: unknown): Tlp | undefined {
  if (typeof value !== 'string') return undefined;
  const level = value.toUpperCase().replace(/^TLP:/, '');
  return tlpLevels.find((candidate) => candidate === (level === 'WHITE' ? 'CLEAR' : level));
}
