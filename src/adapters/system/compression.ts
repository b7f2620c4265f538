import { kMaxLength } from 'node:buffer';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';

const compressAsync = promisify(zstdCompress);
const decompressAsync = promisify(zstdDecompress);

/** Compresses on the thread pool, off the event loop: Zstandard (RFC 8878) at a fast level, with a checksum of its own. */
export async function compress(bytes: Uint8Array): Promise<Uint8Array> {
  return compressAsync(bytes, {
    params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
  });
}

/** Undoes compress(). Rejects when the bytes are damaged or cut, or would give more than `maxBytes`. */
export async function decompress(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  return decompressAsync(bytes, { maxOutputLength: Math.min(maxBytes, kMaxLength) });
}
