import { DecodeError } from '../core/state/byte-reader.ts';
import { HeadConflictError, type Log, type StateStore } from '../core/ports.ts';
import { ShardImage, StateMismatchError } from '../core/state/shard-image.ts';
import {
  blobsOf,
  decodeHead,
  encodeHead,
  type BlobReference,
  type Head,
  type Manifest,
  type Sha256,
} from './manifest.ts';

export interface StateCodec {
  /** Compresses bytes given in parts, and lets other work go on meanwhile. */
  compress(...parts: readonly Uint8Array[]): Promise<Uint8Array>;
  /** Rejects when the result would be larger than `maxBytes`. */
  decompress(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array>;
  readonly sha256: Sha256;
  /** As sha256, for what is large: other work goes on meanwhile. */
  digest(bytes: Uint8Array): Promise<string>;
}

/** Largest state that is read, unpacked. */
const stateMaxBytes = 8 * 1024 ** 3;

/** A blob that is missing, damaged or of another length than its manifest says. */
export class DamagedStateError extends Error {
  override readonly name = 'DamagedStateError';
}

export interface OwnedState {
  readonly head: Head;
  readonly tag: string;
}

/** Reads a blob and holds it against what its manifest says of it. */
export async function readBlob(store: StateStore, reference: BlobReference, codec: StateCodec): Promise<Uint8Array> {
  const bytes = await store.get(reference.name);
  if (bytes === null) throw new DamagedStateError(`Cannot read ${reference.name} as it is not there`);
  const damaged = (what: string, cause?: unknown): DamagedStateError =>
    new DamagedStateError(`Cannot read ${reference.name} as it is damaged: ${what}`, { cause });
  if (bytes.length !== reference.bytes)
    throw damaged(`its length is ${bytes.length} bytes, its manifest says ${reference.bytes}`);
  if ((await codec.digest(bytes)) !== reference.sha256) throw damaged('its SHA-256 is not what its manifest says');
  try {
    return await codec.decompress(bytes, stateMaxBytes);
  } catch (cause) {
    throw damaged(`it cannot be unpacked: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

/** Puts a shard together from a manifest. Throws DamagedStateError, DecodeError or StateMismatchError. */
export async function readImage(store: StateStore, manifest: Manifest, codec: StateCodec): Promise<ShardImage> {
  const image = new ShardImage();
  for (const reference of [manifest.base, ...manifest.deltas]) image.apply(await readBlob(store, reference, codec));
  return image;
}

/**
 * Makes this process the owner of the state: writes the head with the next epoch, so that whoever owned it before fails
 * its next write. A head that cannot be read is replaced; what it named is lost, and the log says so. Throws
 * HeadConflictError once `mayWrite` says no: a process whose lease is over must not fence the next holder.
 */
export async function takeOwnership(
  store: StateStore,
  owner: string,
  codec: StateCodec,
  log: Log,
  mayWrite: () => boolean = () => true,
): Promise<OwnedState> {
  for (;;) {
    const stored = await store.readHead();
    const before = stored === null ? null : readableHead(stored.bytes, codec, log);
    const epoch = (before?.epoch ?? (await greatestEpoch(store))) + 1;
    const head = { current: null, previous: null, ...before, epoch, owner };
    if (!mayWrite()) throw new HeadConflictError('Cannot take the state as the lease was lost: another may have it');
    try {
      const tag = await store.writeHead(encodeHead(head, codec.sha256), stored?.tag ?? null);
      return { head, tag };
    } catch (error) {
      if (!(error instanceof HeadConflictError)) throw error;
      log.warn('Another process wrote the head of the state at the same moment: reading it again');
    }
  }
}

/** The greatest epoch that named a blob: without a readable head, the next one must not use a name again. */
async function greatestEpoch(store: StateStore): Promise<number> {
  return Math.max(0, ...(await store.list()).map(epochOf).filter(Number.isFinite));
}

/** The epoch that a blob was written in; NaN for a name of another kind. */
function epochOf(name: string): number {
  return Number(/^(\d+)-/.exec(name)?.[1] ?? Number.NaN);
}

function readableHead(bytes: Uint8Array, codec: StateCodec, log: Log): Head | null {
  try {
    return decodeHead(bytes, codec.sha256);
  } catch (error) {
    log.error('The head of the state cannot be read: the last LOOKBACK will be read again', { cause: error });
    return null;
  }
}

/** A state that was read whole, and from which of the two manifests. */
export interface RestoredState {
  readonly image: ShardImage;
  readonly manifest: Manifest;
}

/**
 * The newest state that can be read and used; null when there is none, and then the log says what was found and what
 * follows. `checkFits` throws StateMismatchError for what this process cannot use.
 */
export async function newestState(
  store: StateStore,
  head: Head,
  codec: StateCodec,
  log: Log,
  checkFits: (image: ShardImage) => void = () => undefined,
): Promise<RestoredState | null> {
  for (const manifest of [head.current, head.previous]) {
    if (manifest === null) continue;
    try {
      const image = await readImage(store, manifest, codec);
      checkFits(image);
      return { image, manifest };
    } catch (error) {
      if (!isUnusable(error)) throw error;
      const fallback =
        manifest === head.current && head.previous !== null ? 'the state before it' : 'the last LOOKBACK';
      log.error(`State of generation ${manifest.generation} cannot be used: ${fallback} will be read`, {
        cause: error,
      });
    }
  }
  return null;
}

/** Whether an error says that the state is unusable, rather than that the store failed for now. */
export function isUnusable(error: unknown): boolean {
  return (
    error instanceof DamagedStateError ||
    error instanceof DecodeError ||
    error instanceof StateMismatchError ||
    error instanceof SyntaxError ||
    error instanceof RangeError ||
    error instanceof TypeError
  );
}

/** Deletes blobs of earlier owners that no manifest names; they can no longer be made valid. */
export async function deleteOrphans(store: StateStore, head: Head): Promise<number> {
  const named = new Set([...blobsOf(head.current), ...blobsOf(head.previous)].map(({ name }) => name));
  let deleted = 0;
  for (const name of await store.list()) {
    if (named.has(name) || !(epochOf(name) < head.epoch)) continue;
    await store.delete(name);
    deleted += 1;
  }
  return deleted;
}
