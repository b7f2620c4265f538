import type { Address, AddressRange } from '../core/address.ts';
import type { Alert, AlertActivity, AlertIndicator, Corroboration, SignInEvidence } from '../core/alert/alert.ts';
import type { Row } from '../core/alert/row.ts';
import type { AllowAction } from '../core/intel/allow-lists.ts';
import type { ExplanationReason } from '../core/intel/explanation.ts';
import type { SkipReason } from '../core/intel/indicator.ts';
import type { SkippedCursor, SkippedQuery } from '../core/intel/skipped-list.ts';
import type { DeadLetter } from '../core/ports.ts';
import type { HealthReport, Readiness } from './health-report.ts';
import type { SilenceItem, SilencesView } from './silence-views.ts';

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
  /** The silence that covers it now. */
  readonly silenced: Alert['silenced'];
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

/** A shard of the sharded topology, and how what an answer tells of it came to be known. */
export interface ShardView {
  /** Id of the shard, which is that of its partition of CORRELATION_HUB. */
  readonly shard: string;
  /** Name of the process that holds it, else of the one that held it last; null when none is known. */
  readonly owner: string | null;
  /** Who holds it, seen from the replica that answers; unknown to one that only routes. */
  readonly held: 'here' | 'elsewhere' | 'nobody' | 'unknown';
  /** Of when it is told: now where it is held here, else when its summary was written; null when nothing is told. */
  readonly asOf: string | null;
  readonly ageSeconds: number | null;
  /** Windows of matched addresses that its summary had no room for. */
  readonly leftOut: number;
  /** Why nothing is told of it, or nothing newer; null when nothing is wrong. */
  readonly problem: string | null;
}

/** What an answer says of the shards that it was put together from; absent in the standalone topology. */
interface OfShards {
  readonly shards?: readonly ShardView[];
}

export interface WindowsPage extends OfShards {
  readonly windowStart: string;
  readonly windowEnd: string;
  readonly asOf: string;
  readonly items: readonly WindowItem[];
  readonly nextCursor: WindowCursor | null;
  /** Shards whose candidates were asked for and cannot be listed, as other replicas hold them. */
  readonly withoutCandidates?: readonly string[];
}

/** Everything about one address; empty lists for an unknown one. */
export interface AddressView extends OfShards {
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

/** One address or range by which an indicator names the address. */
export interface IntelObservable {
  /** As written in the pattern. */
  readonly value: string;
  /** As CIDR, or as an address. */
  readonly range: string;
  readonly validFrom: string | null;
  readonly validUntil: string;
  readonly counts: boolean;
  /** Why it does not count; null when it does. */
  readonly reason: ExplanationReason | null;
}

/** An indicator that is held and names the address, whether it counts or not. */
export interface IntelIndicator {
  readonly source: string;
  readonly id: string;
  /** Who made it; "" when unknown. */
  readonly sourceName: string;
  readonly counts: boolean;
  readonly reason: ExplanationReason | null;
  /** Those that count first. */
  readonly observables: readonly IntelObservable[];
  /** Times the weight of the feed, and as far as it has decayed. */
  readonly confidence: number | null;
  /** What the feed says, or lends it. */
  readonly statedConfidence: number | null;
  readonly modified: string;
  readonly validFrom: string | null;
  readonly validUntil: string;
  /** Whether the source set `validUntil`; else INDICATOR_MAX_AGE does. */
  readonly validUntilGiven: boolean;
  readonly revoked: boolean;
  /** Its feed revokes it, and has no allowRevocation. */
  readonly revocationIgnored: boolean;
  /** Cut where it is long, and shown also of TLP:RED: this page is no sink. */
  readonly description: string;
  /** Cut where it is long; "" where none is kept. */
  readonly pattern: string;
  readonly types: readonly string[];
  readonly labels: readonly string[];
  readonly tlp: string;
  readonly actors: readonly string[];
  /** Why it, or a part of it, is not indexed. */
  readonly skipped: readonly SkipReason[];
}

/** Why an address matches or not; of one moment. */
export interface IntelView extends Omit<AddressView, 'indicators'> {
  readonly verdict: string;
  readonly matches: boolean;
  /** The block of EXCLUDED_RANGES that holds the address; null when none does. */
  readonly excludedBy: string | null;
  /** The allow lists that cover the address: one that drops lets no indicator match. */
  readonly allowLists: readonly { readonly name: string; readonly action: AllowAction }[];
  /** How its windows are held: pinned when an indicator matches, candidate when none does, unknown without any. */
  readonly standing: 'pinned' | 'candidate' | 'unknown';
  readonly indexVersion: string;
  /** How many indicators name the address, and how many of them count. */
  readonly named: number;
  readonly counting: number;
  /** Those that count first; at most 100. */
  readonly indicators: readonly IntelIndicator[];
}

/** What became of the indicators of a feed at the last build of the index. */
export interface FeedIntel {
  readonly source: string;
  readonly held: number;
  readonly indexed: number;
  readonly skipped: Partial<Readonly<Record<SkipReason, number>>>;
  /** Of those under invalid_object, objects without an id or a version: they cannot be listed. */
  readonly unidentified: number;
  /** Indicators that the feed revokes and that go on, as it has no allowRevocation. */
  readonly revocationsIgnored: number;
}

/** An indicator that is not indexed, or not with all of its pattern. */
export interface SkippedItem {
  readonly source: string;
  readonly id: string;
  readonly reasons: readonly SkipReason[];
  readonly modified: string;
  readonly confidence: number | null;
  /** Cut where it is long; "" where none is kept, as of one that names no address. */
  readonly pattern: string;
}

export interface SkippedView {
  readonly asOf: string;
  readonly feeds: readonly FeedIntel[];
  /** In the order of feed and id. */
  readonly items: readonly SkippedItem[];
  readonly nextCursor: SkippedCursor | null;
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
  /** The shard that ran it; absent in the standalone topology. */
  readonly shard?: string;
}

export interface FlushesPage extends OfShards {
  /** Newest first. */
  readonly items: readonly FlushRecord[];
}

export interface AlertsPage extends OfShards {
  /** Newest first. */
  readonly items: readonly Alert[];
}

/** How many flushes are remembered. */
export const flushesMax = 48;

export interface AlertsQuery {
  readonly caller: string | null;
  readonly ip: AddressRange | null;
  readonly activity: AlertActivity | null;
  readonly silenced: boolean | null;
  readonly limit: number;
}

/** An answer at once, or one that first has to be read. */
export type Awaitable<Result> = Result | Promise<Result>;

/**
 * What the API shows. Where the answer is state of this process, it is one consistent cut; what other replicas hold is
 * read before it.
 */
export interface ServiceViews {
  health(): Awaitable<HealthReport>;
  ready(): Readiness;
  metrics(): Promise<{ readonly contentType: string; readonly body: string }>;
  windows(query: WindowsQuery): Awaitable<WindowsPage>;
  address(address: Address): Awaitable<AddressView>;
  /** Names of the configured feeds. */
  feeds(): readonly string[];
  /** Of the moment it begins at, though it lets others have their turn. */
  intel(address: Address): Promise<IntelView>;
  /** As intel(). */
  skipped(query: SkippedQuery): Promise<SkippedView>;
  flushes(): Awaitable<FlushesPage>;
  alerts(query: AlertsQuery): Awaitable<AlertsPage>;
  silences(withEnded: boolean): SilencesView;
  /** One in force or ended; null when none is known. */
  silence(id: string): SilenceItem | null;
  /** Newest first. */
  deadLetters(limit: number): Promise<readonly DeadLetter[]>;
}
