import { StateStoreError, type StateStore } from '../core/ports.ts';
import { blobsOf, decodeHead, type Head, type Manifest, type Sha256 } from './manifest.ts';

/** How often the head is read anew because its owner replaced it meanwhile. */
const readsMax = 5;

/** Which of the two states that a head names. */
export type ManifestName = 'current' | 'previous';

/** Names of the blobs that a state is put together from, the sets of the feeds left out. */
export function stateBlobs(manifest: Manifest | null): string[] {
  return manifest === null ? [] : [manifest.base, ...manifest.deltas].map(({ name }) => name);
}

/** What was read with a head, and the blobs that could not be read. */
export interface ReadWithHead<Result> {
  readonly result: Result;
  readonly unreadable: readonly string[];
}

/** The head of a store; null when nothing is stored. Throws HeadError for one that cannot be read. */
async function currentHead(store: StateStore, sha256: Sha256): Promise<Head | null> {
  const stored = await store.readHead();
  return stored === null ? null : decodeHead(stored.bytes, sha256);
}

/**
 * Reads with the head of a state whose owner goes on writing: it may delete a blob after the head was read, never one
 * that the head names. So what cannot be read is damaged only if a head read afterwards still names it; else all is read
 * again with that head. Throws HeadError, and StateStoreError when the store fails or the state changes again and again.
 */
export async function readWithHead<Result>(
  store: StateStore,
  sha256: Sha256,
  read: (head: Head | null) => Promise<ReadWithHead<Result>>,
): Promise<Result> {
  let head = await currentHead(store, sha256);
  for (let left = readsMax; left > 0; left -= 1) {
    const { result, unreadable } = await read(head);
    if (unreadable.length === 0) return result;
    head = await currentHead(store, sha256);
    const named = new Set(
      [...blobsOf(head?.current ?? null), ...blobsOf(head?.previous ?? null)].map(({ name }) => name),
    );
    if (unreadable.every((name) => named.has(name))) return result;
  }
  throw new StateStoreError(
    'unavailable',
    `Cannot read the state as its owner replaced it ${readsMax} times meanwhile: try again`,
    null,
  );
}
