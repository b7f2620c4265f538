import { expect, test } from 'vitest';
import { parseAddress } from '../../../../src/core/address.ts';
import { RangeSet } from '../../../../src/core/address-range.ts';
import { IndicatorCatalogue } from '../../../../src/core/intel/catalogue.ts';
import type { StixObject } from '../../../../src/core/intel/stix-object.ts';
import type { Sliced } from '../../../../src/core/sliced.ts';
import { source, stixIndicator } from './indicator-fixture.ts';

/** Descriptions of the length that is kept; a hundred versions of two indicators make a megabyte be cleared away. */
function versions(day: number): StixObject[] {
  const modified = new Date(Date.UTC(2026, 0, day)).toISOString();
  const description = `${day}`.repeat(5_000).slice(0, 10_000);
  return [1, 2].map((id) => stixIndicator({ id: `indicator--${id}`, modified, description }));
}

test('An export and an index show what was held when they began, however often deltas replace it afterwards', () => {
  const catalogue = new IndicatorCatalogue(100);
  catalogue.apply(source, versions(1), { full: true });
  const index = catalogue.build({ minConfidence: 75, excluded: new RangeSet([]), ordinal: 1 });
  const exports: { readonly begun: Sliced<Uint8Array>; readonly expected: Uint8Array | null }[] = [];
  for (let day = 2; day <= 200; day += 1) {
    exports.push({ begun: catalogue.beginExport(source.name)!, expected: catalogue.export(source.name) });
    catalogue.apply(source, versions(day), { full: false });
  }
  for (const { begun, expected } of exports) expect(begun.finish()).toEqual(expected);
  expect(index.lookup(parseAddress('198.51.100.7')!).map(({ indicator }) => indicator.modified)).toEqual(
    versions(1).map(({ modified }) => modified),
  );
  const fresh = new IndicatorCatalogue(100);
  fresh.apply(source, versions(200), { full: true });
  expect(catalogue.export(source.name)).toEqual(fresh.export(source.name));
});
