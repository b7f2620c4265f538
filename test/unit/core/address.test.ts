import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, test } from 'vitest';
import type { Address } from '../../../src/core/address.ts';
import { formatAddress, parseAddress } from '../../../src/core/address.ts';

const ipv4 = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((octets) => octets.join('.'));
const group = fc.oneof(fc.constant(0), fc.nat(0xffff));
const groups = fc.array(group, { minLength: 8, maxLength: 8 });

/** Every way of writing the same eight groups: leading zeros, letter case, any run of zeros dropped, a dotted tail. */
const ipv6Text = fc
  .tuple(groups, fc.nat(4), fc.boolean(), fc.boolean(), fc.nat(7), fc.nat(8))
  .map(([parts, width, upper, dotted, gapStart, gapLength]) => {
    const texts = parts.map((part) => part.toString(16).padStart(width, '0'));
    if (dotted) {
      const [g = 0, h = 0] = parts.slice(6);
      texts.splice(6, 2, `${g >> 8}.${g & 255}.${h >> 8}.${h & 255}`);
    }
    let end = gapStart;
    while (end < texts.length && end < gapStart + gapLength && parts[end] === 0 && !texts[end]?.includes('.')) end++;
    const text =
      end > gapStart ? `${texts.slice(0, gapStart).join(':')}::${texts.slice(end).join(':')}` : texts.join(':');
    return { text: upper ? text.toUpperCase() : text, parts };
  });

function addressOf(parsed: ipaddr.IPv4 | ipaddr.IPv6): Address {
  const plain = parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() ? parsed.toIPv4Address() : parsed;
  const value = plain.toByteArray().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return plain.kind() === 'ipv4' ? Number(value) : value;
}

