import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decayedBelowAt, decayedConfidence, type Decaying } from '../../../../src/core/intel/decay.ts';
import { day } from './indicator-fixture.ts';

const since = Date.UTC(2026, 0, 1);
const base = fc.integer({ min: 0, max: 100 });
const decaying: fc.Arbitrary<Decaying> = fc.record({
  lifetimeMs: fc.oneof(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 4_000 * day })),
  speed: fc.oneof(fc.constantFrom(0.15, 0.5, 1, 1.65, 3, 30), fc.double({ min: 0.15, max: 30, noNaN: true })),
  sinceMs: fc.oneof(fc.constant(since), fc.double({ min: since, max: since + 1, noNaN: true })),
});

test('a decayed confidence only falls, begins whole and is 0 from the lifetime on', () => {
  fc.assert(
    fc.property(base, decaying, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(day), (from, decay, part, later) => {
      const age = Math.floor(decay.lifetimeMs * part);
      const at = decayedConfidence(from, decay, age);
      expect(Number.isInteger(at)).toBe(true);
      expect(at).toBeLessThanOrEqual(from);
      expect(decayedConfidence(from, decay, age + later)).toBeLessThanOrEqual(at);
      expect(decayedConfidence(from, decay, 0)).toBe(from);
      expect(decayedConfidence(from, decay, -later)).toBe(from);
      expect(decayedConfidence(from, decay, decay.lifetimeMs + later)).toBe(0);
    }),
  );
});

test('a confidence is below another one from the crossing on, and never before', () => {
  const least = fc.oneof(base, fc.double({ min: 0, max: 100, noNaN: true }));
  fc.assert(
    fc.property(base, decaying, least, fc.nat(10 * day), (from, decay, wanted, away) => {
      const at = decayedBelowAt(from, decay, wanted);
      const isBelow = (ms: number): boolean => decayedConfidence(from, decay, ms - decay.sinceMs) < wanted;
      if (at === Number.POSITIVE_INFINITY) {
        expect(isBelow(decay.sinceMs + decay.lifetimeMs + away)).toBe(false);
        return;
      }
      expect(Number.isInteger(at)).toBe(true);
      for (const ms of [at, at + 1, at + away]) expect(isBelow(ms)).toBe(true);
      if (from < wanted) return;
      for (const ms of [at - 1, at - 2, at - 1 - away]) expect(isBelow(ms)).toBe(false);
    }),
    { numRuns: 2_000 },
  );
});

test('falls as the decay rules of OpenCTI and MISP say', () => {
  const opencti = { lifetimeMs: 47 * day, speed: 3 * 0.55 };
  // 80 × (1 − (10 / 47)^(1 / 1.65)) = 48.7
  expect(decayedConfidence(80, opencti, 10 * day)).toBe(49);
  // 90 × (1 − (30 / 120)^(1 / 2)) = 45
  expect(decayedConfidence(90, { lifetimeMs: 120 * day, speed: 2 }, 30 * day)).toBe(45);
  // Straight down: half a point below 75 is reached after 15.5 of 90 parts.
  const straight = { lifetimeMs: 90_000, speed: 1, sinceMs: since };
  expect(decayedBelowAt(90, straight, 75)).toBe(since + 15_501);
});
