import { type AddressRange, parseAddress } from '../address.ts';
import { parseCidr } from '../address-range.ts';

/**
 * Reads the constant of a pattern as the addresses it covers, in the same normal form as caller addresses: blanks, port,
 * brackets and zone id dropped, IPv4-mapped IPv6 as IPv4, host bits of a CIDR range cleared. Null when it is neither.
 */
export function parseObservableValue(text: string): AddressRange | null {
  // Nearly all are plain addresses, which the parser of the record path reads some ten times faster.
  const address = parseAddress(text);
  return address === null ? parseCidr(text) : { first: address, last: address };
}

/** Whether a range covers more addresses than one with the prefix length of its family. */
function spans({ first, last }: AddressRange, v4Prefix: number, v6Prefix: number): boolean {
  if (typeof first === 'number') return Number(last) - first >= 2 ** (32 - v4Prefix);
  return BigInt(last) - first >= 1n << BigInt(128 - v6Prefix);
}

/** Whether a range is wider than /8 (IPv4) or /19 (IPv6): it names a registry, not an attacker, and is not indexed. */
export function isTooWide(range: AddressRange): boolean {
  return spans(range, 8, 19);
}

/**
 * Whether a range is wider than a /16, so that it may pin only a part of the memory for matched addresses. The IPv6
 * counterpart is a /48: a /16 holds 65,536 hosts, a /48 as many subscriber networks of /64.
 */
export function isWide(range: AddressRange): boolean {
  return spans(range, 16, 48);
}
