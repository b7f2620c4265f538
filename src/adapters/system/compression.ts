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
  await pipeline(Readable.from(parts), createZstdCompress(compression), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      packed.set(chunk, packedLength);
      packedLength += chunk.length;
    }
  });
  return packed.subarray(0, packedLength);
}

/** Undoes compress(). Rejects when the bytes are damaged or cut, or would give more than `maxBytes`. */
export async function decompress(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  return decompressAsync(bytes, { chunkSize, maxOutputLength: Math.min(maxBytes, kMaxLength) });
}
