import type { AddressRange } from '../address.ts';
import type { Decaying } from './decay.ts';

/** Traffic Light Protocol, strictest first; WHITE is CLEAR. "" when an indicator carries no marking. */
export const tlpLevels = ['RED', 'AMBER+STRICT', 'AMBER', 'GREEN', 'CLEAR'] as const;
export type Tlp = (typeof tlpLevels)[number] | '';

/** Why an indicator, or a part of its pattern, can never match a caller address. Closed: metrics carry it. */
export const skipReasons = [
  'no_pattern',
  'not_stix_pattern',
  'pattern_invalid',
  'pattern_too_large',
  'no_address',
  'and_undecidable',
  'followed_by',
  'repeats',
  'negated',
  'comparison_unsupported',
  'like_or_matches',
  'dst_ref',
  'address_invalid',
  'range_too_wide',
  'excluded_range',
  'unscored',
  'low_confidence',
  'revoked',
  'invalid_object',
] as const;
export type SkipReason = (typeof skipReasons)[number];

/** An address or a range that an indicator names, with the text it was written in. */
export interface Observable {
  readonly range: AddressRange;
  /** The constant of the pattern, as written. */
  readonly value: string;
  readonly key: 'ipv4-addr' | 'ipv6-addr' | 'network-traffic';
  /** Where it holds: START (inclusive, −∞ without one) and STOP (exclusive) of the pattern around it, both or neither. */
  readonly startMs?: number;
  readonly stopMs?: number;
}

/** The newest version of one STIX indicator of one source. Times are milliseconds since 1970, fractions kept. */
export interface Indicator {
  readonly source: string;
  readonly id: string;
  readonly description: string;
  readonly pattern: string;
  /** 0 to 100, times the weight of its feed; null when neither the indicator nor its feed says one. */
  readonly confidence: number | null;
  /** Before the weight of its feed and before it was rounded for that; absent when that is `confidence`. */
  readonly statedConfidence?: number;
  /** How its confidence falls from what it is here; absent when it does not. */
  readonly decaying?: Decaying;
  /** As written by the source; "" when absent. */
  readonly modified: string;
  readonly modifiedMs: number;
  readonly validFromMs: number | null;
  /** Never null: bounded by INDICATOR_MAX_AGE when the source sets none. */
  readonly validUntilMs: number;
  /** Whether the source itself set `valid_until`. */
  readonly validUntilGiven: boolean;
  readonly revoked: boolean;
  /** Its feed revokes it, and is not believed; absent when not so. */
  readonly revocationIgnored?: true;
  /** Who made it, by the identity that created_by_ref names; absent when unknown. */
  readonly sourceName?: string;
  /** Its description and pattern may be shown in spite of TLP:RED; absent when not so. */
  readonly redAllowed?: true;
  readonly types: readonly string[];
  readonly labels: readonly string[];
  readonly tlp: Tlp;
  readonly actors: readonly string[];
  readonly observables: readonly Observable[];
  /** Why it, or a part of it, is not indexed; empty when all of it is. */
  readonly skipped: readonly SkipReason[];
}

/** An indicator as met at one address. */
export interface Sighting {
  readonly indicator: Indicator;
  readonly observable: Observable;
}

/**
 * The sighting of an indicator by one of its observables. START and STOP of the pattern narrow the validity of the
 * indicator it carries, so that isValidAt() answers for the sighting.
 */
export function sightingOf(indicator: Indicator, observable: Observable): Sighting {
  const { startMs, stopMs } = observable;
  if (startMs === undefined || stopMs === undefined) return { indicator, observable };
  const validFromMs = startMs > (indicator.validFromMs ?? Number.NEGATIVE_INFINITY) ? startMs : indicator.validFromMs;
  const stopsFirst = stopMs < indicator.validUntilMs;
  const validUntilMs = stopsFirst ? stopMs : indicator.validUntilMs;
  const validUntilGiven = stopsFirst || indicator.validUntilGiven;
  return { indicator: { ...indicator, validFromMs, validUntilMs, validUntilGiven }, observable };
}

/** Tells whether an indicator is inside its validity: from valid_from (inclusive) to valid_until (exclusive). */
export function isValidAt(indicator: Indicator, ms: number): boolean {
  return (indicator.validFromMs === null || indicator.validFromMs <= ms) && indicator.validUntilMs > ms;
}
