import fc from 'fast-check';
import type { StixObject } from '../../src/core/intel/stix-object.ts';
import { stixPattern } from './indicator-arbitraries.ts';

/** What one poll of a feed delivers. */
export interface FeedDelivery {
  readonly objects: readonly StixObject[];
  readonly full: boolean;
}

const modified = fc.constantFrom(
  '2026-01-01T00:00:00Z',
  '2026-01-02T00:00:00.1Z',
  '2026-01-02T00:00:00.1000001Z',
  '2026-01-02T01:00:00+01:00',
  '2026-01-03 00:00:00',
);
const ownMarkings = ['marking-definition--own-1', 'marking-definition--own-2'];
const fixedMarking = 'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82'; // AMBER
const indicatorId = fc.integer({ min: 1, max: 5 }).map((n) => `indicator--${n}`);
const creators = ['identity--1', 'identity--2'];
const actorId = fc.constantFrom('malware--1', 'threat-actor--1', 'campaign--1');

function present(object: StixObject): StixObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

const indicator = fc
  .record({
    type: fc.constant('indicator'),
    id: indicatorId,
    pattern_type: fc.constantFrom('stix', 'stix', 'stix', 'sigma'),
    pattern: stixPattern({ hot: ['198.51.100.7', '203.0.113.9', '2001:db8::7'] }),
    modified: fc.oneof({ weight: 12, arbitrary: modified }, { weight: 1, arbitrary: fc.constant('never') }),
    valid_from: fc.constantFrom(undefined, '2026-01-01T00:00:00.0005Z', '2027-01-01T00:00:00Z', 'never'),
    valid_until: fc.constantFrom(undefined, '2026-06-01T00:00:00Z', '2028-01-01T00:00:00Z'),
    confidence: fc.constantFrom(undefined, 74, 75, 90.5, 100),
    revoked: fc.constantFrom(undefined, undefined, true),
    description: fc.constantFrom(undefined, 'Seen scanning', 'Botnet, 見た', 'a lone \ud800 surrogate'),
    indicator_types: fc.constantFrom(undefined, ['malicious-activity'], ['anonymization', 'compromised']),
    labels: fc.constantFrom(undefined, ['c2'], ['ActivityGroup:Storm', 'c2'], ['two\nlines']),
    object_marking_refs: fc.option(fc.subarray([...ownMarkings, fixedMarking]), { nil: undefined }),
    created_by_ref: fc.constantFrom(undefined, ...creators, 'malware--1'),
  })
  .map(present);

const relationship = fc
  .record({
    type: fc.constant('relationship'),
    id: fc.integer({ min: 1, max: 4 }).map((n) => `relationship--${n}`),
    relationship_type: fc.constant('indicates'),
    source_ref: indicatorId,
    target_ref: actorId,
    modified: fc.oneof(modified, fc.constant(undefined)),
    revoked: fc.constantFrom(undefined, undefined, true),
  })
  .map(present);

const actor = actorId.chain((id) =>
  fc
    .record({
      type: fc.constant(id.split('--')[0]),
      id: fc.constant(id),
      name: fc.constantFrom('Storm', 'Loader', 'Wave'),
      modified,
      revoked: fc.constantFrom(undefined, undefined, true),
    })
    .map(present),
);

const identity = fc
  .record({
    type: fc.constant('identity'),
    id: fc.constantFrom(...creators),
    name: fc.constantFrom('Harbour CERT', 'Vendor', undefined),
    modified,
    revoked: fc.constantFrom(undefined, undefined, true),
  })
  .map(present);

const marking = fc.record({
  type: fc.constant('marking-definition'),
  id: fc.constantFrom(...ownMarkings),
  name: fc.constantFrom('TLP:RED', 'TLP:AMBER+STRICT', 'TLP:GREEN'),
  created: modified,
});

/** Polls of one feed, in their order: deltas and full sets of indicators and of what says something of them. */
export function feedDeliveries(): fc.Arbitrary<FeedDelivery[]> {
  const object = fc.oneof(
    { weight: 8, arbitrary: indicator },
    { weight: 2, arbitrary: relationship },
    { weight: 2, arbitrary: actor },
    { weight: 1, arbitrary: identity },
    { weight: 1, arbitrary: marking },
  );
  const full = fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });
  return fc.array(fc.record({ objects: fc.array(object, { maxLength: 8 }), full }), { maxLength: 5 });
}
