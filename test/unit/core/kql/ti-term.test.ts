import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kqlValues } from '../../../../src/core/kql/ti-term.ts';
import { hotAddress } from '../../../support/address-arbitraries.ts';
import { stixPattern } from '../../../support/indicator-arbitraries.ts';
import { observableValues } from '../../../support/reference/stix-pattern.ts';

test.each([
  ["[ipv4-addr:value = '198.51.100.7']", ['198.51.100.7']],
  ["[IPv4-Addr:value = '198.51.100.7']", ['198.51.100.7']],
  ["[ipv4-addr:value = '198.51.100.0/24']", ['198.51.100.0/24']],
  ["[ipv4-addr:value = '1.1.1.1' OR ipv4-addr:value = '2.2.2.2']", ['1.1.1.1', '2.2.2.2']],
  ["[ipv4-addr:value = '1.1.1.1' OR domain-name:value = 'a.example']", ['1.1.1.1']],
  ["[ipv4-addr:value = '1.1.1.1'] OR ([ipv4-addr:value = '2.2.2.2'])", ['1.1.1.1', '2.2.2.2']],
  ["[ipv4-addr:value = '1.1.1.1'] OR ([ipv4-addr:value = '2.2.2.2'] AND [file:name = 'x'])", ['1.1.1.1']],
  ["[ipv4-addr:value IN ('1.1.1.1', '2.2.2.2')]", []],
  ["[ipv4-addr:value ISSUBSET '1.1.1.0/24']", []],
  ["[ipv4-addr:value != '1.1.1.1']", []],
  ["[ipv4-addr:value NOT = '1.1.1.1']", []],
  ["[ipv4-addr:value = '1.1.1.1' AND domain-name:value = 'a.example']", []],
  ["[ipv4-addr:value = '1.1.1.1'] AND [ipv4-addr:value = '2.2.2.2']", []],
  ["[ipv4-addr:value = '1.1.1.1'] FOLLOWEDBY [ipv4-addr:value = '2.2.2.2']", []],
  ["[ipv6-addr:value = '2001:db8::5']", []],
  ["[network-traffic:src_ref.value = '1.1.1.1']", []],
  ["[ipv4-addr:value = '1.1.1.1'", []],
])('kqlValues() of %s is %j', (pattern, expected) => {
  expect([...kqlValues(pattern)]).toEqual(expected);
});

test('kqlValues() agrees with the reference reader of patterns', () => {
  const pattern = hotAddress.chain((hot) => stixPattern({ hot }));
  fc.assert(
    fc.property(pattern, (text) => {
      expect([...kqlValues(text)]).toEqual([...new Set(observableValues(text))]);
    }),
    { numRuns: 1000 },
  );
});
