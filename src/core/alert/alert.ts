import type { SignInKind } from '../observation.ts';
import type { AlertLinks } from './links.ts';
import type { Row } from './row.ts';
import type { AlertSilence } from './silence.ts';

export const rule = {
  name: 'Azure - Threat Intelligence Match on Management Plane Caller IP (STIX)',
  severity: 'High',
  tactics: ['InitialAccess', 'Persistence', 'Impact'],
  techniques: ['T1078', 'T1098', 'T1496'],
} as const;

/** Microsoft Sentinel's levels, the least first. */
export const severities = ['Informational', 'Low', 'Medium', 'High'] as const;
export type Severity = (typeof severities)[number];

export type AlertActivity = 'create' | 'update' | 'close';

/** Each slot is used at most once per finding and window end, so an id names one emission. */
export type AlertSlot = 'match' | 'flush' | 'withdraw' | 'expired';

export type CloseReason =
  | 'window-empty'
  | 'indicator-revoked'
  | 'indicator-expired'
  | 'indicator-lowered'
  | 'indicator-deleted'
  | 'allow-listed';

/** How well the sign-ins from the address corroborate the activity. */
export const corroborationGrades = ['same-principal', 'other-principal', 'undetermined', 'none'] as const;
export type CorroborationGrade = (typeof corroborationGrades)[number];

export interface SignInEvidence {
  readonly kind: SignInKind;
  readonly principal: string;
  readonly objectId: string;
  readonly app: string;
  readonly count: number;
  readonly first: string;
  readonly last: string;
}

export interface Corroboration {
  readonly grade: CorroborationGrade;
  readonly evidence: readonly SignInEvidence[];
}

export interface AlertIndicator {
  readonly id: string;
  readonly source: string;
  /** Who made it: the name of the identity that created_by_ref names; "" when unknown. */
  readonly sourceName: string;
  /** Times the weight of the feed, and as far as it had decayed when it was judged. */
  readonly confidence: number;
  readonly modified: string;
  readonly validFrom: string | null;
  readonly validUntil: string | null;
  /** "" when TLP:RED withholds it, and so is `value`. */
  readonly pattern: string;
  readonly value: string;
  readonly types: readonly string[];
  readonly labels: readonly string[];
  readonly tlp: string;
  readonly actors: readonly string[];
}

/** The alert document, schemaVersion 1; its JSON Schema is deploy/reference/alert.schema.json. */
export interface Alert {
  readonly schemaVersion: 1;
  readonly id: string;
  readonly findingKey: string;
  readonly emittedAt: string;
  readonly rule: typeof rule;
  /** The severity of the rule after SEVERITY_POLICY. */
  readonly severity: Severity;
  readonly activity: AlertActivity;
  readonly closeReason?: CloseReason;
  readonly caller: string;
  readonly ip: string;
  readonly windowStart: string;
  readonly windowEnd: string;
  readonly row: Row;
  readonly indicators: readonly AlertIndicator[];
  readonly corroboration: Corroboration;
  /** Names of the allow lists that cover the address. */
  readonly allowLists: readonly string[];
  /** Columns whose sets were cut, in the order of the row. */
  readonly truncated: readonly string[];
  readonly late: boolean;
  readonly backfill: boolean;
  readonly partial: null | { readonly before: string };
  readonly incomplete: null | { readonly partitions: readonly string[] };
  /**
   * The silence that keeps it from sinks that skip what is silenced. A close is silenced when all that was told of the
   * finding since it opened was, whatever silences there are by then.
   */
  readonly silenced: null | AlertSilence;
  readonly indexVersion: string;
  readonly links: AlertLinks;
}
