import type { Indicator } from '../../../../src/core/intel/indicator.ts';
import type { SourceSettings } from '../../../../src/core/intel/indicator-reader.ts';
import type { StixObject } from '../../../../src/core/intel/stix-object.ts';

export const day = 86_400_000;

export const source: SourceSettings = {
  name: 'feed-a',
  defaultConfidence: null,
  tlp: '',
  maxAgeMs: 365 * day,
  useDstRef: false,
};

/** A well-formed STIX 2.1 indicator for 198.51.100.7. */
export function stixIndicator(fields: StixObject = {}): StixObject {
  return {
    type: 'indicator',
    spec_version: '2.1',
    id: 'indicator--00000000-0000-4000-8000-000000000001',
    created: '2026-01-01T00:00:00.000Z',
    modified: '2026-01-01T00:00:00.000Z',
    indicator_types: ['malicious-activity'],
    pattern: "[ipv4-addr:value = '198.51.100.7']",
    pattern_type: 'stix',
    valid_from: '2026-01-01T00:00:00Z',
    confidence: 90,
    ...fields,
  };
}

export function indicator(fields: Partial<Indicator> = {}): Indicator {
  return {
    source: 'feed-a',
    id: 'indicator--00000000-0000-4000-8000-000000000001',
    description: '',
    pattern: '',
    confidence: 90,
    modified: '2026-01-01T00:00:00Z',
    modifiedMs: Date.UTC(2026, 0, 1),
    validFromMs: null,
    validUntilMs: Date.UTC(2027, 0, 1),
    validUntilGiven: true,
    revoked: false,
    types: [],
    labels: [],
    tlp: '',
    actors: [],
    observables: [],
    skipped: [],
    ...fields,
  };
}
