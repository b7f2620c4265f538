import { glob, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Names of a folder that are read; a path that names a file itself, or a glob, may have any. */
const listName = /\.(json|txt|cidr|netset)$/i;
const globSign = /[*?[\]{}]/;

/**
 * The files that a path means, sorted: a file, the .json, .txt, .cidr and .netset files directly in a folder, or what a
 * glob finds. Throws an Error when there is none: an allow list of nothing is written as an empty file.
 */
export async function allowListPaths(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch((cause: unknown) => {
    if (globSign.test(path)) return null;
    throw cause;
  });
  if (found?.isDirectory() === false) return [path];
  const files = found === null ? await globbed(path) : await inFolder(path);
  if (files.length > 0) return files.sort();
  throw new RangeError(
    found === null ? 'it finds no file' : 'the folder holds no file named .json, .txt, .cidr or .netset',
  );
}

async function globbed(pattern: string): Promise<string[]> {
  const files: string[] = [];
  for await (const path of glob(pattern)) if ((await stat(path)).isFile()) files.push(path);
  return files;
}

async function inFolder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && listName.test(entry.name))
    .map(({ name }) => join(folder, name));
}
