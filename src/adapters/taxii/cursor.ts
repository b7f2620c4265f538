import { hash } from 'node:crypto';
import { readDateAdded } from './date-added.ts';
import { isObject } from './envelope.ts';
import type { TaxiiSettings } from './settings.ts';
import type { WalkEnd } from './walk-end.ts';

/** Place in one collection. */
export interface CollectionPlace {
  /** Null when the collection has given nothing yet. */
  readonly end: WalkEnd | null;
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
  return hash('sha256', text, 'base64url').slice(0, 16);
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
    if (!isObject(place) || typeof place['known'] !== 'string') return null;
    const end = place['end'] === null ? null : readEnd(place['end']);
    if (end === undefined) return null;
    read[url] = { end, known: place['known'] };
  }
  return { source, fullMs, places: read };
}

/** Undefined when it is none. */
function readEnd(value: unknown): WalkEnd | undefined {
  if (!isObject(value)) return undefined;
  const { last, from } = value;
  const isDate = (date: unknown): date is string => typeof date === 'string' && readDateAdded(date) === date;
  return isDate(last) && isDate(from) ? { last, from } : undefined;
}

function parse(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
