import { rule, type Severity } from './alert.ts';
import type { Judgement } from './judge.ts';
import { severityAfter, type SeverityPolicy } from './severity.ts';

/** A judgement with what the allow lists and the severity policy make of it. */
export interface RatedJudgement extends Judgement {
  readonly severity: Severity;
  /** Names of the allow lists that cover the address. */
  readonly allowLists: readonly string[];
}

/** Rates a judgement; one that was rated before is rated anew, by the lists as they are now. */
export function rate(judgement: Judgement, allowLists: readonly string[], policy: SeverityPolicy): RatedJudgement {
  const { row, corroboration } = judgement;
  const facts = {
    allowListed: allowLists.length > 0,
    grade: corroboration.grade,
    confidence: row.ConfidenceScore,
    tlp: row.TLPLevel,
  };
  return { ...judgement, severity: severityAfter(rule.severity, policy, facts), allowLists };
}
