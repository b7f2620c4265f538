import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AddressRange, formatAddress } from '../../../../src/core/address.ts';
import { maxPatternLength, readPattern } from '../../../../src/core/intel/pattern.ts';
import { meaningOf } from '../../../../src/core/intel/pattern-meaning.ts';
import { parsePattern } from '../../../../src/core/intel/pattern-parser.ts';

function shown({ first, last }: AddressRange): string {
  return first === last ? formatAddress(first) : `${formatAddress(first)}-${formatAddress(last)}`;
}

/** Pattern, the addresses it means, the reasons for what it does not mean. */
const table: readonly (readonly [pattern: string, addresses: readonly string[], skipped: readonly string[]])[] = [
  ["[ipv4-addr:value = '198.51.100.7']", ['198.51.100.7'], []],
  ["[ipv6-addr:value = '2001:DB8:0::7']", ['2001:db8::7'], []],
  ["[ipv6-addr:value = '::ffff:198.51.100.7']", ['198.51.100.7'], []],
  ["[ipv4-addr:value = ' 198.51.100.7:443 ']", ['198.51.100.7'], []],
  ["[ipv4-addr:value = '198.51.100.7/32']", ['198.51.100.7'], []],
  ["[ipv4-addr:value = '198.51.100.7/24']", ['198.51.100.0-198.51.100.255'], []],
  ["[ipv4-addr:value = '0.0.0.0/0']", ['0.0.0.0-255.255.255.255'], []],
  ["[ipv6-addr:value = '::ffff:198.51.100.7/120']", ['198.51.100.0-198.51.100.255'], []],
  ["[ipv6-addr:value = '2001:db8::/32']", ['2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'], []],
  ["[IPv4-Addr:Value = '198.51.100.7']", ['198.51.100.7'], []],
  ["[ipv4-addr:value = 'evil.example']", [], ['address_invalid']],
  ["[ipv4-addr:value = '']", [], ['address_invalid']],
  ["[ipv4-addr:value = '010.1.2.3']", [], ['address_invalid']],
  ["[ipv4-addr:value = '198.51.100.0/33']", [], ['address_invalid']],
  ['[ipv4-addr:value = 5]', [], ['address_invalid']],
  // union
  ["[ipv4-addr:value = '198.51.100.7' OR ipv4-addr:value = '198.51.100.8']", ['198.51.100.7', '198.51.100.8'], []],
  ["[ipv4-addr:value = '198.51.100.7'] OR [ipv6-addr:value = '2001:db8::7']", ['198.51.100.7', '2001:db8::7'], []],
  ["[ipv4-addr:value IN ('198.51.100.7', '203.0.113.0/24')]", ['198.51.100.7', '203.0.113.0-203.0.113.255'], []],
  ["[ipv4-addr:value IN ('198.51.100.7', 'x', 5)]", ['198.51.100.7'], ['address_invalid']],
  ["[ipv4-addr:value IN ('', '198.51.100.7')]", ['198.51.100.7'], ['address_invalid']],
  ['[ipv4-addr:value IN ()]', [], ['no_address']],
  ["[ipv4-addr:value IN () OR ipv4-addr:value = '198.51.100.7']", ['198.51.100.7'], ['no_address']],
  ["[ipv4-addr:value ISSUBSET '198.51.100.9/24']", ['198.51.100.0-198.51.100.255'], []],
  ["[ipv4-addr:value ISSUBSET '']", [], ['address_invalid']],
  ["[ipv4-addr:value = '198.51.100.7' OR domain-name:value = 'evil.example']", ['198.51.100.7'], ['no_address']],
  ["([ipv4-addr:value = '198.51.100.7']) OR [file:name = 'x']", ['198.51.100.7'], ['no_address']],
  // network traffic
  ["[network-traffic:src_ref.value = '198.51.100.7']", ['198.51.100.7'], []],
  ["[network-traffic:dst_ref.value = '198.51.100.7']", ['198.51.100.7'], []],
  [
    "[network-traffic:src_ref.type = 'ipv4-addr' AND network-traffic:src_ref.value = '198.51.100.7']",
    ['198.51.100.7'],
    [],
  ],
  [
    "[(network-traffic:dst_ref.value = '2001:db8::7' AND network-traffic:dst_ref.type = 'ipv6-addr')]",
    ['2001:db8::7'],
    [],
  ],
  [
    "[network-traffic:src_ref.type = 'ipv4-addr' AND (network-traffic:src_ref.value = '198.51.100.7' OR network-traffic:src_ref.value IN ('198.51.100.8'))]",
    ['198.51.100.7', '198.51.100.8'],
    [],
  ],
  [
    "[((network-traffic:src_ref.type = 'ipv4-addr') AND network-traffic:src_ref.type = 'ipv4-addr') AND network-traffic:src_ref.value = '198.51.100.7']",
    ['198.51.100.7'],
    [],
  ],
  [
    "[network-traffic:src_ref.type = 'domain-name' AND network-traffic:src_ref.value = 'a.example']",
    [],
    ['no_address'],
  ],
  ["[network-traffic:src_ref.type = 'ipv4-addr']", [], ['no_address']],
  [
    "[network-traffic:src_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '198.51.100.7']",
    [],
    ['and_undecidable'],
  ],
  [
    "[network-traffic:src_ref.type = 'ipv4-addr' AND (network-traffic:src_ref.value = '198.51.100.7' OR network-traffic:dst_ref.value = '198.51.100.8')]",
    [],
    ['and_undecidable'],
  ],
  [
    "[network-traffic:src_ref.type = 'ipv4-addr' AND network-traffic:src_ref.value = '198.51.100.7' AND network-traffic:dst_port = 443]",
    [],
    ['and_undecidable'],
  ],
  // what one caller address cannot decide
  ["[ipv4-addr:value = '198.51.100.7' AND ipv4-addr:value = '198.51.100.8']", [], ['and_undecidable']],
  ["[ipv4-addr:value = '198.51.100.7' AND domain-name:value = 'evil.example']", [], ['and_undecidable']],
  ["[ipv4-addr:value = '198.51.100.7'] AND [ipv4-addr:value = '198.51.100.8']", [], ['and_undecidable']],
  ["[ipv4-addr:value = '198.51.100.7'] FOLLOWEDBY [file:name = 'x']", [], ['followed_by']],
  ["[ipv4-addr:value = '198.51.100.7'] REPEATS 2 TIMES", [], ['repeats']],
  ["([ipv4-addr:value = '198.51.100.7'] REPEATS 1 TIMES) WITHIN 5 SECONDS", ['198.51.100.7'], []],
  ["[ipv4-addr:value = '198.51.100.7'] WITHIN 0 SECONDS", ['198.51.100.7'], []],
  ["[ipv4-addr:value != '198.51.100.7']", [], ['negated']],
  ["[ipv4-addr:value NOT = '198.51.100.7']", [], ['negated']],
  ["[ipv4-addr:value NOT != '198.51.100.7']", [], ['negated']],
  ["[ipv4-addr:value NOT IN ('198.51.100.7')]", [], ['negated']],
  ["[ipv4-addr:value NOT ISSUBSET '198.51.100.0/24']", [], ['negated']],
  ["[ipv4-addr:value > '198.51.100.7']", [], ['comparison_unsupported']],
  ["[ipv4-addr:value >= '198.51.100.7']", [], ['comparison_unsupported']],
  ["[ipv4-addr:value < '198.51.100.7']", [], ['comparison_unsupported']],
  ["[ipv4-addr:value <= '198.51.100.7']", [], ['comparison_unsupported']],
  ["[ipv4-addr:value ISSUPERSET '198.51.100.0/24']", [], ['comparison_unsupported']],
  ['[EXISTS ipv4-addr:value]', [], ['comparison_unsupported']],
  ["[ipv4-addr:value LIKE '198.51.100.%']", [], ['like_or_matches']],
  ["[ipv4-addr:value MATCHES '^198']", [], ['like_or_matches']],
  [
    "[ipv4-addr:value = '198.51.100.7' OR (ipv4-addr:value = '198.51.100.8' AND url:value = 'x')]",
    ['198.51.100.7'],
    ['and_undecidable'],
  ],
  [
    "[ipv4-addr:value = '198.51.100.7'] OR ([ipv4-addr:value = '198.51.100.8'] FOLLOWEDBY [url:value = 'x'])",
    ['198.51.100.7'],
    ['followed_by'],
  ],
  ["[ipv4-addr:value = '198.51.100.7' OR (file:name = 'x' AND file:size = 5)]", ['198.51.100.7'], ['no_address']],
  [
    "[ipv4-addr:value = '198.51.100.7'] OR ([file:name = 'x'] FOLLOWEDBY [file:name = 'y'])",
    ['198.51.100.7'],
    ['no_address'],
  ],
  [
    "[ipv4-addr:value = '198.51.100.7' OR ipv4-addr:value LIKE '203.%'] OR [ipv4-addr:value = '203.0.113.9'] REPEATS 2 TIMES OR [url:value = 'x'] REPEATS 2 TIMES",
    ['198.51.100.7'],
    ['like_or_matches', 'repeats', 'no_address'],
  ],
  // no address at all
  ["[domain-name:value = 'evil.example']", [], ['no_address']],
  ["[file:name = 'x' AND file:size = 5]", [], ['no_address']],
  ["[file:name = 'x'] FOLLOWEDBY [file:name = 'y']", [], ['no_address']],
  ["[domain-name:resolves_to_refs[*].value = '198.51.100.7']", [], ['no_address']],
  // not a pattern
  ["[\ufeffipv4-addr:value = '198.51.100.7']", [], ['pattern_invalid']],
  ['198.51.100.7', [], ['pattern_invalid']],
  ['', [], ['pattern_invalid']],
];

