import { describe, expect, test } from 'vitest';
import { parseCidr, RangeSet } from '../../../../src/core/address-range.ts';
import { parseAddress } from '../../../../src/core/address.ts';
import { IndicatorCatalogue } from '../../../../src/core/intel/catalogue.ts';
import { Sliced } from '../../../../src/core/sliced.ts';
import { explainAddress, explainedMax, type Explanation } from '../../../../src/core/intel/explanation.ts';
import type { SourceSettings } from '../../../../src/core/intel/indicator-reader.ts';
import type { StixObject } from '../../../../src/core/intel/stix-object.ts';
import { source, stixIndicator } from './indicator-fixture.ts';

const now = Date.UTC(2026, 1, 1);
const rule = { minConfidence: 75, excluded: new RangeSet([parseCidr('10.0.0.0/8')!]) };

function explain(ip: string, objects: readonly StixObject[], settings: SourceSettings = source): Explanation {
  const catalogue = new IndicatorCatalogue(10_000);
  catalogue.apply(settings, objects, { full: true });
  return new Sliced(explainAddress(catalogue.held(), parseAddress(ip)!, rule, now)).finish();
}

describe('explainAddress()', () => {
  const traffic = (end: string): string =>
    `[network-traffic:${end}_ref.type = 'ipv4-addr' AND network-traffic:${end}_ref.value = '198.51.100.7']`;
  const cases: [string, StixObject][] = [
    ['revoked', { revoked: true, confidence: 5 }],
    ['revoked', { revoked: true, pattern: traffic('dst') }],
    ['unscored', { confidence: undefined }],
    ['low_confidence', { confidence: 74 }],
    ['not_yet_valid', { valid_from: '2026-02-01T00:00:00.1Z' }],
    ['expired', { valid_until: '2026-02-01T00:00:00Z' }],
    [
      'expired',
      { pattern: "[ipv4-addr:value = '198.51.100.7'] START t'2026-01-01T00:00:00Z' STOP t'2026-02-01T00:00:00Z'" },
    ],
    [
      'not_yet_valid',
      { pattern: "[ipv4-addr:value = '198.51.100.7'] START t'2026-02-02T00:00:00Z' STOP t'2026-03-01T00:00:00Z'" },
    ],
    ['invalid_object', { valid_from: 'never' }],
    ['pattern_invalid', { pattern: "[ipv4-addr:value = '198.51.100.7'" }],
    ['pattern_invalid', { pattern: "[ipv4-addr:value = '198.51.100.0/24" }],
    ['pattern_too_large', { pattern: `[ipv4-addr:value IN ('198.51.100.7'${", '203.0.113.9'".repeat(10_000)})]` }],
    ['and_undecidable', { pattern: "[ipv4-addr:value = '198.51.100.7' AND domain-name:value = 'evil.example']" }],
    ['followed_by', { pattern: "[ipv4-addr:value = '198.51.100.7'] FOLLOWEDBY [url:value = 'x']" }],
    ['repeats', { pattern: "[ipv4-addr:value = '198.51.100.7'] REPEATS 3 TIMES" }],
    ['dst_ref', { pattern: traffic('dst') }],
    ['dst_ref', { pattern: "[network-traffic:dst_ref.value = '198.51.100.0/24' OR ipv4-addr:value = '203.0.113.9']" }],
    ['range_too_wide', { pattern: "[ipv4-addr:value ISSUBSET '198.0.0.0/7']" }],
  ];
  test.each(cases)('says %s of %o', (reason, fields) => {
    const { named, counting, reasons, indicators } = explain('198.51.100.7', [stixIndicator(fields)]);
    expect({ named, counting, reasons: [...reasons] }).toEqual({ named: 1, counting: 0, reasons: [[reason, 1]] });
    expect(indicators).toMatchObject([{ reason, namings: [{ reason }] }]);
  });

  test('says excluded_range of a range that lies wholly in one, and counts one that reaches out', () => {
    const of = (value: string): unknown =>
      explain('10.1.2.3', [stixIndicator({ pattern: `[ipv4-addr:value = '${value}']` })]).indicators[0]?.reason;
    expect([of('10.1.2.3'), of('10.0.0.0/8')]).toEqual(['excluded_range', 'excluded_range']);
  });

  test.each([
    "[ipv4-addr:value = '203.0.113.9' AND domain-name:value = '198.51.100.7.example']",
    "[network-traffic:dst_ref.value = '203.0.113.9']",
    "[ipv4-addr:value != '198.51.100.7']",
    "[domain-name:value = '198.51.100.7']",
    "[ipv4-addr:value = '203.0.113.9' AND url:value = 'x'] /* '198.51.100.7' */",
    "[ipv6-addr:value = '2001:db8::7' AND url:value = 'x']",
  ])('does not take %s for naming 198.51.100.7', (pattern) => {
    expect(explain('198.51.100.7', [stixIndicator({ pattern })]).named).toBe(0);
  });

  test('counts a destination where the feed says so', () => {
    const objects = [stixIndicator({ pattern: traffic('dst') })];
    expect(explain('198.51.100.7', objects, { ...source, useDstRef: true }).counting).toBe(1);
  });

  test('gives each naming its own reason, those that count first', () => {
    const pattern = "[network-traffic:dst_ref.value = '198.51.100.7' OR ipv4-addr:value = '198.51.100.0/24']";
    expect(explain('198.51.100.7', [stixIndicator({ pattern })]).indicators).toMatchObject([
      {
        reason: null,
        namings: [
          { value: '198.51.100.0/24', reason: null },
          { value: '198.51.100.7', reason: 'dst_ref' },
        ],
      },
    ]);
  });

  test('lists those that count before those that do not, each best first', () => {
    const made = [
      { id: 'indicator--1', confidence: 100, revoked: true },
      { id: 'indicator--2', confidence: 80 },
      { id: 'indicator--3', confidence: 50 },
      { id: 'indicator--4', confidence: 85 },
    ];
    const { indicators } = explain('198.51.100.7', made.map(stixIndicator));
    const ids = ['indicator--4', 'indicator--2', 'indicator--1', 'indicator--3'];
    expect(indicators.map(({ indicator }) => indicator.id)).toEqual(ids);
  });

  test('shows what the rest of the feed says of an indicator', () => {
    const beside = [
      { type: 'malware', id: 'malware--1', name: 'Loader', modified: '2026-01-01T00:00:00Z' },
      {
        type: 'relationship',
        id: 'relationship--1',
        relationship_type: 'indicates',
        source_ref: stixIndicator()['id'],
        target_ref: 'malware--1',
      },
    ];
    const [shown] = explain('198.51.100.7', [stixIndicator(), ...beside]).indicators;
    expect(shown?.indicator.actors).toEqual(['Loader']);
  });

  test('counts all and lists the best of more than it lists', () => {
    const objects = Array.from({ length: 3 * explainedMax }, (_, at) =>
      stixIndicator({ id: `indicator--${at}`, confidence: at % 101 }),
    );
    const { named, counting, indicators } = explain('198.51.100.7', objects);
    expect([named, counting]).toEqual([300, 75]);
    expect(indicators).toHaveLength(explainedMax);
    const confidences = indicators.map(({ indicator }) => indicator.confidence ?? 0);
    expect(confidences.slice(0, 75)).toEqual(confidences.slice(0, 75).toSorted((a, b) => b - a));
    expect(Math.max(...confidences.slice(75))).toBe(74);
  });
});
