import { createHash } from 'node:crypto';
import type { StateCodec } from '../../src/pipeline/state-owner.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Keeps state as it is, and tells of changes by its digest. */
export const memoryCodec: StateCodec = {
  compress: (...parts) => Promise.resolve(Buffer.concat(parts)),
  decompress: (bytes) => Promise.resolve(bytes),
  sha256,
  digest: (bytes) => Promise.resolve(sha256(bytes)),
};
