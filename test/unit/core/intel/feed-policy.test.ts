import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../../src/core/address.ts';
import { RangeSet } from '../../../../src/core/address-range.ts';
import { describeIndicators, validSightings } from '../../../../src/core/alert/judge.ts';
import { IndicatorCatalogue } from '../../../../src/core/intel/catalogue.ts';
import { applyPolicy, type FeedPolicy, weighConfidence } from '../../../../src/core/intel/feed-policy.ts';
import type { Sighting } from '../../../../src/core/intel/indicator.ts';
import type { SourceSettings } from '../../../../src/core/intel/indicator-reader.ts';
import type { StixObject } from '../../../../src/core/intel/stix-object.ts';
import { day, indicator, source, stixIndicator } from './indicator-fixture.ts';

const id = 'indicator--00000000-0000-4000-8000-000000000001';
const ip = parseAddress('198.51.100.7')!;
const modified = Date.UTC(2026, 0, 1);
const excluded = new RangeSet([]);

type Fed = readonly [policy: Partial<FeedPolicy> & Partial<SourceSettings>, ...objects: StixObject[]];

function catalogueOf(...feeds: readonly Fed[]): IndicatorCatalogue {
  const catalogue = new IndicatorCatalogue(1_000);
  for (const [policy, ...objects] of feeds) catalogue.apply({ ...source, ...policy }, objects, { full: true });
  return catalogue;
}

function sightingsAt(catalogue: IndicatorCatalogue, at: number, minConfidence = 75): readonly Sighting[] {
  return validSightings(catalogue.build({ minConfidence, excluded, ordinal: 1 }).lookup(ip), at);
}

function confidenceAt(catalogue: IndicatorCatalogue, at = modified): number | undefined {
  return describeIndicators(sightingsAt(catalogue, at))[0]?.confidence;
}

describe('weight', () => {
  test.each([
    [90, 0.5, 45],
    [85, 0.7, 60], // 59.5; in binary 59.49999…
    [75, 1, 75],
    [100, 0, 0],
    [91, 0.333, 30],
  ])('makes of %d times %d the whole number %d', (confidence, weight, expected) => {
    expect(weighConfidence(confidence, weight)).toBe(expected);
  });

  test('admits, shows and orders by the product, and keeps what the feed says', () => {
    expect(confidenceAt(catalogueOf([{ weight: 0.9 }, stixIndicator({ confidence: 90 })]))).toBe(81);
    const low = catalogueOf([{ weight: 0.8 }, stixIndicator({ confidence: 90 })]);
    expect(confidenceAt(low)).toBeUndefined();
    expect(low.counts()[0]?.skipped.get('low_confidence')).toBe(1);
    expect(low.indicator('feed-a', id)).toMatchObject({ confidence: 72, statedConfidence: 90 });
    expect(low.reasonGone('feed-a', id, modified, 75)).toBe('indicator-lowered');
  });

  test('weighs the confidence that a feed lends, and leaves none where there is none', () => {
    const lent = catalogueOf([{ weight: 0.9, defaultConfidence: 100 }, stixIndicator({ confidence: undefined })]);
    expect(confidenceAt(lent)).toBe(90);
    const unscored = catalogueOf([{ weight: 0.9 }, stixIndicator({ confidence: undefined })]);
    expect(unscored.indicator('feed-a', id)?.confidence).toBeNull();
  });

  test('of 1 leaves a confidence as it is, fractions too', () => {
    expect(confidenceAt(catalogueOf([{ weight: 1 }, stixIndicator({ confidence: 90.5 })]))).toBe(90.5);
  });
});

test('indicators of one address from several feeds are all listed, the most trusted first', () => {
  const catalogue = catalogueOf(
    [{ name: 'loud', weight: 0.8 }, stixIndicator({ confidence: 100 })],
    [{ name: 'plain' }, stixIndicator({ confidence: 85 })],
    [{ name: 'fading', decay: { lifetimeMs: 100 * day, speed: 1 } }, stixIndicator({ confidence: 90 })],
  );
  const listed = (at: number): unknown[] =>
    describeIndicators(sightingsAt(catalogue, at)).map((each) => [each.source, each.confidence]);
  expect(listed(modified)).toEqual([
    ['fading', 90],
    ['plain', 85],
    ['loud', 80],
  ]);
  expect(listed(modified + 8 * day)).toEqual([
    ['plain', 85],
    ['fading', 83],
    ['loud', 80],
  ]);
  expect(listed(modified + 20 * day)).toEqual([
    ['plain', 85],
    ['loud', 80],
  ]);
});

describe('allowRevocation', () => {
  test('of false lets what the feed revokes go on until it expires, counted', () => {
    const revoked = stixIndicator({ revoked: true, confidence: 90, valid_until: '2026-03-01T00:00:00Z' });
    const believed = catalogueOf([{}, revoked]);
    expect(confidenceAt(believed)).toBeUndefined();
    expect(believed.counts()[0]?.revocationsIgnored).toBe(0);
    const ignored = catalogueOf([{ allowRevocation: false }, revoked]);
    expect(confidenceAt(ignored)).toBe(90);
    expect(ignored.counts()[0]).toMatchObject({ indexed: 1, revocationsIgnored: 1, skipped: new Map() });
    expect(ignored.indicator('feed-a', id)).toMatchObject({ revoked: false, revocationIgnored: true });
    const expiry = Date.UTC(2026, 2, 1);
    expect(confidenceAt(ignored, expiry)).toBeUndefined();
    expect(ignored.reasonGone('feed-a', id, expiry, 75)).toBe('indicator-expired');
  });
});

