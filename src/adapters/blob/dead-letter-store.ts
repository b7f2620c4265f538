import { randomBytes } from 'node:crypto';
import type { ContainerClient } from '@azure/storage-blob';
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

/** Blobs read at a time by recent(). */
const readsAtOnce = 16;

/**
 * Keeps dead letters as immutable NDJSON blobs under a prefix, bounded in bytes over all processes that share it.
 * Methods throw RestError of @azure/storage-blob when the storage fails.
 */
export class BlobDeadLetterStore implements DeadLetterStore {
  readonly #container: ContainerClient;
  readonly #prefix: string;
  readonly #maxBytes: number;
  readonly #token = randomBytes(4).toString('hex');
  /** What lies under the prefix as last listed, with what this process wrote since; null before the first listing. */
  #known: Segment[] | null = null;
  #writtenSinceListed = 0;
  #nextIndex = 0;
  #dropped = 0;
  #line: Promise<void> = Promise.resolve();

  /** `prefix` ends in a slash if it is to be a folder; `maxBytes` bounds what is kept, the newest blob always stays. */
  constructor(container: ContainerClient, prefix: string, maxBytes: number) {
    this.#container = container;
    this.#prefix = prefix;
    this.#maxBytes = maxBytes;
  }

  append(letters: readonly DeadLetter[]): Promise<void> {
    const work = this.#line.then(() => this.#append(letters));
    this.#line = work.catch(() => undefined);
    return work;
  }

  async recent(limit: number): Promise<readonly DeadLetter[]> {
    const newestFirst = (await this.#list()).toReversed();
    const letters: DeadLetter[] = [];
    for (let at = 0; at < newestFirst.length && letters.length < limit; at += readsAtOnce) {
      const texts = await Promise.all(newestFirst.slice(at, at + readsAtOnce).map(({ name }) => this.#read(name)));
      letters.push(...texts.flatMap((text) => readSegment(text).toReversed()));
    }
    return letters.slice(0, limit);
  }

  dropped(): number {
    return this.#dropped;
  }

  async #append(letters: readonly DeadLetter[]): Promise<void> {
    if (letters.length === 0) return;
    if (this.#known === null) await this.#adopt();
    for (const { text, letters: count } of writeSegments(letters)) {
      const index = this.#nextIndex++;
      const name = segmentName(index, count, this.#token);
      const bytes = Buffer.byteLength(text);
      await this.#container.getBlockBlobClient(this.#prefix + name).upload(text, bytes, {
        conditions: { ifNoneMatch: '*' },
        blobHTTPHeaders: { blobContentType: 'application/x-ndjson' },
      });
      this.#known = [...(this.#known ?? []), { name, index, letters: count, bytes }];
      this.#writtenSinceListed += bytes;
    }
    await this.#drop().catch(() => undefined); // The letters are durable; what is too much is dropped next time.
  }

  /** Lists anew, so that what other processes wrote counts too and new names sort behind theirs. */
  async #adopt(): Promise<void> {
    this.#known = await this.#list();
    this.#writtenSinceListed = 0;
    this.#nextIndex = Math.max(this.#nextIndex, (this.#known.at(-1)?.index ?? -1) + 1);
  }

  async #drop(): Promise<void> {
    const bytes = (this.#known ?? []).reduce((sum, segment) => sum + segment.bytes, 0);
    if (bytes > this.#maxBytes || this.#writtenSinceListed > this.#maxBytes / 16) await this.#adopt();
    for (const segment of overflowing(this.#known ?? [], this.#maxBytes)) {
      const { succeeded } = await this.#container.getBlockBlobClient(this.#prefix + segment.name).deleteIfExists();
      this.#known = (this.#known ?? []).filter((known) => known !== segment);
      // Another process that dropped it has counted it.
      if (succeeded) this.#dropped += segment.letters;
    }
  }

  async #list(): Promise<Segment[]> {
    const segments: Segment[] = [];
    for await (const { name, properties } of this.#container.listBlobsFlat({ prefix: this.#prefix })) {
      const segment = readSegmentName(name.slice(this.#prefix.length));
      if (segment !== null) segments.push({ ...segment, bytes: properties.contentLength ?? 0 });
    }
    return inOrder(segments);
  }

  /** The text of a segment, "" when it was dropped meanwhile. */
  async #read(name: string): Promise<string> {
    try {
      const bytes = await this.#container.getBlockBlobClient(this.#prefix + name).downloadToBuffer();
      return bytes.toString();
    } catch (error) {
      if (error instanceof Error && 'statusCode' in error && error.statusCode === 404) return '';
      throw error;
    }
  }
}
