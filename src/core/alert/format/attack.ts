import type { rule } from '../alert.ts';

export type Tactic = (typeof rule.tactics)[number];
export type Technique = (typeof rule.techniques)[number];

/** Tactics of MITRE ATT&CK (Enterprise) by the names that Microsoft Sentinel gives them. */
export const attackTactics: Readonly<Record<Tactic, { readonly id: string; readonly name: string }>> = {
  InitialAccess: { id: 'TA0001', name: 'Initial Access' },
  Persistence: { id: 'TA0003', name: 'Persistence' },
  Impact: { id: 'TA0040', name: 'Impact' },
};

/** Techniques of MITRE ATT&CK (Enterprise), each with the tactic of the rule that it serves. */
export const attackTechniques: Readonly<Record<Technique, { readonly name: string; readonly tactic: Tactic }>> = {
  T1078: { name: 'Valid Accounts', tactic: 'InitialAccess' },
  T1098: { name: 'Account Manipulation', tactic: 'Persistence' },
  T1496: { name: 'Resource Hijacking', tactic: 'Impact' },
};
