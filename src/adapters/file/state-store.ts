import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HeadConflictError, StateStoreError, type StateStore, type StoredHead } from '../../core/ports.ts';
import { checkBlobName, headName, isBlobName } from '../../core/state/blob-name.ts';
import {
  createFile,
  deleteDraftsOfOthers,
  deleteVersionsBelow,
  namesIn,
  newestVersion,
  readWhole,
  syncFolder,
} from './durable-file.ts';
import { stateFolderError } from './state-error.ts';

/**
 * Heads that stay behind the newest. A writer that was stopped half-way through can only be let in under a version that
 * is gone again, and sees a newer one then; were just one kept, it could list the folder while the newest changes.
 */
const headsKept = 8;

/**
 * Keeps the state of a shard in a folder, flushed to the disk. Each head is a file of its own version, created
 * exclusively: of several writers the file system lets one through. Not for a folder whose file system has no hard links.
 */
export class FileStateStore implements StateStore {
  readonly #folder: string;
  /** The version that this store wrote last: to be known again when what followed failed. */
  #written = 0;
  #hasTidied = false;

  /** The folder is made when it is needed. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  readHead(): Promise<StoredHead | null> {
    return this.#explained('read the head of the state', async () => {
      for (;;) {
        const version = await newestVersion(this.#folder, headName);
        if (version === 0) return null;
        const bytes = await readWhole(this.#folder, `${headName}.${version}`);
        // Absent when it was replaced several times since it was listed.
        if (bytes !== null) return { bytes, tag: String(version) };
      }
    });
  }

  writeHead(bytes: Uint8Array, tag: string | null): Promise<string> {
    return this.#explained('write the head of the state', async () => {
      const version = Number(tag ?? 0) + 1;
      const created = (await this.#isNewest(version - 1)) && (await this.#createHead(version, bytes));
      if (!created && !(await this.#isOwnWrite(version, bytes))) {
        const newest = await newestVersion(this.#folder, headName);
        throw new HeadConflictError(
          `Cannot write the head of the state: expected its version to be ${version - 1}, it is ${newest}`,
        );
      }
      await this.#tidy(version).catch(() => undefined); // The head is written; what is left over is deleted next time.
      return String(version);
    });
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    checkBlobName(name);
    await this.#explained(`write state blob ${name}`, async () => {
      if (await createFile(this.#folder, name, bytes)) return;
      if ((await readWhole(this.#folder, name))?.equals(bytes) === true) return syncFolder(this.#folder);
      throw new StateStoreError('name_taken', `Cannot write state blob ${name}: it is there with other bytes`, null);
    });
  }

  get(name: string): Promise<Uint8Array | null> {
    return this.#explained(`read state blob ${name}`, () => readWhole(this.#folder, name));
  }

  async delete(name: string): Promise<void> {
    await this.#explained(`delete state blob ${name}`, () => rm(join(this.#folder, name), { force: true }));
  }

  list(): Promise<readonly string[]> {
    return this.#explained('list the blobs of the state', async () =>
      (await namesIn(this.#folder)).filter(isBlobName).sort(),
    );
  }

  async #isNewest(version: number): Promise<boolean> {
    return (await newestVersion(this.#folder, headName)) === version;
  }

  async #createHead(version: number, bytes: Uint8Array): Promise<boolean> {
    const before = this.#written;
    this.#written = version;
    const created = await createFile(this.#folder, `${headName}.${version}`, bytes);
    if (created && (await this.#isNewest(version))) return true;
    this.#written = before;
    if (created) await rm(join(this.#folder, `${headName}.${version}`), { force: true });
    return false;
  }

  /** Whether an attempt that failed after it had written the head left it there. */
  async #isOwnWrite(version: number, bytes: Uint8Array): Promise<boolean> {
    if (this.#written !== version || !(await this.#isNewest(version))) return false;
    if ((await readWhole(this.#folder, `${headName}.${version}`))?.equals(bytes) !== true) return false;
    await syncFolder(this.#folder);
    return true;
  }

  async #tidy(version: number): Promise<void> {
    if (!this.#hasTidied) await deleteDraftsOfOthers(this.#folder);
    this.#hasTidied = true;
    await deleteVersionsBelow(this.#folder, headName, version - headsKept);
  }

  async #explained<T>(action: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof HeadConflictError) throw error;
      throw stateFolderError(error, action, this.#folder);
    }
  }
}
