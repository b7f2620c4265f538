import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TokenBucket } from '../../../src/core/token-bucket.ts';

test("TokenBucket lets a minute's worth go at once, and then waits for each", () => {
  const bucket = new TokenBucket(60, 5000);
  expect(bucket.take(60, 5000)).toBe(0);
  expect(bucket.take(1, 5000)).toBe(1000);
  expect(bucket.take(2, 5500)).toBe(2500);
  expect(bucket.take(1, 8000)).toBe(1000);
  expect(bucket.take(60, 10_000_000)).toBe(0);
});

test('TokenBucket takes a clock that went back for one that stands', () => {
  const bucket = new TokenBucket(60, 5000);
  expect(bucket.take(60, 5000)).toBe(0);
  expect(bucket.take(1, 0)).toBe(1000);
  expect(bucket.take(1, 6000)).toBe(1000);
});

test('TokenBucket never lets more go in any stretch than its burst and its rate', () => {
  const takes = fc.array(fc.record({ count: fc.nat(30), pauseMs: fc.nat(5000) }), { maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 30, max: 600 }), takes, (perMinute, asked) => {
      const bucket = new TokenBucket(perMinute, 0);
      const sent: { readonly atMs: number; readonly count: number }[] = [];
      let nowMs = 0;
      for (const { count, pauseMs } of asked) {
        nowMs += pauseMs;
        nowMs += bucket.take(count, nowMs);
        sent.push({ atMs: nowMs, count });
      }
      for (const [from, { atMs: startMs }] of sent.entries()) {
        let total = 0;
        for (const { atMs, count } of sent.slice(from)) {
          total += count;
          expect(total).toBeLessThanOrEqual(perMinute + ((atMs - startMs) * perMinute) / 60_000 + 1e-6);
        }
      }
    }),
  );
});
