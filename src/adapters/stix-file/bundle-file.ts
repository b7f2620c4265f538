import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { FeedError } from '../../core/feed-error.ts';
import type { StixObject } from '../../core/intel/stix-object.ts';
import { fileError } from './file-error.ts';

/** Largest file after decompression: JSON.parse takes one string, and V8 ends strings at 512 MiB. */
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
 * Reads a bundle's objects: `{"type":"bundle","objects":[…]}` (STIX 2.1 §8), an envelope of the same shape, a bare list,
 * or one object. Members of a list that are no objects are left out. Throws FeedError.
 */
export function parseBundle(feed: string, path: string, bytes: Buffer): readonly StixObject[] {
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `Cannot read feed ${feed} from ${path} as it is no JSON: ${reason}`;
    throw new FeedError('invalid_answer', message, { cause, retryable: true });
  }
  if (Array.isArray(value)) return value.filter(isObject);
  if (isObject(value)) {
    const { objects, type, id } = value;
    if (Array.isArray(objects)) return objects.filter(isObject);
    if (type === 'bundle' && objects === undefined) return [];
    if (typeof type === 'string' && type !== 'bundle' && typeof id === 'string') return [value];
  }
  const seen = Array.isArray(value) ? 'a list' : value === null ? 'null' : typeof value;
  const message = `Cannot read feed ${feed} from ${path} as it is no STIX bundle: current value is ${seen} without "objects"`;
  throw new FeedError('invalid_answer', message);
}

function isObject(value: unknown): value is StixObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function tooLarge(feed: string, path: string, seen: string): FeedError {
  const message = `Cannot read feed ${feed} from ${path} as a file must have at most ${MAX_FILE_BYTES} bytes: current size is ${seen}`;
  return new FeedError('too_large', message);
}
