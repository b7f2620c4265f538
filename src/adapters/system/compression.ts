import { kMaxLength } from 'node:buffer';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { constants, createZstdCompress, zstdDecompress } from 'node:zlib';

const decompressAsync = promisify(zstdDecompress);

/** Bytes that come out of the thread pool at a time. */
const chunkSize = 256 * 1024;

const compression = {
  chunkSize,
  params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
};

/** No compressed text is longer than its bytes and this share of them and these more. */
const boundShare = 256;
const boundBytes = 64 * 1024;

/**
 * Compresses on the thread pool, off the event loop: Zstandard (RFC 8878) at a fast level, with a checksum of its own.
 * Room for the result is taken at once, of which the system gives what is used: what came out is never copied whole.
 */
export async function compress(...parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const packed = new Uint8Array(length + Math.ceil(length / boundShare) + boundBytes);
  let packedLength = 0;
  const stream = createZstdCompress({ ...compression, pledgedSrcSize: length });
  await pipeline(Readable.from(parts), stream, async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      packed.set(chunk, packedLength);
      packedLength += chunk.length;
    }
  });
  return packed.subarray(0, packedLength);
}

/** Undoes compress(). Rejects when the bytes are damaged or cut, or would give more than `maxBytes`. */
export async function decompress(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  const maxOutputLength = Math.min(maxBytes, kMaxLength);
  // Room for all at once: what comes out in one piece need not be joined, which would copy it whole.
  const room = Math.min(contentLength(bytes), maxOutputLength);
  return decompressAsync(bytes, { chunkSize: Math.max(chunkSize, room), maxOutputLength });
}

/** The length that the header of a Zstandard frame tells, as compress() lets it; 0 when it tells none in eight or four bytes. */
function contentLength(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 14) return 0;
  const descriptor = view.getUint8(4);
  const at = (descriptor & 0x20) === 0 ? 6 : 5;
  if ((descriptor & 3) !== 0) return 0;
  if (descriptor >>> 6 === 3) return Number(view.getBigUint64(at, true));
  return descriptor >>> 6 === 2 ? view.getUint32(at, true) : 0;
}
