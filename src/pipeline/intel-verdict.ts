import type { Explanation, ExplanationReason } from '../core/intel/explanation.ts';
import type { Readiness } from './health-report.ts';
import type { IntelView } from './views.ts';

/** What is said of an indicator that names the address and does not count. */
export const reasonTexts: Readonly<Record<ExplanationReason, string>> = {
  revoked: 'is revoked',
  invalid_object: 'has a valid_from or valid_until that is no timestamp',
  pattern_invalid: 'has a pattern that is no STIX pattern',
  pattern_too_large: 'has a pattern that is too large to be read',
  and_undecidable: 'names it together with something that one address cannot decide (AND)',
  followed_by: 'names it in a sequence of observations (FOLLOWEDBY)',
  repeats: 'names it as seen several times (REPEATS)',
  dst_ref: 'names it as the destination of traffic, and its feed has no useDstRef',
  range_too_wide: 'names it by a range wider than /8, of IPv6 than /19',
  unscored: 'has no confidence, and its feed no defaultConfidence',
  low_confidence: 'has a confidence below MIN_CONFIDENCE',
  excluded_range: 'names only addresses of EXCLUDED_RANGES',
  not_yet_valid: 'is not valid yet',
  decayed: 'has a confidence that decay has lowered below MIN_CONFIDENCE',
  expired: 'is no longer valid',
};

export interface VerdictInput {
  readonly readiness: Readiness;
  /** The block of EXCLUDED_RANGES that holds the address; null when none does. */
  readonly excludedBy: string | null;
  readonly allowLists: IntelView['allowLists'];
  readonly explanation: Explanation;
  /** Whether the index that lookups see does not say so yet. */
  readonly isPending: boolean;
}

function matching({ counting, indicators }: Explanation): string {
  const confidence = indicators[0]?.indicator.confidence ?? 0;
  if (counting === 1) return `matches: 1 indicator counts, confidence ${confidence}`;
  return `matches: ${counting} indicators count, best confidence ${confidence}`;
}

function notMatching({ named, reasons }: Explanation): string {
  const [[only] = [undefined]] = reasons;
  if (only === undefined) return 'does not match: no indicator names it';
  if (named === 1) return `does not match: the only indicator that names it ${reasonTexts[only]}`;
  if (reasons.size === 1) return `does not match: each of the ${named} indicators that name it ${reasonTexts[only]}`;
  const counts = [...reasons].map(([reason, count]) => `${count} ${reason}`).join(', ');
  return `does not match: none of the ${named} indicators that name it counts (${counts})`;
}

function namesOf(lists: IntelView['allowLists']): string {
  const names = lists.map(({ name }) => name).join(', ');
  return lists.length === 1 ? `allow list ${names}` : `allow lists ${names}`;
}

/** What the indicators make of it, and the allow lists of that. */
function matchVerdict({ allowLists, explanation }: Pick<VerdictInput, 'allowLists' | 'explanation'>): string {
  if (explanation.counting === 0) return notMatching(explanation);
  const dropping = allowLists.filter(({ action }) => action === 'drop');
  if (dropping.length > 0) {
    const counting = explanation.counting === 1 ? '1 indicator counts' : `${explanation.counting} indicators count`;
    return `does not match: ${counting}, but it lies under ${namesOf(dropping)}, where matches are dropped`;
  }
  if (allowLists.length === 0) return matching(explanation);
  return `${matching(explanation)}; under ${namesOf(allowLists)}, so SEVERITY_POLICY may lower the alert`;
}

/** Why an address matches or does not, in one line that follows the address. */
export function verdictOf({ readiness, excludedBy, isPending, ...found }: VerdictInput): string {
  if (excludedBy !== null) return `is never looked up: it lies in ${excludedBy} of EXCLUDED_RANGES`;
  if (!readiness.ready) return `is not looked up here: ${readiness.reason}`;
  const verdict = matchVerdict(found);
  return isPending ? `${verdict}; lookups will see it once the next index is built` : verdict;
}
