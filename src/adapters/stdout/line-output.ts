import type { Writable } from 'node:stream';

/** Characters handed to the stream at a time: a slow reader of the pipe holds back the rest. */
const chunkLength = 64 * 1024;

/**
 * Writes lines to standard output. A write resolves when the stream has passed its last byte on, and rejects when the
 * stream failed or is closed; the stream itself is never ended.
 */
export class LineOutput {
  readonly #stream: Writable;
  #line: Promise<void> = Promise.resolve();

  constructor(stream: Writable) {
    this.#stream = stream;
    // Without a listener a closed pipe would end the process; the write that met it tells.
    stream.on('error', () => undefined);
  }

  get isOpen(): boolean {
    return this.#stream.writable;
  }

  write(lines: readonly string[]): Promise<void> {
    const work = this.#line.then(() => this.#write(lines));
    this.#line = work.catch(() => undefined);
    return work;
  }

  /** Waits for the writes under way. */
  close(): Promise<void> {
    return this.#line;
  }

  async #write(lines: readonly string[]): Promise<void> {
    let chunk = '';
    for (const line of lines) {
      chunk += `${line}\n`;
      if (chunk.length < chunkLength) continue;
      await this.#pass(chunk);
      chunk = '';
    }
    if (chunk !== '') await this.#pass(chunk);
  }

  #pass(chunk: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(chunk, (error) => {
        if (error) reject(new Error(`Cannot write to standard output: ${error.message}`, { cause: error }));
        else resolve();
      });
    });
  }
}
