import { createHash } from 'node:crypto';
import { readDateAdded } from './date-added.ts';
import { isObject } from './envelope.ts';
import type { TaxiiSettings } from './settings.ts';

/** Place in one collection. */
export interface CollectionPlace {
  /** Date of the last object as the server gave it; null when it had none. */
  readonly last: string | null;
  /** Names the versions already taken from the overlap. It makes cursors differ whenever a poll brought anything. */
  readonly known: string;
}

export interface TaxiiCursor {
  /** Names the settings that decide what is fetched: a cursor of other settings is void. */
  readonly source: string;
  /** When everything was last fetched, milliseconds since 1970. */
  readonly fullMs: number;
  /** By collection URL. */
  readonly places: Readonly<Record<string, CollectionPlace>>;
}

const VERSION = 1;

/** Digest of the settings that decide what a feed holds. */
export function sourceOf({ url, collection, matchTypes }: TaxiiSettings): string {
  const text = JSON.stringify([url, collection, [...matchTypes].sort()]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

export function writeCursor(cursor: TaxiiCursor): string {
  return JSON.stringify({ version: VERSION, ...cursor });
}

/** Reads a cursor of the same source; null for anything else, and a full fetch follows. */
export function readCursor(text: string | null, source: string): TaxiiCursor | null {
  const value = parse(text);
  if (!isObject(value) || value['version'] !== VERSION || value['source'] !== source) return null;
  const { fullMs, places } = value;
  if (typeof fullMs !== 'number' || !isObject(places)) return null;
  const read: Record<string, CollectionPlace> = {};
  for (const [url, place] of Object.entries(places)) {
    if (!isObject(place)) return null;
    const { last, known } = place;
    if (typeof known !== 'string' || (last !== null && typeof last !== 'string')) return null;
    if (last !== null && readDateAdded(last) !== last) return null;
    read[url] = { last, known };
  }
  return { source, fullMs, places: read };
}

function parse(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
