import { FeedError } from '../../core/feed-error.ts';
import type { StixObject } from '../../core/intel/stix-object.ts';
import { OtherVersionError, withoutQuery } from './answer-error.ts';
import type { TaxiiConnection } from './connection.ts';
import { isObject } from './envelope.ts';
import { type TaxiiProtocol, protocols, type TaxiiVersion } from './protocol.ts';

export interface TaxiiCollection {
  /** Ends in "/"; objects/ lies below it. */
  readonly url: URL;
  /** In which its objects are asked for. */
  readonly version: TaxiiVersion;
  readonly id: string;
  readonly title: string;
  readonly alias: string;
  readonly readable: boolean;
  readonly writable: boolean;
}

/** What a feed's URL leads to. */
export interface TaxiiListing {
  readonly roots: readonly URL[];
  readonly collections: readonly TaxiiCollection[];
  /** Those the feed's settings choose; never empty. */
  readonly chosen: readonly TaxiiCollection[];
}

/**
 * Finds the collections of a feed from a discovery URL, an API root URL or a collections URL (TAXII 2.1 §4, §5). With
 * a collection named, every API root is searched; without one, the default API root is taken, or all where discovery
 * names no default. A server that does not know what it is asked for in TAXII 2.1 is asked in 2.0, unless the settings
 * name a version. Throws FeedError.
 */
export async function discover(
  connection: TaxiiConnection,
  signal: AbortSignal,
  access: Access = 'read',
): Promise<TaxiiListing> {
  const { version } = connection.settings;
  try {
    return await discoverIn({ connection, protocol: protocols[version ?? '2.1'], signal, access });
  } catch (error) {
    if (version !== null || !(error instanceof OtherVersionError)) throw error;
    try {
      return await discoverIn({ connection, protocol: protocols['2.0'], signal, access });
    } catch (second) {
      throw second instanceof OtherVersionError ? error : second;
    }
  }
}

/** What the chosen collections are wanted for. */
type Access = 'read' | 'write';

/** One pass over the resources of a server, in one version of TAXII. */
interface Discovery {
  readonly connection: TaxiiConnection;
  readonly protocol: TaxiiProtocol;
  readonly signal: AbortSignal;
  readonly access: Access;
}

async function discoverIn(discovery: Discovery): Promise<TaxiiListing> {
  const { collection, name, url } = discovery.connection.settings;
  const rootGroups = await findRoots(discovery, startUrl(url, discovery.protocol));
  const groups = collection === null ? rootGroups.preferred : rootGroups.all;
  const roots: URL[] = [];
  const collections: TaxiiCollection[] = [];
  const failures: FeedError[] = [];
  for (const candidates of groups) {
    const found = await listRoot(discovery, candidates);
    if (found instanceof FeedError) failures.push(found);
    else {
      roots.push(found.root);
      collections.push(...found.collections);
    }
  }
  // A server may list API roots that an account cannot see; that matters only when nothing is left.
  if (roots.length === 0 && failures[0] !== undefined) throw failures[0];
  return { roots, collections, chosen: choose(collections, collection, name, discovery.access) };
}

async function getResource({ connection, protocol, signal }: Omit<Discovery, 'access'>, url: URL): Promise<unknown> {
  const { version, resourceType } = protocol;
  const { body } = await connection.ask({ url, version, accept: resourceType, range: null }, signal);
  return body;
}

/** Candidates of each API root, to be tried in order. */
interface RootGroups {
  readonly all: readonly (readonly URL[])[];
  readonly preferred: readonly (readonly URL[])[];
}

async function findRoots(discovery: Discovery, start: URL): Promise<RootGroups> {
  const { connection } = discovery;
  let body: unknown;
  try {
    body = await getResource(discovery, start);
  } catch (error) {
    // Some servers leave out the API root's own resource and still list its collections.
    if (error instanceof FeedError && error.code === 'not_found') return { all: [[start]], preferred: [[start]] };
    throw error;
  }
  if (!isObject(body)) {
    throw new FeedError('invalid_answer', unfit(connection, start, 'is no JSON object'));
  }
  if (Array.isArray(body['collections'])) return same([[new URL('../', start)]]);
  if (!Array.isArray(body['api_roots'])) return same([[start]]);
  const texts = body['api_roots'].filter((root) => typeof root === 'string');
  const ordered = [...new Set([body['default'], ...texts].filter((root) => typeof root === 'string'))];
  const all = ordered.map((text) => rootCandidates(connection, text, start)).filter(({ length }) => length > 0);
  if (all.length === 0)
    throw new FeedError('invalid_answer', unfit(connection, start, 'names no API root on its host'));
  return { all, preferred: typeof body['default'] === 'string' ? all.slice(0, 1) : all };
}

function same(groups: readonly (readonly URL[])[]): RootGroups {
  return { all: groups, preferred: groups };
}

/**
 * The URLs an API root text can mean. A relative one is resolved against the discovery URL, then against the host:
 * MITRE's server says `api/v21` and means the latter. A root on the same host with http instead of https comes from a
 * server behind a proxy and is asked by https. A root on another host is not followed, since credentials would be.
 */
