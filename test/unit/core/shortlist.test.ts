import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Shortlist } from '../../../src/core/shortlist.ts';

test('Shortlist lists the first few of all items in order, whatever order they come in', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer()), fc.integer({ min: 1, max: 8 }), (items, max) => {
      const shortlist = new Shortlist<number>(max, (a, b) => a - b);
      for (const item of items) shortlist.add(item);
      expect(shortlist.list()).toEqual(items.toSorted((a, b) => a - b).slice(0, max));
      expect(shortlist.total).toBe(items.length);
    }),
  );
});
