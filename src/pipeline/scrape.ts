import { silenceOrigins } from '../core/alert/silence.ts';
import type { Engine } from '../core/engine.ts';
import type { FeedCounts } from '../core/intel/feed-counts.ts';
import type { PartitionStatus, SourceError } from '../core/ports.ts';
import type { SourceErrorCode } from '../core/source-error-code.ts';
import type { Scrape } from '../telemetry/metrics.ts';
import { engineBounds } from './bounds.ts';
import type { AllowListStatus } from './allow-list-refresh.ts';
import type { FeedStatus } from './feed-status.ts';
import type { DeadLetterStatus, SinkStatus } from './health-input.ts';
import type { ShardTotals } from './shard-totals.ts';

/** What a scrape reads at its moment. */
export interface ScrapeInput {
  readonly nowMs: number;
  /** Those of the shards that are held here. */
  readonly engines: readonly Engine[];
  /** What they and those that were let go have counted since this process began. */
  readonly totals: ShardTotals;
  readonly partitions: readonly PartitionStatus[];
  /** Errors that belong to no single partition. */
  readonly sourceErrors: readonly SourceError[];
  readonly feeds: readonly FeedStatus[];
  readonly allowLists: readonly AllowListStatus[];
  readonly feedCounts: readonly FeedCounts[];
  readonly deadLetters: DeadLetterStatus;
  readonly sinks: readonly SinkStatus[];
  readonly indicatorsHeld: number;
  readonly indicatorsMax: number;
  /** When the last state that is kept was taken; null when there is none. */
  readonly stateTakenMs: number | null;
}

function countPairs(engines: readonly Engine[]): { pinned: number; candidate: number } {
  const pairs = { pinned: 0, candidate: 0 };
  for (const { store } of engines)
    for (const { address, callerCount } of store.all())
      pairs[store.isPinned(address) ? 'pinned' : 'candidate'] += callerCount;
  return pairs;
}

/** Names in the metrics of what health names by its option. */
const windowBounds = {
  CANDIDATE_MAX_BYTES: 'candidate',
  PINNED_MAX_BYTES: 'pinned',
  DEDUPLICATE_MAX_BYTES: 'deduplicate',
} as const;
const itemBounds = {
  DEFERRED_MAX: 'deferred',
  OUTBOX_MAX: 'outbox',
  EVICTION_MARKS_MAX: 'eviction_marks',
  SILENCES_MAX: 'silences',
} as const;

function isNameOf<Names extends object>(names: Names, option: PropertyKey): option is keyof Names {
  return Object.hasOwn(names, option);
}

function scrapeBounds(scrape: Scrape, engines: readonly Engine[]): void {
  for (const { option, used, limit } of engineBounds(engines)) {
    if (isNameOf(windowBounds, option)) {
      scrape.set('tidewatch_window_bytes_used', { kind: windowBounds[option] }, used);
      scrape.set('tidewatch_window_bytes_limit', { kind: windowBounds[option] }, limit);
    } else if (isNameOf(itemBounds, option)) {
      scrape.set('tidewatch_bound_used', { bound: itemBounds[option] }, used);
      scrape.set('tidewatch_bound_limit', { bound: itemBounds[option] }, limit);
    }
  }
  const recent = engines.reduce((sum, { outbox }) => sum + outbox.recentCount, 0);
  const recentMax = engines.reduce((sum, { options }) => sum + options.recentAlertsMax, 0);
  if (engines.length === 0) return;
  scrape.set('tidewatch_bound_used', { bound: 'recent_alerts' }, recent);
  scrape.set('tidewatch_bound_limit', { bound: 'recent_alerts' }, recentMax);
}

/** Every shard holds those of the file, so they are counted once. */
function scrapeSilences(scrape: Scrape, engines: readonly Engine[], nowMs: number): void {
  const active = engines.map(({ silences }) => silences.active(nowMs));
  for (const origin of silenceOrigins) {
    const counts = active.map((silences) => silences.filter((silence) => silence.origin === origin).length);
    scrape.set('tidewatch_silences', { origin }, Math.max(0, ...counts));
  }
}

/** How far the least watermark of an engine trails, in seconds; null while a partition has none. */
export function watermarkDelay({ watermarks }: Engine, nowMs: number): number | null {
  const least = watermarks.least();
  return least === null ? null : Math.max(0, (nowMs - least) / 1000);
}

