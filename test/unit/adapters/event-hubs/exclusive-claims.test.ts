import { beforeEach, expect, test } from 'vitest';
import { ExclusiveClaims } from '../../../../src/adapters/event-hubs/exclusive-claims.ts';

let now = 0;
let claims: ExclusiveClaims;

beforeEach(() => {
  now = 0;
  const time = { nowMs: () => now, delay: () => Promise.resolve() };
  claims = new ExclusiveClaims({ identifier: 'ours', leaseMs: 100, time });
});

function saw(ownerId: string, etag: string, partitionId = '0'): void {
  claims.saw({ partitionId, ownerId, etag });
}

test('whatever others own may be claimed, from the first look on', () => {
  expect(claims.mayClaim('0')).toBe(true);
  saw('other', 'a');
  expect(claims.mayClaim('0')).toBe(true);
});

test('whoever took a partition of ours keeps all that it owns while it renews it', () => {
  saw('ours', 'a', '0');
  saw('other', 'b', '1');
  saw('other', 'c', '0');
  expect([claims.mayClaim('0'), claims.mayClaim('1')]).toEqual([false, false]);
  for (const etag of ['d', 'e', 'f']) {
    now += 99;
    saw('other', etag, '0');
    expect(claims.mayClaim('0')).toBe(false);
  }
  saw('third', 'g', '2');
  expect(claims.mayClaim('2')).toBe(true);
});

test('what a successor no longer renews, or gave away, may be claimed', () => {
  saw('ours', 'a');
  saw('other', 'b');
  now += 99;
  saw('other', 'b');
  expect(claims.mayClaim('0')).toBe(false);
  now += 1;
  expect(claims.mayClaim('0')).toBe(true);
  saw('other', 'c');
  expect(claims.mayClaim('0')).toBe(false);
  saw('', 'd');
  expect(claims.mayClaim('0')).toBe(true);
});

test('a partition of ours that is renewed or given away has no successor', () => {
  saw('ours', 'a');
  saw('ours', 'b');
  saw('', 'c');
  saw('other', 'd');
  expect(claims.mayClaim('0')).toBe(true);
});
