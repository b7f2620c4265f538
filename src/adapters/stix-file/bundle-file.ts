import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { FeedError } from '../../core/feed-error.ts';
import type { StixObject } from '../../core/intel/stix-object.ts';
import { listPages } from './bundle-list.ts';
import { fileError } from './file-error.ts';

/** Largest file after decompression: it is in memory whole, and V8 ends strings at 512 MiB. */
export const MAX_FILE_BYTES = 480 * 1024 ** 2;

const unzip = promisify(gunzip);

/** Reads a file's bytes, decompressed where it begins like gzip, whatever its name. Throws FeedError. */
export async function readBundleBytes(feed: string, path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES) throw tooLarge(feed, path, `${size} bytes`);
    const bytes = await readFile(path);
    return bytes[0] === 0x1f && bytes[1] === 0x8b ? await inflate(feed, path, bytes) : bytes;
  } catch (cause) {
    throw cause instanceof FeedError ? cause : fileError(feed, path, cause);
  }
}

async function inflate(feed: string, path: string, bytes: Buffer): Promise<Buffer> {
  try {
    return await unzip(bytes, { maxOutputLength: MAX_FILE_BYTES });
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(feed, path, 'more when decompressed');
    const reason = cause instanceof Error ? cause.message : String(cause);
    // A copy in progress looks like a broken file; the next poll sees it whole.
    const message = `Cannot read feed ${feed} from ${path} as its gzip data is broken: ${reason}`;
    throw new FeedError('invalid_answer', message, { cause, retryable: true });
  }
}

/**
 * Reads a bundle's objects a page at a time: `{"type":"bundle","objects":[…]}` (STIX 2.1 §8), an envelope of the same
 * shape, a bare list, or one object. Members of a list that are no objects are left out. Throws FeedError, maybe after
 * some pages: what is read of a file that ends in an error counts for nothing.
 */
export function* bundlePages(feed: string, path: string, bytes: Buffer): Generator<readonly StixObject[], void> {
  const refuse = (seen: string, error?: { readonly cause: unknown; readonly retryable: boolean }): FeedError =>
    new FeedError('invalid_answer', `Cannot read feed ${feed} from ${path} as it is no ${seen}`, error);
  try {
    const pages = listPages(bytes, 'objects');
    let next = pages.next();
    for (; next.done !== true; next = pages.next()) yield next.value.filter(isObject);
    const rest = next.value ?? (JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, '')) as unknown);
    if (Array.isArray(rest)) return;
    if (isObject(rest)) {
      const { objects, type, id } = rest;
      if (Array.isArray(objects) && objects.length === 0) return;
      if (Array.isArray(objects)) throw refuse('STIX bundle: current value has "objects" twice');
      if (type === 'bundle' && objects === undefined) return;
      if (typeof type === 'string' && type !== 'bundle' && typeof id === 'string') {
        yield [rest];
        return;
      }
    }
    const seen = rest === null ? 'null' : typeof rest;
    throw refuse(`STIX bundle: current value is ${seen} without "objects"`);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw refuse(`JSON: ${cause.message}`, { cause, retryable: true });
  }
}

function isObject(value: unknown): value is StixObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function tooLarge(feed: string, path: string, seen: string): FeedError {
  const message = `Cannot read feed ${feed} from ${path} as a file must have at most ${MAX_FILE_BYTES} bytes: current size is ${seen}`;
  return new FeedError('too_large', message);
}
