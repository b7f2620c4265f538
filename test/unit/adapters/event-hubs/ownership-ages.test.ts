import { beforeEach, expect, test } from 'vitest';
import { OwnershipAges } from '../../../../src/adapters/event-hubs/ownership-ages.ts';

let now = 0;
let ages: OwnershipAges;

beforeEach(() => {
  now = 1000;
  ages = new OwnershipAges({ nowMs: () => now, delay: () => Promise.resolve() }, 50);
});

function list(etag: string, partitionId = '0'): void {
  ages.saw([{ partitionId, etag }]);
}

test('a record is as old as the time for which it was seen unchanged', () => {
  list('a');
  for (let round = 1; round <= 5; round++) {
    now += 20;
    list('a');
    expect(ages.of('0')).toBe(20 * round);
  }
});

test('a record that changed, or was never seen, has no age', () => {
  list('a');
  now += 40;
  list('b');
  expect([ages.of('0'), ages.of('1')]).toEqual([0, 0]);
});

test('a record without a tag ages too', () => {
  ages.saw([{ partitionId: '0' }]);
  now += 40;
  ages.saw([{ partitionId: '0' }]);
  expect(ages.of('0')).toBe(40);
});

test('a time without listings makes nothing old', () => {
  list('a');
  now += 51;
  list('a');
  expect(ages.of('0')).toBe(0);
  now += 50;
  list('a');
  expect(ages.of('0')).toBe(50);
});
