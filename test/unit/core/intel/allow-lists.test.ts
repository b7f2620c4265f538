import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Address, type AddressRange, formatAddress, parseAddress } from '../../../../src/core/address.ts';
import { covers } from '../../../../src/core/address-block.ts';
import { parseCidr, RangeSet } from '../../../../src/core/address-range.ts';
import {
  AllowListError,
  type ReadAllowList,
  readAllowListSteps,
} from '../../../../src/core/intel/allow-list-reader.ts';
import { allowActions, AllowLists } from '../../../../src/core/intel/allow-lists.ts';
import { Sliced } from '../../../../src/core/sliced.ts';

/** Few addresses at either end of each family, so that ranges meet, touch and lie in one another. */
const v4 = fc.oneof(fc.nat({ max: 40 }), fc.integer({ min: 0xffff_ffd8, max: 0xffff_ffff }));
const v6 = fc.oneof(fc.bigInt({ min: 0n, max: 40n }), fc.bigInt({ min: (1n << 128n) - 40n, max: (1n << 128n) - 1n }));
const address: fc.Arbitrary<Address> = fc.oneof(v4, v6);
const range: fc.Arbitrary<AddressRange> = fc.oneof(
  fc.tuple(v4, v4).map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) })),
  fc.tuple(v6, v6).map(([a, b]) => ({ first: a < b ? a : b, last: a < b ? b : a })),
);
const lists = fc.array(
  fc.record({
    name: fc.string(),
    action: fc.constantFrom(...allowActions),
    given: fc.array(range, { maxLength: 12 }),
  }),
  { maxLength: 4 },
);

describe('AllowLists', () => {
  test('covering() names the lists that a linear scan finds, in their order, and drops() whether one of them drops', () => {
    fc.assert(
      fc.property(lists, fc.array(address, { maxLength: 20 }), (given, asked) => {
        const allow = new AllowLists(
          given.map(({ name, action, given: ranges }) => ({ name, action, ranges: new RangeSet(ranges) })),
        );
        for (const each of asked) {
          const scanned = given.filter((list) => list.given.some((one) => covers(one, each)));
          expect(allow.covering(each).map(({ name }) => name)).toEqual(scanned.map(({ name }) => name));
          expect(allow.drops(each)).toBe(scanned.some(({ action }) => action === 'drop'));
        }
      }),
      { numRuns: 500 },
    );
  });
});

function read(...texts: string[]): ReadAllowList {
  const documents = texts.map((text, at) => ({ path: `file-${at}`, text }));
  return new Sliced(readAllowListSteps('azure', documents)).finish();
}

function holds({ ranges }: ReadAllowList, ...addresses: string[]): boolean[] {
  return addresses.map((text) => ranges.contains(parseAddress(text)!));
}

