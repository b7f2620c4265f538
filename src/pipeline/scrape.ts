import { silenceOrigins } from '../core/alert/silence.ts';
import type { Engine } from '../core/engine.ts';
import type { FeedCounts } from '../core/intel/feed-counts.ts';
import type { PartitionStatus, SourceError, SourceErrorCode } from '../core/ports.ts';
import type { Scrape } from '../telemetry/metrics.ts';
import type { AllowListStatus } from './allow-list-refresh.ts';
import type { FeedStatus } from './feed-status.ts';
import type { DeadLetterStatus, SinkStatus } from './health-input.ts';

/** What a scrape reads at its moment. */
export interface ScrapeInput {
  readonly nowMs: number;
  readonly engine: Engine;
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

function countPairs({ store }: Engine): { pinned: number; candidate: number } {
  const pairs = { pinned: 0, candidate: 0 };
  for (const { address, callerCount } of store.all())
    pairs[store.isPinned(address) ? 'pinned' : 'candidate'] += callerCount;
  return pairs;
}

function scrapeEngine(scrape: Scrape, { engine, nowMs }: ScrapeInput): void {
  const { candidateBytes, pinnedBytes, identityBytes, evictionMarks, evicted, refused, unmarked } = engine.store.sizes;
  const { bounds, recentAlertsMax } = engine.options;
  const least = engine.watermarks.least();
  if (least !== null) scrape.set('tidewatch_watermark_delay_seconds', {}, Math.max(0, (nowMs - least) / 1000));
  const pairs = countPairs(engine);
  scrape.set('tidewatch_windows', { state: 'pinned' }, pairs.pinned);
  scrape.set('tidewatch_windows', { state: 'candidate' }, pairs.candidate);
  const memory = [
    ['candidate', candidateBytes, bounds.candidateMaxBytes],
    ['pinned', pinnedBytes, bounds.pinnedMaxBytes],
    ['deduplicate', identityBytes, bounds.deduplicateMaxBytes],
  ] as const;
  for (const [kind, used, limit] of memory) {
    scrape.set('tidewatch_window_bytes_used', { kind }, used);
    scrape.set('tidewatch_window_bytes_limit', { kind }, limit);
  }
  const collections = [
    ['deferred', engine.deferred, bounds.deferredMax],
    ['outbox', engine.outbox.size, bounds.outboxMax],
    ['eviction_marks', evictionMarks, bounds.evictionMarksMax],
    ['recent_alerts', engine.outbox.recentCount, recentAlertsMax],
    ['silences', engine.silences.bound.used, bounds.silencesMax],
  ] as const;
  for (const [bound, used, limit] of collections) {
    scrape.set('tidewatch_bound_used', { bound }, used);
    scrape.set('tidewatch_bound_limit', { bound }, limit);
  }
  scrape.total('tidewatch_evictions_total', { reason: 'candidate_bound' }, evicted);
  scrape.total('tidewatch_evictions_total', { reason: 'pinned_bound' }, engine.overflowed + refused);
  scrape.total('tidewatch_evictions_total', { reason: 'deduplicate_bound' }, engine.inexact);
  scrape.total('tidewatch_evictions_total', { reason: 'marks_bound' }, unmarked);
  for (const activity of ['create', 'update', 'close'] as const) {
    scrape.total('tidewatch_alerts_total', { activity }, engine.outbox.emitted[activity]);
    scrape.total('tidewatch_alerts_silenced_total', { activity }, engine.outbox.silenced[activity]);
  }
  const active = engine.silences.active(nowMs);
  for (const origin of silenceOrigins)
    scrape.set('tidewatch_silences', { origin }, active.filter((silence) => silence.origin === origin).length);
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
  scrapeEngine(scrape, input);
  scrapeIntel(scrape, input);
  scrapePartitions(scrape, input.partitions);
  scrapeErrors(scrape, input);
  scrapeSinks(scrape, input);
  const { nowMs, stateTakenMs } = input;
  if (stateTakenMs !== null) scrape.set('tidewatch_state_age_seconds', {}, Math.max(0, (nowMs - stateTakenMs) / 1000));
  scrape.total('tidewatch_dead_letters_dropped_total', {}, input.deadLetters.dropped);
}
