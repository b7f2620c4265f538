import type { VersionQuery } from './collection-store.ts';
import type { NextCursors } from './next-cursors.ts';

export interface ObjectQuery {
  readonly query: VersionQuery;
  readonly limit: number;
  /** The cursor that `next` names, where the server keeps it. */
  readonly cursor: string | null;
}

/** Thrown for a request that TAXII 2.1 wants answered with 400. */
export class MalformedQueryError extends Error {
  override readonly name = 'MalformedQueryError';
}

/** A timestamp of TAXII 2.1 (§1.5): microseconds are required, more are not defined. */
const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** Reads added_after, limit, next and match[...] of an objects, manifest or versions request (§3.4, §3.5). */
export function readObjectQuery(parameters: URLSearchParams, pageSize: number, cursors: NextCursors): ObjectQuery {
  const addedAfter = parameters.get('added_after');
  if (addedAfter !== null && !timestamp.test(addedAfter)) {
    throw new MalformedQueryError(`added_after must be a timestamp with six digits: current value is ${addedAfter}`);
  }
  const limitText = parameters.get('limit');
  if (limitText !== null && !/^[1-9]\d{0,8}$/.test(limitText)) {
    throw new MalformedQueryError(`limit must be a positive whole number: current value is ${limitText}`);
  }
  const list = (name: string): readonly string[] | null => parameters.get(`match[${name}]`)?.split(',') ?? null;
  const next = parameters.get('next');
  const kept = next === null ? undefined : cursors.at(next);
  return {
    cursor: kept === undefined ? null : next,
    limit: Math.min(limitText === null ? pageSize : Number(limitText), pageSize),
    query: {
      addedAfter,
      ids: list('id'),
      types: list('type'),
      specVersions: list('spec_version'),
      versions: list('version') ?? ['last'],
      afterOrdinal: kept ?? readNext(next),
    },
  };
}

/** Writes a `next`: opaque to clients, and with characters that have to be percent-encoded. */
export function writeNext(ordinal: number): string {
  return `${Buffer.from(`page after|${ordinal}`).toString('base64')} +`;
}

function readNext(next: string | null): number {
  if (next === null) return 0;
  const ordinal = /^page after\|(\d+)$/.exec(Buffer.from(next.slice(0, -2), 'base64').toString('latin1'))?.[1];
  if (ordinal === undefined || !next.endsWith(' +')) throw new MalformedQueryError('next is unknown or has expired');
  return Number(ordinal);
}
