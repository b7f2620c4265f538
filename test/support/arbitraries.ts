import fc from 'fast-check';
import { RangeSet } from '../../src/core/address-range.ts';
import { parseCidr } from '../../src/core/address-range.ts';
import type { SourceSettings } from '../../src/core/intel/indicator-reader.ts';
import type { RepairOptions } from '../../src/core/kql/address-case.ts';
import type { SourcedObject } from '../../src/core/kql/ti-version.ts';
import type { ActivityRecord, AzureRecord, ReceivedRecord, SignInRecord, SignInStream } from '../../src/core/record.ts';
import { eventTime, HOUR_MS, type EventTime } from '../../src/core/time.ts';
import type { ReferenceOptions } from './reference/reference-repaired.ts';

/**
 * Small universes, so that what must meet does meet: a few addresses in many forms, a few callers in many letter cases,
 * times on both sides of every boundary by one tick of 100 ns, copies, and indicators in several versions.
 */

/** The evaluation instant of every scenario, 2026-03-02T12:00:00Z. */
export const scenarioAt = Date.UTC(2026, 2, 2, 12);

const day = 24 * HOUR_MS;

/** Texts of caller addresses, one list an address. */
export const addressForms: readonly (readonly string[])[] = [
  ['198.51.100.7', '198.51.100.7:443', '::ffff:198.51.100.7', '::FFFF:C633:6407', ' 198.51.100.7 '],
  ['198.51.100.9', '[::ffff:c633:6409]:8080'],
  ['203.0.113.20', '203.0.113.20:65535'],
  ['52.10.3.4', '52.10.3.4:50123'],
  ['2001:db8::5', '2001:DB8::5', '[2001:db8::5]:443', '2001:0db8:0:0:0:0:0:5', '2001:db8::5%eth0'],
  ['2001:db8:0:1::9', '2001:db8:0:1::0009'],
  ['10.1.2.3', '10.1.2.3:80'],
  ['100.64.0.1'],
  ['168.63.5.5'],
  ['168.63.129.16'],
  ['fe80::1%1'],
];

const notAddresses = ['', '<null>', 'XX.XX.XX.XX', '198.51.100.0/24', '010.1.2.3', '198.51.100.7:99999'];

const addressText = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...addressForms.slice(0, 2).flat()) },
  { weight: 4, arbitrary: fc.constantFrom(...addressForms.flat()) },
  { weight: 1, arbitrary: fc.constantFrom(...notAddresses) },
);

const tick = fc.constantFrom(-1, 0, 1);

/** The instant of a whole millisecond moved by some ticks. */
function ticksFrom(ms: number, ticks: number): EventTime {
  return ticks < 0 ? eventTime(ms - 1, 10_000 + ticks) : eventTime(ms, ticks);
}

/** Event times around an instant's window: on its edges, on pane boundaries inside it, anywhere in it, beyond it. */
export function timeNear(at: number, lookbackMs: number): fc.Arbitrary<EventTime> {
  return fc.oneof(
    fc.tuple(fc.constantFrom(at, at - lookbackMs), tick).map(([ms, ticks]) => ticksFrom(ms, ticks)),
    fc.tuple(fc.integer({ min: 0, max: 26 }), tick).map(([hours, ticks]) => ticksFrom(at - hours * HOUR_MS, ticks)),
    fc
      .tuple(fc.integer({ min: at - lookbackMs - HOUR_MS, max: at + HOUR_MS }), fc.constantFrom(0, 1, 5329))
      .map(([ms, ticks]) => eventTime(ms, ticks)),
  );
}

/** How long after its event a record was enqueued, in ms: promptly, much later, or long before it (then it is early). */
const enqueueDelay = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 300_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 8 * HOUR_MS }) },
  { weight: 1, arbitrary: fc.constantFrom(-899_999, -900_000, -900_001, -3 * HOUR_MS) },
);

function enqueuedOf(time: EventTime | null, delay: number, at: number): number {
  return (time?.ms ?? at - HOUR_MS) + delay;
}

const cased = (text: string): fc.Arbitrary<string> =>
  fc.constantFrom(text, text.toUpperCase(), text.charAt(0).toUpperCase() + text.slice(1));

