import fc from 'fast-check';
import { type Alert, type AlertIndicator, rule, severities, type SignInEvidence } from '../../src/core/alert/alert.ts';
import { linksOf } from '../../src/core/alert/links.ts';
import { type Row, setLimits } from '../../src/core/alert/row.ts';
import { tlpLevels } from '../../src/core/intel/indicator.ts';
import { formatTime } from '../../src/core/time.ts';

/** Every text that Azure or a feed may send: quotes, line ends, half surrogates, other scripts. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', 'mallory@contoso.com', 'Zoë@例え.jp', 'a\nb\r\u2028"\\', '\ud800', '__proto__', '💥'),
);

const someText = anyText.filter((text) => text !== '');

/** ISO 8601 with no, three or seven fraction digits. */
export const anyTime = fc
  .record({
    ms: fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2100, 0) }),
    ticks: fc.constantFrom(0, 0, 1, 9999),
  })
  .map(formatTime);

const digest = fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdef')), minLength: 32, maxLength: 32 });
const address = fc.oneof(fc.ipV4(), fc.ipV6());
const confidence = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constantFrom(0, 0.5, 29.5, 30, 69.9, 70, 100));
const tlp = fc.constantFrom(...tlpLevels, '' as const);

function set(column: keyof typeof setLimits): fc.Arbitrary<string[]> {
  return fc.uniqueArray(someText, { maxLength: setLimits[column] });
}

/** Ids of resources as the Activity log has them, of which any text may follow. */
export const resourceId = fc
  .tuple(fc.uuid(), fc.array(anyText, { maxLength: 3 }))
  .map(([subscription, names]) => ['/subscriptions', subscription, ...names].join('/'));

const signInCounts = { count: fc.option(fc.integer({ min: 1, max: 1e9 })) };

const row: fc.Arbitrary<Row> = fc.record({
  Caller: anyText,
  TI_IP: address,
  OperationCount: fc.nat(),
  Operations: set('Operations'),
  SubscriptionIds: set('SubscriptionIds'),
  ResourceGroups: set('ResourceGroups'),
  AffectedResources: set('AffectedResources'),
  CallerIP: address,
  ThreatType: anyText,
  TI_Description: anyText,
  ConfidenceScore: confidence,
  ActivityGroupNames: anyText,
  TLPLevel: tlp,
  FirstSeen: anyTime,
  LastSeen: anyTime,
  UserSigninCount: signInCounts.count,
  SigninUsers: fc.option(set('SigninUsers')),
  MaxUserRisk: fc.constantFrom('high', 'medium', 'low', 'none', 'hidden', 'unknown', ''),
  SPSigninCount: signInCounts.count,
  SigninSPs: fc.option(set('SigninSPs')),
  CorroboratedBySignin: fc.boolean(),
  TotalSigninCount: fc.nat(),
  AccountName: anyText,
  AccountUPNSuffix: anyText,
});

const indicator: fc.Arbitrary<AlertIndicator> = fc.record({
  id: fc.uuid().map((id) => `indicator--${id}`),
  source: someText,
  sourceName: anyText,
  confidence,
  modified: fc.oneof(anyTime, fc.constantFrom('', 'yesterday')),
  validFrom: fc.option(anyTime),
  validUntil: fc.option(anyTime),
  pattern: anyText,
  value: fc.oneof(address, fc.constantFrom('192.0.2.0/24', '2001:db8::/32', '')),
  types: fc.array(someText, { maxLength: 3 }),
  labels: fc.array(someText, { maxLength: 3 }),
  tlp,
  actors: fc.array(someText, { maxLength: 3 }),
});

const signIn: fc.Arbitrary<SignInEvidence> = fc.record({
  kind: fc.constantFrom('user', 'service-principal', 'non-interactive', 'managed-identity'),
  principal: anyText,
  objectId: fc.oneof(fc.uuid(), fc.constant('')),
  app: anyText,
  count: fc.integer({ min: 1, max: 1e9 }),
  first: anyTime,
  last: anyTime,
});

const said: fc.Arbitrary<Pick<Alert, 'activity' | 'closeReason'>> = fc.oneof(
  fc.record({ activity: fc.constantFrom('create', 'update') }),
  fc.record({
    activity: fc.constant('close'),
    closeReason: fc.constantFrom(
      'window-empty',
      'indicator-revoked',
      'indicator-expired',
      'indicator-lowered',
      'indicator-deleted',
      'allow-listed',
    ),
  }),
);

/** Alerts of every activity, grade and absence, whether or not the engine would say all of it together. */
export const anyAlert: fc.Arbitrary<Alert> = fc
  .tuple(
    said,
    fc.record({
      schemaVersion: fc.constant(1),
      id: digest,
      findingKey: digest,
      emittedAt: anyTime,
      rule: fc.constant(rule),
      severity: fc.constantFrom(...severities),
      caller: anyText,
      ip: address,
      windowStart: anyTime,
      windowEnd: anyTime,
      row,
      indicators: fc.array(indicator, { maxLength: 3 }),
      corroboration: fc.record({
        grade: fc.constantFrom('same-principal', 'other-principal', 'undetermined', 'none'),
        evidence: fc.array(signIn, { maxLength: 3 }),
      }),
      allowLists: fc.uniqueArray(someText, { maxLength: 3 }),
      silenced: fc.option(fc.record({ id: someText, author: someText, reason: someText, until: anyTime })),
      truncated: fc.subarray([...Object.keys(setLimits), 'OperationCount', 'UserSigninCount', 'SPSigninCount']),
      late: fc.boolean(),
      backfill: fc.boolean(),
      partial: fc.option(fc.record({ before: anyTime })),
      incomplete: fc.option(fc.record({ partitions: fc.array(someText, { minLength: 1, maxLength: 3 }) })),
      indexVersion: someText,
    }),
    fc.array(resourceId, { maxLength: 10 }),
    fc.option(fc.constant('https://tidewatch.example.com/soc')),
  )
  .map(([activity, rest, resources, serviceUrl]) => ({
    ...rest,
    ...activity,
    links: linksOf({ serviceUrl, portalUrl: 'https://portal.azure.com' }, rest.ip, resources),
  }));
