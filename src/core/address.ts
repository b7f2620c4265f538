/** An IP address as a number: IPv4 (IPv4-mapped IPv6 included) as an unsigned 32-bit number, IPv6 as a 128-bit bigint. */
export type Address = number | bigint;

/** A closed interval of addresses of one family. */
export interface AddressRange {
  readonly first: Address;
  readonly last: Address;
}
