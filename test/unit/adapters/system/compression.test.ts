import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compress, decompress } from '../../../../src/adapters/system/compression.ts';
import { digest, sha256Bytes } from '../../../../src/adapters/system/digest.ts';

const roomy = 1024 ** 2;

test('decompress() undoes compress() on any bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (bytes) => {
      expect(Buffer.from(bytes).equals(await decompress(await compress(bytes), roomy))).toBe(true);
    }),
  );
});

test('compress() of parts gives what compress() of the whole gives back, however large', async () => {
  const whole = Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * index * 7919) >>> 11);
  const parts = [
    whole.subarray(0, 10),
    whole.subarray(10, 10),
    whole.subarray(10, 2_000_000),
    whole.subarray(2_000_000),
  ];
  expect(Buffer.from(whole).equals(await decompress(await compress(...parts), whole.length))).toBe(true);
});

test('compress() takes bytes that cannot be made smaller', async () => {
  const noise = createHash('shake256', { outputLength: 700_000 }).update('noise').digest();
  expect(noise.equals(await decompress(await compress(noise), noise.length))).toBe(true);
});

test('compress() makes bytes that repeat smaller', async () => {
  expect((await compress(new Uint8Array(100_000).fill(5))).length).toBeLessThan(1000);
});

test('decompress() rejects bytes that were cut anywhere', async () => {
  const packed = await compress(Uint8Array.from({ length: 3000 }, (_, index) => (index * index) & 0xff));
  await fc.assert(
    fc.asyncProperty(fc.nat(packed.length - 1), async (length) => {
      await expect(decompress(packed.subarray(0, length), roomy)).rejects.toThrow();
    }),
  );
});

test('decompress() gives no more than the bound, and that much it gives', async () => {
  const packed = await compress(new Uint8Array(10_000).fill(5));
  expect(await decompress(packed, 10_000)).toHaveLength(10_000);
  await expect(decompress(packed, 9_999)).rejects.toThrow();
  await expect(decompress(packed, 1)).rejects.toThrow();
});

test('decompress() takes any bound, however large', async () => {
  expect(await decompress(await compress(new Uint8Array(3)), Number.MAX_SAFE_INTEGER)).toHaveLength(3);
});

test('sha256Bytes() hashes exactly the view, as lower-case hex', () => {
  const bytes = new TextEncoder().encode('xabcx').subarray(1, 4);
  expect(sha256Bytes(bytes)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(sha256Bytes(bytes)).toBe(createHash('sha256').update('abc').digest('hex'));
});

test.each([0, 1, 512 * 1024, 512 * 1024 + 1, 3_000_000])(
  'digest() of %i bytes is their sha256Bytes()',
  async (length) => {
    const bytes = Uint8Array.from({ length }, (_, index) => index);
    expect(await digest(bytes)).toBe(sha256Bytes(bytes));
  },
);
