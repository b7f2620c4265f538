import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sha256Bytes } from '../../../src/adapters/system/digest.ts';
import { blobsOf, decodeHead, encodeHead, HeadError, type Head } from '../../../src/pipeline/manifest.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const blob = fc.record({
  name: fc.stringMatching(/^[a-z0-9]{1,8}$/),
  bytes: fc.nat(),
  sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
});
const manifest = fc.record({
  generation: fc.nat(),
  takenMs: fc.nat(),
  base: blob,
  deltas: fc.array(blob, { maxLength: 3 }),
  feeds: fc.array(
    fc.record({ name: fc.string({ unit: 'grapheme' }), cursor: fc.option(fc.string({ unit: 'grapheme' })), blob }),
    { maxLength: 3 },
  ),
  indexOrdinal: fc.nat(),
});
const head: fc.Arbitrary<Head> = fc.record({
  epoch: fc.nat(),
  owner: fc.string({ unit: 'grapheme' }),
  current: fc.option(manifest),
  previous: fc.option(manifest),
});

describe('decodeHead', () => {
  test('gives what encodeHead was given', () => {
    fc.assert(
      fc.property(head, (given) => {
        expect(decodeHead(encodeHead(given, sha256Bytes), sha256Bytes)).toEqual(given);
      }),
    );
  });

  test('throws HeadError for any bytes that encodeHead did not write', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(() => decodeHead(bytes, sha256Bytes)).toThrow(HeadError);
      }),
    );
  });

  test('throws HeadError when any one bit differs or the end is missing', () => {
    fc.assert(
      fc.property(head, fc.nat(), fc.nat({ max: 7 }), (given, at, bit) => {
        const bytes = encodeHead(given, sha256Bytes);
        const index = at % bytes.length;
        const flipped = bytes.with(index, (bytes[index] ?? 0) ^ (1 << bit));
        expect(() => decodeHead(flipped, sha256Bytes)).toThrow(HeadError);
        expect(() => decodeHead(bytes.subarray(0, index), sha256Bytes)).toThrow(HeadError);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['no text', Uint8Array.of(0xff, 0xfe, 0x80)],
    ['a mark of byte order before it', Uint8Array.of(0xef, 0xbb, 0xbf, ...encodeHead(emptyHead(), sha256Bytes))],
    ['a digest of what is no JSON', text(`tidewatch-head 1\n${sha256Bytes(text('{"epoch":'))}\n{"epoch":`)],
    ['nothing', new Uint8Array()],
  ])('throws HeadError for %s', (_name, bytes) => {
    expect(() => decodeHead(bytes, sha256Bytes)).toThrow(HeadError);
  });

  test('says which form it found and which it wants', () => {
    const other = text(`tidewatch-head 2\nabc\n{}`);
    expect(() => decodeHead(other, sha256Bytes)).toThrow(/"tidewatch-head 2".*tidewatch-head 1/);
  });
});

describe('blobsOf', () => {
  test('names the base, every delta and every set of a feed', () => {
    const named = (name: string) => ({ name, bytes: 1, sha256: '' });
    const given = {
      generation: 1,
      takenMs: 0,
      base: named('base'),
      deltas: [named('delta-1'), named('delta-2')],
      feeds: [{ name: 'feed', cursor: null, blob: named('set') }],
      indexOrdinal: 0,
    };
    expect(blobsOf(given).map(({ name }) => name)).toEqual(['base', 'delta-1', 'delta-2', 'set']);
    expect(blobsOf(null)).toEqual([]);
  });
});

function emptyHead(): Head {
  return { epoch: 1, owner: 'a', current: null, previous: null };
}