describe('readAllowListSteps()', () => {
  test('a text has one CIDR or address a line; blanks, empty lines and what follows # say nothing', () => {
    const text =
      '\uFEFF# Azure\r\n\r\n 192.0.2.0/24 \r\n198.51.100.7 # the proxy\n2001:db8::/32\n#203.0.113.9\n\n2001:db9::1';
    const list = read(text);
    expect(list).toMatchObject({ entries: 4, skipped: 0, unusable: [] });
    expect(holds(list, '192.0.2.255', '198.51.100.7', '2001:db8::9', '2001:db9::1')).toEqual([true, true, true, true]);
    expect(holds(list, '192.0.3.0', '198.51.100.8', '2001:db9::2', '203.0.113.9')).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  test('a MISP warninglist of type cidr has ranges and addresses', () => {
    const list = read(
      JSON.stringify({
        name: 'List of known Microsoft Azure Datacenter IP Ranges',
        version: 20_260_301,
        description: 'Microsoft Azure Datacenter IP Ranges',
        type: 'cidr',
        matching_attributes: ['ip-src', 'ip-dst'],
        list: ['192.0.2.0/24', '2001:db8::1'],
      }),
    );
    expect(list).toMatchObject({ entries: 2, skipped: 0 });
    expect(holds(list, '192.0.2.7', '2001:db8::1', '2001:db8::2')).toEqual([true, true, false]);
  });

  test('all documents are one list, of either form', () => {
    const list = read('192.0.2.1', '{"type":"cidr","list":["192.0.2.2"]}', '');
    expect(holds(list, '192.0.2.1', '192.0.2.2')).toEqual([true, true]);
  });

  test('an unusable entry is counted, told with its place, and the others hold', () => {
    const list = read('192.0.2.1\n010.0.0.1\n\n192.0.2.0/33', '{"type":"cidr","list":["192.0.2.2",7,null,"host"]}');
    expect(list).toMatchObject({ entries: 2, skipped: 5 });
    expect(list.unusable).toEqual([
      { path: 'file-0', place: 2, text: '010.0.0.1' },
      { path: 'file-0', place: 4, text: '192.0.2.0/33' },
      { path: 'file-1', place: 2, text: '7' },
      { path: 'file-1', place: 3, text: 'null' },
      { path: 'file-1', place: 4, text: 'host' },
    ]);
  });

  test('of many unusable entries the first are told, cut where they are long', () => {
    const { skipped, unusable } = read(`${'x'.repeat(5000)}\n`.repeat(1000));
    expect([skipped, unusable.length, unusable[0]!.text.length]).toEqual([1000, 5, 80]);
  });

  test.each<[string, RegExp]>([
    [
      '{"type":"hostname","list":["example.com"]}',
      /file-0 of allow list azure as its type must be "cidr": .* "hostname"$/,
    ],
    ['{"list":["192.0.2.1"]}', /as its type must be "cidr": current value is nothing$/],
    ['{"type":"cidr"}', /as it must have a list: current value is nothing$/],
    ['{"type":"cidr","list":{"0":"192.0.2.1"}}', /as it must have a list: current value is an object$/],
    [' ["192.0.2.1"]', /must be a MISP warninglist, or text with one CIDR or address a line: current value is a list$/],
    ['{"type":"cidr","list":["192.0.2.1"', /file-0 of allow list azure as it begins like JSON and is none: /],
  ])('%s is no list', (text, message) => {
    expect(() => read(text)).toThrow(AllowListError);
    expect(() => read(text)).toThrow(message);
  });

  /** Blocks that meet, of every length at either end of each family. */
  const block = fc.oneof(
    fc.tuple(v4, fc.oneof(fc.integer({ min: 24, max: 32 }), fc.nat({ max: 32 }))),
    fc.tuple(v6, fc.oneof(fc.integer({ min: 120, max: 128 }), fc.nat({ max: 128 }))),
  );

  test('covers exactly what one of its entries does, in whatever order and form they come', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 12 }), fc.array(address), fc.boolean(), (blocks, asked, isJson) => {
        const entries = blocks.map(([base, prefix]) => `${formatAddress(base)}/${prefix}`);
        const list = read(isJson ? JSON.stringify({ type: 'cidr', list: entries }) : entries.join('\n'));
        expect(list.entries).toBe(entries.length);
        const scanned = entries.map((entry) => parseCidr(entry)!);
        for (const each of asked) expect(list.ranges.contains(each)).toBe(scanned.some((one) => covers(one, each)));
      }),
      { numRuns: 500 },
    );
  });

  test('a long list is read in slices', () => {
    const text = Array.from({ length: 10_000 }, (_, at) => `10.0.${at >> 8}.${at & 255}`).join('\n');
    const steps = new Sliced(readAllowListSteps('azure', [{ path: 'file', text }]));
    let pauses = 0;
    while (!steps.advance()) pauses += 1;
    expect(pauses).toBeGreaterThan(39);
    expect(holds(steps.finish(), '10.0.0.0', '10.0.39.15', '10.0.39.16')).toEqual([true, true, false]);
  });
});
