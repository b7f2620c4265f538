import type { Alert } from '../alert/alert.ts';
import type { SilenceSummary } from '../alert/silences.ts';
import type { Position } from '../ports.ts';

/** The mark of an origin with what a source needs to go on behind it. */
export interface StoredPosition extends Position {
  readonly origin: string;
  /** Index of the last raw record taken of the message. */
  readonly index: number;
}

/** An alert in the outbox with its number there. */
export interface NumberedAlert {
  readonly number: number;
  readonly alert: Alert;
}

/** Everything of a shard that is small, written whole at each cut, as plain data that JSON carries. */
export interface ShardSummary extends SilenceSummary {
  readonly lookbackMs: number;
  readonly hopMs: number;
  readonly boundary: number;
  readonly firstBoundary: number;
  /** −∞ is null. */
  readonly seesSince: number | null;
  readonly warmUntil: number | null;
  readonly additions: number;
  readonly overflowed: number;
  readonly inexact: number;
  readonly anyEvictedUpTo: number | null;
  readonly positions: readonly StoredPosition[];
  readonly watermarks: readonly (readonly [string, number])[];
  /** Number of the last alert emitted, and up to which number each sink has taken them. */
  readonly lastAlert: number;
  readonly taken: readonly (readonly [string, number])[];
  readonly emitted: Readonly<Record<Alert['activity'], number>>;
  /** Of them those that a silence covered; absent in what was written before there were silences. */
  readonly silenced?: Readonly<Record<Alert['activity'], number>>;
}
