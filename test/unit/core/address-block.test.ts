import { describe, expect, test } from 'vitest';
import { covers, formatRange, widestBlock } from '../../../src/core/address-block.ts';
import { parseCidr, RangeSet } from '../../../src/core/address-range.ts';
import { parseAddress } from '../../../src/core/address.ts';

const set = new RangeSet(['10.0.0.0/8', '192.0.2.0/25', '192.0.2.128/25', 'fc00::/7'].map((text) => parseCidr(text)!));

describe('widestBlock()', () => {
  test.each([
    ['10.1.2.3', '10.0.0.0/8'],
    ['192.0.2.200', '192.0.2.0/24'],
    ['fd00::1', 'fc00::/7'],
    ['198.51.100.7', null],
    ['2001:db8::1', null],
  ])('of %s is %s', (text, expected) => {
    const block = widestBlock(set, parseAddress(text)!);
    expect(block === null ? null : formatRange(block)).toBe(expected);
  });

  test('of a set of everything is everything', () => {
    const everything = new RangeSet([parseCidr('0.0.0.0/0')!]);
    expect(formatRange(widestBlock(everything, 5)!)).toBe('0.0.0.0/0');
  });
});

describe('formatRange()', () => {
  test.each(['198.51.100.7', '198.51.100.0/24', '0.0.0.0/0', '2001:db8::/32', '2001:db8::1', '::/0'])(
    'writes %s as it is',
    (text) => {
      expect(formatRange(parseCidr(text)!)).toBe(text);
    },
  );

  test('writes a range that is no block by its ends', () => {
    expect(formatRange({ first: 1, last: 4 })).toBe('0.0.0.1-0.0.0.4');
    expect(formatRange({ first: 1, last: 2 })).toBe('0.0.0.1-0.0.0.2');
  });
});

test('covers() keeps the families apart', () => {
  expect(covers(parseCidr('::/0')!, 5)).toBe(false);
  expect(covers(parseCidr('0.0.0.0/0')!, 5)).toBe(true);
});
