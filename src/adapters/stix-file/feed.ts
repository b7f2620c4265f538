import { createHash, type Hash } from 'node:crypto';
import { FeedError } from '../../core/feed-error.ts';
import type { FeedPage, FeedUpdate, IndicatorFeed } from '../../core/ports.ts';
import { bundlePages, readBundleBytes } from './bundle-file.ts';
import { bundlePaths } from './bundle-paths.ts';

export interface StixFileSettings {
  readonly name: string;
  /** File, folder or glob of STIX bundles, .json or .json.gz. */
  readonly path: string;
}

/**
 * A feed of STIX bundles on disk, for those without a network. A poll reads every file for its fingerprint, of names and
 * contents, which is the cursor: unchanged files give an empty delta. Else it reads them again, one at a time, and the
 * whole set replaces the one before. One file that cannot be read fails the poll with an error that names it: the set
 * of the others alone would delete its indicators.
 */
export function createStixFileFeed(settings: StixFileSettings): IndicatorFeed {
  return {
    name: settings.name,
    poll: (cursor, signal) => poll(settings, cursor, signal),
  };
}

async function poll({ name, path }: StixFileSettings, cursor: string | null, signal: AbortSignal): Promise<FeedUpdate> {
  const files = await bundlePaths(name, path);
  const fingerprint = createHash('sha256');
  for (const file of files) addTo(fingerprint, file, await read(name, file, signal));
  const full = fingerprint.digest('base64url') !== cursor;
  return { full, pages: full ? pagesOf(name, files, signal) : pagesOf(name, [], signal, cursor) };
}

/**
 * The objects, and the fingerprint of what they were read from, which may be newer than what was found to have changed,
 * or a cursor that still holds.
 */
async function* pagesOf(
  name: string,
  files: readonly string[],
  signal: AbortSignal,
  cursor: string | null = null,
): AsyncGenerator<FeedPage, string, undefined> {
  const fingerprint = createHash('sha256');
  for (const file of files) {
    const bytes = await read(name, file, signal);
    addTo(fingerprint, file, bytes);
    for (const objects of bundlePages(name, file, bytes)) yield { objects, again: false };
  }
  return cursor ?? fingerprint.digest('base64url');
}

async function read(name: string, file: string, signal: AbortSignal): Promise<Buffer> {
  if (signal.aborted)
    throw new FeedError('unreachable', `Cannot read feed ${name} from ${file} as it was told to stop`);
  return await readBundleBytes(name, file);
}

function addTo(fingerprint: Hash, file: string, bytes: Buffer): void {
  fingerprint.update(`${file}\n${bytes.byteLength}\n`).update(bytes);
}

export type StixFileProbe =
  | { readonly ok: true; readonly detail: string; readonly objects: number }
  | { readonly ok: false; readonly error: FeedError };

/** Tries a feed's settings: finds its files and reads them. Never throws. */
export async function probeStixFileFeed(settings: StixFileSettings, signal: AbortSignal): Promise<StixFileProbe> {
  try {
    const files = await bundlePaths(settings.name, settings.path);
    let objects = 0;
    for await (const page of pagesOf(settings.name, files, signal)) objects += page.objects.length;
    return { ok: true, detail: `${objects} objects in ${files.length} files`, objects };
  } catch (error) {
    if (error instanceof FeedError) return { ok: false, error };
    const message = `Cannot read feed ${settings.name}: ${error instanceof Error ? error.message : String(error)}`;
    return { ok: false, error: new FeedError('invalid_answer', message, { cause: error }) };
  }
}