function scrapeEngines(scrape: Scrape, { engines, totals, nowMs }: ScrapeInput): void {
  const delays = engines.map((engine) => watermarkDelay(engine, nowMs)).filter((delay) => delay !== null);
  if (delays.length > 0) scrape.set('tidewatch_watermark_delay_seconds', {}, Math.max(...delays));
  const pairs = countPairs(engines);
  scrape.set('tidewatch_windows', { state: 'pinned' }, pairs.pinned);
  scrape.set('tidewatch_windows', { state: 'candidate' }, pairs.candidate);
  scrapeBounds(scrape, engines);
  scrape.total('tidewatch_evictions_total', { reason: 'candidate_bound' }, totals.evicted);
  scrape.total('tidewatch_evictions_total', { reason: 'pinned_bound' }, totals.pinnedBound);
  scrape.total('tidewatch_evictions_total', { reason: 'deduplicate_bound' }, totals.deduplicateBound);
  scrape.total('tidewatch_evictions_total', { reason: 'marks_bound' }, totals.unmarked);
  for (const activity of ['create', 'update', 'close'] as const) {
    scrape.total('tidewatch_alerts_total', { activity }, totals[activity]);
    scrape.total('tidewatch_alerts_silenced_total', { activity }, totals[`silenced ${activity}`]);
  }
  scrapeSilences(scrape, engines, nowMs);
}

function scrapeIntel(
  scrape: Scrape,
  { feeds, feedCounts, allowLists, indicatorsHeld, indicatorsMax }: ScrapeInput,
): void {
  for (const { name, lastSuccessMs } of feeds)
    if (lastSuccessMs !== null)
      scrape.set('tidewatch_feed_last_success_timestamp_seconds', { feed: name }, lastSuccessMs / 1000);
  for (const { source, kinds, skipped, revocationsIgnored } of feedCounts) {
    scrape.set('tidewatch_revocations_ignored', { feed: source }, revocationsIgnored);
    for (const kind of ['ipv4', 'ipv6', 'range'] as const)
      scrape.set('tidewatch_indicators', { feed: source, kind }, kinds[kind]);
    for (const [reason, count] of skipped) scrape.set('tidewatch_indicators_skipped', { feed: source, reason }, count);
  }
  for (const { name, entries, skipped } of allowLists) {
    scrape.set('tidewatch_allow_list_entries', { list: name }, entries);
    scrape.set('tidewatch_allow_list_skipped', { list: name }, skipped);
  }
  scrape.set('tidewatch_bound_used', { bound: 'indicators' }, indicatorsHeld);
  scrape.set('tidewatch_bound_limit', { bound: 'indicators' }, indicatorsMax);
}

function scrapePartitions(scrape: Scrape, partitions: readonly PartitionStatus[]): void {
  for (const { origin, lagEvents, lagSeconds } of partitions) {
    const labels = { hub: origin.hub, partition: origin.partition };
    if (lagEvents !== null) scrape.set('tidewatch_partition_lag_events', labels, lagEvents);
    if (lagSeconds !== null) scrape.set('tidewatch_partition_lag_seconds', labels, lagSeconds);
  }
}

function scrapeErrors(scrape: Scrape, { partitions, sourceErrors }: ScrapeInput): void {
  const errors = [...sourceErrors, ...partitions.map(({ error }) => error).filter((error) => error !== null)];
  const counts = new Map<SourceErrorCode, number>();
  for (const { code } of errors) counts.set(code, (counts.get(code) ?? 0) + 1);
  for (const [code, count] of counts) scrape.set('tidewatch_source_errors', { code }, count);
}

function scrapeSinks(scrape: Scrape, { sinks, nowMs }: ScrapeInput): void {
  for (const { name, waiting, oldestMs } of sinks) {
    scrape.set('tidewatch_outbox_waiting', { sink: name }, waiting);
    const age = oldestMs === null ? 0 : Math.max(0, (nowMs - oldestMs) / 1000);
    scrape.set('tidewatch_outbox_oldest_seconds', { sink: name }, age);
  }
}

/** Writes every metric that is a reading of state rather than a count of what happened. */
export function scrapeState(scrape: Scrape, input: ScrapeInput): void {
  scrapeEngines(scrape, input);
  scrapeIntel(scrape, input);
  scrapePartitions(scrape, input.partitions);
  scrapeErrors(scrape, input);
  scrapeSinks(scrape, input);
  const { nowMs, stateTakenMs } = input;
  if (stateTakenMs !== null) scrape.set('tidewatch_state_age_seconds', {}, Math.max(0, (nowMs - stateTakenMs) / 1000));
  scrape.total('tidewatch_dead_letters_dropped_total', {}, input.deadLetters.dropped);
}
