import type { Address } from '../address.ts';
import { murmur3x86128 } from '../murmur3.ts';

const bytes = new Uint8Array(16);
const view = new DataView(bytes.buffer);
const words = new Uint32Array(4);

/**
 * The correlation partition, by its place in the list of partitions, where everything about an address meets: a hash of
 * the number that the address is, so that every form of writing it, IPv4-mapped IPv6 included, goes one way. Part of
 * the wire format: another hash is another version.
 */
export function shardOf(address: Address, partitions: number): number {
  if (typeof address === 'bigint') {
    view.setBigUint64(0, address >> 64n);
    view.setBigUint64(8, address & 0xffff_ffff_ffff_ffffn);
    murmur3x86128(bytes, 16, 0, words);
  } else {
    view.setUint32(0, address);
    murmur3x86128(bytes, 4, 0, words);
  }
  return (words[0] ?? 0) % partitions;
}
