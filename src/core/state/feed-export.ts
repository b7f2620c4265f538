import type { FeedContent } from '../intel/feed-content.ts';
import { ByteWriter } from './byte-writer.ts';
import { feedTextsMax, writeFeed } from './feed-codec.ts';

/** Bytes in one part: parts are joined once, so that nothing large is copied again and again while it grows. */
const partBytes = 1024 * 1024;

/** Indicators and facts written between two pauses. */
const sliceEntries = 64;

/** Writes the content of a feed into bytes, in slices. */
export function* feedExportSteps(content: FeedContent): Generator<undefined, Uint8Array> {
  const writer = new ByteWriter(feedTextsMax);
  const parts: Uint8Array[] = [];
  const entries = writeFeed(writer, content);
  for (let written = 1; entries.next().done !== true; written += 1) {
    if (writer.length >= partBytes) parts.push(writer.drain());
    if (written % sliceEntries === 0) yield;
  }
  parts.push(writer.drain());
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let length = 0;
  for (const part of parts) {
    bytes.set(part, length);
    length += part.length;
    yield;
  }
  return bytes;
}
