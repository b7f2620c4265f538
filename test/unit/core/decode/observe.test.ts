import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../../src/core/address.ts';
import { parseCidr, RangeSet } from '../../../../src/core/address-range.ts';
import type { ObservationRules, Rejection } from '../../../../src/core/decode/observe.ts';
import { observe } from '../../../../src/core/decode/observe.ts';
import { identityOf } from '../../../../src/core/identity.ts';
import type { Observation } from '../../../../src/core/observation.ts';
import type { Stream } from '../../../../src/core/record.ts';
import { eventTime } from '../../../../src/core/time.ts';
import type { Json } from '../../../support/azure-bodies.ts';
import {
  activity,
  nonInteractive,
  principalProperties,
  resourceId,
  servicePrincipal,
  signIn,
  signInProperties,
} from '../../../support/azure-bodies.ts';
import { managedIdentity } from '../../../support/azure-noise.ts';
import { decodeRecord } from '../../../support/decoding.ts';

const enqueuedMs = Date.UTC(2026, 7, 12, 15, 12);

function rules(overrides: Partial<ObservationRules> = {}): ObservationRules {
  const ranges = ['10.0.0.0/8', '0.0.0.0/8', 'fc00::/7'].map(parseCidr).filter((range) => range !== null);
  return {
    excluded: new RangeSet(ranges),
    statuses: new Set(['success']),
    streams: new Set<Stream>(['activity', 'sign_in', 'service_principal']),
    ...overrides,
  };
}

const everything = rules({
  streams: new Set<Stream>(['activity', 'sign_in', 'service_principal', 'non_interactive', 'managed_identity']),
});

function observed(record: Json, given = rules()): Observation | Rejection {
  return observe(decodeRecord(record), enqueuedMs, given);
}

describe('observe()', () => {
  test('tells what an activity record tells the rule', () => {
    expect(observed(activity())).toEqual({
      kind: 'activity',
      address: parseAddress('198.51.100.23'),
      time: { ms: Date.UTC(2026, 7, 12, 15, 11, 47, 532), ticks: 9521 },
      undated: false,
      identity: identityOf(decodeRecord(activity())),
      caller: 'marit.olsen@contoso.example',
      objectId: '1d7c2b90-4e3f-4a55-b6c8-90e1f2a3b4c5',
      operation: 'MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION',
      subscriptionId: 'F3A0C9D1-52BE-4C68-9A1E-6B7D0E8F2C45',
      resourceGroup: 'RG-PAYMENTS',
      resourceId,
    });
  });

  test('tells what a sign-in tells the rule', () => {
    expect(observed(signIn())).toEqual({
      kind: 'user',
      address: parseAddress('198.51.100.23'),
      time: { ms: Date.UTC(2026, 7, 12, 15, 10, 2, 703), ticks: 1188 },
      undated: false,
      identity: identityOf(decodeRecord(signIn())),
      principal: 'marit.olsen@contoso.example',
      objectId: '1d7c2b90-4e3f-4a55-b6c8-90e1f2a3b4c5',
      app: 'Azure Portal',
      risk: 'none',
    });
  });

  test('names the kind of each sign-in stream', () => {
    const withAddress = managedIdentity({ properties: principalProperties() });
    const kinds = [signIn(), servicePrincipal(), nonInteractive(), withAddress].map((record) =>
      observed(record, everything),
    );
    expect(kinds).toMatchObject(
      ['user', 'service-principal', 'non-interactive', 'managed-identity'].map((kind) => ({ kind })),
    );
  });

  test.each([
    ['Success', true],
    ['success', true],
    ['SUCCESS', true],
    ['Succeeded', false],
    ['Succeeded.', false],
    ['Start', false],
    ['Accept', false],
    ['Failure', false],
    ['', false],
    [null, false],
  ])('counts an activity record with result %j: %s', (resultType, counts) => {
    const observation = observed(activity({ resultType }));
    if (counts) expect(observation).toMatchObject({ kind: 'activity' });
    else expect(observation).toBe('unsuccessful');
  });

  test('counts the results that the rules name', () => {
    const both = rules({ statuses: new Set(['success', 'succeeded']) });
    expect(observed(activity({ resultType: 'Succeeded' }), both)).toMatchObject({ kind: 'activity' });
  });

  test.each([
    ['0', true],
    [0, true],
    ['50140', false],
    [50074, false],
    ['00', false],
  ])('counts a sign-in with result %j: %s', (resultType, counts) => {
    const observation = observed(signIn({ resultType }));
    if (counts) expect(observation).toMatchObject({ kind: 'user' });
    else expect(observation).toBe('unsuccessful');
  });

  test.each<[string, Json, Rejection]>([
    ['a stream that is off', nonInteractive(), 'disabled'],
    ['a stream that is off before a failure', nonInteractive({ resultType: '1' }), 'disabled'],
    ['a failure before a missing address', activity({ resultType: 'Failure', callerIpAddress: '' }), 'unsuccessful'],
    ['a missing address', activity({ callerIpAddress: undefined }), 'address_invalid'],
    ['"<null>"', activity({ callerIpAddress: '<null>' }), 'address_invalid'],
    ['a masked address', activity({ callerIpAddress: '198.51.100.XXX' }), 'address_invalid'],
    ['a private address', activity({ callerIpAddress: '10.50.0.204:38208' }), 'excluded'],
    ['a mapped private address', activity({ callerIpAddress: '::ffff:10.0.0.1' }), 'excluded'],
    ['0.0.0.0', signIn({ properties: signInProperties({ ipAddress: '0.0.0.0' }) }), 'excluded'],
    [
      'a unique local address',
      servicePrincipal({ properties: principalProperties({ ipAddress: 'fde4:8dba:2600:59d4:6c26:400:ac9:24c2' }) }),
      'excluded',
    ],
  ])('sets aside %s', (_, record, rejection) => {
    expect(observed(record)).toBe(rejection);
  });

  test('sets aside managed identities without an address', () => {
    expect(observed(managedIdentity(), everything)).toBe('address_invalid');
  });

  test.each(['198.51.100.23:443', ' 198.51.100.23', '::ffff:198.51.100.23', '[::ffff:c633:6417]:1'])(
    'gives %s its canonical address',
    (callerIpAddress) => {
      expect(observed(activity({ callerIpAddress }))).toMatchObject({ address: 0xc6336417 });
    },
  );

  test.each([undefined, null, '', 'yesterday', '2023-02-29T00:00:00Z', 1_786_547_507])(
    'gives a record with the time %j the enqueued time, and says so',
    (time) => {
      expect(observed(activity({ time }))).toMatchObject({ time: eventTime(enqueuedMs), undated: true });
    },
  );

  test.each([
    ['high', 'high'],
    ['Medium', 'medium'],
    ['low', 'low'],
    ['none', 'none'],
    ['hidden', 'hidden'],
    ['unknownFutureValue', 'unknown'],
    ['brandNew', 'unknown'],
    ['', ''],
    [null, ''],
  ])('ranks the risk %j as "%s"', (riskLevelAggregated, risk) => {
    expect(observed(signIn({ properties: signInProperties({ riskLevelAggregated }) }))).toMatchObject({ risk });
  });
});