describe('parseAddress()', () => {
  test('agrees with ipaddr.js on every IPv4 text', () => {
    fc.assert(
      fc.property(ipv4, (text) => {
        expect(parseAddress(text)).toBe(addressOf(ipaddr.parse(text)));
      }),
    );
  });

  test('agrees with ipaddr.js on every legal IPv6 text', () => {
    fc.assert(
      fc.property(ipv6Text, ({ text, parts }) => {
        expect(parseAddress(text)).toBe(addressOf(new ipaddr.IPv6(parts)));
        // ipaddr.js reads the deprecated ::a.b.c.d as ::ffff:a.b.c.d, so the dotted forms rest on the groups alone.
        if (!text.includes('.')) expect(parseAddress(text)).toBe(addressOf(ipaddr.parse(text)));
      }),
      { numRuns: 2000 },
    );
  });

  test('takes nothing that ipaddr.js refuses', () => {
    const near = fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdefF.:%[]x/ ')), maxLength: 24 });
    const damaged = fc
      .tuple(
        fc.oneof(
          ipv4,
          ipv6Text.map(({ text }) => text),
        ),
        fc.nat(40),
        near,
      )
      .map(([text, at, insert]) => text.slice(0, at) + insert.slice(0, 2) + text.slice(at));
    fc.assert(
      fc.property(fc.oneof(near, damaged), (text) => {
        if (parseAddress(text) === null) return;
        const trimmed = text.trim();
        const bare = /^\[(.*)\](?::\d+)?$/.exec(trimmed)?.[1] ?? /^([\d.]+):\d+$/.exec(trimmed)?.[1] ?? trimmed;
        const withoutZone = bare.replace(/%.*/s, '');
        expect(ipaddr.isValid(withoutZone), text).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  test.each([
    ['198.51.100.23', 0xc6336417],
    ['0.0.0.0', 0],
    ['255.255.255.255', 0xffffffff],
    [' 198.51.100.23\t', 0xc6336417],
    ['198.51.100.23:443', 0xc6336417],
    ['10.50.0.204:38208', 0x0a3200cc],
    ['::ffff:198.51.100.23', 0xc6336417],
    ['::FFFF:c633:6417', 0xc6336417],
    ['0:0:0:0:0:ffff:198.51.100.23', 0xc6336417],
    ['[::ffff:198.51.100.23]:443', 0xc6336417],
    ['::198.51.100.23', 0xc6336417n],
    ['::', 0n],
    ['::1', 1n],
    ['1::', 0x1_0000_0000_0000_0000_0000_0000_0000n],
    ['1:2:3:4:5:6:7::', 0x0001_0002_0003_0004_0005_0006_0007_0000n],
    ['2001:db8::7334', 0x2001_0db8_0000_0000_0000_0000_0000_7334n],
    ['2001:0db8:85a3:0000:0000:8a2e:0370:7334', 0x2001_0db8_85a3_0000_0000_8a2e_0370_7334n],
    ['[2001:db8::7334]', 0x2001_0db8_0000_0000_0000_0000_0000_7334n],
    ['[2001:db8::7334]:8443', 0x2001_0db8_0000_0000_0000_0000_0000_7334n],
    ['fe80::1%eth0', 0xfe80_0000_0000_0000_0000_0000_0000_0001n],
    ['[fe80::1%12]:443', 0xfe80_0000_0000_0000_0000_0000_0000_0001n],
  ])('reads %s', (text, address) => {
    expect(parseAddress(text)).toBe(address);
  });

  test.each([
    '',
    ' ',
    '<null>',
    'null',
    'XX.XX.XX.XX',
    '198.51.100.XXX',
    '198.51.100.xxx',
    '127.0.0.0/8',
    '2001:db8::/32',
    'd8c2f0a1-3b4c-4d5e-8f60-718293a4b5c6',
    '010.1.2.3',
    '1.2.3.04',
    '0x7f.0.0.1',
    '127.1',
    '2130706433',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.',
    '.1.2.3',
    '1..2.3',
    '1.2.3.256',
    '1.2.3.4:',
    '1.2.3.4:65536',
    '1.2.3.4:http',
    '1.2.3.4:443:1',
    '1.2.3.4%eth0',
    '[1.2.3.4]',
    '[1.2.3.4]:443',
    '[::1',
    '::1]',
    '[::1]443',
    '[::1]:',
    '[]',
    ':',
    ':::',
    ':1',
    '1:',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4::5:6:7:8',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    '::g',
    '::1.2.3',
    '::1.2.3.04',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '1:2:3:4:5:6:7:1.2.3.4',
    'fe80::1%',
    '%eth0',
    '1.2.3.4, 5.6.7.8',
    'localhost',
    '１.２.３.４',
  ])('refuses "%s"', (text) => {
    expect(parseAddress(text)).toBeNull();
  });

  test('refuses text that no address is as long as, without reading it', () => {
    expect(parseAddress(`${' '.repeat(200)}1.2.3.4`)).toBeNull();
    expect(parseAddress(`fe80::1%${'x'.repeat(1_000_000)}`)).toBeNull();
  });
});

describe('formatAddress()', () => {
  test('writes IPv6 as RFC 5952 asks, as ipaddr.js does', () => {
    fc.assert(
      fc.property(groups, (parts) => {
        const parsed = new ipaddr.IPv6(parts);
        fc.pre(!parsed.isIPv4MappedAddress());
        expect(formatAddress(addressOf(parsed))).toBe(parsed.toRFC5952String());
      }),
      { numRuns: 2000 },
    );
  });

  test('gives text that reads as the same address', () => {
    const address = fc.oneof(
      fc.integer({ min: 0, max: 0xffff_ffff }),
      fc.bigInt({ min: 1n << 64n, max: (1n << 128n) - 1n }),
    );
    fc.assert(
      fc.property(address, (value) => {
        expect(parseAddress(formatAddress(value))).toBe(value);
      }),
    );
  });

  test.each([
    [0xc6336417, '198.51.100.23'],
    [0n, '::'],
    [1n, '::1'],
    [0x0001_0000_0000_0002_0000_0000_0000_0003n, '1:0:0:2::3'],
    [0x0001_0000_0000_0002_0003_0000_0000_0004n, '1::2:3:0:0:4'],
    [0x0001_0000_0002_0003_0004_0005_0006_0007n, '1:0:2:3:4:5:6:7'],
  ])('writes %s as %s', (address, text) => {
    expect(formatAddress(address)).toBe(text);
  });
});
