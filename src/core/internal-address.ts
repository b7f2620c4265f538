import type { Address } from './address.ts';
import { parseCidr, RangeSet } from './address-range.ts';

/**
 * What a public host never has as its address: loopback, private, link-local (169.254.169.254, the metadata service of
 * clouds, is among them), carrier-grade NAT, benchmarks, multicast and reserved ranges (RFC 6890), Azure's host agent, and
 * the ranges of IPv6 that carry an IPv4 address inside.
 */
const internalRanges = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2001::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

const internal = new RangeSet(internalRanges.map(parseCidr).filter((range) => range !== null));
const loopback = new RangeSet(['127.0.0.0/8', '::1/128'].map(parseCidr).filter((range) => range !== null));

/** Whether an address belongs to this machine, to a private network or to no host at all. */
export function isInternal(address: Address): boolean {
  return internal.contains(address);
}

export function isLoopback(address: Address): boolean {
  return loopback.contains(address);
}
