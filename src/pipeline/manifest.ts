/** A blob of the state store, with what it has to hold. */
export interface BlobReference {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The set of one feed and the cursor that belongs to it. */
export interface FeedReference {
  readonly name: string;
  readonly cursor: string | null;
  readonly blob: BlobReference;
}

/** One whole state: a base and the deltas after it, in their order. */
export interface Manifest {
  readonly generation: number;
  readonly takenMs: number;
  readonly base: BlobReference;
  readonly deltas: readonly BlobReference[];
  readonly feeds: readonly FeedReference[];
  /** Ordinal of the index version that was held. */
  readonly indexOrdinal: number;
  /** What the shard tells replicas that do not hold it; absent where it tells nobody. */
  readonly summary?: BlobReference | null;
}

/** What the head holds: who owns the state, and the last two whole states. */
export interface Head {
  readonly epoch: number;
  readonly owner: string;
  readonly current: Manifest | null;
  readonly previous: Manifest | null;
}

export type Sha256 = (bytes: Uint8Array) => string;

/** A head that was damaged or written by another version. */
export class HeadError extends Error {
  override readonly name = 'HeadError';
}

const form = 'tidewatch-head 1';
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Three lines: the form, the SHA-256 of the third, the head as JSON. */
export function encodeHead(head: Head, sha256: Sha256): Uint8Array {
  const text = JSON.stringify(head);
  return encoder.encode(`${form}\n${sha256(encoder.encode(text))}\n${text}`);
}

/** Throws HeadError for bytes that encodeHead() did not write. */
export function decodeHead(bytes: Uint8Array, sha256: Sha256): Head {
  const [seenForm = '', digest = '', ...rest] = textOf(bytes).split('\n');
  const text = rest.join('\n');
  if (seenForm !== form)
    throw new HeadError(
      `Cannot read the head of the state: it begins with ${JSON.stringify(seenForm.slice(0, 40))}, and not with ${form}`,
    );
  if (sha256(encoder.encode(text)) !== digest)
    throw new HeadError('Cannot read the head of the state as it is damaged: its digest differs');
  try {
    return JSON.parse(text) as Head;
  } catch (cause) {
    throw new HeadError('Cannot read the head of the state as it is no JSON', { cause });
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new HeadError('Cannot read the head of the state as it is damaged: it is no UTF-8 text', { cause });
  }
}

/** Every blob that a manifest names. */
export function blobsOf(manifest: Manifest | null): BlobReference[] {
  if (manifest === null) return [];
  const { base, deltas, feeds, summary = null } = manifest;
  return [base, ...deltas, ...feeds.map(({ blob }) => blob), ...(summary === null ? [] : [summary])];
}