export function rootCandidates(connection: Pick<TaxiiConnection, 'allows'>, text: string, discovery: URL): URL[] {
  const readings = [text, ...(/^([a-z][a-z0-9+.-]*:|\/)/i.test(text) ? [] : [`/${text}`])];
  const urls = readings
    .filter((reading) => URL.canParse(reading, discovery.href))
    .map((reading) => new URL(reading, discovery));
  return urls.flatMap((url) => {
    if (url.hostname !== discovery.hostname) return [];
    const isBehindProxy = url.protocol === 'http:' && discovery.protocol === 'https:';
    const upgraded = isBehindProxy ? new URL(url.pathname, discovery) : url;
    return connection.allows(upgraded) ? [withSlash(upgraded)] : [];
  });
}

async function listRoot(
  discovery: Discovery,
  candidates: readonly URL[],
): Promise<{ root: URL; collections: TaxiiCollection[] } | FeedError> {
  let failure: FeedError | null = null;
  for (const root of candidates) {
    try {
      return { root, collections: await listCollections(discovery, root) };
    } catch (error) {
      // An API root may also be one of another version than the rest.
      const isShut =
        error instanceof FeedError && (error.code === 'unauthorized' || error instanceof OtherVersionError);
      if (!isShut) throw error;
      failure ??= error;
    }
  }
  return (
    failure ??
    new FeedError('not_found', `Cannot poll feed ${discovery.connection.settings.name} as it has no API root`)
  );
}

async function listCollections(discovery: Discovery, root: URL): Promise<TaxiiCollection[]> {
  const { connection, protocol } = discovery;
  const url = new URL('collections/', root);
  const body = await getResource(discovery, url);
  const listed = isObject(body) ? (body['collections'] ?? []) : null;
  if (!Array.isArray(listed)) throw new FeedError('invalid_answer', unfit(connection, url, 'lists no collections'));
  return listed.filter(isObject).flatMap((entry) => readCollection(entry, url, protocol.version));
}

function readCollection(entry: StixObject, collectionsUrl: URL, version: TaxiiVersion): TaxiiCollection[] {
  const id = entry['id'];
  if ((typeof id !== 'string' && typeof id !== 'number') || id === '') return [];
  const url = new URL(`${encodeURIComponent(id)}/`, collectionsUrl);
  const text = (key: string): string => (typeof entry[key] === 'string' ? entry[key] : '');
  // MITRE documents camel case.
  const readable = (entry['can_read'] ?? entry['canRead']) !== false;
  const writable = (entry['can_write'] ?? entry['canWrite']) === true;
  return [{ url, version, id: String(id), title: text('title'), alias: text('alias'), readable, writable }];
}

/** The collections that a feed wants. Throws FeedError when there is none, or a title is not unique. */
function choose(
  collections: readonly TaxiiCollection[],
  wanted: string | null,
  feed: string,
  access: Access,
): readonly TaxiiCollection[] {
  const isRead = access === 'read';
  const cannot = `Cannot ${isRead ? 'poll' : 'report sightings to'} feed ${feed}`;
  const readable = collections.filter((collection) => collection.readable);
  if (wanted === null) {
    if (readable.length > 0) return readable;
    throw new FeedError(
      'not_found',
      `${cannot} as none of its ${collections.length} collections may be read: check auth of feed ${feed} in TI_FEEDS`,
    );
  }
  const folded = wanted.toLowerCase();
  // An id may be listed by several API roots; the default root comes first.
  const exact = collections.filter(({ id, alias }) => id === wanted || alias === wanted).slice(0, 1);
  const named = exact.length > 0 ? exact : collections.filter(({ title }) => title.toLowerCase() === folded);
  const [first, ...others] = named;
  const mend = `set ${isRead ? 'collection' : 'sightings.collection'} of feed ${feed} in TI_FEEDS to an id`;
  if (first === undefined) {
    const seen = collections.slice(0, 10).map(({ id, title }) => `${id} (${title})`);
    const known = seen.length === 0 ? 'it lists none' : `it lists ${seen.join(', ')}`;
    throw new FeedError('not_found', `${cannot} as it has no collection ${JSON.stringify(wanted)}: ${known}, ${mend}`);
  }
  if (others.length > 0) {
    throw new FeedError(
      'not_found',
      `${cannot} as ${named.length} collections are called ${JSON.stringify(wanted)}: ${mend}`,
    );
  }
  if (isRead ? !first.readable : !first.writable) {
    throw new FeedError(
      'unauthorized',
      `${cannot} as collection ${JSON.stringify(wanted)} may not be ${isRead ? 'read' : 'written'}: check auth of feed ${feed} in TI_FEEDS`,
    );
  }
  return [first];
}

function startUrl(text: string, { discoveryPath }: TaxiiProtocol): URL {
  const url = new URL(text);
  if (url.pathname === '/') url.pathname = discoveryPath;
  return withSlash(url);
}

/** TAXII paths end in "/" (§1.6.3); without it medallion redirects and OpenTAXII answers 404. */
function withSlash(url: URL): URL {
  const slashed = new URL(url);
  if (!slashed.pathname.endsWith('/')) slashed.pathname += '/';
  return slashed;
}

function unfit(connection: TaxiiConnection, url: URL, seen: string): string {
  const { name } = connection.settings;
  return `Cannot poll feed ${name} as the answer of ${withoutQuery(url)} ${seen}: set url of feed ${name} in TI_FEEDS to a TAXII discovery or API root URL`;
}
