import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RangeSet, parseCidr } from '../../../../src/core/address-range.ts';
import { parseAddress } from '../../../../src/core/address.ts';
import type { IndicatorIndex } from '../../../../src/core/intel/address-index.ts';
import { IndicatorCatalogue } from '../../../../src/core/intel/catalogue.ts';
import type { SourceSettings } from '../../../../src/core/intel/indicator-reader.ts';
import type { StixObject } from '../../../../src/core/intel/stix-object.ts';
import { source, stixIndicator } from './indicator-fixture.ts';

const other: SourceSettings = { ...source, name: 'feed-b', defaultConfidence: 80 };
const excluded = new RangeSet(['10.0.0.0/8', '127.0.0.0/8', 'fc00::/7'].map((text) => parseCidr(text)!));
const id = 'indicator--00000000-0000-4000-8000-000000000001';
const now = Date.UTC(2026, 1, 1);

function build(catalogue: IndicatorCatalogue, minConfidence = 75): IndicatorIndex {
  return catalogue.build({ minConfidence, excluded, ordinal: 1 });
}

function idsAt(index: IndicatorIndex, text = '198.51.100.7'): string[] {
  return index.lookup(parseAddress(text)!).map(({ indicator }) => `${indicator.source} ${indicator.id}`);
}

function catalogueOf(...objects: StixObject[]): IndicatorCatalogue {
  const catalogue = new IndicatorCatalogue(1_000);
  expect(catalogue.apply(source, objects, { full: true })).toMatchObject({ applied: true, deleted: 0 });
  return catalogue;
}

const versions = {
  first: stixIndicator(),
  revoked: stixIndicator({ modified: '2026-01-02T00:00:00.1Z', revoked: true }),
  again: stixIndicator({ modified: '2026-01-02T00:00:00.1000001Z' }),
};