const member = (name: string, most: number): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 3 }).chain((n) => cased(`${name}-${n}`)) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: most }).map((n) => `${name}-${n}`) },
    { weight: 1, arbitrary: fc.constant('') },
  );

const objectId = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('oid-ann', 'OID-ANN', 'oid-bob', 'oid-app') },
  { weight: 1, arbitrary: fc.constantFrom('', '00000000-0000-0000-0000-000000000000') },
);

const principalName = fc.oneof(
  { weight: 5, arbitrary: cased('ann@contoso.com') },
  { weight: 2, arbitrary: fc.constantFrom('bob@contoso.com', 'guest_ext#EXT#@contoso.com', 'a@b@c') },
  { weight: 1, arbitrary: fc.constantFrom('', 'oid-app') },
);

const optionalTime = (at: number, lookbackMs: number): fc.Arbitrary<EventTime | null> =>
  fc.option(timeNear(at, lookbackMs), { freq: 15 });

/** Activity records: mostly successes. */
export function activityRecord(at: number, lookbackMs: number): fc.Arbitrary<ActivityRecord> {
  return fc.record({
    stream: fc.constant('activity' as const),
    index: fc.nat({ max: 3 }),
    category: fc.constantFrom('Administrative', 'Policy'),
    time: optionalTime(at, lookbackMs),
    address: addressText,
    resultType: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom('Success', 'success', 'SUCCESS') },
      { weight: 1, arbitrary: fc.constantFrom('Succeeded', 'Start', 'Failure', '') },
    ),
    caller: principalName,
    objectId,
    operation: member('operation', 14),
    resourceId: member('resource', 14),
    subscriptionId: member('subscription', 8),
    resourceGroup: member('group', 8),
    correlationId: fc.constantFrom('c1', 'C1', 'c2', 'c3', ''),
  });
}

const signInCategories: Readonly<Record<SignInStream, string>> = {
  sign_in: 'SignInLogs',
  service_principal: 'ServicePrincipalSignInLogs',
  non_interactive: 'NonInteractiveUserSignInLogs',
  managed_identity: 'ManagedIdentitySignInLogs',
};

/** Sign-in records of every stream: mostly successes, ids from a small set so that copies are frequent. */
export function signInRecord(at: number, lookbackMs: number): fc.Arbitrary<SignInRecord> {
  return fc
    .record({
      stream: fc.oneof(
        { weight: 4, arbitrary: fc.constant('sign_in' as const) },
        { weight: 3, arbitrary: fc.constant('service_principal' as const) },
        { weight: 1, arbitrary: fc.constantFrom('non_interactive' as const, 'managed_identity' as const) },
      ),
      index: fc.nat({ max: 3 }),
      time: optionalTime(at, lookbackMs),
      address: addressText,
      resultType: fc.oneof(
        { weight: 8, arbitrary: fc.constant('0') },
        { weight: 1, arbitrary: fc.constantFrom('50140', '', '00') },
      ),
      id: fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: 1, max: 6 }).chain((n) => cased(`id-${n}`)) },
        { weight: 1, arbitrary: fc.constant('') },
      ),
      principal: fc.oneof(principalName, member('principal', 8)),
      objectId,
      app: fc.constantFrom('Azure Portal', 'Azure CLI', ''),
      risk: fc.constantFrom('none', 'low', 'medium', 'high', 'High', 'hidden', 'unknownFutureValue', ''),
    })
    .map((record) => ({ ...record, category: signInCategories[record.stream] }));
}

interface Arrival {
  readonly record: AzureRecord;
  readonly delay: number;
  /** Enqueued at this distance from the cut of the flush instead, when not null. */
  readonly fromCut: number | null;
  /** What a copy of it, when there is one, has otherwise. */
  readonly copy: { readonly time: EventTime | null; readonly risk: string; readonly delay: number } | null;
}

function arrivalsOf({ record, delay, fromCut, copy }: Arrival, at: number, flushDelayMs: number): ReceivedRecord[] {
  const enqueuedMs = fromCut === null ? enqueuedOf(record.time, delay, at) : at + flushDelayMs + fromCut;
  const first = { record, enqueuedMs, place: '' };
  if (copy === null) return [first];
  // Entra publishes a sign-in again with another time and risk; an activity record is only delivered again.
  const again = record.stream === 'activity' ? record : { ...record, time: copy.time, risk: copy.risk };
  return [first, { record: again, enqueuedMs: enqueuedOf(again.time, copy.delay, at), place: '' }];
}

