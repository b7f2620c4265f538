import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RangeSet } from '../../../../src/core/address-range.ts';
import { IndicatorCatalogue } from '../../../../src/core/intel/catalogue.ts';
import type { SourceSettings } from '../../../../src/core/intel/indicator-reader.ts';
import { type FeedDelivery, feedDeliveries } from '../../../support/stix-arbitraries.ts';
import { day, source } from './indicator-fixture.ts';

const settings: fc.Arbitrary<SourceSettings> = fc.record({
  name: fc.constant('feed-a'),
  defaultConfidence: fc.constantFrom(null, 0, 80),
  tlp: fc.constantFrom('', 'GREEN'),
  maxAgeMs: fc.constantFrom(day, 365 * day),
  useDstRef: fc.boolean(),
  weight: fc.constantFrom(1, 0.85),
  allowRevocation: fc.boolean(),
  decay: fc.constantFrom(null, { lifetimeMs: 90 * day, speed: 1.65 }, { lifetimeMs: 1_000, speed: 2 }),
  allowRedDescription: fc.boolean(),
});

/** Tight enough that some deliveries are refused. */
const max = 9;
const ids = [1, 2, 3, 4, 5].map((n) => `indicator--${n}`);
const moments = [Date.UTC(2026, 0, 1), Date.UTC(2026, 11, 1), Date.UTC(2030, 0, 1)];

function applyAll(catalogue: IndicatorCatalogue, feed: SourceSettings, deliveries: readonly FeedDelivery[]): unknown[] {
  return deliveries.map(({ objects, full }) => catalogue.apply(feed, objects, { full }));
}

/** Everything that can be asked of a catalogue. */
function observed(catalogue: IndicatorCatalogue): unknown {
  const index = catalogue.build({ minConfidence: 75, excluded: new RangeSet([]), ordinal: 7 });
  return {
    digest: index.digest,
    size: index.size,
    counts: catalogue.counts(),
    weight: catalogue.weight,
    indicators: ids.map((id) => catalogue.indicator('feed-a', id)),
    reasons: ids.flatMap((id) => moments.map((now) => catalogue.reasonGone('feed-a', id, now, 75))),
  };
}

function restoredFrom(bytes: Uint8Array | null, feed: SourceSettings, bound = max): IndicatorCatalogue {
  const catalogue = new IndicatorCatalogue(bound);
  expect(catalogue.restore(feed, bytes!)).toEqual({ restored: true });
  return catalogue;
}

describe('a restored feed', () => {
  test('goes on as the one it was exported from, whatever came before and comes after', () => {
    fc.assert(
      fc.property(settings, feedDeliveries(), feedDeliveries(), (feed, before, after) => {
        const original = new IndicatorCatalogue(max);
        original.apply(feed, [], { full: true });
        applyAll(original, feed, before);
        const restored = restoredFrom(original.export('feed-a'), feed);
        expect(observed(restored)).toEqual(observed(original));
        for (const delivery of after) {
          expect(applyAll(restored, feed, [delivery])).toEqual(applyAll(original, feed, [delivery]));
          expect(observed(restored)).toEqual(observed(original));
        }
        expect(restored.export('feed-a')).toEqual(original.export('feed-a'));
      }),
      { numRuns: 300 },
    );
  });

  test('is the feed at the moment its export began, however it changes while it is written', () => {
    const slice = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(feedDeliveries(), fc.array(fc.tuple(slice, feedDeliveries()), { maxLength: 4 }), (before, rest) => {
        const catalogue = new IndicatorCatalogue(1_000);
        catalogue.apply(source, [], { full: true });
        applyAll(catalogue, source, before);
        const expected: (Uint8Array | null)[] = [];
        const exports = rest.map(([limit, deliveries]) => {
          expected.push(catalogue.export('feed-a'));
          const begun = catalogue.beginExport('feed-a')!;
          for (let slice = 0; slice < limit; slice += 1) begun.advance();
          applyAll(catalogue, source, deliveries);
          return begun;
        });
        const written = exports.map((begun) => begun.finish());
        expect(written).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test('is refused when any setting that decided how it was read has changed', () => {
    const catalogue = new IndicatorCatalogue(max);
    catalogue.apply(source, [], { full: true });
    const bytes = catalogue.export('feed-a')!;
    fc.assert(
      fc.property(settings, (feed) => {
        const isSame =
          feed.defaultConfidence === source.defaultConfidence &&
          feed.tlp === source.tlp &&
          feed.maxAgeMs === source.maxAgeMs &&
          feed.useDstRef === source.useDstRef;
        const result = new IndicatorCatalogue(max).restore(feed, bytes);
        if (isSame) expect(result).toEqual({ restored: true });
        else expect(result).toMatchObject({ restored: false, code: 'settings_changed' });
      }),
    );
    expect(new IndicatorCatalogue(max).restore({ ...source, name: 'feed-b' }, bytes)).toMatchObject({
      code: 'settings_changed',
      message: 'Cannot restore the set of feed feed-b as it was read with name feed-a: current value is feed-b',
    });
  });
});
