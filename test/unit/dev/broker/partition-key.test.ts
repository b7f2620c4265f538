import fc from 'fast-check';
import { expect, test } from 'vitest';
import { partitionOfKey } from '../../../../src/dev/broker/partition-key.ts';

test.each([
  ['a', 28],
  ['hello', 23],
  ['partition-key-1', 14],
  ['tenant-123', 9],
  ['abcdefghijkl', 5],
  ['abcdefghijklm', 15],
])('partitionOfKey() puts %s of 32 partitions where the service does', (key, partition) => {
  expect(partitionOfKey(key, 32)).toBe(partition);
});

test('partitionOfKey() gives one of the partitions, always the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 2048 }), (key, count) => {
      const partition = partitionOfKey(key, count);
      expect(partition).toBeGreaterThanOrEqual(0);
      expect(partition).toBeLessThan(count);
      expect(partitionOfKey(key, count)).toBe(partition);
    }),
  );
});
