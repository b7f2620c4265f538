import type { StixObject } from '../../src/core/intel/stix-object.ts';

/** An indicator with a fixed id for its number. */
export function sampleIndicator(number: number, changes: StixObject = {}): StixObject {
  const hex = number.toString(16).padStart(12, '0');
  return {
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--00000000-0000-4000-8000-${hex}`,
    created: '2024-01-01T00:00:00.000Z',
    modified: '2024-01-01T00:00:00.000Z',
    pattern_type: 'stix',
    pattern: `[ipv4-addr:value = '192.0.${Math.floor(number / 256) % 256}.${number % 256}']`,
    valid_from: '2024-01-01T00:00:00Z',
    confidence: 90,
    ...changes,
  };
}

export function sampleIndicators(count: number, from = 0): StixObject[] {
  return Array.from({ length: count }, (_, index) => sampleIndicator(from + index));
}

/** Ids of objects, in their order. */
export function idsOf(objects: readonly StixObject[]): unknown[] {
  return objects.map((object) => object['id']);
}
