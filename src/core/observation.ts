import type { Address } from './address.ts';
import type { EventTime } from './time.ts';

/** Risk of a sign-in, by rank: high > medium > low > none > hidden > unknown; "" when the record carries none. */
export type Risk = 'high' | 'medium' | 'low' | 'none' | 'hidden' | 'unknown' | '';

export type SignInKind = 'user' | 'service-principal' | 'non-interactive' | 'managed-identity';

/**
 * Names a record for counting it once: copies of one record share it. Null when the record lacks the parts an identity
 * is made of, so that it counts each time it arrives.
 */
export type Identity = string;

/** A successful control-plane operation from an address that is not excluded. */
export interface ActivityObservation {
  readonly kind: 'activity';
  readonly address: Address;
  readonly time: EventTime;
  /** Whether the record carried no readable time, so that `time` is when Event Hubs took it. */
  readonly undated: boolean;
  readonly identity: Identity | null;
  readonly caller: string;
  readonly objectId: string;
  readonly operation: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly resourceId: string;
}

/** A successful sign-in from an address that is not excluded. */
export interface SignInObservation {
  readonly kind: SignInKind;
  readonly address: Address;
  readonly time: EventTime;
  /** Whether the record carried no readable time, so that `time` is when Event Hubs took it. */
  readonly undated: boolean;
  readonly identity: Identity | null;
  readonly principal: string;
  readonly objectId: string;
  readonly app: string;
  readonly risk: Risk;
}

export type Observation = ActivityObservation | SignInObservation;

/** Folds text for comparison without regard to case. */
export function fold(text: string): string {
  return text.toLowerCase();
}
