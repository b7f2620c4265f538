import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareText, parseStixTime } from '../../../../src/core/intel/stix-time.ts';

const second = fc
  .date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 19));
const fraction = fc.stringMatching(/^\d{0,20}$/);

describe('parseStixTime()', () => {
  test.each([
    ['2026-01-02T03:04:05Z', Date.UTC(2026, 0, 2, 3, 4, 5), '2026-01-02T03:04:05'],
    ['2026-01-02T03:04:05.000Z', Date.UTC(2026, 0, 2, 3, 4, 5), '2026-01-02T03:04:05'],
    ['2026-01-02T03:04:05.0625Z', Date.UTC(2026, 0, 2, 3, 4, 5) + 62.5, '2026-01-02T03:04:05.0625'],
    ['2026-01-02 03:04:05', Date.UTC(2026, 0, 2, 3, 4, 5), '2026-01-02T03:04:05'],
    ['2026-01-02T03:04:05.5+02:00', Date.UTC(2026, 0, 2, 1, 4, 5) + 500, '2026-01-02T01:04:05.5'],
    ['2026-01-01T23:04:05-0200', Date.UTC(2026, 0, 2, 1, 4, 5), '2026-01-02T01:04:05'],
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1), '2017-01-01T00:00:00'],
    ['0001-01-01T00:00:00Z', -62_135_596_800_000, '0001-01-01T00:00:00'],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29), '2024-02-29T00:00:00'],
  ])('reads %s', (text, ms, key) => {
    expect(parseStixTime(text)).toEqual({ ms, key });
  });

  test.each([
    '',
    'never',
    '2026-01-02',
    '2026-02-30T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-02T24:00:00Z',
    '2026-01-02T03:60:05Z',
    '2026-01-02T03:04:61Z',
    `2026-01-02T03:04:05.${'1'.repeat(100)}Z`,
    1_767_225_600_000,
    null,
    undefined,
    {},
  ])('refuses %j', (value) => {
    expect(parseStixTime(value)).toBeNull();
  });

  test('orders by key as by exact arithmetic, whatever the number of fraction digits', () => {
    const exact = (whole: string, digits: string): bigint =>
      BigInt(Date.parse(`${whole}Z`)) * 10n ** 17n + BigInt(digits.padEnd(20, '0'));
    const close = fc.tuple(second, fraction, fc.option(second, { nil: null }), fraction);
    fc.assert(
      fc.property(close, ([wholeA, digitsA, other, digitsB]) => {
        const wholeB = other ?? wholeA;
        const key = (whole: string, digits: string): string =>
          parseStixTime(`${whole}${digits === '' ? '' : `.${digits}`}Z`)?.key ?? 'unreadable';
        const difference = exact(wholeA, digitsA) - exact(wholeB, digitsB);
        expect(compareText(key(wholeA, digitsA), key(wholeB, digitsB))).toBe(
          difference < 0n ? -1 : difference > 0n ? 1 : 0,
        );
      }),
    );
  });
});
