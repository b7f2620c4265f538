import { createHash } from 'node:crypto';
import { FeedError } from '../../core/feed-error.ts';
import type { StixObject } from '../../core/intel/stix-object.ts';
import type { FeedUpdate, IndicatorFeed } from '../../core/ports.ts';
import { parseBundle, readBundleBytes } from './bundle-file.ts';
import { bundlePaths } from './bundle-paths.ts';

export interface StixFileSettings {
  readonly name: string;
  /** File, folder or glob of STIX bundles, .json or .json.gz. */
  readonly path: string;
}

/**
 * A feed of STIX bundles on disk, for those without a network. A poll reads every file, and the whole set replaces the
 * one before; the cursor is a fingerprint of names and contents, so that unchanged files give an empty delta. One file
 * that cannot be read fails the poll with an error that names it: the set of the others alone would delete its
 * indicators.
 */
export function createStixFileFeed(settings: StixFileSettings): IndicatorFeed {
  return {
    name: settings.name,
    poll: (cursor, signal) => poll(settings, cursor, signal),
  };
}

async function poll({ name, path }: StixFileSettings, cursor: string | null, signal: AbortSignal): Promise<FeedUpdate> {
  const files: { readonly path: string; readonly bytes: Buffer }[] = [];
  const fingerprint = createHash('sha256');
  for (const file of await bundlePaths(name, path)) {
    if (signal.aborted)
      throw new FeedError('unreachable', `Cannot read feed ${name} from ${file} as it was told to stop`);
    const bytes = await readBundleBytes(name, file);
    fingerprint.update(`${file}\n${bytes.byteLength}\n`).update(bytes);
    files.push({ path: file, bytes });
  }
  const next = fingerprint.digest('base64url');
  if (next === cursor) return { objects: [], cursor, full: false };
  const objects: StixObject[][] = [];
  for (const file of files) objects.push([...parseBundle(name, file.path, file.bytes)]);
  return { objects: objects.flat(), cursor: next, full: true };
}

export type StixFileProbe =
  | { readonly ok: true; readonly detail: string; readonly objects: number }
  | { readonly ok: false; readonly error: FeedError };

/** Tries a feed's settings: finds its files and reads them. Never throws. */
export async function probeStixFileFeed(settings: StixFileSettings, signal: AbortSignal): Promise<StixFileProbe> {
  try {
    const files = await bundlePaths(settings.name, settings.path);
    const { objects } = await poll(settings, null, signal);
    return { ok: true, detail: `${objects.length} objects in ${files.length} files`, objects: objects.length };
  } catch (error) {
    if (error instanceof FeedError) return { ok: false, error };
    const message = `Cannot read feed ${settings.name}: ${error instanceof Error ? error.message : String(error)}`;
    return { ok: false, error: new FeedError('invalid_answer', message, { cause: error }) };
  }
}
