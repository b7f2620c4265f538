import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AlertFormat } from '../../core/alert/format/alert-format.ts';
import { SinkError } from '../../core/alert/sink-error.ts';
import { unlimitedBytes, type AlertSink, type SinkDocument } from '../../core/ports.ts';
import { checkAppendable } from './writable-place.ts';

export interface FileSinkSettings {
  readonly name: string;
  readonly path: string;
  /** Size in bytes beyond which the file is moved to PATH.1 and begun anew; null never does. */
  readonly rotateBytes: number | null;
  /** Moved files that are kept, PATH.1 the newest. */
  readonly keep: number;
  /** Whether a delivery counts only once the disk has it. */
  readonly fsync: boolean;
}

/**
 * Appends alerts to a file, one document a line. The file is opened anew for each delivery, so it may be moved away at
 * any time; a delivery lies whole in one file. deliver() rejects with the file system's error inside a SinkError.
 */
export class FileAlertSink implements AlertSink {
  readonly name: string;
  readonly limits = { batchMax: 1000, ...unlimitedBytes };
  readonly encode: AlertFormat;
  readonly #settings: FileSinkSettings;
  #line: Promise<void> = Promise.resolve();

  constructor(settings: FileSinkSettings, format: AlertFormat) {
    this.name = settings.name;
    this.encode = format;
    this.#settings = settings;
  }

  deliver(documents: readonly SinkDocument[]): Promise<void> {
    const work = this.#line.then(() => this.#deliver(documents));
    this.#line = work.catch(() => undefined);
    return work;
  }

  async check(): Promise<string> {
    const { path, rotateBytes } = this.#settings;
    try {
      await checkAppendable(path, rotateBytes !== null);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `Cannot append alerts to ${path}: ${reason}: set path of ${this.name} in SINKS, or let this process write there`;
      throw new SinkError('unavailable', message, { cause });
    }
    return `${path} can be appended to`;
  }

  /** Waits for the deliveries under way. */
  close(): Promise<void> {
    return this.#line;
  }

  async #deliver(documents: readonly SinkDocument[]): Promise<void> {
    if (documents.length === 0) return;
    try {
      await this.#append(documents.map(({ text }) => `${text}\n`).join(''));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new SinkError('unavailable', `Cannot append alerts to ${this.#settings.path}: ${reason}`, { cause });
    }
  }

  async #append(text: string): Promise<void> {
    const file = await this.#fileFor(Buffer.byteLength(text));
    try {
      await file.appendFile((await endsInsideLine(file)) ? `\n${text}` : text);
      if (this.#settings.fsync) await file.sync();
    } finally {
      await file.close();
    }
  }

  /** The file to append so many bytes to, begun anew when they would not fit. */
  async #fileFor(bytes: number): Promise<FileHandle> {
    const { path, rotateBytes } = this.#settings;
    const file = await this.#open();
    const { size } = await file.stat();
    if (rotateBytes === null || size === 0 || size + bytes <= rotateBytes) return file;
    if (this.#settings.fsync) await file.sync();
    await file.close();
    await rotate(path, this.#settings.keep);
    return this.#open();
  }

  async #open(): Promise<FileHandle> {
    const { path } = this.#settings;
    try {
      return await open(path, 'a+');
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
    await mkdir(dirname(path), { recursive: true });
    return open(path, 'a+');
  }
}

/** Moves PATH to PATH.1, that to PATH.2 and so on; what would be beyond `keep` is deleted. */
async function rotate(path: string, keep: number): Promise<void> {
  await rm(keep === 0 ? path : `${path}.${keep}`, { force: true });
  for (let number = keep - 1; number >= 0; number -= 1) {
    try {
      await rename(number === 0 ? path : `${path}.${number}`, `${path}.${number + 1}`);
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** Whether a delivery was cut off, as by a full disk: what comes next then begins a line of its own. */
async function endsInsideLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== 0x0a;
}
