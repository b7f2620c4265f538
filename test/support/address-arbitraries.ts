import fc from 'fast-check';

/** Texts of caller addresses, one list an address. */
export const addressForms: readonly (readonly string[])[] = [
  ['198.51.100.7', '198.51.100.7:443', '::ffff:198.51.100.7', '::FFFF:C633:6407', ' 198.51.100.7 '],
  ['198.51.100.9', '[::ffff:c633:6409]:8080'],
  ['203.0.113.20', '203.0.113.20:65535'],
  ['52.10.3.4', '52.10.3.4:50123'],
  ['2001:db8::5', '2001:DB8::5', '[2001:db8::5]:443', '2001:0db8:0:0:0:0:0:5', '2001:db8::5%eth0'],
  ['2001:db8:0:1::9', '2001:db8:0:1::0009'],
  ['10.1.2.3', '10.1.2.3:80'],
  ['100.64.0.1'],
  ['168.63.5.5'],
  ['168.63.129.16'],
  ['fe80::1%1'],
];

export const notAddresses = ['', '<null>', 'XX.XX.XX.XX', '198.51.100.0/24', '010.1.2.3', '198.51.100.7:99999'];

/** What the arbitraries of one scenario share. */
export interface Setting {
  /** The evaluation instant, in milliseconds since 1970. */
  readonly at: number;
  readonly lookbackMs: number;
  /** Forms of the address that most records come from and most indicators name. */
  readonly hot: readonly string[];
}

/** Addresses to be hot: public ones mostly, of either family, and each kind that one semantics excludes. */
export const hotAddress: fc.Arbitrary<readonly string[]> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...addressForms.slice(0, 3)) },
  { weight: 5, arbitrary: fc.constantFrom(...addressForms) },
);

/** Texts of caller addresses. */
export function addressText({ hot }: Pick<Setting, 'hot'>): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 12, arbitrary: fc.constant(hot[0] ?? '') },
    { weight: 4, arbitrary: fc.constantFrom(...hot) },
    { weight: 3, arbitrary: fc.constantFrom(...addressForms.flat()) },
    { weight: 1, arbitrary: fc.constantFrom(...notAddresses) },
  );
}
