import { createHash } from 'node:crypto';
import type { StateCodec } from '../../src/pipeline/state-owner.ts';

/** Keeps state as it is, and tells of changes by its digest. */
export const memoryCodec: StateCodec = {
  compress: (bytes) => Promise.resolve(bytes),
  decompress: (bytes) => Promise.resolve(bytes),
  sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
};
