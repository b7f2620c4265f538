import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ipv4Bitmap } from '../../../../src/core/intel/ipv4-bitmap.ts';

const address = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.integer({ min: 0, max: 0xfff }).map((block) => block * 0x1_0000),
  fc.constantFrom(0, 0xffffffff, 0x80000000, 0x7fffffff),
);

test.each([
  [10, 16],
  [5_000, 8],
])('Ipv4Bitmap for %i entries has exactly the blocks of 2^%i addresses that were touched', (entries, shift) => {
  const interval = fc.tuple(address, fc.integer({ min: 0, max: 0x80_0000 }));
  fc.assert(
    fc.property(fc.array(interval, { maxLength: 4 }), fc.array(address), (intervals, asked) => {
      const bitmap = new Ipv4Bitmap(entries);
      const touched = intervals.map(([first, length]) => [first, Math.min(first + length, 0xffffffff)] as const);
      for (const [first, last] of touched) bitmap.add(first, last);
      const block = 2 ** shift;
      const edges = touched.flatMap(([first, last]) => [first, last, first - block, last + block]);
      for (const one of [...asked, ...edges].filter((edge) => edge >= 0 && edge <= 0xffffffff)) {
        const number = Math.floor(one / block);
        const expected = touched.some(
          ([first, last]) => Math.floor(first / block) <= number && number <= Math.floor(last / block),
        );
        expect(bitmap.has(one)).toBe(expected);
      }
    }),
  );
});
