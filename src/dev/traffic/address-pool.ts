import type { Random } from './random.ts';
import { Zipf } from './zipf.ts';

/**
 * Addresses that ordinary callers use. All lie in ranges that nobody owns: 198.18.0.0/16 of the benchmarking network
 * (RFC 2544) and 2001:db8:1::/48 of the documentation prefix (RFC 3849). The threat intelligence of the local stack names
 * neither, so ordinary traffic never matches.
 */
export class AddressPool {
  readonly #exits: readonly string[];
  readonly #popularity: Zipf;

  /** Makes about one shared exit for every eight users. */
  constructor(random: Random, users: number) {
    const size = Math.max(4, Math.ceil(users / 8));
    this.#exits = Array.from({ length: size }, () => benchmarkAddress(random));
    this.#popularity = new Zipf(size, 1.1);
  }

  /** An office exit shared with others, and a line or two of the user's own. */
  forUser(random: Random): readonly string[] {
    const addresses = [this.#popularity.pick(this.#exits, random), benchmarkAddress(random)];
    if (random.chance(0.5)) addresses.push(documentationAddress6(random));
    return addresses;
  }

  forWorkload(random: Random): readonly string[] {
    const addresses = [benchmarkAddress(random)];
    if (random.chance(0.3)) addresses.push(documentationAddress6(random));
    return addresses;
  }
}

/** An address that no public network routes, as service traffic inside a virtual network shows. */
export function privateAddress(random: Random): string {
  switch (random.between(0, 4)) {
    case 0:
      return `10.${random.between(0, 255)}.${random.between(0, 255)}.${random.between(1, 254)}`;
    case 1:
      return `172.${random.between(16, 31)}.${random.between(0, 255)}.${random.between(1, 254)}`;
    case 2:
      return `192.168.${random.between(0, 255)}.${random.between(1, 254)}`;
    case 3:
      return `fde4:8dba:${random.hex(4)}:${random.hex(4)}:6c26:${random.between(100, 999)}:ac9:24c2`;
    default:
      return '168.63.129.16';
  }
}

/** Writes an address with a port, as Entra does since 2026 and Storage always did. */
export function withPort(address: string, random: Random): string {
  const port = random.between(1024, 65_535);
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function benchmarkAddress(random: Random): string {
  return `198.18.${random.between(0, 255)}.${random.between(1, 254)}`;
}

function documentationAddress6(random: Random): string {
  return `2001:db8:1:${random.between(1, 0xffff).toString(16)}::${random.between(1, 0xffff).toString(16)}`;
}
