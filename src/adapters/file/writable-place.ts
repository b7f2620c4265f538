import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { hasCode } from './durable-file.ts';

/**
 * Looks whether a file can be appended to, or made with the folders that it lacks; touches nothing. Throws the error of
 * the file system, or one that says what is in the way.
 */
export async function checkAppendable(path: string, movesFiles: boolean): Promise<void> {
  const file = resolve(path);
  const isThere = await exists(file);
  if (isThere && (await stat(file)).isDirectory()) throw new Error('it is a folder');
  if (isThere) await access(file, constants.W_OK);
  if (!isThere || movesFiles) await checkFolder(dirname(file));
}

/** The folder, or of one that is absent the nearest one above it that is there. */
async function checkFolder(folder: string): Promise<void> {
  if (!(await exists(folder))) return checkFolder(dirname(folder));
  if (!(await stat(folder)).isDirectory()) throw new Error(`${folder} is no folder`);
  await access(folder, constants.W_OK | constants.X_OK);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}
