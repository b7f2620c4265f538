import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCidr, RangeSet } from '../../../../src/core/address-range.ts';
import { parseAddress } from '../../../../src/core/address.ts';
import { validSightings } from '../../../../src/core/alert/judge.ts';
import type { AdmissionRule } from '../../../../src/core/intel/admission.ts';
import { IndicatorCatalogue } from '../../../../src/core/intel/catalogue.ts';
import { explainAddress, type Explanation } from '../../../../src/core/intel/explanation.ts';
import { type SkipReason, skipReasons } from '../../../../src/core/intel/indicator.ts';
import type { SourceSettings } from '../../../../src/core/intel/indicator-reader.ts';
import type { StixObject } from '../../../../src/core/intel/stix-object.ts';
import {
  listSkipped,
  type SkippedCursor,
  type SkippedIndicator,
  type SkippedPage,
} from '../../../../src/core/intel/skipped-list.ts';
import { addressForms } from '../../../support/address-arbitraries.ts';
import { type FeedDelivery, feedDeliveries } from '../../../support/stix-arbitraries.ts';
import { day, source } from './indicator-fixture.ts';

const addresses = [...addressForms.map(([form = '']) => form), '203.0.113.9', '2001:db8::7', '52.0.0.1', '0.0.0.1'];
const address = fc.constantFrom(...addresses).map((text) => parseAddress(text)!);
const instant = fc.constantFrom(
  ...['2025-12-31T00:00:00Z', '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z', '2026-03-02T12:00:00Z'].map(Date.parse),
  Date.parse('2026-06-01T00:00:00Z'),
  Date.parse('2027-06-01T00:00:00Z'),
);
const rule: fc.Arbitrary<AdmissionRule> = fc.record({
  minConfidence: fc.constantFrom(0, 75, 100),
  excluded: fc
    .subarray(['10.0.0.0/8', '52.0.0.0/10', '198.51.100.7/32', '2001:db8::/32'])
    .map((ranges) => new RangeSet(ranges.map((range) => parseCidr(range)!))),
});
const settings: fc.Arbitrary<SourceSettings> = fc.record({
  name: fc.constantFrom('feed-a', 'feed-b'),
  defaultConfidence: fc.constantFrom(null, 80),
  tlp: fc.constant('' as const),
  maxAgeMs: fc.constant(365 * day),
  useDstRef: fc.boolean(),
  weight: fc.constantFrom(1, 0.85),
  allowRevocation: fc.boolean(),
  decay: fc.constantFrom(null, { lifetimeMs: 90 * day, speed: 1.65 }, { lifetimeMs: 1_000, speed: 2 }),
  allowRedDescription: fc.boolean(),
});
const feeds = fc.uniqueArray(fc.record({ settings, deliveries: feedDeliveries() }), {
  minLength: 1,
  maxLength: 2,
  selector: (feed) => feed.settings.name,
});
type Feeds = readonly { readonly settings: SourceSettings; readonly deliveries: readonly FeedDelivery[] }[];

function catalogueOf(all: Feeds): IndicatorCatalogue {
  const catalogue = new IndicatorCatalogue(1_000_000);
  for (const feed of all)
    for (const { objects, full } of feed.deliveries) catalogue.apply(feed.settings, objects, { full });
  return catalogue;
}

/**
 * The feeds without two contents of one version in one delivery: which of them wins is decided by all that was read,
 * settings included.
 */
function withoutRivals(all: Feeds): Feeds {
  const keyOf = ({ id, modified }: StixObject): string => JSON.stringify([id, modified]);
  const distinct = (objects: readonly StixObject[]): StixObject[] =>
    objects.filter((object, at) => objects.findIndex((other) => keyOf(other) === keyOf(object)) === at);
  return all.map(({ settings: feed, deliveries }) => ({
    settings: feed,
    deliveries: deliveries.map(({ objects, full }) => ({ objects: distinct(objects), full })),
  }));
}

/** Drives steps to their end, with something happening at each pause. */
function resultOf<Result>(steps: Generator<undefined, Result>, meanwhile: () => void = () => undefined): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    meanwhile();
  }
}

const keysOf = ({ indicators }: Explanation, counts: boolean): string[] =>
  indicators
    .filter(({ reason }) => (reason === null) === counts)
    .map(({ indicator }) => `${indicator.source} ${indicator.id}`);

