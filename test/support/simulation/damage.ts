import { blobsOf, decodeHead } from '../../../src/pipeline/manifest.ts';
import { memoryCodec } from '../memory-codec.ts';
import type { MemoryStateStore } from '../memory-state-store.ts';
import type { Damage } from './fault-plan.ts';

/** Damages what a store keeps, as a broken disk does. Does nothing where there is nothing to damage. */
export function damageState(store: MemoryStateStore, { target, pick, how }: Damage): void {
  const head = store.headBytes();
  if (head === null) return;
  const blobs = store.contents();
  const names = target === 'head' ? [''] : target === 'any' ? [...blobs.keys()] : currentBlobs(head, blobs);
  const name = names[pick % Math.max(1, names.length)];
  const bytes = name === '' ? head : blobs.get(name ?? '');
  if (name === undefined || bytes === undefined) return;
  if (how === 'truncated') store.truncate(name, pick % bytes.length);
  else store.corrupt(name, pick % bytes.length, 1 + (pick % 255));
}

/** Those of the current state that are there; none under a head that is damaged already. */
function currentBlobs(head: Uint8Array, blobs: ReadonlyMap<string, Uint8Array>): string[] {
  try {
    const { current } = decodeHead(head, memoryCodec.sha256);
    return blobsOf(current)
      .map(({ name }) => name)
      .filter((name) => blobs.has(name));
  } catch {
    return [];
  }
}
