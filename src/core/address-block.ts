import { type Address, type AddressRange, formatAddress } from './address.ts';
import type { RangeSet } from './address-range.ts';

/** Bits of an address of the family. */
function widthOf(address: Address): 32 | 128 {
  return typeof address === 'number' ? 32 : 128;
}

function blockOf(address: Address, prefix: number): AddressRange {
  const hostBits = BigInt(widthOf(address) - prefix);
  const first = (BigInt(address) >> hostBits) << hostBits;
  const last = first | ((1n << hostBits) - 1n);
  return typeof address === 'number' ? { first: Number(first), last: Number(last) } : { first, last };
}

/** Whether a range holds an address; an address of the other family it never does. */
export function covers({ first, last }: AddressRange, address: Address): boolean {
  return typeof first === typeof address && first <= address && address <= last;
}

/** The widest CIDR block around an address that lies wholly in a set; null when the address itself does not. */
export function widestBlock(set: RangeSet, address: Address): AddressRange | null {
  if (!set.contains(address)) return null;
  let prefix = 0;
  while (!set.covers(blockOf(address, prefix))) prefix += 1;
  return blockOf(address, prefix);
}

/** A range as CIDR, one address as itself, and a range that is no block by its first and last address. */
export function formatRange(range: AddressRange): string {
  const { first, last } = range;
  if (first === last) return formatAddress(first);
  const prefix = widthOf(first) - (BigInt(last) - BigInt(first)).toString(2).length;
  const block = blockOf(first, prefix);
  if (block.first === first && block.last === last) return `${formatAddress(first)}/${prefix}`;
  return `${formatAddress(first)}-${formatAddress(last)}`;
}
