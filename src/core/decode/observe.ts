import { parseAddress } from '../address.ts';
import type { RangeSet } from '../address-range.ts';
import { identityOf } from '../identity.ts';
import type { Observation, Risk, SignInKind } from '../observation.ts';
import { fold } from '../observation.ts';
import type { AzureRecord, SignInStream, Stream } from '../record.ts';
import { eventTime } from '../time.ts';

/** What decides whether a record counts. */
export interface ObservationRules {
  /** Addresses that never match. */
  readonly excluded: RangeSet;
  /** Values of `resultType` at which an activity record counts, folded. */
  readonly statuses: ReadonlySet<string>;
  /** The streams that are read; records of the others are set aside. */
  readonly streams: ReadonlySet<Stream>;
}

/** Why a readable record does not count. Closed: metrics carry it. */
export type Rejection = 'disabled' | 'unsuccessful' | 'address_invalid' | 'excluded';

const kinds: Record<SignInStream, SignInKind> = {
  sign_in: 'user',
  service_principal: 'service-principal',
  non_interactive: 'non-interactive',
  managed_identity: 'managed-identity',
};

/** The stream that each kind of observation comes from. */
export const streamOfKind: Record<Observation['kind'], Stream> = {
  activity: 'activity',
  user: 'sign_in',
  'service-principal': 'service_principal',
  'non-interactive': 'non_interactive',
  'managed-identity': 'managed_identity',
};

const risks = new Map<string, Risk>([
  ['', ''],
  ['high', 'high'],
  ['medium', 'medium'],
  ['low', 'low'],
  ['none', 'none'],
  ['hidden', 'hidden'],
]);

/**
 * What a record tells the rule: a successful operation or sign-in from an address that may match. Otherwise the first
 * reason why it tells nothing, in the order disabled, unsuccessful, address_invalid, excluded.
 *
 * @param enqueuedMs When Event Hubs took the message, milliseconds since 1970: the time of a record that has none.
 */
export function observe(record: AzureRecord, enqueuedMs: number, rules: ObservationRules): Observation | Rejection {
  if (!rules.streams.has(record.stream)) return 'disabled';
  if (!isSuccessful(record, rules.statuses)) return 'unsuccessful';
  const address = parseAddress(record.address);
  if (address === null) return 'address_invalid';
  if (rules.excluded.contains(address)) return 'excluded';
  const common = {
    address,
    time: record.time ?? eventTime(enqueuedMs),
    undated: record.time === null,
    identity: identityOf(record),
    objectId: record.objectId,
  };
  if (record.stream === 'activity') {
    const { caller, operation, subscriptionId, resourceGroup, resourceId } = record;
    return { kind: 'activity', ...common, caller, operation, subscriptionId, resourceGroup, resourceId };
  }
  const { principal, app, risk } = record;
  return { kind: kinds[record.stream], ...common, principal, app, risk: riskOf(risk) };
}

/** Sign-ins succeed with error code 0 alone: 50140 and the like are interrupts that ask for more. */
function isSuccessful(record: AzureRecord, statuses: ReadonlySet<string>): boolean {
  return record.stream === 'activity' ? statuses.has(fold(record.resultType)) : record.resultType === '0';
}

/** Entra's `unknownFutureValue`, and every other value that a later API may bring, is unknown. */
export function riskOf(risk: string): Risk {
  return risks.get(fold(risk.trim())) ?? 'unknown';
}
