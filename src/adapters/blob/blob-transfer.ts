import { randomBytes } from 'node:crypto';
import type { BlobClient, BlockBlobClient, BlockBlobUploadOptions } from '@azure/storage-blob';

/**
 * Bytes of one request. The pipeline lets the storage work on a request for 2 s (container.ts), which has to do for
 * sending it too.
 */
const partBytes = 1024 ** 2;

/** Parts in flight at a time. */
const partsAtOnce = 4;

/**
 * A signal that ends one request which nobody answers: @azure/storage-blob 12.34 tells its time-out to the storage only,
 * and would wait for ever for one that took the connection and then fell silent.
 */
export function answerDue(withinMs = 6000): AbortSignal {
  return AbortSignal.timeout(withinMs);
}

/** Writes a block blob that must not be there yet: in one request if it is small, else in parts that become valid at once. */
export async function uploadNew(blob: BlockBlobClient, bytes: Uint8Array): Promise<void> {
  const conditions = { ifNoneMatch: '*' };
  if (bytes.length <= partBytes) return uploadSmall(blob, bytes, { conditions });
  // Names of blocks are new each time: two writers of one blob never mix their parts.
  const token = randomBytes(8).toString('hex');
  const parts = partsOf(bytes.length).map(({ offset, length }, index) => ({
    id: Buffer.from(`${token}-${String(index).padStart(6, '0')}`).toString('base64'),
    bytes: bytes.subarray(offset, offset + length),
  }));
  await forEachPart(parts, async (part) => {
    await blob.stageBlock(part.id, buffer(part.bytes), part.bytes.length, { abortSignal: answerDue() });
  });
  const ids = parts.map(({ id }) => id);
  await blob.commitBlockList(ids, { conditions, abortSignal: answerDue() });
}

async function uploadSmall(blob: BlockBlobClient, bytes: Uint8Array, options: BlockBlobUploadOptions): Promise<void> {
  await blob.upload(buffer(bytes), bytes.length, { ...options, abortSignal: answerDue() });
}

/** The bytes of a blob that never changes. Throws RestError of @azure/storage-blob, BlobNotFound if there is none. */
export async function downloadWhole(blob: BlobClient): Promise<Uint8Array> {
  const { contentLength = 0, etag } = await blob.getProperties({ abortSignal: answerDue() });
  const bytes = Buffer.alloc(contentLength);
  await forEachPart(partsOf(contentLength), async ({ offset, length }) => {
    await blob.downloadToBuffer(bytes.subarray(offset, offset + length), offset, length, {
      abortSignal: answerDue(),
      ...(etag === undefined ? {} : { conditions: { ifMatch: etag } }),
    });
  });
  return bytes;
}

/** The bytes without a copy, as the client takes them. */
export function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function partsOf(length: number): { readonly offset: number; readonly length: number }[] {
  return Array.from({ length: Math.ceil(length / partBytes) }, (_, index) => {
    const offset = index * partBytes;
    return { offset, length: Math.min(partBytes, length - offset) };
  });
}

/** Runs the work for every part, a few at a time; rejects with the first failure, after which no further part begins. */
async function forEachPart<T>(parts: readonly T[], work: (part: T) => Promise<void>): Promise<void> {
  const left = parts.values();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const part of left) {
      if (failed) return;
      try {
        await work(part);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: partsAtOnce }, worker));
}
