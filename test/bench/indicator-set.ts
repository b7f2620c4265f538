import type { SourceSettings } from '../../src/core/intel/indicator-reader.ts';
import type { StixObject } from '../../src/core/intel/stix-object.ts';

export const source: SourceSettings = {
  name: 'bench',
  defaultConfidence: 90,
  tlp: '',
  maxAgeMs: 1e12,
  useDstRef: false,
};

/** Distinct addresses, spread over the space: a permutation of its numbers. */
export function addressAt(number: number): number {
  return Math.imul(number, 0x9e3779b1) >>> 0;
}

export function dotted(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** The n-th indicator of a set: one of an address while n is below `exact`, else one of a /28. */
export function stixObject(number: number, exact: number): StixObject {
  const value = number < exact ? dotted(addressAt(number)) : `${dotted((addressAt(number) & 0xffff_fff0) >>> 0)}/28`;
  return {
    type: 'indicator',
    id: `indicator--${number.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`,
    pattern_type: 'stix',
    pattern: `[ipv4-addr:value = '${value}']`,
    modified: '2026-01-01T00:00:00Z',
    valid_from: '2026-01-01T00:00:00Z',
    confidence: 90,
    labels: ['c2'],
  };
}
