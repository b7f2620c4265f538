import { randomUUID } from 'node:crypto';
import type { LeaseAnswer, LeaseRecord, RealTime } from '../../core/ports.ts';
import { leaseName } from '../../core/state/blob-name.ts';
import { createFile, deleteVersionsBelow, newestVersion, readWhole, replaceFile } from './durable-file.ts';
import { stateFolderError } from './state-error.ts';

export interface FileLeaseOptions {
  /** Name of this process, shown to those who wait. */
  readonly identifier: string;
  readonly durationMs: number;
  readonly realTime: RealTime;
}

/** Leases that stay behind the newest; the reason is that of the heads in state-store.ts. */
const leasesKept = 8;

interface LeaseFile {
  readonly holder: string;
  readonly token: string;
  readonly beat: number;
  readonly freed: boolean;
}

/**
 * A lease in a folder. Every term is a file of its own version, created exclusively; its holder replaces it with the next
 * beat. Who waits takes the next version when the file says freed, or when it saw no new beat for the duration by its own
 * clock: no two clocks are compared, and a holder that comes too late only beats in a file that counts no more.
 */
export class FileLeaseRecord implements LeaseRecord {
  readonly #folder: string;
  readonly #options: FileLeaseOptions;
  readonly #token = randomUUID();
  /** The version that this hand took; 0 for none. */
  #version = 0;
  #beat = 0;
  /** What was seen last, and since when it has not changed. */
  #seen: { readonly version: number; readonly text: string; readonly sinceMs: number } | null = null;

  constructor(folder: string, options: FileLeaseOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  take(): Promise<LeaseAnswer> {
    return this.#explained('take', async () => {
      const newest = await newestVersion(this.#folder, leaseName);
      if (newest !== 0) {
        const startedMs = this.#options.realTime.nowMs();
        const text = (await readWhole(this.#folder, nameOf(newest)))?.toString() ?? '';
        const file = readLease(text);
        const isFree = file?.freed === true || file?.token === this.#token || this.#isStale(newest, text, startedMs);
        if (!isFree) return { taken: false, holder: file?.holder ?? 'unknown' };
      }
      const version = newest + 1;
      const isOurs =
        (await createFile(this.#folder, nameOf(version), this.#text(false))) &&
        (await newestVersion(this.#folder, leaseName)) === version;
      if (!isOurs) return { taken: false, holder: 'unknown' };
      this.#version = version;
      await deleteVersionsBelow(this.#folder, leaseName, version - leasesKept).catch(() => undefined); // Next time.
      return { taken: true };
    });
  }

  /** Looks for another holder after it wrote: whoever took the lease before that is seen. */
  renew(): Promise<boolean> {
    return this.#explained('renew', async () => {
      if (!(await this.#isNewest())) return false;
      await replaceFile(this.#folder, nameOf(this.#version), this.#text(false));
      return this.#isNewest();
    });
  }

  async free(): Promise<void> {
    await this.#explained('free', async () => {
      if (await this.#isNewest()) await replaceFile(this.#folder, nameOf(this.#version), this.#text(true));
      this.#version = 0;
    });
  }

  async #isNewest(): Promise<boolean> {
    return this.#version !== 0 && (await newestVersion(this.#folder, leaseName)) === this.#version;
  }

  /** A change is counted from after it was read, its absence until before it was: too long is safe, too short is not. */
  #isStale(version: number, text: string, startedMs: number): boolean {
    if (this.#seen?.version !== version || this.#seen.text !== text) {
      this.#seen = { version, text, sinceMs: this.#options.realTime.nowMs() };
    }
    return startedMs - this.#seen.sinceMs >= this.#options.durationMs;
  }

  #text(freed: boolean): Uint8Array {
    const file: LeaseFile = { holder: this.#options.identifier, token: this.#token, beat: ++this.#beat, freed };
    return Buffer.from(`${JSON.stringify(file)}\n`);
  }

  async #explained<T>(verb: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw stateFolderError(error, `${verb} the lease`, this.#folder);
    }
  }
}

function nameOf(version: number): string {
  return `${leaseName}.${version}`;
}

/** Null for what is no lease: it counts as one of an unknown holder, until it is stale. */
function readLease(text: string): LeaseFile | null {
  try {
    const file = JSON.parse(text) as LeaseFile | null;
    return typeof file?.holder === 'string' ? file : null;
  } catch {
    return null;
  }
}
