import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AlertSink } from '../../core/ports.ts';

/**
 * Appends alerts to a file, one JSON document a line, each delivery flushed to the disk before it counts as taken. The
 * file is opened anew for each, so it may be moved away at any time. deliver() rejects with the file system's error.
 */
export class FileAlertSink implements AlertSink {
  readonly name: string;
  readonly #path: string;
  #line: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.name = `file:${path}`;
    this.#path = path;
  }

  deliver(documents: readonly string[]): Promise<void> {
    const work = this.#line.then(() => this.#append(documents));
    this.#line = work.catch(() => undefined);
    return work;
  }

  /** Waits for the deliveries under way. */
  close(): Promise<void> {
    return this.#line;
  }

  async #append(documents: readonly string[]): Promise<void> {
    if (documents.length === 0) return;
    const file = await this.#open();
    try {
      const text = documents.map((document) => `${document}\n`).join('');
      await file.appendFile((await endsInsideLine(file)) ? `\n${text}` : text);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #open(): Promise<FileHandle> {
    try {
      return await open(this.#path, 'a+');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
    await mkdir(dirname(this.#path), { recursive: true });
    return open(this.#path, 'a+');
  }
}

/** Whether a delivery was cut off, as by a full disk: what comes next then begins a line of its own. */
async function endsInsideLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== 0x0a;
}