describe('decay', () => {
  const decay = { lifetimeMs: 90_000, speed: 1 };
  const lowered = modified + 15_501;

  test('ends an indicator when it has too little confidence, and says that it was lowered', () => {
    const catalogue = catalogueOf([{ decay }, stixIndicator({ confidence: 90, valid_from: undefined })]);
    expect(confidenceAt(catalogue, lowered - 1)).toBe(75);
    expect(confidenceAt(catalogue, lowered)).toBeUndefined();
    const index = catalogue.build({ minConfidence: 75, excluded, ordinal: 1 });
    expect(index.nextTransition(modified)).toBe(lowered);
    expect(catalogue.reasonGone('feed-a', id, lowered, 75)).toBe('indicator-lowered');
    const [shown] = describeIndicators(sightingsAt(catalogue, modified));
    expect(shown).toMatchObject({ confidence: 90, validFrom: null, validUntil: '2026-01-01T00:00:15.501Z' });
  });

  test('is counted from valid_from when that is newer, and what expires first ends it', () => {
    const later = stixIndicator({ confidence: 90, valid_from: '2026-01-02T00:00:00Z' });
    const fromLater = catalogueOf([{ decay }, later]);
    expect(confidenceAt(fromLater, lowered + day - 1)).toBe(75);
    expect(confidenceAt(fromLater, lowered + day)).toBeUndefined();
    const short = stixIndicator({ confidence: 90, valid_until: '2026-01-01T00:00:10Z' });
    const expired = catalogueOf([{ decay }, short]);
    expect(expired.reasonGone('feed-a', id, lowered, 75)).toBe('indicator-expired');
  });

  test('keeps START and STOP of a pattern, and ends between them', () => {
    const within = "START t'2026-01-01T00:00:05Z' STOP t'2026-01-01T01:00:00Z'";
    const pattern = `[ipv4-addr:value = '198.51.100.7'] ${within}`;
    const catalogue = catalogueOf([{ decay }, stixIndicator({ confidence: 90, pattern })]);
    expect([4_999, 5_000, 15_500, 15_501].map((ms) => confidenceAt(catalogue, modified + ms))).toEqual([
      undefined,
      85,
      75,
      undefined,
    ]);
  });

  test('begins anew with a newer version', () => {
    const catalogue = catalogueOf([{ decay }, stixIndicator({ confidence: 90 })]);
    const again = stixIndicator({ confidence: 90, modified: new Date(lowered).toISOString() });
    catalogue.apply({ ...source, decay }, [again], { full: false });
    expect(confidenceAt(catalogue, lowered)).toBe(90);
  });
});

describe('TLP:RED', () => {
  const red = stixIndicator({
    confidence: 90,
    description: 'From a source that must not be known',
    object_marking_refs: ['marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1'],
  });

  test('withholds pattern and value unless the feed may show them', () => {
    const shown = (policy: Partial<FeedPolicy>): unknown =>
      describeIndicators(sightingsAt(catalogueOf([policy, red]), modified))[0];
    expect(shown({})).toMatchObject({ tlp: 'RED', pattern: '', value: '' });
    expect(shown({ allowRedDescription: true })).toMatchObject({ pattern: red['pattern'], value: '198.51.100.7' });
  });

  test('counts also when a marking of the feed or the feed itself gives it', () => {
    const own = { type: 'marking-definition', id: 'marking-definition--own', name: 'TLP:RED' };
    const marked = stixIndicator({ confidence: 90, object_marking_refs: [own.id] });
    for (const fed of [
      [{}, marked, own],
      [{}, own, marked],
      [{ tlp: 'RED' }, stixIndicator({ confidence: 90 })],
    ] as const)
      expect(describeIndicators(sightingsAt(catalogueOf(fed), modified))[0]?.pattern).toBe('');
  });
});

test('applyPolicy() of no policy is the indicator itself', () => {
  const plain = indicator({ revoked: true });
  expect(applyPolicy(plain, {})).toBe(plain);
  expect(applyPolicy(plain, { weight: 1, allowRevocation: true, decay: null, allowRedDescription: false })).toBe(plain);
});

test('a stored set is read by the policy that is configured now', () => {
  const revoked = stixIndicator({ id: 'indicator--2', confidence: 77.5, revoked: true });
  const policy = {
    weight: 0.5,
    allowRevocation: false,
    decay: { lifetimeMs: day, speed: 2 },
    allowRedDescription: true,
  };
  const before = catalogueOf([policy, stixIndicator({ confidence: 90 }), revoked]);
  const after = new IndicatorCatalogue(10);
  expect(after.restore(source, before.export('feed-a')!)).toEqual({ restored: true });
  const plain = catalogueOf([{}, stixIndicator({ confidence: 90 }), revoked]);
  for (const each of [id, 'indicator--2'])
    expect(after.indicator('feed-a', each)).toEqual(plain.indicator('feed-a', each));
  expect(after.export('feed-a')).toEqual(before.export('feed-a'));
  const again = new IndicatorCatalogue(10);
  again.restore({ ...source, ...policy }, after.export('feed-a')!);
  for (const each of [id, 'indicator--2'])
    expect(again.indicator('feed-a', each)).toEqual(before.indicator('feed-a', each));
});
