import type { RangeSet } from '../address-range.ts';
import { heldUntil, loweredAt } from './confidence.ts';
import type { Indicator, Observable, SkipReason } from './indicator.ts';

/** What decides which indicators may match at all, whatever the instant. */
export interface AdmissionRule {
  /** Least confidence of an indicator that is indexed. */
  readonly minConfidence: number;
  /** Addresses that never match: what lies wholly inside is not indexed. */
  readonly excluded: RangeSet;
}

/** What of an indicator enters the index. */
export interface Admission {
  /** Those of an indicator that decays hold until it has too little confidence. */
  readonly observables: readonly Observable[];
  /** Why it, or a part of it, does not; each reason once. */
  readonly skipped: readonly SkipReason[];
}

/** Why an indicator does not enter the index with any of its observables; null when it may. */
export function refusal(
  { revoked, confidence }: Indicator,
  { minConfidence }: AdmissionRule,
): 'revoked' | 'unscored' | 'low_confidence' | null {
  if (revoked) return 'revoked';
  if (confidence === null) return 'unscored';
  return confidence < minConfidence ? 'low_confidence' : null;
}

/** Decides what of an indicator enters the index. The confidence of one that names no address is not asked for. */
export function admit(indicator: Indicator, rule: AdmissionRule): Admission {
  const { observables, skipped } = indicator;
  const refused = refusal(indicator, rule);
  if (refused === 'revoked') return { observables: [], skipped: [refused] };
  if (observables.length === 0) return { observables, skipped };
  if (refused !== null) return { observables: [], skipped: [...skipped, refused] };
  const admitted = observables.filter(({ range }) => !rule.excluded.covers(range));
  const untilMs = loweredAt(indicator, rule.minConfidence);
  return {
    observables: untilMs === Infinity ? admitted : admitted.map((each) => heldUntil(each, indicator, untilMs)),
    skipped: admitted.length < observables.length ? [...skipped, 'excluded_range'] : skipped,
  };
}
