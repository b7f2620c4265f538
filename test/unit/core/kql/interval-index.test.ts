import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Address, AddressRange } from '../../../../src/core/address.ts';
import { IntervalIndex } from '../../../../src/core/kql/interval-index.ts';

const v4Range: fc.Arbitrary<AddressRange> = fc
  .tuple(fc.nat({ max: 60 }), fc.nat({ max: 20 }))
  .map(([first, length]) => ({ first, last: first + length }));
const v6Range: fc.Arbitrary<AddressRange> = v4Range.map(({ first, last }) => ({
  first: BigInt(first),
  last: BigInt(last),
}));
const address: fc.Arbitrary<Address> = fc.oneof(fc.nat({ max: 90 }), fc.bigInt({ min: 0n, max: 90n }));

test('IntervalIndex finds exactly the ranges of the same family that hold an address', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(v4Range, v6Range), { maxLength: 40, size: 'max' }), address, (ranges, wanted) => {
      const index = new IntervalIndex(ranges.map((range, place) => [range, place] as const));
      const expected = ranges.flatMap(({ first, last }, place) =>
        typeof first === typeof wanted && first <= wanted && wanted <= last ? [place] : [],
      );
      expect(index.find(wanted).sort((a, b) => a - b)).toEqual(expected);
    }),
  );
});
