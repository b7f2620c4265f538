import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasPrivatePrefix } from '../../../../src/core/kql/private-prefix.ts';

test.each([
  ['10.1.2.3', true],
  ['52.10.3.4', true],
  ['8.127.3.1', true],
  ['45.192.168.7', true],
  ['20.168.63.5', true],
  ['172.16.0.1', true],
  ['172.31.255.255', true],
  ['::ffff:10.0.0.1', true],
  ['[10.0.0.1]', true],
  ['110.1.1.1', false],
  ['1.2.3.10', false],
  ['172.15.0.1', false],
  ['172.32.0.1', false],
  ['100.64.0.1', false],
  ['2001:db8::10', false],
  ['a10.1', false],
  ['', false],
])('hasPrivatePrefix() finds a prefix only behind a term boundary: %j is %j', (text, expected) => {
  expect(hasPrivatePrefix(text)).toBe(expected);
});

test('hasPrivatePrefix() of an IPv4 address asks whether one of the prefixes begins at one of its octets', () => {
  const octet = fc.oneof(fc.constantFrom(10, 127, 168, 169, 172, 192, 16, 31, 254, 63), fc.nat({ max: 255 }));
  const begins = (a: number, b: number): boolean =>
    a === 10 ||
    a === 127 ||
    (a === 172 && b >= 16 && b <= 31) ||
    ['192.168', '169.254', '168.63'].includes(`${a}.${b}`);
  fc.assert(
    fc.property(octet, octet, octet, octet, (a, b, c, d) => {
      // A prefix ends in a dot, so one of a single octet cannot begin at the last, one of two not at the third.
      const expected = begins(a, b) || begins(b, c) || c === 10 || c === 127;
      expect(hasPrivatePrefix(`${a}.${b}.${c}.${d}`)).toBe(expected);
    }),
    { numRuns: 2000 },
  );
});