describe('explainAddress()', () => {
  test('an indicator counts iff the index gives a valid sighting of it, in the order of an alert', () => {
    fc.assert(
      fc.property(feeds, address, rule, instant, (all, ip, by, at) => {
        const catalogue = catalogueOf(all);
        const explanation = resultOf(explainAddress(catalogue.held(), ip, by, at));
        const sightings = validSightings(catalogue.build({ ...by, ordinal: 1 }).lookup(ip), at);
        const expected = sightings.map(({ indicator }) => `${indicator.source} ${indicator.id}`);
        expect(keysOf(explanation, true)).toEqual([...new Set(expected)]);
        expect(explanation.counting).toBe(new Set(expected).size);
      }),
      { numRuns: 500 },
    );
  });

  test('names whatever the index would name under the widest rule, and gives each a reason', () => {
    fc.assert(
      fc.property(feeds.map(withoutRivals), address, rule, instant, (all, ip, by, at) => {
        const explanation = resultOf(explainAddress(catalogueOf(all).held(), ip, by, at));
        const widest = all.map((feed) => ({
          ...feed,
          settings: { ...feed.settings, defaultConfidence: 100, useDstRef: true },
        }));
        const index = catalogueOf(widest).build({ minConfidence: 0, excluded: new RangeSet([]), ordinal: 1 });
        const named = new Set([...keysOf(explanation, true), ...keysOf(explanation, false)]);
        for (const { indicator } of index.lookup(ip)) expect(named).toContain(`${indicator.source} ${indicator.id}`);
        expect(explanation.named).toBe(named.size);
        for (const { reason, namings } of explanation.indicators) expect(namings[0]?.reason).toBe(reason);
        expect([...explanation.reasons.values()].reduce((sum, count) => sum + count, explanation.counting)).toBe(
          explanation.named,
        );
      }),
      { numRuns: 500 },
    );
  });

  test('is of the moment it began at, whatever is delivered while it pauses', () => {
    fc.assert(
      fc.property(feeds, feeds, address, rule, instant, (all, later, ip, by, at) => {
        const catalogue = catalogueOf(all);
        const before = resultOf(explainAddress(catalogue.held(), ip, by, at));
        const begun = explainAddress(catalogue.held(), ip, by, at);
        for (const { settings: feed, deliveries } of later)
          for (const { objects, full } of deliveries) catalogue.apply(feed, objects, { full });
        expect(resultOf(begun)).toEqual(before);
      }),
    );
  });
});

describe('listSkipped()', () => {
  const query = { feed: null, reason: null, limit: 1_000, cursor: null };

  test('lists of each feed and reason as many as the build of the index counted', () => {
    fc.assert(
      fc.property(feeds, rule, fc.constantFrom<SkipReason>(...skipReasons), (all, by, reason) => {
        const catalogue = catalogueOf(all);
        catalogue.build({ ...by, ordinal: 1 });
        for (const { source: feed, skipped, unidentified } of catalogue.counts()) {
          const { items } = resultOf(listSkipped(catalogue.held(), by, { ...query, feed, reason }));
          const unlisted = reason === 'invalid_object' ? unidentified : 0;
          expect(items.length + unlisted).toBe(skipped.get(reason) ?? 0);
          expect(items.every(({ indicator, reasons }) => indicator.source === feed && reasons.includes(reason))).toBe(
            true,
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  test('pages one after another are the whole list, each indicator once, in its order', () => {
    fc.assert(
      fc.property(feeds, rule, fc.integer({ min: 1, max: 4 }), (all, by, limit) => {
        const catalogue = catalogueOf(all);
        const whole = resultOf(listSkipped(catalogue.held(), by, query)).items;
        const paged: SkippedIndicator[] = [];
        let cursor: SkippedCursor | null = null;
        do {
          const page: SkippedPage = resultOf(listSkipped(catalogue.held(), by, { ...query, limit, cursor }));
          expect(page.items.length).toBeLessThanOrEqual(limit);
          paged.push(...page.items);
          cursor = page.nextCursor;
        } while (cursor !== null && paged.length <= whole.length);
        expect(paged).toEqual(whole);
        const keys = whole.map(({ indicator }) => [indicator.source, indicator.id]);
        expect(keys).toEqual(keys.toSorted((a, b) => (a.join('\n') < b.join('\n') ? -1 : 1)));
      }),
    );
  });
});

test('explainAddress() and listSkipped() pause within any thousand indicators', () => {
  const catalogue = new IndicatorCatalogue(10_000);
  const objects = Array.from({ length: 5_000 }, (_, at) => ({
    type: 'indicator',
    id: `indicator--${at}`,
    modified: '2026-01-01T00:00:00Z',
    pattern_type: 'stix',
    pattern: at % 2 === 0 ? "[ipv4-addr:value = '198.51.100.7']" : "[domain-name:value = 'a.example']",
  }));
  catalogue.apply(source, objects, { full: true });
  const by = { minConfidence: 75, excluded: new RangeSet([]) };
  const walks = [
    explainAddress(catalogue.held(), parseAddress('198.51.100.7')!, by, day),
    listSkipped(catalogue.held(), by, { feed: null, reason: null, limit: 10, cursor: null }),
  ];
  for (const walk of walks) expect([...walk].length).toBeGreaterThan(5);
});
