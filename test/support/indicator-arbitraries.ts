import fc from 'fast-check';
import type { SourceSettings } from '../../src/core/intel/indicator-reader.ts';
import type { SourcedObject } from '../../src/core/kql/ti-version.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { addressForms, notAddresses, type Setting } from './address-arbitraries.ts';

const day = 24 * HOUR_MS;

/**
 * Two feeds: one lends a confidence and a TLP level, one lends nothing and lets its indicators age fast. What they say
 * of TLP:RED is shown, as the rule does.
 */
export const sources: readonly SourceSettings[] = [
  {
    name: 'alpha',
    defaultConfidence: 80,
    tlp: 'GREEN',
    maxAgeMs: 365 * day,
    useDstRef: false,
    allowRedDescription: true,
  },
  { name: 'beta', defaultConfidence: null, tlp: '', maxAgeMs: 2 * day, useDstRef: true, allowRedDescription: true },
];

/** Constants of patterns: addresses in any form, ranges, and what is neither. */
function observableText({ hot }: Pick<Setting, 'hot'>): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 12, arbitrary: fc.constant(hot[0] ?? '') },
    { weight: 2, arbitrary: fc.constantFrom(...hot) },
    { weight: 2, arbitrary: fc.constantFrom(...addressForms.flat()) },
    {
      weight: 3,
      arbitrary: fc.constantFrom('198.51.100.0/24', '198.51.100.7/32', '2001:DB8::/32', '52.0.0.0/10', '168.63.0.0/16'),
    },
    { weight: 1, arbitrary: fc.constantFrom(...notAddresses, '0.0.0.0/0', '10.0.0.0/8', 'evil.example') },
  );
}

const objectPath = fc.oneof(
  { weight: 16, arbitrary: fc.constant('ipv4-addr:value') },
  { weight: 4, arbitrary: fc.constant('ipv6-addr:value') },
  { weight: 2, arbitrary: fc.constant('network-traffic:src_ref.value') },
  { weight: 1, arbitrary: fc.constantFrom('network-traffic:dst_ref.value', 'IPV4-ADDR:value', 'domain-name:value') },
);

const comparator = fc.oneof(
  { weight: 8, arbitrary: fc.constant((text: string) => `= '${text}'`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      (text: string) => `IN ('${text}', '203.0.113.20')`,
      (text: string) => `ISSUBSET '${text}'`,
      (text: string) => `!= '${text}'`,
      (text: string) => `NOT = '${text}'`,
      (text: string) => `LIKE '${text}'`,
    ),
  },
);

const qualifier = fc.constantFrom(
  'WITHIN 60 SECONDS',
  'REPEATS 1 TIMES',
  'REPEATS 3 TIMES',
  "START t'2026-01-01T00:00:00Z' STOP t'2026-03-02T12:00:00Z'",
  "START t'2026-01-01T00:00:00Z' STOP t'2026-03-02T12:00:00.001Z'",
  "START t'2026-03-02T12:00:00Z' STOP t'2026-04-01T00:00:00Z'",
);

/** STIX patterns: plain ones mostly, joined and qualified ones, and some that are none. */
export function stixPattern(setting: Pick<Setting, 'hot'>): fc.Arbitrary<string> {
  const text = observableText(setting);
  const comparison = fc.tuple(objectPath, comparator, text).map(([path, test, value]) => `${path} ${test(value)}`);
  const join = fc.constantFrom(' OR ', ' OR ', '] OR [', ' AND ', '] AND [', '] FOLLOWEDBY [');
  return fc.oneof(
    { weight: 12, arbitrary: text.map((value) => `[ipv4-addr:value = '${value}']`) },
    { weight: 6, arbitrary: comparison.map((test) => `[${test}]`) },
    { weight: 5, arbitrary: fc.tuple(comparison, join, comparison).map((parts) => `[${parts.join('')}]`) },
    {
      weight: 1,
      arbitrary: text.map(
        (value) => `[network-traffic:src_ref.type = 'ipv4-addr' AND network-traffic:src_ref.value = '${value}']`,
      ),
    },
    { weight: 2, arbitrary: fc.tuple(comparison, qualifier).map(([test, after]) => `[${test}] ${after}`) },
    { weight: 1, arbitrary: fc.constantFrom('', 'ipv4-addr', "[ipv4-addr:value = '198.51.100.7'", "['a' = 'b']") },
  );
}

/** A time at one of some distances from the instant, usually the first, sometimes absent. */
function isoNear(at: number, usual: number, ...distances: number[]): fc.Arbitrary<string | undefined> {
  const iso = (distance: number): string => new Date(at + distance).toISOString();
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant(iso(usual)) },
    { weight: 3, arbitrary: fc.constantFrom(undefined, ...distances.map(iso)) },
  );
}

const markings = [
  'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1', // RED
  'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003', // AMBER+STRICT
  'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9', // WHITE
];

/** Versions of a few indicators of two feeds, in any order; (source, id, modified) is unique. */
export function indicatorVersions(setting: Setting, maxLength = 8): fc.Arbitrary<SourcedObject[]> {
  const { at } = setting;
  const version = fc.record({
    source: fc.constantFrom(...sources),
    object: fc
      .record({
        type: fc.constant('indicator'),
        spec_version: fc.constant('2.1'),
        id: fc.integer({ min: 1, max: 4 }).map((n) => `indicator--${n}`),
        pattern_type: fc.oneof(
          { weight: 9, arbitrary: fc.constantFrom('stix', undefined) },
          { weight: 1, arbitrary: fc.constant('sigma') },
        ),
        pattern: stixPattern(setting),
        created: fc.constant(new Date(at - 30 * day).toISOString()),
        modified: fc.integer({ min: 1, max: 40 }).map((n) => new Date(at - n * 3 * HOUR_MS).toISOString()),
        valid_from: isoNear(at, -30 * day, -day, 0, 1),
        valid_until: isoNear(at, 30 * day, day, 1, 0, -1),
        confidence: fc.constantFrom(undefined, 100, 95, 90, 90, 80, 75, 75, 74, 50),
        revoked: fc.constantFrom(undefined, undefined, false, false, false, true),
        description: fc.constantFrom(undefined, 'Seen scanning', 'Botnet'),
        indicator_types: fc.constantFrom(undefined, ['malicious-activity'], ['anonymization', 'compromised']),
        labels: fc.constantFrom(undefined, ['c2'], ['ActivityGroup:Storm', 'c2']),
        object_marking_refs: fc.option(fc.subarray(markings), { nil: undefined }),
      })
      .map((object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))),
  });
  return fc.uniqueArray(version, {
    minLength: 1,
    maxLength,
    size: 'max',
    selector: ({ source, object }) => JSON.stringify([source.name, object['id'], object['modified']]),
  });
}
