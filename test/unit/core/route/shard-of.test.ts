import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAddress, parseAddress } from '../../../../src/core/address.ts';
import { shardOf } from '../../../../src/core/route/shard-of.ts';
import { anyAddress } from '../../../support/observation-arbitraries.ts';

function shardOfText(text: string, partitions: number): number {
  const address = parseAddress(text);
  if (address === null) throw new Error(`Cannot use ${text} as an address`);
  return shardOf(address, partitions);
}

describe('shardOf()', () => {
  // Frozen: replicas of several versions send to one hub, and a shard keeps its addresses over an update.
  test.each([
    ['0.0.0.0', [0, 1, 3, 31, 27]],
    ['20.4.1.17', [0, 0, 0, 28, 84]],
    ['198.51.100.7', [0, 1, 3, 15, 43]],
    ['255.255.255.255', [0, 0, 0, 8, 80]],
    ['::1', [0, 0, 0, 8, 36]],
    ['2001:db8::5', [0, 0, 2, 14, 26]],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', [0, 0, 2, 2, 74]],
  ] as const)('sends %s where it always did', (text, places) => {
    expect([1, 2, 4, 32, 100].map((partitions) => shardOfText(text, partitions))).toEqual(places);
  });

  test('sends IPv4-mapped IPv6 with IPv4', () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xffff_ffff }), fc.integer({ min: 1, max: 2048 }), (address, partitions) => {
        const text = formatAddress(address);
        expect(shardOfText(`::ffff:${text}`, partitions)).toBe(shardOfText(text, partitions));
        expect(shardOfText(`[::FFFF:${text}]:443`, partitions)).toBe(shardOf(address, partitions));
      }),
    );
  });

  test('gives a place in the list, the same whatever it was asked before', () => {
    fc.assert(
      fc.property(anyAddress, anyAddress, fc.integer({ min: 1, max: 2048 }), (address, other, partitions) => {
        const place = shardOf(address, partitions);
        expect(Number.isInteger(place) && place >= 0 && place < partitions).toBe(true);
        shardOf(other, partitions);
        expect(shardOf(address, partitions)).toBe(place);
      }),
    );
  });

  test.each([
    ['neighbours of IPv4', (at: number): number => 0x1404_0000 + at],
    ['every 256th IPv4', (at: number): number => at * 256],
    ['neighbours of IPv6', (at: number): bigint => (0x2001_0db8n << 96n) + BigInt(at)],
    ['IPv6 networks of 64 bits', (at: number): bigint => ((0x2001_0db8n << 32n) + BigInt(at)) << 64n],
  ] as const)('spreads %s evenly', (_name, addressAt) => {
    const partitions = 32;
    const each = 1000;
    const counts = new Array<number>(partitions).fill(0);
    for (let at = 0; at < each * partitions; at += 1) {
      const place = shardOf(addressAt(at), partitions);
      counts[place] = (counts[place] ?? 0) + 1;
    }
    // Five standard deviations of a fair throw.
    for (const count of counts) expect(Math.abs(count - each)).toBeLessThan(5 * Math.sqrt(each));
  });
});