describe('IndicatorCatalogue', () => {
  test('a revoke removes, and a newer version that is not revoked brings back', () => {
    const catalogue = catalogueOf(versions.first);
    expect(idsAt(build(catalogue))).toEqual([`feed-a ${id}`]);
    catalogue.apply(source, [versions.revoked], { full: false });
    expect(idsAt(build(catalogue))).toEqual([]);
    expect(catalogue.reasonGone('feed-a', id, now, 75)).toBe('indicator-revoked');
    catalogue.apply(source, [versions.again], { full: false });
    expect(idsAt(build(catalogue))).toEqual([`feed-a ${id}`]);
  });

  test('the newest version wins whatever the order and the number of polls', () => {
    const steps = fc.shuffledSubarray(Object.values(versions), { minLength: 3 });
    fc.assert(
      fc.property(steps, fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), (order, cuts) => {
        const catalogue = new IndicatorCatalogue(10);
        let batch: StixObject[] = [];
        order.forEach((object, at) => {
          batch.push(object);
          if (cuts[at] === false && at < 2) return;
          catalogue.apply(source, batch, { full: false });
          batch = [];
        });
        expect(catalogue.indicator('feed-a', id)).toMatchObject({
          modified: versions.again['modified'],
          revoked: false,
        });
        expect(catalogue.weight).toBe(1);
      }),
    );
  });

  test('of two contents of one version one wins in any order; what a later poll delivers replaces it', () => {
    const [a, b] = [stixIndicator({ description: 'a' }), stixIndicator({ description: 'b' })];
    const [one, two] = [catalogueOf(a, b), catalogueOf(b, a)];
    expect(one.indicator('feed-a', id)).toEqual(two.indicator('feed-a', id));
    one.apply(source, [a], { full: false });
    expect(one.indicator('feed-a', id)?.description).toBe('a');
  });

  test('feeds do not overwrite each other, and a full set deletes in its own feed only', () => {
    const catalogue = catalogueOf(versions.first);
    catalogue.apply(other, [stixIndicator({ confidence: undefined, modified: '2026-01-03T00:00:00Z' })], {
      full: true,
    });
    expect(idsAt(build(catalogue))).toEqual([`feed-a ${id}`, `feed-b ${id}`]);
    expect(catalogue.apply(source, [], { full: true })).toMatchObject({ applied: true, deleted: 1 });
    expect(idsAt(build(catalogue))).toEqual([`feed-b ${id}`]);
    expect(catalogue.reasonGone('feed-a', id, now, 75)).toBe('indicator-deleted');
  });

  test('a full set is the whole truth of its feed: also an older version replaces a newer one', () => {
    const catalogue = catalogueOf(versions.revoked);
    catalogue.apply(source, [versions.first], { full: true });
    expect(catalogue.indicator('feed-a', id)?.revoked).toBe(false);
  });

  test('a delta deletes nothing', () => {
    const catalogue = catalogueOf(versions.first);
    expect(catalogue.apply(source, [], { full: false })).toMatchObject({ applied: true, deleted: 0 });
    expect(idsAt(build(catalogue))).toHaveLength(1);
  });

  test('refuses whole what would pass the bound, and stays as it was', () => {
    const catalogue = new IndicatorCatalogue(3);
    catalogue.apply(source, [versions.first], { full: true });
    const wide = stixIndicator({
      id: 'indicator--2',
      pattern: "[ipv4-addr:value IN ('198.51.100.1', '198.51.100.2', '198.51.100.3')]",
    });
    const refusal = {
      applied: false,
      code: 'too_many_indicators',
      retryable: false,
      message: 'Cannot take feed feed-a as INDICATORS_MAX allows 3 indicators over all feeds: current value is 4',
    };
    expect(catalogue.apply(source, [versions.revoked, wide], { full: false })).toEqual(refusal);
    expect(catalogue.apply(other, [wide], { full: true })).toMatchObject({ applied: false });
    expect(idsAt(build(catalogue))).toEqual([`feed-a ${id}`]);
    expect(catalogue.counts().map((counts) => counts.source)).toEqual(['feed-a']);
    expect(catalogue.apply(source, [wide], { full: true })).toMatchObject({ applied: true, deleted: 1 });
    expect(catalogue.weight).toBe(3);
  });

  test('bounds the objects kept beside the indicators too', () => {
    const catalogue = new IndicatorCatalogue(2);
    const malware = [1, 2, 3].map((at) => ({ type: 'malware', id: `malware--${at}`, name: 'x' }));
    expect(catalogue.apply(source, malware, { full: false })).toMatchObject({ applied: false });
    expect(catalogue.apply(source, malware.slice(1), { full: false })).toMatchObject({ applied: true });
  });

  test('tells the actors of an indicator whose relationship comes by a later poll', () => {
    const catalogue = catalogueOf(versions.first);
    const before = build(catalogue);
    const beside: StixObject[] = [
      { type: 'malware', id: 'malware--1', name: 'Loader', modified: '2026-01-01T00:00:00Z' },
      {
        type: 'relationship',
        id: 'relationship--1',
        relationship_type: 'indicates',
        source_ref: id,
        target_ref: 'malware--1',
        modified: '2026-01-01T00:00:00Z',
      },
      { type: 'marking-definition', id: 'marking-definition--own', name: 'TLP:AMBER+STRICT' },
    ];
    catalogue.apply(source, beside, { full: false });
    const marked = stixIndicator({ id: 'indicator--2', object_marking_refs: ['marking-definition--own'] });
    catalogue.apply(source, [marked], { full: false });
    const after = build(catalogue);
    const found = after.lookup(parseAddress('198.51.100.7')!).map(({ indicator }) => [indicator.actors, indicator.tlp]);
    expect(found).toEqual([
      [['Loader'], ''],
      [[], 'AMBER+STRICT'],
    ]);
    expect(after.digest).not.toBe(before.digest);
    catalogue.apply(source, [versions.first], { full: true });
    expect(build(catalogue).digest).toBe(before.digest);
  });

  test('counts what is indexed by kind and what is not by reason', () => {
    const made = (fields: StixObject, at: number): StixObject => stixIndicator({ id: `indicator--${at}`, ...fields });
    const objects = [
      {},
      { pattern: "[ipv6-addr:value = '2001:db8::7']" },
      { pattern: "[ipv4-addr:value = '198.51.100.0/24' OR ipv4-addr:value = '203.0.113.9' OR url:value = 'x']" },
      { pattern: "[ipv4-addr:value = '10.1.2.3']" },
      { pattern: "[ipv4-addr:value IN ('10.1.2.3', '198.51.100.9')]" },
      { pattern: "[ipv4-addr:value ISSUBSET '0.0.0.0/0']" },
      { pattern: "[domain-name:value = 'evil.example']" },
      { confidence: 74 },
      { confidence: undefined },
      { confidence: undefined, pattern: "[domain-name:value = 'evil.example']" },
      { revoked: true },
      { revoked: true, pattern: 'rubbish' },
      { modified: 'never' },
    ].map(made);
    const catalogue = catalogueOf(...objects, { type: 'identity', id: 'identity--1' });
    const index = build(catalogue);
    expect(index.size).toBe(4);
    expect(catalogue.counts()).toEqual([
      {
        source: 'feed-a',
        held: 12,
        indexed: 4,
        kinds: { ipv4: 3, ipv6: 1, range: 1 },
        skipped: new Map([
          ['invalid_object', 1],
          ['no_address', 3],
          ['excluded_range', 2],
          ['range_too_wide', 1],
          ['low_confidence', 1],
          ['unscored', 1],
          ['revoked', 2],
        ]),
        unidentified: 1,
        revocationsIgnored: 0,
      },
    ]);
    expect(idsAt(index, '10.1.2.3')).toEqual([]);
    expect(idsAt(index, '198.51.100.9')).toEqual(['feed-a indicator--2', 'feed-a indicator--4']);
  });

  test('counts invalid objects since the last full set', () => {
    const invalid = { type: 'indicator' };
    const catalogue = catalogueOf(invalid, invalid);
    catalogue.apply(source, [invalid], { full: false });
    build(catalogue);
    expect(catalogue.counts()[0]?.skipped.get('invalid_object')).toBe(3);
    catalogue.apply(source, [invalid], { full: true });
    build(catalogue);
    expect(catalogue.counts()[0]?.skipped.get('invalid_object')).toBe(1);
  });

  test('a newer version that cannot be read, but can be told from the older, replaces it', () => {
    const catalogue = catalogueOf(versions.first);
    catalogue.apply(source, [stixIndicator({ modified: '2026-01-09T00:00:00Z', pattern: '[' })], { full: false });
    expect(idsAt(build(catalogue))).toEqual([]);
  });

  test('reasonGone() tells revoked, lowered, expired and deleted apart', () => {
    const reason = (fields: StixObject): string => catalogueOf(stixIndicator(fields)).reasonGone('feed-a', id, now, 75);
    expect(reason({ revoked: true, confidence: 5 })).toBe('indicator-revoked');
    expect(reason({ confidence: 74 })).toBe('indicator-lowered');
    expect(reason({ confidence: undefined })).toBe('indicator-lowered');
    expect(reason({ valid_until: '2026-02-01T00:00:00Z' })).toBe('indicator-expired');
    expect(reason({ valid_from: '2026-02-01T00:00:00.1Z' })).toBe('indicator-expired');
    const window = "START t'2026-01-01T00:00:00Z' STOP t'2026-02-01T00:00:00Z'";
    expect(reason({ pattern: `[ipv4-addr:value = '198.51.100.7'] ${window}` })).toBe('indicator-expired');
    expect(reason({ pattern: "[ipv4-addr:value = '203.0.113.9']" })).toBe('indicator-deleted');
    expect(reason({ id: 'indicator--2' })).toBe('indicator-deleted');
    expect(new IndicatorCatalogue(1).reasonGone('feed-a', id, now, 75)).toBe('indicator-deleted');
  });

  test('builds the same index from the same objects in any order', () => {
    const objects = Array.from({ length: 8 }, (_, at) =>
      stixIndicator({ id: `indicator--${at % 5}`, modified: `2026-01-0${at + 1}T00:00:00Z`, confidence: 75 + at }),
    );
    const expected = build(catalogueOf(...objects));
    fc.assert(
      fc.property(fc.shuffledSubarray(objects, { minLength: 8 }), (shuffled) => {
        const index = build(catalogueOf(...shuffled));
        expect(index.digest).toBe(expected.digest);
        expect(idsAt(index)).toEqual(idsAt(expected));
      }),
    );
  });
});
