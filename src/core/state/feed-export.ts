import type { FeedContent } from '../intel/feed-content.ts';
import { ByteWriter } from './byte-writer.ts';
import { feedTextsMax, writeFeed } from './feed-codec.ts';

/** Bytes in one part: parts are joined once, so that nothing large is copied again and again while it grows. */
const partBytes = 1024 * 1024;

/** What joining one part counts as, in indicators. */
const partWork = 200;

/** The content of a feed on its way into bytes, slice by slice. One that has not been advanced costs nothing. */
export class FeedExport {
  readonly #content: FeedContent;
  readonly #steps: Generator<number>;
  #bytes: Uint8Array | null = null;
  #isDone = false;

  constructor(content: FeedContent) {
    this.#content = content;
    this.#steps = this.#work();
  }

  /** Goes on for as much work as `limit` indicators are. True when nothing is left. */
  advance(limit: number): boolean {
    for (let left = limit; left > 0 && !this.#isDone;) {
      const step = this.#steps.next();
      if (step.done === true) this.#isDone = true;
      else left -= step.value;
    }
    return this.#isDone;
  }

  /** The whole; throws while something is left. */
  bytes(): Uint8Array {
    if (this.#bytes === null || !this.#isDone) throw new RangeError('Cannot end an export as it is not written yet');
    return this.#bytes;
  }

  *#work(): Generator<number> {
    const writer = new ByteWriter(feedTextsMax);
    const parts: Uint8Array[] = [];
    const entries = writeFeed(writer, this.#content);
    while (entries.next().done !== true) {
      if (writer.length >= partBytes) parts.push(writer.drain());
      yield 1;
    }
    parts.push(writer.drain());
    const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let length = 0;
    for (const part of parts) {
      bytes.set(part, length);
      length += part.length;
      yield partWork;
    }
    this.#bytes = bytes;
  }
}