/** Records in the order of arrival, each with a place of its own; copies stand apart from what they copy. */
export function receivedRecords(at: number, lookbackMs: number, maxLength = 40): fc.Arbitrary<ReceivedRecord[]> {
  const arrival: fc.Arbitrary<Arrival> = fc.record({
    record: fc.oneof(
      { weight: 3, arbitrary: activityRecord(at, lookbackMs) },
      { weight: 2, arbitrary: signInRecord(at, lookbackMs) },
    ),
    delay: enqueueDelay,
    fromCut: fc.option(tick, { freq: 8, nil: null }).map((each) => each),
    copy: fc.option(
      fc.record({
        time: optionalTime(at, lookbackMs),
        risk: fc.constantFrom('none', 'low', 'high'),
        delay: enqueueDelay,
      }),
      { freq: 3 },
    ),
  });
  return fc.tuple(fc.array(arrival, { maxLength }), fc.infiniteStream(fc.nat())).map(([arrivals, random]) => {
    const all = arrivals.flatMap((each) => arrivalsOf(each, at, 300_000));
    const keyed = all.map((received) => ({ received, key: random.next().value ?? 0 }));
    keyed.sort((a, b) => a.key - b.key);
    return keyed.map(({ received }, index) => ({ ...received, place: `log/0/${index}` }));
  });
}

/** Two feeds: one lends a confidence and a TLP level, one lends nothing and lets its indicators age fast. */
export const sources: readonly SourceSettings[] = [
  { name: 'alpha', defaultConfidence: 80, tlp: 'GREEN', maxAgeMs: 365 * day, useDstRef: false },
  { name: 'beta', defaultConfidence: null, tlp: '', maxAgeMs: 2 * day, useDstRef: true },
];

const observableText = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('198.51.100.7', '198.51.100.9') },
  { weight: 4, arbitrary: fc.constantFrom(...addressForms.flat()) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('198.51.100.0/24', '198.51.100.7/32', '2001:DB8::/32', '52.0.0.0/10', '168.63.0.0/16'),
  },
  { weight: 1, arbitrary: fc.constantFrom(...notAddresses, '0.0.0.0/0', '10.0.0.0/8', 'evil.example') },
);

const comparison: fc.Arbitrary<string> = fc
  .tuple(
    fc.oneof(
      { weight: 8, arbitrary: fc.constant('ipv4-addr:value') },
      { weight: 3, arbitrary: fc.constant('ipv6-addr:value') },
      { weight: 2, arbitrary: fc.constant('network-traffic:src_ref.value') },
      {
        weight: 1,
        arbitrary: fc.constantFrom('network-traffic:dst_ref.value', 'IPV4-ADDR:value', 'domain-name:value'),
      },
    ),
    fc.oneof(
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
    ),
    observableText,
  )
  .map(([path, test, text]) => `${path} ${test(text)}`);

const qualified = (between: string): fc.Arbitrary<(pattern: string) => string> =>
  fc.constantFrom<((pattern: string) => string)[]>(
    (pattern) => `${pattern} WITHIN 60 SECONDS`,
    (pattern) => `${pattern} REPEATS 1 TIMES`,
    (pattern) => `${pattern} REPEATS 3 TIMES`,
    (pattern) => `${pattern} START t'2026-01-01T00:00:00Z' STOP t'${between}'`,
  );

/** STIX patterns: plain ones mostly, joined and qualified ones, and some that are none. */
export const stixPattern: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: comparison.map((test) => `[${test}]`) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(comparison, comparison, fc.constantFrom(' OR ', ' AND ', '] OR [', '] AND [', '] FOLLOWEDBY ['))
      .map(([a, b, join]) => `[${a}${join}${b}]`),
  },
  {
    weight: 1,
    arbitrary: observableText.map(
      (text) => `[network-traffic:src_ref.type = 'ipv4-addr' AND network-traffic:src_ref.value = '${text}']`,
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(comparison, fc.constantFrom('2026-03-02T12:00:00Z', '2026-03-02T12:00:00.001Z').chain(qualified))
      .map(([test, qualify]) => qualify(`[${test}]`)),
  },
  { weight: 1, arbitrary: fc.constantFrom('', 'ipv4-addr', "[ipv4-addr:value = '198.51.100.7'", "['a' = 'b']") },
);

