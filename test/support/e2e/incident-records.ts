import type { StixObject } from '../../../src/core/intel/stix-object.ts';
import { eventTime, formatTime } from '../../../src/core/time.ts';
import { activityOf, claim, type Json, principalProperties, servicePrincipal } from '../azure-bodies.ts';
import { signIn, signInProperties, userClaims } from '../azure-bodies.ts';

/** Full-size records of two callers and their sign-ins, each with an identity of its own. */

let made = 0;

function uuid(): string {
  made += 1;
  return `00000000-0000-4000-8000-${made.toString(16).padStart(12, '0')}`;
}

export interface RecordOptions {
  /** Event time, milliseconds since 1970. */
  readonly at: number;
  /** 100 ns units after it. */
  readonly ticks?: number;
  readonly address: string;
  readonly principal?: string;
}

function timeOf({ at, ticks = 0 }: RecordOptions): string {
  return formatTime(eventTime(at, ticks));
}

/** A successful operation of a user. */
export function activityRecord(options: RecordOptions, overrides: Json = {}): Json {
  const { address, principal = 'marit.olsen@contoso.example' } = options;
  const claims = userClaims({ [claim.upn]: principal, [claim.name]: principal });
  return activityOf(claims, {
    time: timeOf(options),
    callerIpAddress: address,
    correlationId: uuid(),
    ...overrides,
  });
}

/** A successful interactive sign-in. */
export function signInRecord(options: RecordOptions, overrides: Json = {}): Json {
  const { address, principal = 'marit.olsen@contoso.example' } = options;
  const properties = signInProperties({ id: uuid(), userPrincipalName: principal, ipAddress: address, ...overrides });
  return signIn({ time: timeOf(options), callerIpAddress: address, properties });
}

/** A successful sign-in of an application. */
export function servicePrincipalRecord(options: RecordOptions): Json {
  const { address, principal = 'sp-deploy-payments' } = options;
  const properties = principalProperties({ id: uuid(), servicePrincipalName: principal, ipAddress: address });
  return servicePrincipal({ time: timeOf(options), callerIpAddress: address, properties });
}

/** The envelope of diagnostic settings around records. */
export function bodyOf(...records: readonly Json[]): string {
  return JSON.stringify({ records });
}

/** An indicator of an address, valid for a year around an instant. */
export function indicatorOf(address: string, at: number, change: StixObject = {}): StixObject {
  const kind = address.includes(':') ? 'ipv6-addr' : 'ipv4-addr';
  const day = 86_400_000;
  return {
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--${uuid()}`,
    created: formatTime(eventTime(at - 2 * day)),
    modified: formatTime(eventTime(at - 2 * day)),
    valid_from: formatTime(eventTime(at - 2 * day)),
    valid_until: formatTime(eventTime(at + 365 * day)),
    confidence: 90,
    pattern_type: 'stix',
    pattern: `[${kind}:value = '${address}']`,
    description: `Seen in intrusions from ${address}`,
    indicator_types: ['malicious-activity'],
    labels: ['c2'],
    ...change,
  };
}
