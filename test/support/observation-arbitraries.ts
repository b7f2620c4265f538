import fc from 'fast-check';
import type { Address } from '../../src/core/address.ts';
import type { Observation, SignInKind } from '../../src/core/observation.ts';
import type { EventTrailer } from '../../src/core/route/correlation-event.ts';
import type { RoutedObservation } from '../../src/core/route/routed-observation.ts';
import { eventTime, type EventTime } from '../../src/core/time.ts';

/** Any text that JSON may carry: empty, of any script, lone surrogates, longer than what is copied unit by unit. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('', 'Ann@contoso.com', '\ud800', 'a\udc00b', '\u0000', '\ufeff', 'x'.repeat(201)),
  fc.string(),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.array(fc.nat({ max: 0xffff }), { maxLength: 12 }).map((units) => String.fromCharCode(...units)),
);

export const anyAddress: fc.Arbitrary<Address> = fc.oneof(
  fc.constantFrom(0, 0xffff_ffff, 0n, 1n, (1n << 128n) - 1n),
  fc.nat({ max: 0xffff_ffff }),
  fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }),
);

const anyTime: fc.Arbitrary<EventTime> = fc
  .tuple(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), fc.nat({ max: 9999 }))
  .map(([ms, ticks]) => eventTime(ms, ticks));

const common = {
  address: anyAddress,
  time: anyTime,
  undated: fc.boolean(),
  identity: fc.option(
    fc.array(fc.nat({ max: 0xffff }), { minLength: 8, maxLength: 8 }).map((units) => String.fromCharCode(...units)),
  ),
  objectId: anyText,
};

export const anyObservation: fc.Arbitrary<Observation> = fc.oneof(
  fc.record({
    kind: fc.constant('activity' as const),
    ...common,
    caller: anyText,
    operation: anyText,
    subscriptionId: anyText,
    resourceGroup: anyText,
    resourceId: anyText,
  }),
  fc.record({
    kind: fc.constantFrom<SignInKind>('user', 'service-principal', 'non-interactive', 'managed-identity'),
    ...common,
    principal: anyText,
    app: anyText,
    risk: fc.constantFrom('high', 'medium', 'low', 'none', 'hidden', 'unknown', ''),
  }),
);

const whole = fc.oneof(fc.nat(), fc.maxSafeNat());

export const anyRouted: fc.Arbitrary<RoutedObservation> = fc.record({
  origin: fc.oneof(fc.constantFrom('east/activity/0@1', 'east/activity/1@1'), anyText),
  mark: fc.record({ sequenceNumber: whole, index: fc.nat(), enqueuedMs: whole }),
  observation: anyObservation,
});

const anyInstant = fc.option(fc.nat({ max: 2_000_000_000_000 }));

const anyHub = fc.record({
  namespace: anyText,
  hub: anyText,
  incarnation: whole,
  partitions: fc.array(fc.record({ partition: anyText, watermarkMs: anyInstant, seesSinceMs: anyInstant }), {
    maxLength: 5,
  }),
});

export const anyTrailer: fc.Arbitrary<EventTrailer> = fc.record({
  partitions: fc.nat({ max: 1024 }),
  hubs: fc.array(anyHub, { maxLength: 3 }),
});
