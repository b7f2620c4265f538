import type { StateStore } from '../core/ports.ts';
import type { SharedFeeds } from './shared-feeds.ts';
import type { FeedPolls } from './feed-state.ts';
import type { FeedStatus } from './feed-status.ts';
import type { BlobReference, Manifest } from './manifest.ts';
import { readBlob, type StateCodec } from './state-owner.ts';

/** What a shared state of feeds holds beside their sets: the base of its manifest, as JSON. */
interface FeedNews {
  /** Digest of the index over the sets. */
  readonly digest: string;
  readonly polls: SharedFeeds['polls'];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** How the polls of each feed went. */
export function pollsOf(status: readonly FeedStatus[]): Readonly<Record<string, FeedPolls>> {
  return Object.fromEntries(
    status.map(({ name, lastSuccessMs, lastChangeMs, nextPollMs, lastError }) => [
      name,
      { lastSuccessMs, lastChangeMs, nextPollMs, lastError },
    ]),
  );
}

export function encodeNews(news: FeedNews): Uint8Array {
  return encoder.encode(JSON.stringify(news));
}

/** Throws what readBlob() and JSON.parse() throw. */
export async function readNews(store: StateStore, { base }: Manifest, codec: StateCodec): Promise<FeedNews> {
  return JSON.parse(decoder.decode(await readBlob(store, base, codec))) as FeedNews;
}

/** Whether two blobs hold the same. */
export function isSameBlob(a: BlobReference | undefined, b: BlobReference): boolean {
  return a?.sha256 === b.sha256 && a.bytes === b.bytes;
}
