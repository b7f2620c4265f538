import { describe, expect, it } from 'vitest';
import type { StixObject } from '../../../../src/core/intel/stix-object.ts';
import { readPattern } from '../../../../src/core/intel/pattern.ts';
import { tlpMarkings } from '../../../../src/dev/traffic/stix-author.ts';
import { threatIntelligence } from '../../../../src/dev/traffic/threat-intelligence.ts';

const atMs = Date.UTC(2026, 2, 2, 8);
const objects = threatIntelligence({ seed: 5, atMs, count: 3_000 });
const indicators = objects.filter((object) => object['type'] === 'indicator');

function text(object: StixObject, key: string): string {
  const value = object[key];
  return typeof value === 'string' ? value : '';
}

describe('threatIntelligence()', () => {
  it('writes the same objects for the same options and others for another seed', () => {
    expect(threatIntelligence({ seed: 5, atMs, count: 50 })).toEqual(threatIntelligence({ seed: 5, atMs, count: 50 }));
    expect(threatIntelligence({ seed: 6, atMs, count: 50 })).not.toEqual(
      threatIntelligence({ seed: 5, atMs, count: 50 }),
    );
  });

  it('holds as many indicators as asked for, each id once or in a newer version after the first', () => {
    const versions = new Map<string, string[]>();
    for (const indicator of indicators) {
      versions.set(text(indicator, 'id'), [
        ...(versions.get(text(indicator, 'id')) ?? []),
        text(indicator, 'modified'),
      ]);
    }
    expect(versions.size).toBe(3_000);
    const revised = [...versions.values()].filter((times) => times.length > 1);
    expect(revised.length).toBeGreaterThan(20);
    for (const times of revised) expect(times).toEqual(times.toSorted());
  });

  it('gives each object the properties that STIX 2.1 requires', () => {
    const ids = new Set(objects.map((object) => text(object, 'id')));
    for (const object of objects) {
      expect(object['spec_version']).toBe('2.1');
      expect(text(object, 'id')).toMatch(
        new RegExp(`^${text(object, 'type')}--[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`),
      );
      expect(Date.parse(text(object, 'created'))).toBeLessThanOrEqual(Date.parse(text(object, 'modified')));
      expect(Date.parse(text(object, 'modified'))).toBeLessThanOrEqual(atMs);
      if (object['type'] === 'relationship') {
        expect(ids.has(text(object, 'source_ref'))).toBe(true);
        expect(ids.has(text(object, 'target_ref'))).toBe(true);
      }
    }
    for (const indicator of indicators) {
      expect(indicator['pattern_type']).toBe('stix');
      expect(Date.parse(text(indicator, 'valid_from'))).not.toBeNaN();
    }
  });

  it('holds what matches and what never does: ranges, lists, other observables, undecidable patterns', () => {
    const readings = indicators.map((indicator) => readPattern(text(indicator, 'pattern')));
    const skipped = new Set(readings.flatMap((reading) => reading.skipped));
    expect(readings.filter((reading) => reading.observables.length > 0).length).toBeGreaterThan(
      indicators.length * 0.8,
    );
    expect(readings.some((reading) => reading.observables.length === 3)).toBe(true);
    for (const reason of ['no_address', 'and_undecidable', 'followed_by', 'like_or_matches'] as const) {
      expect(skipped).toContain(reason);
    }
    expect(skipped).not.toContain('pattern_invalid');
    expect(skipped).not.toContain('address_invalid');
  });

  it('mixes scores, validity, revocation and markings', () => {
    const share = (test: (indicator: StixObject) => boolean) => indicators.filter(test).length / indicators.length;
    expect(share((indicator) => indicator['confidence'] === undefined)).toBeGreaterThan(0.03);
    expect(share((indicator) => Number(indicator['confidence']) < 75)).toBeGreaterThan(0.15);
    expect(share((indicator) => indicator['revoked'] === true)).toBeGreaterThan(0.01);
    expect(share((indicator) => indicator['valid_until'] === undefined)).toBeGreaterThan(0.08);
    expect(share((indicator) => Date.parse(text(indicator, 'valid_until')) <= atMs)).toBeGreaterThan(0.02);
    const markings = new Set(indicators.flatMap((indicator) => (indicator['object_marking_refs'] ?? []) as string[]));
    expect(markings).toEqual(new Set(Object.values(tlpMarkings)));
  });

  it('names no address that generated callers use', () => {
    const patterns = indicators.map((indicator) => text(indicator, 'pattern')).join('\n');
    const addresses = patterns.match(/'[\d.]+(\/\d+)?'|'2001:[^']+'/g) ?? [];
    expect(addresses.length).toBeGreaterThan(2_000);
    expect(addresses.filter((address) => !/^'(198\.19\.|2001:db8:f)/.test(address))).toEqual([]);
  });
});
