import ipaddr from 'ipaddr.js';

/**
 * Address normalisation of the reference evaluators, on ipaddr.js behind strict guards: it takes `010.1.2.3` as 8.1.2.3,
 * and `1.2.3`, `0x7f.1` and bare numbers as addresses.
 */

const dotted = /^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/;

/** An address as text without brackets, port and zone; "" when what stands around it is wrong. */
function bare(text: string): string {
  const trimmed = text.trim();
  const [, bracketed, plain = trimmed, port = '0'] =
    /^(?:\[([^[\]]*:[^[\]]*)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(trimmed) ?? [];
  if (Number(port) > 65_535) return '';
  const inner = bracketed ?? plain;
  return inner.includes(':') ? inner.replace(/%.+$/, '') : inner;
}

function parse(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  if (dotted.test(text)) return ipaddr.IPv4.isValid(text) ? ipaddr.IPv4.parse(text) : null;
  const lastPart = text.slice(text.lastIndexOf(':') + 1);
  if (!text.includes(':') || (lastPart.includes('.') && !dotted.test(lastPart))) return null;
  if (!ipaddr.IPv6.isValid(text)) return null;
  const address = ipaddr.IPv6.parse(text);
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

function canonical(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}

/** The canonical text of a caller address, null for what is none. */
export function canonicalAddress(text: string): string | null {
  const address = parse(bare(text));
  return address === null ? null : canonical(address);
}

/** A test of canonical addresses. */
export type Membership = (canonicalText: string) => boolean;

/**
 * What an address or range of a pattern or an option covers; null for what is neither. `widest` is the shortest prefix
 * that may be named, per family.
 */
export function coverage(text: string, widest: { v4: number; v6: number } = { v4: 0, v6: 0 }): Membership | null {
  const parts = /^([^/]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text.trim());
  const base = parse(parts?.[1] ?? '');
  if (parts === null || base === null) return null;
  const bits = base instanceof ipaddr.IPv6 ? 128 : 32;
  const prefix = parts[2] === undefined ? bits : Number(parts[2]);
  if (prefix > bits || prefix < (bits === 32 ? widest.v4 : widest.v6)) return null;
  return (canonicalText) => {
    const address = parse(canonicalText);
    if (address instanceof ipaddr.IPv4) return base instanceof ipaddr.IPv4 && address.match(base, prefix);
    return address !== null && base instanceof ipaddr.IPv6 && address.match(base, prefix);
  };
}
