import { glob, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FeedError } from '../../core/feed-error.ts';
import { fileError } from './file-error.ts';

const bundleName = /\.json(\.gz)?$/i;
const globSign = /[*?[\]{}]/;

/**
 * The files that a path means, sorted: a file, the .json and .json.gz files directly in a folder, or a glob. A folder
 * may be empty, a feed of nothing; a file or a glob that finds nothing is a mistake. Throws FeedError.
 */
export async function bundlePaths(feed: string, path: string): Promise<readonly string[]> {
  try {
    const found = await stat(path).catch((error: unknown) => {
      if (globSign.test(path)) return null;
      throw error;
    });
    if (found === null) return await globbed(feed, path);
    if (!found.isDirectory()) return [path];
    const entries = await readdir(path, { withFileTypes: true });
    const names = entries.filter((entry) => !entry.isDirectory() && bundleName.test(entry.name));
    return names.map(({ name }) => join(path, name)).sort();
  } catch (cause) {
    throw cause instanceof FeedError ? cause : fileError(feed, path, cause);
  }
}

async function globbed(feed: string, pattern: string): Promise<readonly string[]> {
  const files: string[] = [];
  for await (const path of glob(pattern)) if (bundleName.test(path)) files.push(path);
  if (files.length > 0) return files.sort();
  const mend = `a path that finds .json or .json.gz files is wanted, check path of feed ${feed} in TI_FEEDS`;
  throw new FeedError('not_found', `Cannot read feed ${feed} as ${pattern} finds no file: ${mend}`);
}
