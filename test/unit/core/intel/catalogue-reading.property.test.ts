import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RangeSet } from '../../../../src/core/address-range.ts';
import { IndicatorCatalogue } from '../../../../src/core/intel/catalogue.ts';
import type { StixObject } from '../../../../src/core/intel/stix-object.ts';
import { type FeedDelivery, feedDeliveries } from '../../../support/stix-arbitraries.ts';
import { source, stixIndicator } from './indicator-fixture.ts';

const max = 9;

function catalogueOf(deliveries: readonly FeedDelivery[]): IndicatorCatalogue {
  const catalogue = new IndicatorCatalogue(max);
  catalogue.apply(source, [], { full: true });
  for (const { objects, full } of deliveries) catalogue.apply(source, objects, { full });
  return catalogue;
}

function digestOf(catalogue: IndicatorCatalogue): unknown {
  const { digest } = catalogue.build({ minConfidence: 75, excluded: new RangeSet([]), ordinal: 1 });
  return { digest, counts: catalogue.counts(), weight: catalogue.weight };
}

function pagesOf(objects: readonly StixObject[], cuts: readonly number[]): (readonly StixObject[])[] {
  const places = [0, ...cuts.map((cut) => cut % (objects.length + 1)), objects.length].sort((a, b) => a - b);
  return places.slice(1).map((end, at) => objects.slice(places[at], end));
}

const cuts = fc.array(fc.nat(30), { maxLength: 4 });

describe('a delivery', () => {
  test('is the same change wherever its pages are cut, also between an indicator and what is said of it', () => {
    fc.assert(
      fc.property(feedDeliveries(), feedDeliveries(), cuts, (before, [delivery], at) => {
        if (delivery === undefined) return;
        const { objects, full } = delivery;
        const [whole, paged] = [catalogueOf(before), catalogueOf(before)];
        const reading = paged.beginRead(source, { full });
        for (const page of pagesOf(objects, at)) reading.take(page).finish();
        expect(paged.make(reading.end().finish())).toEqual(whole.apply(source, objects, { full }));
        expect(paged.export(source.name)).toEqual(whole.export(source.name));
        expect(digestOf(paged)).toEqual(digestOf(whole));
      }),
      { numRuns: 300 },
    );
  });

  test('changes nothing that an export shows until it is made, however far its making has come', () => {
    fc.assert(
      fc.property(feedDeliveries(), feedDeliveries(), fc.nat(3), (before, [delivery], steps) => {
        if (delivery === undefined) return;
        const { objects, full } = delivery;
        const [whole, making] = [catalogueOf(before), catalogueOf(before)];
        const held = making.export(source.name);
        const reading = making.beginRead(source, { full });
        reading.take(objects).finish();
        const change = reading.end().finish();
        const preparation = making.prepare(change);
        for (let step = 0; step < steps; step += 1) preparation?.advance();
        const begun = making.beginExport(source.name);
        expect(making.export(source.name)).toEqual(held);
        const applied = making.make(change);
        expect(begun?.finish()).toEqual(held);
        expect(applied).toEqual(whole.apply(source, objects, { full }));
        expect(making.export(source.name)).toEqual(whole.export(source.name));
      }),
      { numRuns: 300 },
    );
  });

  test('is sure to be refused as soon as its pages name more indicators, or more related objects, than there may be', () => {
    const catalogue = catalogueOf([]);
    const reading = catalogue.beginRead(source, { full: true });
    const indicators = Array.from({ length: max + 1 }, (_, at) => stixIndicator({ id: `indicator--${at}` }));
    reading.take(indicators.slice(0, max)).finish();
    expect(reading.excess).toBeNull();
    reading.take(indicators).finish();
    expect(reading.excess).toBe(
      `Cannot take feed ${source.name} as INDICATORS_MAX allows 9 indicators over all feeds: current value is 10`,
    );
    const related = catalogue.beginRead(source, { full: true });
    const actors = indicators.map((_, at) => ({ type: 'malware', id: `malware--${at}`, name: `Loader ${at}` }));
    related.take(actors).finish();
    expect(related.excess).toContain('allows 9 related objects over all feeds: current value is 10');
  });
});
