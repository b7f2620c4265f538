import type { Address, AddressRange } from '../core/address.ts';
import type { Alert, AlertActivity, AlertIndicator, Corroboration, SignInEvidence } from '../core/alert/alert.ts';
import type { Row } from '../core/alert/row.ts';
import type { DeadLetter } from '../core/ports.ts';
import type { HealthReport, Readiness } from './health-report.ts';

/** What one pane of a window holds. */
export interface PaneCounts {
  /** The boundary that closes the pane, ISO 8601 UTC: the pane covers the hop before it, itself included. */
  readonly hour: string;
  readonly operations: number;
  readonly userSignins: number;
  readonly spSignins: number;
}

/** A window as the API shows it. For a candidate the columns that indicators give are "" and 0. */
export interface WindowItem {
  readonly caller: string;
  readonly ip: string;
  readonly row: Row;
  readonly indicators: readonly AlertIndicator[];
  readonly corroboration: Corroboration;
  readonly panes: readonly PaneCounts[];
}

export const windowSortKeys = ['lastSeen', 'firstSeen', 'operations', 'confidence', 'caller', 'ip'] as const;
export type WindowSortKey = (typeof windowSortKeys)[number];

export interface WindowSort {
  readonly key: WindowSortKey;
  readonly descending: boolean;
}

/** Where a page ended: its last window under the sort. Pages stay whole while windows come and go. */
export interface WindowCursor {
  readonly sort: WindowSort;
  readonly value: string | number;
  readonly caller: string;
  readonly ip: string;
}

export interface WindowsQuery {
  /** Without regard to case; "" is a caller of its own, null is any. */
  readonly caller: string | null;
  readonly ip: AddressRange | null;
  readonly matched: boolean | null;
  readonly corroborated: boolean | null;
  /** Whether windows that no indicator matches are listed too. */
  readonly candidates: boolean;
  readonly sort: WindowSort;
  readonly limit: number;
  readonly cursor: WindowCursor | null;
}

export interface WindowsPage {
  readonly windowStart: string;
  readonly windowEnd: string;
  readonly asOf: string;
  readonly items: readonly WindowItem[];
  readonly nextCursor: WindowCursor | null;
}

/** Everything about one address; empty lists for an unknown one. */
export interface AddressView {
  readonly ip: string;
  readonly windowStart: string;
  readonly windowEnd: string;
  readonly asOf: string;
  /** Whether the address lies in EXCLUDED_RANGES, so that nothing is ever kept of it. */
  readonly excluded: boolean;
  readonly indicators: readonly AlertIndicator[];
  readonly windows: readonly WindowItem[];
  readonly signIns: readonly SignInEvidence[];
  /** Set when the address was evicted within the lookback: counts miss what came before. */
  readonly partial: null | { readonly before: string };
}

export interface FlushRecord {
  readonly windowEnd: string;
  readonly ranAt: string;
  readonly rows: number;
  readonly alerts: number;
  readonly complete: boolean;
  /** Partitions that were not waited for any longer. */
  readonly lagging: readonly string[];
  readonly durationMs: number;
}

/** How many flushes are remembered. */
export const flushesMax = 48;

export interface AlertsQuery {
  readonly caller: string | null;
  readonly ip: AddressRange | null;
  readonly activity: AlertActivity | null;
  readonly limit: number;
}

/** What the API shows. Synchronous where the answer is state: one answer is one consistent cut. */
export interface ServiceViews {
  health(): HealthReport;
  ready(): Readiness;
  metrics(): Promise<{ readonly contentType: string; readonly body: string }>;
  windows(query: WindowsQuery): WindowsPage;
  address(address: Address): AddressView;
  /** Newest first. */
  flushes(): readonly FlushRecord[];
  /** Newest first. */
  alerts(query: AlertsQuery): readonly Alert[];
  /** Newest first. */
  deadLetters(limit: number): Promise<readonly DeadLetter[]>;
}
