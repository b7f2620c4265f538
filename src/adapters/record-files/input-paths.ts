import { glob, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Names of a folder that are read; a path that names a file itself may have any. */
const fileName = /\.(json|jsonl|ndjson|log|txt)(\.gz)?$/i;
const globSign = /[*?[\]{}]/;

/**
 * The files that a path means, sorted: a file, the files of a folder and all folders in it (.json, .jsonl, .ndjson,
 * .log, .txt, each plain or .gz), or what a glob finds. Throws an Error that says why there is none.
 */
export async function inputPaths(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch((cause: unknown) => {
    if (globSign.test(path)) return null;
    throw cause;
  });
  if (found?.isDirectory() === false) return [path];
  const files = found === null ? await globbed(path) : await inFolder(path);
  if (files.length > 0) return files.sort();
  throw new Error(
    found === null
      ? 'it finds no file'
      : 'the folder holds no file named .json, .jsonl, .ndjson, .log or .txt, plain or .gz',
  );
}

async function globbed(pattern: string): Promise<string[]> {
  const files: string[] = [];
  for await (const path of glob(pattern)) if (await isFile(path)) files.push(path);
  return files;
}

async function inFolder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files: string[] = [];
  for (const { name, parentPath } of entries) {
    const path = join(parentPath, name);
    if (fileName.test(name) && (await isFile(path))) files.push(path);
  }
  return files;
}

/** Whether a path is a file, or a link to one; a link that leads nowhere counts, so that reading it says so. */
async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isFile(),
    () => true,
  );
}
