import { expect, test } from 'vitest';
import { readRetryAfter } from '../../../src/core/retry-after.ts';

const now = Date.parse('2024-05-01T00:00:00Z');

test.each<[Record<string, string>, number | undefined]>([
  [{}, undefined],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': '120' }, 120_000],
  [{ 'retry-after': ' 7 ' }, 7000],
  [{ 'retry-after': '-5' }, undefined],
  [{ 'retry-after': '1.5' }, undefined],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': 'Wed, 01 May 2024 00:10:00 GMT' }, 600_000],
  [{ 'retry-after': 'Tue, 30 Apr 2024 00:10:00 GMT' }, 0],
])('readRetryAfter() reads %j as %j milliseconds', (headers, expected) => {
  expect(readRetryAfter(new Headers(headers), now)).toBe(expected);
});

test("readRetryAfter() measures a date against the server's clock, not ours", () => {
  const headers = new Headers({
    'retry-after': 'Wed, 01 May 2024 09:00:30 GMT',
    date: 'Wed, 01 May 2024 09:00:00 GMT',
  });
  expect(readRetryAfter(headers, now)).toBe(30_000);
});
