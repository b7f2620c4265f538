const c1 = 0x239b961b;
const c2 = 0xab0e9789;
const c3 = 0x38b34ae5;
const c4 = 0xa1e38b93;

function rotl(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function finalMix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** Little-endian word of up to four bytes. */
function word(bytes: Uint8Array, at: number, length: number): number {
  let value = 0;
  for (let index = Math.min(at + 4, length) - 1; index >= at; index--) value = (value << 8) | (bytes[index] ?? 0);
  return value;
}

/**
 * MurmurHash3_x86_128 (Austin Appleby, public domain; smhasher/src/MurmurHash3.cpp) of the first `length` bytes.
 * Writes four 32-bit words to `out`. Spreads well and is fast; says nothing about a chosen collision.
 */
export function murmur3x86128(bytes: Uint8Array, length: number, seed: number, out: Uint32Array): void {
  let h1 = seed;
  let h2 = seed;
  let h3 = seed;
  let h4 = seed;
  const blocks = length - (length % 16);
  for (let at = 0; at < blocks; at += 16) {
    h1 ^= Math.imul(rotl(Math.imul(word(bytes, at, length), c1), 15), c2);
    h1 = (Math.imul(rotl(h1, 19) + h2, 5) + 0x561ccd1b) | 0;
    h2 ^= Math.imul(rotl(Math.imul(word(bytes, at + 4, length), c2), 16), c3);
    h2 = (Math.imul(rotl(h2, 17) + h3, 5) + 0x0bcaa747) | 0;
    h3 ^= Math.imul(rotl(Math.imul(word(bytes, at + 8, length), c3), 17), c4);
    h3 = (Math.imul(rotl(h3, 15) + h4, 5) + 0x96cd1c35) | 0;
    h4 ^= Math.imul(rotl(Math.imul(word(bytes, at + 12, length), c4), 18), c1);
    h4 = (Math.imul(rotl(h4, 13) + h1, 5) + 0x32ac3b17) | 0;
  }
  // A word beyond the end is 0 and mixes to 0, so the tail needs no cases.
  h4 ^= Math.imul(rotl(Math.imul(word(bytes, blocks + 12, length), c4), 18), c1);
  h3 ^= Math.imul(rotl(Math.imul(word(bytes, blocks + 8, length), c3), 17), c4);
  h2 ^= Math.imul(rotl(Math.imul(word(bytes, blocks + 4, length), c2), 16), c3);
  h1 ^= Math.imul(rotl(Math.imul(word(bytes, blocks, length), c1), 15), c2);
  h1 ^= length;
  h2 ^= length;
  h3 ^= length;
  h4 ^= length;
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = (h2 + h1) | 0;
  h3 = (h3 + h1) | 0;
  h4 = (h4 + h1) | 0;
  h1 = finalMix(h1);
  h2 = finalMix(h2);
  h3 = finalMix(h3);
  h4 = finalMix(h4);
  h1 = (h1 + h2 + h3 + h4) | 0;
  out[0] = h1;
  out[1] = h2 + h1;
  out[2] = h3 + h1;
  out[3] = h4 + h1;
}
