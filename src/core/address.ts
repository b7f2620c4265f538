/** An IP address as a number: IPv4 (IPv4-mapped IPv6 included) as an unsigned 32-bit number, IPv6 as a 128-bit bigint. */
export type Address = number | bigint;

/** A closed interval of addresses of one family. */
export interface AddressRange {
  readonly first: Address;
  readonly last: Address;
}

/** Longer than any address with brackets, port and the name of an interface. */
const longestText = 128;

const blank = 0x20;
const percent = 0x25;
const dot = 0x2e;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const openBracket = 0x5b;

/** The groups of the IPv6 address being read: the parser never calls itself, so one array serves every call. */
const groups = new Uint16Array(8);

/**
 * Reads a caller address as Azure writes it: IPv4 or IPv6 in any legal text form, with blanks around it, a port
 * (`192.0.2.1:443`, `[2001:db8::1]:443`), brackets or a zone id. IPv4-mapped IPv6 is its IPv4 address. Everything else
 * is null: "", "<null>", masked octets, ranges, names, octal or shortened IPv4.
 *
 * Runs once a record, so it reads character codes and allocates nothing for IPv4.
 */
export function parseAddress(text: string): Address | null {
  if (text.length > longestText) return null;
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= blank) start++;
  while (end > start && text.charCodeAt(end - 1) <= blank) end--;
  if (text.charCodeAt(start) === openBracket) {
    const close = text.indexOf(']', start);
    if (close === -1 || close >= end) return null;
    return close + 1 === end || isPort(text, close + 1, end) ? parseIpv6(text, start + 1, close) : null;
  }
  const firstColon = text.indexOf(':', start);
  if (firstColon === -1) return parseIpv4(text, start, end);
  if (text.includes(':', firstColon + 1)) return parseIpv6(text, start, end);
  return isPort(text, firstColon, end) ? parseIpv4(text, start, firstColon) : null;
}

/** Whether the characters between are a colon and a port number. */
function isPort(text: string, start: number, end: number): boolean {
  if (text.charCodeAt(start) !== colon || end - start < 2 || end - start > 6) return false;
  let port = 0;
  for (let at = start + 1; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code < zero || code > nine) return false;
    port = port * 10 + code - zero;
  }
  return port <= 0xffff;
}

/** Exactly four decimal octets without leading zeros, as an unsigned number. */
function parseIpv4(text: string, start: number, end: number): number | null {
  let address = 0;
  let octets = 0;
  let octet = -1;
  for (let at = start; at <= end; at++) {
    const code = at === end ? dot : text.charCodeAt(at);
    if (code === dot) {
      if (octet === -1 || octets === 4) return null;
      address = address * 256 + octet;
      octets++;
      octet = -1;
    } else {
      if (code < zero || code > nine || octet === 0) return null;
      octet = octet === -1 ? code - zero : octet * 10 + code - zero;
      if (octet > 255) return null;
    }
  }
  return octets === 4 ? address : null;
}

/** The text forms of RFC 4291 section 2.2; a zone id (RFC 4007 section 11) says nothing about the caller and is left out. */
function parseIpv6(text: string, start: number, textEnd: number): Address | null {
  const end = zoneStart(text, start, textEnd);
  let count = 0;
  let gap = -1;
  let at = start;
  if (text.charCodeAt(at) === colon) {
    if (at + 1 >= end || text.charCodeAt(at + 1) !== colon) return null;
    gap = 0;
    at += 2;
  }
  while (at < end) {
    const groupStart = at;
    let group = 0;
    for (let digit = hexDigit(text, at); at < end && digit !== -1; digit = hexDigit(text, at)) {
      group = group * 16 + digit;
      at++;
    }
    if (count === 8 || at === groupStart || at - groupStart > 4) return null;
    if (at < end && text.charCodeAt(at) === dot) {
      const tail = parseIpv4(text, groupStart, end);
      if (tail === null || count > 6) return null;
      groups[count++] = tail >>> 16;
      groups[count++] = tail & 0xffff;
      break;
    }
    groups[count++] = group;
    if (at === end) break;
    if (text.charCodeAt(at) !== colon || ++at === end) return null;
    if (text.charCodeAt(at) === colon) {
      if (gap !== -1) return null;
      gap = count;
      at++;
    }
  }
  return (gap === -1 ? count === 8 : count < 8) ? addressOfGroups(count, gap) : null;
}

/** Where the zone id of an IPv6 address begins; `start`, which leaves no address, when it names no zone. */
function zoneStart(text: string, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    if (text.charCodeAt(at) === percent) return at + 1 < end ? at : start;
  }
  return end;
}

function hexDigit(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code >= zero && code <= nine) return code - zero;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** The address of the first `count` groups, with zeros between them where "::" stood (`gap`, -1 for nowhere). */
function addressOfGroups(count: number, gap: number): Address {
  if (gap !== -1) {
    groups.copyWithin(8 - (count - gap), gap, count);
    groups.fill(0, gap, 8 - (count - gap));
  }
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
  const low = g * 0x1_0000 + h;
  if (f === 0xffff && (a | b | c | d | e) === 0) return low;
  const high = (BigInt(a * 0x1_0000 + b) << 32n) | BigInt(c * 0x1_0000 + d);
  return (high << 64n) | (BigInt(e * 0x1_0000 + f) << 32n) | BigInt(low);
}

/** The canonical text of an address: dotted quad, or RFC 5952 for IPv6. */
export function formatAddress(address: Address): string {
  if (typeof address === 'number') {
    return `${address >>> 24}.${(address >>> 16) & 0xff}.${(address >>> 8) & 0xff}.${address & 0xff}`;
  }
  const parts: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) parts.push(Number((address >> shift) & 0xffffn));
  const [start, length] = longestZeroRun(parts);
  if (length < 2) return parts.map(hex).join(':');
  return `${parts.slice(0, start).map(hex).join(':')}::${parts
    .slice(start + length)
    .map(hex)
    .join(':')}`;
}

function hex(group: number): string {
  return group.toString(16);
}

/** Start and length of the longest run of zeros, the first of equals (RFC 5952 section 4.2.3). */
function longestZeroRun(parts: readonly number[]): readonly [start: number, length: number] {
  let best: readonly [number, number] = [0, 0];
  let length = 0;
  for (const [index, part] of parts.entries()) {
    length = part === 0 ? length + 1 : 0;
    if (length > best[1]) best = [index + 1 - length, length];
  }
  return best;
}
