import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatAddress } from '../../../../src/core/address.ts';
import { RangeSet } from '../../../../src/core/address-range.ts';
import { validSightings } from '../../../../src/core/alert/judge.ts';
import { IndicatorCatalogue } from '../../../../src/core/intel/catalogue.ts';
import type { SourceSettings } from '../../../../src/core/intel/indicator-reader.ts';
import { source } from './indicator-fixture.ts';

/** Minutes after the epoch, so that validity, age and instants meet. */
const minute = 60_000;
const base = Date.UTC(2026, 0, 1);
const timeOf = (minutes: number): string => new Date(base + minutes * minute).toISOString();
const minutes = fc.nat(40);

const claim = fc.record({
  address: fc.constantFrom(0xc6336401, 0xc6336402),
  confidence: fc.integer({ min: 60, max: 100 }),
  modified: minutes,
  validFrom: fc.option(minutes, { nil: undefined }),
  validUntil: fc.option(minutes, { nil: undefined }),
  revoked: fc.boolean(),
});
const trust = fc.record({
  percent: fc.constantFrom(100, 100, 95, 90, 85, 50),
  allowRevocation: fc.boolean(),
  decay: fc.option(
    fc.record({
      lifetimeMs: fc.integer({ min: 1, max: 60 }).map((n) => n * minute),
      speed: fc.constantFrom(0.3, 1, 1.65, 3),
    }),
    { nil: null },
  ),
});
const feeds = fc.array(fc.record({ trust, claims: fc.array(claim, { maxLength: 6 }) }), { minLength: 1, maxLength: 3 });
type Claim = typeof claim extends fc.Arbitrary<infer Value> ? Value : never;
type Trust = typeof trust extends fc.Arbitrary<infer Value> ? Value : never;

const maxAgeMs = 30 * minute;

/** What a claim comes to at an instant, by the words of the documentation; null when it does not count. */
function scoreAt(
  { confidence, modified, validFrom, validUntil, revoked }: Claim,
  { percent, allowRevocation, decay }: Trust,
  atMs: number,
  least: number,
): number | null {
  if (revoked && allowRevocation) return null;
  const born = base + Math.max(modified, validFrom ?? 0) * minute;
  const until = validUntil === undefined ? born + maxAgeMs : base + validUntil * minute;
  if (atMs >= until || (validFrom !== undefined && atMs < base + validFrom * minute)) return null;
  const weighed = Math.floor((confidence * percent + 50) / 100);
  const age = Math.max(0, atMs - born);
  const left = decay === null ? 1 : age >= decay.lifetimeMs ? 0 : 1 - Math.pow(age / decay.lifetimeMs, 1 / decay.speed);
  const score = Math.floor(weighed * left + 0.5);
  return score < least ? null : score;
}

test('a lookup equals a linear scan over what feeds of any weight, decay and revocation say', () => {
  const instant = fc.integer({ min: -minute, max: 80 * minute });
  fc.assert(
    fc.property(feeds, instant, fc.constantFrom(0, 60, 75, 90), (given, after, minConfidence) => {
      const at = base + after;
      const catalogue = new IndicatorCatalogue(1_000);
      const expected: { address: number; key: string; score: number }[] = [];
      given.forEach(({ trust: { percent, ...policy }, claims }, number) => {
        const settings: SourceSettings = {
          ...source,
          name: `feed-${number}`,
          maxAgeMs,
          weight: percent / 100,
          ...policy,
        };
        const objects = claims.map(({ address, confidence, modified, validFrom, validUntil, revoked }, place) => ({
          type: 'indicator',
          id: `indicator--${place}`,
          pattern_type: 'stix',
          pattern: `[ipv4-addr:value = '${formatAddress(address)}']`,
          confidence,
          revoked,
          modified: timeOf(modified),
          ...(validFrom === undefined ? {} : { valid_from: timeOf(validFrom) }),
          ...(validUntil === undefined ? {} : { valid_until: timeOf(validUntil) }),
        }));
        catalogue.apply(settings, objects, { full: true });
        claims.forEach((each, place) => {
          const score = scoreAt(each, { percent, ...policy }, at, minConfidence);
          if (score !== null)
            expected.push({ address: each.address, key: `feed-${number} indicator--${place}`, score });
        });
      });
      const index = catalogue.build({ minConfidence, excluded: new RangeSet([]), ordinal: 1 });
      for (const address of [0xc6336401, 0xc6336402]) {
        const found = validSightings(index.lookup(address), at).map(({ indicator }) => ({
          key: `${indicator.source} ${indicator.id}`,
          score: indicator.confidence ?? -1,
        }));
        const scores = found.map(({ score }) => score);
        expect(scores).toEqual(scores.toSorted((a, b) => b - a));
        const sorted = (list: readonly { key: string; score: number }[]): string[] =>
          list.map(({ key, score }) => `${key}: ${score}`).sort();
        expect(sorted(found)).toEqual(sorted(expected.filter((each) => each.address === address)));
      }
    }),
    { numRuns: 1_000 },
  );
});
