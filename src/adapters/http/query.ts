import type { Address } from '../../core/address.ts';
import { skipReasons } from '../../core/intel/indicator.ts';
import type { SkippedCursor, SkippedQuery } from '../../core/intel/skipped-list.ts';
import {
  type AlertsQuery,
  type WindowCursor,
  type WindowSort,
  windowSortKeys,
  type WindowsQuery,
} from '../../pipeline/views.ts';
import { Parameters } from './parameters.ts';
import type { ParameterError } from './problem.ts';

export type QueryResult<Query> = { readonly query: Query } | { readonly errors: readonly ParameterError[] };

type RawQuery = Readonly<Record<string, unknown>>;

const pageLimit = { fallback: 100, most: 1000 } as const;

/** `lastSeen` sorts ascending, `-lastSeen` descending. */
const sortTexts = windowSortKeys.flatMap((key) => [key, `-${key}`] as const);
const newestFirst: WindowSort = { key: 'lastSeen', descending: true };

function parseSort(text: string): WindowSort | null {
  const descending = text.startsWith('-');
  const key = windowSortKeys.find((each) => each === (descending ? text.slice(1) : text));
  return key === undefined ? null : { key, descending };
}

function formatSort({ key, descending }: WindowSort): string {
  return descending ? `-${key}` : key;
}

/** A cursor as the opaque text of `nextCursor`. */
export function formatCursor({ sort, value, caller, ip }: WindowCursor): string {
  return Buffer.from(JSON.stringify([formatSort(sort), value, caller, ip])).toString('base64url');
}

/** Reads what formatCursor() wrote; null for anything else. */
export function parseCursor(text: string): WindowCursor | null {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (!Array.isArray(parts) || parts.length !== 4) return null;
    const [sortText, value, caller, ip] = parts as unknown[];
    const sort = typeof sortText === 'string' ? parseSort(sortText) : null;
    if (sort === null || typeof caller !== 'string' || typeof ip !== 'string') return null;
    if (typeof value !== (sort.key === 'caller' || sort.key === 'ip' ? 'string' : 'number')) return null;
    return { sort, value: value as string | number, caller, ip };
  } catch {
    return null;
  }
}

const windowParameters = ['caller', 'ip', 'matched', 'corroborated', 'candidates', 'sort', 'limit', 'cursor'] as const;

/**
 * The query of GET /windows. Windows that no indicator matches are listed with candidates=true or matched=false; the
 * order of a cursor is that of its first page.
 */
export function windowsQuery(raw: RawQuery): QueryResult<WindowsQuery> {
  const parameters = new Parameters(raw, windowParameters);
  const matched = parameters.boolean('matched');
  const candidates = parameters.boolean('candidates');
  if (matched === false && candidates === false) {
    parameters.fail('candidates', 'Cannot use candidates=false with matched=false as nothing would be left: drop one');
  }
  const sort = parameters.parsed('sort', `one of ${sortTexts.join(', ')}`, parseSort);
  const cursor = parameters.parsed('cursor', 'a nextCursor of an earlier page', parseCursor);
  if (sort !== null && cursor !== null && formatSort(sort) !== formatSort(cursor.sort)) {
    const orders = `${formatSort(cursor.sort)} and ${formatSort(sort)}`;
    parameters.fail('cursor', `Cannot use cursor as its page was sorted in another way: current values are ${orders}`);
  }
  const query: WindowsQuery = {
    caller: parameters.text('caller'),
    ip: parameters.range('ip'),
    matched,
    corroborated: parameters.boolean('corroborated'),
    candidates: candidates ?? matched === false,
    sort: sort ?? cursor?.sort ?? newestFirst,
    limit: parameters.count('limit', pageLimit),
    cursor,
  };
  return parameters.errors.length > 0 ? { errors: parameters.errors } : { query };
}

/** The query of GET /alerts. */
export function alertsQuery(raw: RawQuery): QueryResult<AlertsQuery> {
  const parameters = new Parameters(raw, ['caller', 'ip', 'activity', 'silenced', 'limit']);
  const query: AlertsQuery = {
    caller: parameters.text('caller'),
    ip: parameters.range('ip'),
    activity: parameters.choice('activity', ['create', 'update', 'close']),
    silenced: parameters.boolean('silenced'),
    limit: parameters.count('limit', pageLimit),
  };
  return parameters.errors.length > 0 ? { errors: parameters.errors } : { query };
}

/** The query of GET /intel. */
export function intelQuery(raw: RawQuery): QueryResult<{ readonly address: Address }> {
  const parameters = new Parameters(raw, ['ip']);
  const address = parameters.address('ip');
  if (address === null && parameters.errors.length === 0)
    parameters.fail('ip', 'Cannot answer without ip as it says what is asked about: give one IP address');
  return address === null || parameters.errors.length > 0 ? { errors: parameters.errors } : { query: { address } };
}

/** A cursor of skipped indicators as the opaque text of `nextCursor`. */
export function formatSkippedCursor({ source, id }: SkippedCursor): string {
  return Buffer.from(JSON.stringify([source, id])).toString('base64url');
}

/** Reads what formatSkippedCursor() wrote; null for anything else. */
export function parseSkippedCursor(text: string): SkippedCursor | null {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (!Array.isArray(parts) || parts.length !== 2) return null;
    const [source, id] = parts as unknown[];
    return typeof source === 'string' && typeof id === 'string' ? { source, id } : null;
  } catch {
    return null;
  }
}

/** The query of GET /intel/skipped; `feeds` are those that are configured. */
export function skippedQuery(raw: RawQuery, feeds: readonly string[]): QueryResult<SkippedQuery> {
  const parameters = new Parameters(raw, ['feed', 'reason', 'limit', 'cursor']);
  const query: SkippedQuery = {
    feed: parameters.choice('feed', feeds),
    reason: parameters.choice('reason', skipReasons),
    limit: parameters.count('limit', pageLimit),
    cursor: parameters.parsed('cursor', 'a nextCursor of an earlier page', parseSkippedCursor),
  };
  return parameters.errors.length > 0 ? { errors: parameters.errors } : { query };
}

/** The query of GET /silences; those that have ended are listed with ended=true. */
export function silencesQuery(raw: RawQuery): QueryResult<{ readonly ended: boolean }> {
  const parameters = new Parameters(raw, ['ended']);
  const ended = parameters.boolean('ended') ?? false;
  return parameters.errors.length > 0 ? { errors: parameters.errors } : { query: { ended } };
}

const authorMax = 256;

/** The query of DELETE /silences/{id}, which says who does it. */
export function endQuery(raw: RawQuery): QueryResult<{ readonly author: string }> {
  const parameters = new Parameters(raw, ['author']);
  const author = parameters.text('author')?.trim() ?? '';
  if (parameters.errors.length === 0 && (author === '' || author.length > authorMax))
    parameters.fail(
      'author',
      `Cannot delete without author: give the name of who does it, of at most ${authorMax} characters`,
    );
  return parameters.errors.length > 0 ? { errors: parameters.errors } : { query: { author } };
}

/** The query of a list that only has a length. */
export function listQuery(raw: RawQuery): QueryResult<{ readonly limit: number }> {
  const parameters = new Parameters(raw, ['limit']);
  const query = { limit: parameters.count('limit', pageLimit) };
  return parameters.errors.length > 0 ? { errors: parameters.errors } : { query };
}

/** The query of a resource that takes no parameters. */
export function emptyQuery(raw: RawQuery): QueryResult<Record<string, never>> {
  const { errors } = new Parameters(raw, []);
  return errors.length > 0 ? { errors } : { query: {} };
}
