import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  inOrder,
  overflowing,
  readSegment,
  readSegmentName,
  segmentName,
  writeSegments,
  type Segment,
} from '../../../src/core/dead-letter-segment.ts';
import type { DeadLetter } from '../../../src/core/ports.ts';

const letters: fc.Arbitrary<DeadLetter> = fc.record({
  stream: fc.string(),
  partition: fc.string(),
  sequenceNumber: fc.maxSafeNat(),
  index: fc.nat(),
  reason: fc.string(),
  enqueuedAt: fc.string(),
  text: fc.string({ unit: 'binary' }),
});

function segment(index: number, bytes: number): Segment {
  return { name: segmentName(index, 1, 'ab'), index, letters: 1, bytes };
}

test('what was written is what is read, in order, whatever the letters hold', () => {
  fc.assert(
    fc.property(fc.array(letters), (given) => {
      const segments = writeSegments(given);
      expect(segments.flatMap(({ text }) => readSegment(text))).toEqual(given);
      expect(segments.reduce((sum, { letters: count }) => sum + count, 0)).toBe(given.length);
    }),
  );
});

test('a segment that was cut anywhere keeps the letters before the cut', () => {
  fc.assert(
    fc.property(fc.array(letters, { minLength: 1, maxLength: 5 }), fc.nat(), (given, cut) => {
      const text = writeSegments(given)[0]?.text ?? '';
      const kept = readSegment(text.slice(0, cut % (text.length + 1)));
      expect(kept).toEqual(given.slice(0, kept.length));
    }),
  );
});

test('segments stay near a mebibyte', () => {
  const long: DeadLetter = {
    stream: '',
    partition: '',
    sequenceNumber: 1,
    index: 0,
    reason: '',
    enqueuedAt: '',
    text: 'x'.repeat(65_536),
  };
  const segments = writeSegments(Array.from({ length: 50 }, () => long));
  expect(segments.length).toBeGreaterThan(3);
  for (const { text } of segments) expect(text.length).toBeLessThanOrEqual(1024 ** 2);
});

describe('names', () => {
  test('tell index and count', () => {
    expect(readSegmentName(segmentName(42, 7, 'a1b2'))).toMatchObject({ index: 42, letters: 7 });
  });

  test.each(['notes.txt', '1-2-ab.ndjson', '000000000042-7-ab.ndjson.draft', ''])('%j is none', (name) => {
    expect(readSegmentName(name)).toBeNull();
  });

  test('sort by index', () => {
    const shuffled = [9, 100, 10, 0].map((index) => segment(index, 1));
    expect(inOrder(shuffled).map(({ index }) => index)).toEqual([0, 9, 10, 100]);
  });
});

test('overflowing() gives the fewest oldest segments whose going makes the rest fit, never the newest', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100), { minLength: 1 }), fc.nat(500), (sizes, maxBytes) => {
      const ordered = sizes.map((bytes, index) => segment(index, bytes));
      const going = overflowing(ordered, maxBytes);
      const rest = ordered.slice(going.length);
      const total = (some: readonly Segment[]): number => some.reduce((sum, { bytes }) => sum + bytes, 0);
      expect(going).toEqual(ordered.slice(0, going.length));
      expect(rest.length).toBeGreaterThan(0);
      if (rest.length > 1) expect(total(rest)).toBeLessThanOrEqual(maxBytes);
      const last = going.at(-1);
      if (last !== undefined) expect(total(rest) + last.bytes).toBeGreaterThan(maxBytes);
    }),
  );
});