const isoNear = (at: number, ...distances: number[]): fc.Arbitrary<string | undefined> =>
  fc.constantFrom(undefined, ...distances.map((distance) => new Date(at + distance).toISOString()));

const markings = [
  'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1', // RED
  'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003', // AMBER+STRICT
  'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9', // WHITE
];

/** Versions of a few indicators of two feeds, in any order; (source, id, modified) is unique. */
export function indicatorVersions(at: number, maxLength = 12): fc.Arbitrary<SourcedObject[]> {
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
        pattern: stixPattern,
        created: fc.constant(new Date(at - 30 * day).toISOString()),
        modified: fc.integer({ min: 1, max: 40 }).map((n) => new Date(at - n * 3 * HOUR_MS).toISOString()),
        valid_from: isoNear(at, -30 * day, -day, 0, 1),
        valid_until: isoNear(at, day, 30 * day, 1, 0, -1),
        confidence: fc.constantFrom(undefined, 100, 90, 80, 75, 74, 50),
        revoked: fc.constantFrom(undefined, false, false, true),
        description: fc.constantFrom(undefined, 'Seen scanning', 'Botnet'),
        indicator_types: fc.constantFrom(undefined, ['malicious-activity'], ['anonymization', 'compromised']),
        labels: fc.constantFrom(undefined, ['c2'], ['ActivityGroup:Storm', 'c2']),
        object_marking_refs: fc.option(fc.subarray(markings), { nil: undefined }),
      })
      .map((object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))),
  });
  return fc.uniqueArray(version, {
    maxLength,
    selector: ({ source, object }) => JSON.stringify([source.name, object['id'], object['modified']]),
  });
}

const defaultExcluded =
  '0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,169.254.0.0/16,172.16.0.0/12,192.168.0.0/16,168.63.129.16/32,224.0.0.0/4,240.0.0.0/4,::/128,::1/128,fc00::/7,fe80::/10,ff00::/8'.split(
    ',',
  );

/** One question to the rule and everything it is asked of. */
export interface Scenario {
  readonly at: number;
  readonly lookbackMs: number;
  readonly received: readonly ReceivedRecord[];
  readonly objects: readonly SourcedObject[];
  readonly options: Omit<ReferenceOptions, 'lookbackMs'>;
}

export interface ScenarioBounds {
  readonly maxRecords?: number;
  readonly maxIndicators?: number;
}

/** Records, indicators and options that meet often. */
export function scenario({ maxRecords = 40, maxIndicators = 12 }: ScenarioBounds = {}): fc.Arbitrary<Scenario> {
  return fc.constantFrom(day, 3 * HOUR_MS).chain((lookbackMs) =>
    fc.record({
      at: fc.constant(scenarioAt),
      lookbackMs: fc.constant(lookbackMs),
      received: receivedRecords(scenarioAt, lookbackMs, maxRecords),
      objects: indicatorVersions(scenarioAt, maxIndicators),
      options: fc.record({
        minConfidence: fc.constantFrom(75, 75, 50, 90),
        flushDelayMs: fc.constantFrom(300_000, null),
        excludedRanges: fc.constantFrom(defaultExcluded, defaultExcluded, ['203.0.113.0/24']),
        statuses: fc.constantFrom(['Success'], ['Success'], ['success', 'SUCCEEDED']),
        deduplicate: fc.constantFrom(true, true, false),
        optionalStreams: fc.subarray(['non_interactive', 'managed_identity'] as const).map((each) => [...each]),
      }),
    }),
  );
}

/** A scenario's options as the comparison takes them. */
export function repairOptions({ options }: Scenario): RepairOptions {
  const { minConfidence, statuses, deduplicate, flushDelayMs, excludedRanges } = options;
  const excluded = new RangeSet(excludedRanges.map((range) => parseCidr(range)).filter((range) => range !== null));
  return { minConfidence, statuses, deduplicate, flushDelayMs, excluded };
}
