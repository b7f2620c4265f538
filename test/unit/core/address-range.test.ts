import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AddressRange } from '../../../src/core/address.ts';
import { parseAddress } from '../../../src/core/address.ts';
import { parseCidr, RangeSet } from '../../../src/core/address-range.ts';

describe('parseCidr()', () => {
  test.each<[string, string, string]>([
    ['198.51.100.23', '198.51.100.23', '198.51.100.23'],
    ['198.51.100.23/32', '198.51.100.23', '198.51.100.23'],
    ['10.0.0.0/8', '10.0.0.0', '10.255.255.255'],
    ['10.1.2.3/8', '10.0.0.0', '10.255.255.255'],
    ['0.0.0.0/0', '0.0.0.0', '255.255.255.255'],
    ['240.0.0.0/4', '240.0.0.0', '255.255.255.255'],
    [' 192.0.2.0/24 ', '192.0.2.0', '192.0.2.255'],
    ['2001:db8::1', '2001:db8::1', '2001:db8::1'],
    ['2001:db8::/32', '2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['fc00::/7', 'fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['::/128', '::', '::'],
    ['::/0', '::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['::ffff:192.0.2.0/120', '192.0.2.0', '192.0.2.255'],
    ['::ffff:192.0.2.1', '192.0.2.1', '192.0.2.1'],
    ['::ffff:0:0/96', '0.0.0.0', '255.255.255.255'],
    ['::192.0.2.1', '::c000:201', '::c000:201'],
  ])('reads %s as %s to %s', (text, first, last) => {
    expect(parseCidr(text)).toEqual({ first: parseAddress(first), last: parseAddress(last) });
  });

  test('keeps a prefix in front of the mapped block an IPv6 range', () => {
    expect(parseCidr('::ffff:192.0.2.0/80')).toEqual({ first: 0n, last: 0xffff_ffff_ffffn });
  });

  test.each([
    '',
    '010.1.2.3',
    '010.1.2.3/8',
    '0x7f.1',
    '0x7f.0.0.1',
    '127.1',
    '10/8',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.0.0',
    '10.0.0.0 /8',
    '::1/129',
    '::010.1.2.3',
    '::0x1.2.3.4',
    '1:2:3:4::5:6:7:8',
    'fe80::1%eth0',
    '[::1]',
    '198.51.100.23:443',
    'example.org',
    '2130706433',
    `${'1'.repeat(100_000)}.2.3.4`,
  ])('refuses "%s"', (text) => {
    expect(parseCidr(text)).toBeNull();
  });

  test('reads every address text that parseAddress() reads, as a range of one', () => {
    const octet = fc.nat(300).map(String);
    const text = fc.oneof(
      fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.')),
      fc.ipV4(),
      fc.ipV6(),
      fc.string({ unit: fc.constantFrom(...Array.from('01f.:x')), maxLength: 16 }),
    );
    fc.assert(
      fc.property(text, (value) => {
        fc.pre(!/^[\d.]+:\d+$/.test(value));
        const address = parseAddress(value);
        expect(parseCidr(value)).toEqual(address === null ? null : { first: address, last: address });
      }),
      { numRuns: 3000 },
    );
  });
});

describe('RangeSet', () => {
  const v4 = fc.tuple(fc.nat(200), fc.nat(40)).map(([first, length]) => ({ first, last: first + length }));
  const v6 = v4.map(({ first, last }): AddressRange => ({ first: BigInt(first), last: BigInt(last) }));
  const ranges = fc.array(fc.oneof(v4, v6), { maxLength: 8 });
  const holds = (all: readonly AddressRange[], address: number | bigint): boolean =>
    all.some(({ first, last }) => typeof first === typeof address && first <= address && address <= last);

  test('contains an address exactly when one of its ranges does', () => {
    fc.assert(
      fc.property(ranges, fc.nat(260), (all, value) => {
        const set = new RangeSet(all);
        expect(set.contains(value)).toBe(holds(all, value));
        expect(set.contains(BigInt(value))).toBe(holds(all, BigInt(value)));
      }),
      { numRuns: 2000 },
    );
  });

  test('covers a range exactly when it contains each of its addresses', () => {
    fc.assert(
      fc.property(ranges, v4, (all, range) => {
        const set = new RangeSet(all);
        const inside = Array.from({ length: range.last - range.first + 1 }, (_, index) => range.first + index);
        expect(set.covers(range)).toBe(inside.every((address) => holds(all, address)));
        expect(set.covers({ first: BigInt(range.first), last: BigInt(range.last) })).toBe(
          inside.every((address) => holds(all, BigInt(address))),
        );
      }),
      { numRuns: 2000 },
    );
  });

  test('holds the ends of both families', () => {
    const set = new RangeSet([
      { first: 0xf000_0000, last: 0xffff_ffff },
      { first: 0, last: 0 },
      { first: 0n, last: (1n << 128n) - 1n },
    ]);
    expect([set.contains(0), set.contains(0xffff_ffff), set.contains(1)]).toEqual([true, true, false]);
    expect([set.contains(0n), set.contains((1n << 128n) - 1n)]).toEqual([true, true]);
  });

  test('contains nothing when it has no ranges', () => {
    expect(new RangeSet([]).contains(1)).toBe(false);
    expect(new RangeSet([]).covers({ first: 1n, last: 2n })).toBe(false);
  });
});
