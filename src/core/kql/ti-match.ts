import { strictestTlp } from '../intel/tlp.ts';
import type { AddressCase, Evaluation } from './address-case.ts';
import { isTermSeen, meets } from './ti-term.ts';
import { compareVersions, confidenceOf, isActive, tlpOf, type TiVersion } from './ti-version.ts';

/** The columns of a row that come from threat intelligence. */
export interface TiMatch {
  readonly ThreatType: string;
  readonly TI_Description: string;
  readonly ConfidenceScore: number;
  readonly ActivityGroupNames: string;
  readonly TLPLevel: string;
}

/** `tostring()` of a dynamic column: JSON text, "" when absent. */
function jsonText(list: readonly string[]): string {
  return list.length === 0 ? '' : JSON.stringify(list);
}

/**
 * The rule's TIIPIndicators for one text of an address, null when no indicator matches it. To the letter `any()` may be
 * any row; here it is the first, in the order in which the versions were given.
 */
export function matchOf(
  text: string,
  { terms, address, canonical }: AddressCase,
  evaluation: Evaluation,
): TiMatch | null {
  const { at, repairs, options } = evaluation;
  const met = new Set<TiVersion>();
  for (const term of terms) {
    if (met.has(term.version) || !isTermSeen(term, at, repairs)) continue;
    if (!meets(term, text, canonical, address, repairs)) continue;
    if (isActive(term.version, at, options.minConfidence, repairs)) met.add(term.version);
  }
  const versions = [...met].sort((a, b) => a.order - b.order);
  const [first] = versions;
  if (first === undefined) return null;
  const best = repairs.has('best-indicator')
    ? versions.reduce((a, b) => (compareVersions(b, a, repairs) < 0 ? b : a))
    : first;
  const tlp = repairs.has('tlp-strictest')
    ? strictestTlp(versions.map((version) => tlpOf(version, repairs)))
    : tlpOf(first, repairs);
  return {
    ThreatType: jsonText(best.indicator.types),
    TI_Description: best.indicator.description,
    ConfidenceScore: Math.max(...versions.map((version) => confidenceOf(version, repairs) ?? 0)),
    ActivityGroupNames: jsonText(best.indicator.labels),
    TLPLevel: tlp,
  };
}
