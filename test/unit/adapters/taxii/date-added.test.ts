import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  compareDateAdded,
  dateAddedOf,
  laterDateAdded,
  readDateAdded,
  shiftDateAdded,
} from '../../../../src/adapters/taxii/date-added.ts';

const second = fc.integer({ min: 0, max: 4_000_000_000 }).map((s) => new Date(s * 1000).toISOString().slice(0, 19));
const dates = fc
  .tuple(second, fc.stringMatching(/^[0-9]{0,9}$/))
  .map(([text, fraction]) => `${text}${fraction === '' ? '' : `.${fraction}`}Z`);
const normal = dates.map((text) => readDateAdded(text) ?? '');

function microsOf(date: string): bigint {
  return BigInt(Date.parse(`${date.slice(0, 19)}Z`)) * 1000n + BigInt(date.slice(20, 26));
}

test('readDateAdded() loses no digit and gives at least six', () => {
  fc.assert(
    fc.property(dates, (text) => {
      const read = readDateAdded(text) ?? '';
      expect(read).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6,}Z$/);
      const digits = text.slice(20, -1);
      expect(read.slice(20, -1)).toBe(digits.padEnd(6, '0'));
      expect(readDateAdded(read)).toBe(read);
    }),
  );
});

test.each([
  ['2024-05-01T00:00:00Z', '2024-05-01T00:00:00.000000Z'],
  ['2024-05-01T00:00:00.123456789Z', '2024-05-01T00:00:00.123456789Z'],
  ['2024-05-01 00:00:00.5z', '2024-05-01T00:00:00.500000Z'],
  [' 2024-05-01T00:00:00.123+00:00 ', '2024-05-01T00:00:00.123000Z'],
])('readDateAdded() takes %j as %j', (text, expected) => {
  expect(readDateAdded(text)).toBe(expected);
});

test.each([
  null,
  '',
  'undefined',
  'Thu Feb 20 2020 12:00:00 GMT+0000 (Coordinated Universal Time)',
  '2024-13-01T00:00:00Z',
  '2024-05-01T00:00:00+02:00',
  '2024-05-01',
  '2024-05-01T00:00:00.Z',
])('readDateAdded() takes %j for no date', (text) => {
  expect(readDateAdded(text)).toBeNull();
});

test('shiftDateAdded() moves by exactly the microseconds it was told and writes six digits', () => {
  fc.assert(
    fc.property(normal, fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 }), (date, micros) => {
      fc.pre(microsOf(date) + BigInt(micros) > 0n);
      const shifted = shiftDateAdded(date, micros);
      expect(shifted).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
      expect(microsOf(shifted) - microsOf(date)).toBe(BigInt(micros));
    }),
  );
});

test.each([
  ['2024-05-01T00:00:00.000000Z', -1, '2024-04-30T23:59:59.999999Z'],
  ['2024-05-01T00:00:00.0000005Z', 0, '2024-05-01T00:00:00.000000Z'],
  ['2024-03-01T00:00:00.000001Z', -600_000_000, '2024-02-29T23:50:00.000001Z'],
  ['1969-12-31T23:59:59.999999Z', 1, '1970-01-01T00:00:00.000000Z'],
])('shiftDateAdded(%j, %d) is %j', (date, micros, expected) => {
  expect(shiftDateAdded(date, micros)).toBe(expected);
});

test('compareDateAdded() orders dates of different length by the instants they name', () => {
  const instant = (date: string): bigint => microsOf(date) * 1000n + BigInt(date.slice(26, -1).padEnd(3, '0'));
  fc.assert(
    fc.property(normal, normal, (a, b) => {
      const difference = instant(a) - instant(b);
      expect(Math.sign(compareDateAdded(a, b))).toBe(difference < 0n ? -1 : difference > 0n ? 1 : 0);
      expect(instant(laterDateAdded(a, b) ?? '')).toBe(difference >= 0n ? instant(a) : instant(b));
    }),
  );
});

test('laterDateAdded() takes null for earlier than any date', () => {
  const date = '2024-05-01T00:00:00.000000Z';
  expect([laterDateAdded(null, date), laterDateAdded(date, null), laterDateAdded(null, null)]).toEqual([
    date,
    date,
    null,
  ]);
});

test('dateAddedOf() writes milliseconds as a date in normal form', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (ms) => {
      const date = dateAddedOf(ms);
      expect(readDateAdded(date)).toBe(date);
      expect(microsOf(date)).toBe(BigInt(ms) * 1000n);
    }),
  );
});
