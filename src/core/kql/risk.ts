import { riskOf } from '../decode/observe.ts';
import type { Risk } from '../observation.ts';
import { higherRisk } from '../window/sign-in-pane.ts';
import type { Repairs } from './repair.ts';

/**
 * `max(RiskLevelAggregated)`. To the letter it is the alphabetically greatest text, by which "none" outranks "high"; ""
 * without any.
 */
export function greatestRisk(risks: readonly string[], repairs: Repairs): string {
  if (repairs.has('risk-order')) return risks.map(riskOf).reduce<Risk>(higherRisk, '');
  return risks.reduce((a, b) => (b > a ? b : a), '');
}
