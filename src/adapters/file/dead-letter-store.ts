import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  inOrder,
  overflowing,
  readSegment,
  readSegmentName,
  segmentName,
  writeSegments,
  type Segment,
} from '../../core/dead-letter-segment.ts';
import type { DeadLetter, DeadLetterStore } from '../../core/ports.ts';

/**
 * Keeps dead letters as immutable NDJSON files in a folder of one process, bounded in bytes. Methods throw the file
 * system's error when it fails.
 */
export class FileDeadLetterStore implements DeadLetterStore {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #token = randomBytes(4).toString('hex');
  #known: Segment[] | null = null;
  #nextIndex = 0;
  #dropped = 0;
  #line: Promise<void> = Promise.resolve();

  /** The folder is made when it is needed; `maxBytes` bounds what is kept, the newest file always stays. */
  constructor(folder: string, maxBytes: number) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  append(letters: readonly DeadLetter[]): Promise<void> {
    const work = this.#line.then(() => this.#append(letters));
    this.#line = work.catch(() => undefined);
    return work;
  }

  async recent(limit: number): Promise<readonly DeadLetter[]> {
    const letters: DeadLetter[] = [];
    for (const { name } of (await this.#list()).toReversed()) {
      if (letters.length >= limit) break;
      letters.push(...readSegment(await this.#read(name)).toReversed());
    }
    return letters.slice(0, limit);
  }

  dropped(): number {
    return this.#dropped;
  }

  async #append(letters: readonly DeadLetter[]): Promise<void> {
    if (letters.length === 0) return;
    if (this.#known === null) {
      await mkdir(this.#folder, { recursive: true });
      this.#known = await this.#list();
      this.#nextIndex = (this.#known.at(-1)?.index ?? -1) + 1;
    }
    for (const { text, letters: count } of writeSegments(letters)) {
      const index = this.#nextIndex++;
      const name = segmentName(index, count, this.#token);
      await this.#write(name, text);
      this.#known.push({ name, index, letters: count, bytes: Buffer.byteLength(text) });
    }
    await this.#drop(this.#known).catch(() => undefined); // The letters are durable; what is too much is dropped next time.
  }

  /** Writes a file so that it is there whole or not at all, and stays after a loss of power. */
  async #write(name: string, text: string): Promise<void> {
    const draft = join(this.#folder, `${name}.draft`);
    const file = await open(draft, 'w');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, join(this.#folder, name));
    const folder = await open(this.#folder, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  async #drop(known: Segment[]): Promise<void> {
    for (const segment of overflowing(known, this.#maxBytes)) {
      await rm(join(this.#folder, segment.name), { force: true });
      known.shift();
      this.#dropped += segment.letters;
    }
  }

  async #list(): Promise<Segment[]> {
    let names: string[];
    try {
      names = await readdir(this.#folder);
    } catch (error) {
      if (isAbsent(error)) return [];
      throw error;
    }
    const segments = names.flatMap((name) => readSegmentName(name) ?? []);
    const sizes = await Promise.all(segments.map(({ name }) => this.#sizeOf(name)));
    return inOrder(segments.map((segment, at) => ({ ...segment, bytes: sizes[at] ?? 0 })));
  }

  async #sizeOf(name: string): Promise<number> {
    try {
      return (await stat(join(this.#folder, name))).size;
    } catch (error) {
      if (isAbsent(error)) return 0;
      throw error;
    }
  }

  /** The text of a segment, "" when it was dropped meanwhile. */
  async #read(name: string): Promise<string> {
    try {
      return await readFile(join(this.#folder, name), 'utf8');
    } catch (error) {
      if (isAbsent(error)) return '';
      throw error;
    }
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
