import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Indicator, isValidAt, sightingOf } from '../../../../src/core/intel/indicator.ts';
import { readIndicator, SharedLists, type SourceSettings } from '../../../../src/core/intel/indicator-reader.ts';
import type { StixObject } from '../../../../src/core/intel/stix-object.ts';
import { day, source, stixIndicator } from './indicator-fixture.ts';

function read(fields: StixObject = {}, settings: Partial<SourceSettings> = {}): Indicator {
  const result = readIndicator(stixIndicator(fields), { ...source, ...settings });
  if (!('id' in result)) throw new Error(`skipped as ${result.skipped}`);
  return result;
}

describe('readIndicator()', () => {
  test('takes every field of a well-formed indicator', () => {
    expect(
      read({
        description: 'Seen in password spraying',
        modified: '2026-02-01T00:00:00.123456Z',
        valid_until: '2026-03-01T00:00:00Z',
        labels: ['c2', 'ActivityGroup:Blizzard'],
        object_marking_refs: ['marking-definition--f88d31f6-486f-44da-b317-01333bde0b82'],
      }),
    ).toEqual({
      source: 'feed-a',
      id: 'indicator--00000000-0000-4000-8000-000000000001',
      description: 'Seen in password spraying',
      pattern: "[ipv4-addr:value = '198.51.100.7']",
      confidence: 90,
      modified: '2026-02-01T00:00:00.123456Z',
      modifiedMs: Date.UTC(2026, 1, 1) + 123.456,
      validFromMs: Date.UTC(2026, 0, 1),
      validUntilMs: Date.UTC(2026, 2, 1),
      validUntilGiven: true,
      revoked: false,
      types: ['malicious-activity'],
      labels: ['c2', 'ActivityGroup:Blizzard'],
      tlp: 'AMBER',
      actors: ['Blizzard'],
      observables: [{ range: { first: 0xc6336407, last: 0xc6336407 }, value: '198.51.100.7', key: 'ipv4-addr' }],
      skipped: [],
    });
  });

  test.each([
    [90, null, 90],
    [0, 85, 0],
    ['85', null, 85],
    [undefined, 85, 85],
    [undefined, null, null],
    [null, 85, 85],
    [101, 85, 85],
    [-1, null, null],
    [Number.NaN, null, null],
    ['high', 60, 60],
  ])('reads confidence %j with the feed default %j as %j', (confidence, defaultConfidence, expected) => {
    expect(read({ confidence }, { defaultConfidence }).confidence).toBe(expected);
  });

  test('without valid_until ends the maximum age after the newest of modified and valid_from', () => {
    const until = (modified: string, validFrom: string | undefined): number | string => {
      const { validUntilMs, validUntilGiven } = read({ modified, valid_from: validFrom }, { maxAgeMs: day });
      return validUntilGiven ? 'given' : validUntilMs;
    };
    expect(until('2026-02-01T00:00:00Z', '2026-01-01T00:00:00Z')).toBe(Date.UTC(2026, 1, 2));
    expect(until('2026-02-01T00:00:00Z', '2026-03-01T00:00:00Z')).toBe(Date.UTC(2026, 2, 2));
    expect(until('2026-02-01T00:00:00Z', undefined)).toBe(Date.UTC(2026, 1, 2));
  });

  test('is valid from valid_from inclusive to valid_until exclusive', () => {
    const indicator = read({ valid_from: '2026-02-01T00:00:00Z', valid_until: '2026-03-01T00:00:00Z' });
    const [from, until] = [Date.UTC(2026, 1, 1), Date.UTC(2026, 2, 1)];
    expect([from - 1, from, until - 1, until].map((at) => isValidAt(indicator, at))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test('START and STOP narrow the validity of the sighting', () => {
    const pattern =
      "[ipv4-addr:value = '198.51.100.7'] START t'2025-01-01T00:00:00Z' STOP t'2026-02-01T00:00:00Z' OR [ipv4-addr:value = '198.51.100.8']";
    const indicator = read({ pattern });
    const [narrowed, whole] = indicator.observables.map((observable) => sightingOf(indicator, observable).indicator);
    expect(whole).toBe(indicator);
    expect(narrowed).toEqual({
      ...indicator,
      validFromMs: Date.UTC(2026, 0, 1),
      validUntilMs: Date.UTC(2026, 1, 1),
      validUntilGiven: true,
    });
  });

  test.each([
    [{ pattern_type: 'snort' }, ['not_stix_pattern']],
    [{ pattern_type: 'yara', pattern: undefined }, ['not_stix_pattern']],
    [{ pattern: undefined }, ['no_pattern']],
    [{ pattern: ' ' }, ['no_pattern']],
    [{ pattern: 'rubbish' }, ['pattern_invalid']],
    [{ pattern: "[ipv4-addr:value ISSUBSET '198.0.0.0/7']" }, ['range_too_wide']],
    [{ pattern: "[ipv6-addr:value = '2001::/18']" }, ['range_too_wide']],
    [{ pattern: "[ipv4-addr:value = '0.0.0.0/0']" }, ['range_too_wide']],
    [{ valid_until: 'never' }, ['invalid_object']],
    [{ valid_from: 5 }, ['invalid_object']],
  ])('holds %j without observables, and says why', (fields, skipped) => {
    expect(read(fields)).toMatchObject({ observables: [], skipped });
  });

  test.each(["[ipv4-addr:value ISSUBSET '198.0.0.0/8']", "[ipv6-addr:value = '2001::/19']"])(
    'takes %s: as wide as a range may be',
    (pattern) => {
      expect(read({ pattern })).toMatchObject({ observables: [{}], skipped: [] });
    },
  );

  test('takes STIX 2.0, which has no pattern_type', () => {
    expect(read({ pattern_type: undefined, spec_version: undefined }).observables).toHaveLength(1);
  });

  test('takes the labels of STIX 2.0 for its types, and keeps them', () => {
    const labels = ['malicious-activity'];
    const old = { pattern_type: undefined, spec_version: undefined, indicator_types: undefined, labels };
    expect(read(old)).toMatchObject({ types: labels, labels });
    expect(read({ ...old, spec_version: '2.1' })).toMatchObject({ types: [], labels });
    expect(read({ ...old, pattern_type: 'stix' })).toMatchObject({ types: [], labels });
    expect(read({ ...old, indicator_types: ['benign'] })).toMatchObject({ types: ['benign'], labels });
  });

  test('takes the texts of STIX 2.0 for the times of START and STOP', () => {
    const pattern = "[ipv4-addr:value = '198.51.100.7'] START '2024-01-01T00:00:00Z' STOP '2024-02-01T00:00:00.5Z'";
    const times = { startMs: Date.parse('2024-01-01T00:00:00Z'), stopMs: Date.parse('2024-02-01T00:00:00.5Z') };
    expect(read({ pattern, pattern_type: undefined, spec_version: undefined })).toMatchObject({
      observables: [times],
      skipped: [],
    });
    expect(read({ pattern })).toMatchObject({ observables: [], skipped: ['pattern_invalid'] });
  });

  test('takes the destination of traffic only where the feed says so', () => {
    const pattern =
      "[network-traffic:dst_ref.value = '198.51.100.7' OR network-traffic:src_ref.value = '198.51.100.8']";
    expect(read({ pattern })).toMatchObject({ observables: [{ value: '198.51.100.8' }], skipped: ['dst_ref'] });
    expect(read({ pattern }, { useDstRef: true })).toMatchObject({
      observables: [{ value: '198.51.100.7' }, { value: '198.51.100.8' }],
      skipped: [],
    });
  });

  test('names an address once, however often the pattern does', () => {
    const pattern = "[ipv4-addr:value = '198.51.100.7' OR network-traffic:src_ref.value = '198.51.100.7:443']";
    expect(read({ pattern }).observables).toMatchObject([{ value: '198.51.100.7', key: 'ipv4-addr' }]);
  });

  test('takes the strictest TLP of object and granular markings, else the default of the feed', () => {
    const green = 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb';
    const red = 'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed';
    expect(read({}, { tlp: 'GREEN' }).tlp).toBe('GREEN');
    expect(read({ object_marking_refs: [green] }, { tlp: 'RED' }).tlp).toBe('GREEN');
    expect(read({ object_marking_refs: [green, red] }).tlp).toBe('RED');
    expect(
      read({
        object_marking_refs: [green],
        granular_markings: [{ marking_ref: red, selectors: ['description'] }, null, {}],
      }).tlp,
    ).toBe('RED');
  });

  test.each([
    [{ type: 'malware' }],
    [{ id: undefined }],
    [{ id: '' }],
    [{ id: 'x'.repeat(301) }],
    [{ modified: 'yesterday' }],
    [{ modified: undefined, created: undefined, valid_from: undefined }],
  ])('cannot name a version of %j', (fields) => {
    expect(readIndicator(stixIndicator(fields), source)).toEqual({ skipped: 'invalid_object' });
  });

  test('falls back to created where modified is missing', () => {
    expect(read({ modified: undefined, created: '2026-01-05T00:00:00Z' })).toMatchObject({
      modified: '2026-01-05T00:00:00Z',
      modifiedMs: Date.UTC(2026, 0, 5),
    });
  });

  test('cuts what is too long to keep', () => {
    const indicator = read({
      description: 'x'.repeat(20_000),
      labels: Array.from({ length: 500 }, (_, at) => `label ${at} ${'x'.repeat(1_000)}`),
      pattern: `[ipv4-addr:value = '${'x'.repeat(100_000)}']`,
    });
    expect(indicator.description).toHaveLength(10_000);
    expect(indicator.labels).toHaveLength(100);
    expect(indicator.labels[0]).toHaveLength(500);
    expect(indicator.pattern).toHaveLength(1_000);
    expect(indicator.skipped).toEqual(['pattern_too_large']);
  });

  test('shares equal lists of texts and no others', () => {
    const lists = new SharedLists();
    const labelled = (labels: unknown): readonly string[] => {
      const result = readIndicator(stixIndicator({ labels }), source, lists);
      return 'id' in result ? result.labels : [];
    };
    const first = labelled(['a', 'b\nc']);
    expect(labelled(['a', 'b\nc'])).toBe(first);
    expect(labelled(['a\nb', 'c'])).toEqual(['a\nb', 'c']);
    expect(labelled(['a', 'b', 'c'])).toEqual(['a', 'b', 'c']);
    expect(labelled(['a', 5, null])).toEqual(['a']);
  });

  test('never throws, whatever an object holds', () => {
    const keys = [...Object.keys(stixIndicator()), 'labels', 'object_marking_refs', 'granular_markings', 'revoked'];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), fc.jsonValue()), (fields) => {
        for (const object of [fields as StixObject, stixIndicator(fields)]) {
          const result = readIndicator(object, source);
          expect('id' in result || result.skipped).toBeTruthy();
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
