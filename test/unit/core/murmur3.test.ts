import { describe, expect, test } from 'vitest';
import { murmur3x86128 } from '../../../src/core/murmur3.ts';

function hash(bytes: Uint8Array, seed: number): Uint8Array {
  const out = new Uint32Array(4);
  murmur3x86128(bytes, bytes.length, seed, out);
  const view = new DataView(new ArrayBuffer(16));
  for (const [index, word] of out.entries()) view.setUint32(index * 4, word, true);
  return new Uint8Array(view.buffer);
}

describe('murmur3x86128()', () => {
  test('gives the verification value of SMHasher for MurmurHash3_x86_128', () => {
    // SMHasher KeysetTest.cpp, VerificationTest: hashes of {}, {0}, {0,1} … under seeds 256 … 1, hashed under seed 0.
    const key = Uint8Array.from({ length: 256 }, (_, index) => index);
    const hashes = new Uint8Array(256 * 16);
    for (let length = 0; length < 256; length++) hashes.set(hash(key.subarray(0, length), 256 - length), length * 16);
    const final = new DataView(hash(hashes, 0).buffer);
    expect(final.getUint32(0, true)).toBe(0xb3ece62a);
  });

  test('leaves bytes behind the length aside', () => {
    const long = new Uint8Array([1, 2, 3, 4, 5]);
    const out = new Uint32Array(4);
    murmur3x86128(long, 3, 7, out);
    const short = new Uint32Array(4);
    murmur3x86128(long.slice(0, 3), 3, 7, short);
    expect(out).toEqual(short);
  });
});
