import fc from 'fast-check';
import { HOUR_MS } from '../../../src/core/time.ts';
import { span, spans, type Damage, type End, type FaultPlan } from './fault-plan.ts';

/** How long it takes until another process is started: seconds mostly, hours at times. */
const downMs = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1000, max: 60_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 2 * HOUR_MS }) },
);

const damage: fc.Arbitrary<Damage> = fc.record({
  target: fc.constantFrom<Damage['target']>('head', 'current', 'current', 'current', 'any'),
  pick: fc.nat(),
  how: fc.constantFrom<Damage['how']>('truncated', 'flipped'),
});

function ends(withinMs: number): { readonly atMs: fc.Arbitrary<number>; readonly downMs: fc.Arbitrary<number> } {
  return { atMs: fc.nat({ max: withinMs }), downMs };
}

const noDamage: fc.Arbitrary<Damage | null> = fc.constant(null);

/** Processes that end in every way there is. At least `minKills` are killed. */
export function deaths(withinMs: number, minKills = 1): fc.Arbitrary<Partial<FaultPlan>> {
  return fc.record({
    kills: fc.array(fc.record({ ...ends(withinMs), damage: noDamage }), { minLength: minKills, maxLength: 4 }),
    crashes: fc.array(
      fc.record({
        ...ends(withinMs),
        call: fc.nat({ max: 12 }),
        when: fc.constantFrom<'before' | 'after'>('before', 'after'),
      }),
      { maxLength: 3 },
    ),
    stops: fc.array<End>(fc.record(ends(withinMs)), { maxLength: 2 }),
  });
}

/** Processes that are stopped while another is started, and go on at any time after. */
export function suspensions(withinMs: number): fc.Arbitrary<Partial<FaultPlan>> {
  return fc.record({
    suspensions: fc.array(fc.record({ ...ends(withinMs), forMs: fc.integer({ min: 1000, max: 2 * HOUR_MS }) }), {
      minLength: 1,
      maxLength: 3,
    }),
  });
}

/** Storage that fails, is slow, loses answers, is full; a lease that cannot be reached. All over after `withinMs`. */
export function storageFaults(withinMs: number): fc.Arbitrary<Partial<FaultPlan>> {
  return fc.record({
    storeFailures: fc.array(
      fc
        .tuple(
          span(withinMs, 2 * HOUR_MS),
          fc.constantFrom<'unavailable' | 'full'>('unavailable', 'unavailable', 'full'),
          fc.boolean(),
          fc.constantFrom(0.3, 1),
        )
        .map(([stretch, code, applied, share]) => ({ ...stretch, code, applied, share })),
      { maxLength: 3 },
    ),
    storeMs: fc.constantFrom(0, 0, 2000, 120_000),
    leaseFailures: spans(withinMs, HOUR_MS),
  });
}

/** Processes killed whose state is damaged before the next one starts. */
export function damages(withinMs: number): fc.Arbitrary<Partial<FaultPlan>> {
  return fc.record({
    kills: fc.array(fc.record({ ...ends(withinMs), damage }), { minLength: 1, maxLength: 3 }),
  });
}
