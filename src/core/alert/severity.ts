import type { Tlp } from '../intel/indicator.ts';
import { type CorroborationGrade, severities, type Severity } from './alert.ts';

/** When a step of the policy applies: every condition that is given must hold. */
export interface SeverityCondition {
  /** Whether an allow list covers the address. */
  readonly allowListed?: boolean;
  /** Grades of the corroboration, one of which it must have. */
  readonly grade?: readonly CorroborationGrade[];
  /** Of the best indicator, 0 to 100. */
  readonly confidenceBelow?: number;
  readonly confidenceAtLeast?: number;
  /** Strictest markings of the indicators, one of which it must be; "" is none. */
  readonly tlp?: readonly Tlp[];
}

/** A change of the severity, in levels: negative lowers. */
export interface SeverityStep {
  readonly when: SeverityCondition;
  readonly change: number;
}

export type SeverityPolicy = readonly SeverityStep[];

/** What the policy asks about. */
export interface SeverityFacts {
  readonly allowListed: boolean;
  readonly grade: CorroborationGrade;
  readonly confidence: number;
  readonly tlp: string;
}

function holds(when: SeverityCondition, { allowListed, grade, confidence, tlp }: SeverityFacts): boolean {
  if (when.allowListed !== undefined && when.allowListed !== allowListed) return false;
  if (when.grade !== undefined && !when.grade.includes(grade)) return false;
  if (when.confidenceBelow !== undefined && confidence >= when.confidenceBelow) return false;
  if (when.confidenceAtLeast !== undefined && confidence < when.confidenceAtLeast) return false;
  return when.tlp === undefined || when.tlp.some((level) => level === tlp);
}

/** The severity after every step that applies: their changes add up, and the sum ends at the least and the greatest level. */
export function severityAfter(severity: Severity, policy: SeverityPolicy, facts: SeverityFacts): Severity {
  const changes = policy.filter(({ when }) => holds(when, facts)).map(({ change }) => change);
  const level = changes.reduce((sum, change) => sum + change, severities.indexOf(severity));
  return severities[Math.min(Math.max(level, 0), severities.length - 1)] ?? severity;
}

/** Whether one severity is above another. */
export function isAbove(severity: Severity, other: Severity): boolean {
  return severities.indexOf(severity) > severities.indexOf(other);
}
