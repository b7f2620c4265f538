import { SharedLists } from '../core/intel/indicator-reader.ts';
import { StateStoreError, type StateStore } from '../core/ports.ts';
import { ByteReader } from '../core/state/byte-reader.ts';
import { Cut } from '../core/state/cut.ts';
import { feedTextsMax, readFeed } from '../core/state/feed-codec.ts';
import { ShardImage } from '../core/state/shard-image.ts';
import { decodeFleetSummary } from './fleet-summary.ts';
import type { BlobReference, Head, Manifest } from './manifest.ts';
import { readWithHead } from './snapshot-head.ts';
import { restartOf, type Restart } from './snapshot-restart.ts';
import { readBlob, type StateCodec } from './state-owner.ts';

type BlobKind = 'base' | 'delta' | 'feed' | 'summary';

/** A blob that a head names. */
export interface NamedBlob {
  readonly reference: BlobReference;
  readonly kind: BlobKind;
  /** What it is in each manifest that names it: "current base", "previous delta 2", "current feed partner". */
  readonly parts: readonly string[];
}

export interface VerifiedBlob extends NamedBlob {
  /** What is wrong with it, null when nothing is. */
  readonly fault: string | null;
}

export interface Verification {
  /** Null when nothing is stored. */
  readonly head: Head | null;
  readonly blobs: readonly VerifiedBlob[];
  /** What a restart does with it. */
  readonly restart: Restart;
}

/** Every blob that a head names, once. */
export function namedBlobs(head: Head | null): NamedBlob[] {
  const found = new Map<string, NamedBlob>();
  const add = (reference: BlobReference, kind: BlobKind, part: string): void => {
    const parts = [...(found.get(reference.name)?.parts ?? []), part];
    found.set(reference.name, { reference, kind, parts });
  };
  const addAll = (name: string, manifest: Manifest | null): void => {
    if (manifest === null) return;
    add(manifest.base, 'base', `${name} base`);
    for (const [index, delta] of manifest.deltas.entries()) add(delta, 'delta', `${name} delta ${index + 1}`);
    for (const feed of manifest.feeds) add(feed.blob, 'feed', `${name} feed ${feed.name}`);
    if (manifest.summary) add(manifest.summary, 'summary', `${name} summary`);
  };
  addAll('current', head?.current ?? null);
  addAll('previous', head?.previous ?? null);
  return [...found.values()];
}

/** A base that holds nothing, so that a delta can be decoded whatever became of its own base. */
function emptyBase(): Uint8Array {
  const cut = new Cut(
    {
      kind: 'base',
      number: 1,
      summary: {
        lookbackMs: 0,
        hopMs: 0,
        boundary: 0,
        firstBoundary: 0,
        seesSince: null,
        warmUntil: null,
        additions: 0,
        overflowed: 0,
        inexact: 0,
        anyEvictedUpTo: null,
        positions: [],
        watermarks: [],
        lastAlert: 0,
        taken: [],
        emitted: { create: 0, update: 0, close: 0 },
      },
      alerts: [],
      deferred: [],
      expired: [],
      evicted: new Map(),
      addresses: [],
    },
    {
      held: () => undefined,
      all: () => [].values(),
      isPinned: () => false,
      findings: () => [],
      pack: () => undefined,
    },
  );
  cut.advance(1);
  return cut.bytes();
}

function readAll(parts: Iterable<unknown>): void {
  const reading = parts[Symbol.iterator]();
  while (reading.next().done !== true);
}

/** Throws what decoding throws. */
function decode(kind: BlobKind, bytes: Uint8Array): void {
  if (kind === 'feed') {
    const { held, facts } = readFeed(new ByteReader(bytes, feedTextsMax), new SharedLists());
    readAll(held);
    readAll(facts);
    return;
  }
  if (kind === 'summary') {
    decodeFleetSummary(bytes);
    return;
  }
  const image = new ShardImage();
  if (kind === 'delta') image.apply(emptyBase());
  image.apply(bytes);
  for (const { windows } of image.addresses.values()) windows?.unpacked();
}

/** What is wrong with a blob, null when nothing is. Throws StateStoreError when the store fails. */
async function faultOf(store: StateStore, { reference, kind }: NamedBlob, codec: StateCodec): Promise<string | null> {
  try {
    decode(kind, await readBlob(store, reference, codec));
    return null;
  } catch (error) {
    if (error instanceof StateStoreError) throw error;
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Reads every blob that the head names, one at a time, while the owner may go on writing; writes nothing. Throws
 * HeadError for a head that cannot be read, StateStoreError when the store fails.
 */
export function verifySnapshot(store: StateStore, codec: StateCodec): Promise<Verification> {
  // A blob never changes: one that was whole need not be read again with the next head.
  const whole = new Set<string>();
  return readWithHead(store, codec.sha256, async (head) => {
    const blobs: VerifiedBlob[] = [];
    for (const blob of namedBlobs(head)) {
      const { name } = blob.reference;
      const fault = whole.has(name) ? null : await faultOf(store, blob, codec);
      if (fault === null) whole.add(name);
      blobs.push({ ...blob, fault });
    }
    const unreadable = blobs.filter(({ fault }) => fault !== null).map(({ reference }) => reference.name);
    return { result: { head, blobs, restart: restartOf(head, new Set(unreadable)) }, unreadable };
  });
}