describe('readPattern()', () => {
  test.each(table)('%s means %j, without %j', (pattern, addresses, skipped) => {
    const reading = readPattern(pattern);
    expect(reading.observables.map(({ range }) => shown(range))).toEqual(addresses);
    expect(reading.skipped).toEqual(skipped);
  });

  test('reads a plain pattern by the short way as by the long one', () => {
    const blank = fc.constantFrom('', ' ', '\t', '\r\n', '\u00a0', '\u0085', '\v');
    const value = fc.oneof(fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[^'\\]{0,20}$/));
    fc.assert(
      fc.property(
        fc.constantFrom('ipv4-addr', 'ipv6-addr'),
        value,
        fc.array(blank, { minLength: 4, maxLength: 4 }),
        (key, constant, [a = '', b = '', c = '', d = '']) => {
          const pattern = `[${a}${key}:value${b}=${c}'${constant}'${d}]`;
          expect(readPattern(pattern)).toEqual(meaningOf(parsePattern(pattern)));
        },
      ),
    );
  });

  test('narrows to START and STOP, and to the overlap of nested ones', () => {
    const from = "START t'2026-01-01T00:00:00Z' STOP t'2026-03-01T00:00:00Z'";
    const inner = "START t'2026-02-01T00:00:00.5Z' STOP t'2026-04-01T00:00:00Z'";
    const pattern = `([ipv4-addr:value = '198.51.100.7'] ${inner} OR [ipv4-addr:value = '198.51.100.8']) ${from}`;
    expect(readPattern(pattern).observables).toMatchObject([
      { value: '198.51.100.7', startMs: Date.UTC(2026, 1, 1) + 500, stopMs: Date.UTC(2026, 2, 1) },
      { value: '198.51.100.8', startMs: Date.UTC(2026, 0, 1), stopMs: Date.UTC(2026, 2, 1) },
    ]);
  });

  test('tells what stands only under OR from what does not', () => {
    const pattern =
      "[ipv4-addr:value = 'a' OR (ipv4-addr:value = 'b' OR ipv4-addr:value IN ('c'))] OR " +
      "[ipv4-addr:value ISSUBSET 'd' OR (ipv4-addr:value = 'e' AND url:value = 'x')] OR " +
      "([ipv4-addr:value = 'f'] AND [ipv4-addr:value = 'g']) OR [ipv4-addr:value != 'h'] OR " +
      "[network-traffic:src_ref.type = 'ipv4-addr' AND network-traffic:src_ref.value = 'i']";
    const { comparisons, observations } = readPattern(pattern);
    expect(
      comparisons.map(({ value, form, underOrOnly, observation }) => [value, form, underOrOnly, observation]),
    ).toEqual([
      ['a', 'equals', true, 0],
      ['b', 'equals', true, 0],
      ['c', 'in', true, 0],
      ['d', 'issubset', true, 1],
      ['e', 'equals', false, 1],
      ['f', 'equals', false, 2],
      ['g', 'equals', false, 3],
      ['i', 'equals', false, 5],
    ]);
    expect(observations).toBe(6);
  });

  test('refuses hostile patterns by their size, not by reading them', () => {
    const megabyte = "[ipv4-addr:value = '198.51.100.7'" + " OR ipv4-addr:value = '198.51.100.7'".repeat(28_000) + ']';
    expect(megabyte.length).toBeGreaterThan(1_000_000);
    expect(readPattern(megabyte).skipped).toEqual(['pattern_too_large']);
    expect(readPattern(`[${'('.repeat(5_000)}a:b = 1${')'.repeat(5_000)}]`).skipped).toEqual(['pattern_too_large']);
    expect(readPattern('('.repeat(5_000)).skipped).toEqual(['pattern_too_large']);
  });

  test.each([
    ['/*', 'comments without an end'],
    ["'\\\\", 'escapes'],
    ['[a:b = 1] OR ', 'observations'],
    ["''", 'strings'],
    ['+', 'signs'],
    [' ', 'blanks'],
    ['[', 'brackets'],
    ['1', 'digits'],
    ['a-', 'names'],
  ])('reads the longest pattern of %j (%s) in linear time: quadratic work would never end', (part) => {
    const text = `[${part.repeat((maxPatternLength - 1) / part.length)}`;
    for (let round = 0; round < 50; round++) expect(readPattern(text).observables).toEqual([]);
  });

  test('never throws, and always says why nothing is meant', () => {
    const fragments = fc.constantFrom(
      '[',
      ']',
      '(',
      ')',
      'ipv4-addr:value',
      'network-traffic:src_ref.value',
      "'198.51.100.7'",
      "'198.51.100.0/24'",
      ' = ',
      ' IN ',
      ' AND ',
      ' OR ',
      ' NOT ',
      ' FOLLOWEDBY ',
      ' REPEATS 2 TIMES',
      ' WITHIN 5 SECONDS',
      ',',
      "'",
      '\\',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(fragments, { maxLength: 14 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (pattern) => {
        const { observables, skipped } = readPattern(pattern);
        expect(observables.length + skipped.length).toBeGreaterThan(0);
      }),
      { numRuns: 2_000 },
    );
  });
});
