import type { SourceSettings } from '../../src/core/intel/indicator-reader.ts';
import type { StixObject } from '../../src/core/intel/stix-object.ts';
import type { SourcedObject } from '../../src/core/kql/ti-version.ts';
import type { ActivityRecord, ReceivedRecord, SignInRecord } from '../../src/core/record.ts';
import { eventTime, HOUR_MS } from '../../src/core/time.ts';

/** Records and indicators that match each other as they are, to be changed one field at a time. */

/** The instant they are meant to be evaluated at, 2026-03-02T12:00:00Z. */
export const ruleAt = Date.UTC(2026, 2, 2, 12);

let places = 0;

/** A record enqueued a minute after its event, unless said otherwise. */
export function received(
  record: ActivityRecord | SignInRecord,
  enqueuedMs = (record.time?.ms ?? ruleAt - HOUR_MS) + 60_000,
): ReceivedRecord {
  places += 1;
  return { record, enqueuedMs, place: `log/0/${places}` };
}

export function activity(change: Partial<ActivityRecord> = {}): ActivityRecord {
  return {
    stream: 'activity',
    index: 0,
    category: 'Administrative',
    time: eventTime(ruleAt - 2 * HOUR_MS),
    address: '198.51.100.7',
    resultType: 'Success',
    caller: 'ann@contoso.com',
    objectId: 'oid-ann',
    operation: 'MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE',
    resourceId: '/SUBSCRIPTIONS/S1/RESOURCEGROUPS/G1/PROVIDERS/MICROSOFT.COMPUTE/VIRTUALMACHINES/VM1',
    subscriptionId: 'S1',
    resourceGroup: 'G1',
    correlationId: 'c1',
    ...change,
  };
}

export function signIn(change: Partial<SignInRecord> = {}): SignInRecord {
  return {
    stream: 'sign_in',
    index: 0,
    category: 'SignInLogs',
    time: eventTime(ruleAt - 3 * HOUR_MS),
    address: '198.51.100.7',
    resultType: '0',
    id: 'id-1',
    principal: 'ann@contoso.com',
    objectId: 'oid-ann',
    app: 'Azure Portal',
    risk: 'none',
    ...change,
  };
}

export const ruleSource: SourceSettings = {
  name: 'feed',
  defaultConfidence: null,
  tlp: '',
  maxAgeMs: 365 * 24 * HOUR_MS,
  useDstRef: false,
};

/** A version of an indicator; a field set to undefined is absent. */
export function indicator(change: StixObject = {}, source: Partial<SourceSettings> = {}): SourcedObject {
  const object: StixObject = {
    type: 'indicator',
    spec_version: '2.1',
    id: 'indicator--1',
    created: '2026-02-01T00:00:00Z',
    modified: '2026-02-01T00:00:00Z',
    valid_from: '2026-02-01T00:00:00Z',
    valid_until: '2026-04-01T00:00:00Z',
    confidence: 90,
    pattern_type: 'stix',
    pattern: "[ipv4-addr:value = '198.51.100.7']",
    description: 'Seen scanning',
    indicator_types: ['malicious-activity'],
    labels: ['c2'],
    ...change,
  };
  return {
    source: { ...ruleSource, ...source },
    object: Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)),
  };
}
