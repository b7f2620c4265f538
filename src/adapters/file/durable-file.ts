import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Ending of files that are being written; one that a crash left behind means nothing. */
const draftEnding = '.draft';

const ownPrefix = `${process.pid}-${randomBytes(6).toString('hex')}-`;
let drafts = 0;

/** Whether an error of the file system has one of the codes, like ENOENT. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/**
 * Writes a file that must not be there: whole or not at all, and to stay after a loss of power. False when the name is
 * taken. link() decides between writers, as it fails where rename() replaces.
 */
export async function createFile(folder: string, name: string, bytes: Uint8Array): Promise<boolean> {
  const draft = await writeDraft(folder, bytes);
  try {
    await link(draft, join(folder, name));
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true }).catch(() => undefined); // deleteDraftsOfOthers() makes up for it.
  }
  await syncFolder(folder);
  return true;
}

/** Writes or replaces a file: whoever reads it finds the old bytes or the new ones. A loss of power may bring the old ones back. */
export async function replaceFile(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const draft = await writeDraft(folder, bytes);
  try {
    await rename(draft, join(folder, name));
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** The bytes of a file, null when there is none. */
export async function readWhole(folder: string, name: string): Promise<Buffer | null> {
  try {
    return await readFile(join(folder, name));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** The names in a folder, none when it is absent. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** The greatest version among files called `stem`.version, 0 when there is none. */
export async function newestVersion(folder: string, stem: string): Promise<number> {
  return Math.max(0, ...(await versionsIn(folder, stem)));
}

/** Deletes the files called `stem`.version that lie below a version. */
export async function deleteVersionsBelow(folder: string, stem: string, version: number): Promise<void> {
  for (const old of await versionsIn(folder, stem)) {
    if (old < version) await rm(join(folder, `${stem}.${old}`), { force: true });
  }
}

/** Deletes what other processes left half written. One that still runs fails in its write, and may write again. */
export async function deleteDraftsOfOthers(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (name.endsWith(draftEnding) && !name.startsWith(ownPrefix)) await rm(join(folder, name), { force: true });
  }
}

async function versionsIn(folder: string, stem: string): Promise<number[]> {
  const names = (await namesIn(folder)).filter((name) => name.startsWith(`${stem}.`));
  return names.map((name) => Number(name.slice(stem.length + 1))).filter((version) => Number.isSafeInteger(version));
}

async function writeDraft(folder: string, bytes: Uint8Array): Promise<string> {
  await mkdir(folder, { recursive: true });
  const draft = join(folder, `${ownPrefix}${++drafts}${draftEnding}`);
  try {
    const file = await open(draft, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined); // The first error is the one to tell.
    throw error;
  }
  return draft;
}

/** Makes the names in a folder stay after a loss of power. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
