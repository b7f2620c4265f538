import { correlationErrorCodes } from '../core/correlation-sender.ts';
import { silenceOrigins } from '../core/alert/silence.ts';
import { deadLetterReasons } from '../core/decode/decoded.ts';
import { allowActions } from '../core/intel/allow-lists.ts';
import { skipReasons } from '../core/intel/indicator.ts';
import { sourceErrorCodes } from '../core/source-error-code.ts';
import { evictionReasons, lookupResults, recordOutcomes, recordStreams } from '../core/outcome.ts';

/** Values of a label: a closed set, or what names one of an open set that the configuration bounds. */
export type LabelValues = readonly string[] | { readonly each: string };

export interface Definition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: Readonly<Record<string, LabelValues>>;
  /** Upper bounds of a histogram's buckets, ascending. */
  readonly buckets?: readonly number[];
}

/** Bounded in-memory collections beside the windows; counted in items, what is routed in bytes. */
const boundNames = [
  'deferred',
  'outbox',
  'eviction_marks',
  'indicators',
  'recent_alerts',
  'silences',
  'routed',
] as const;

/** What window memory is spent on. */
const windowMemoryKinds = ['candidate', 'pinned', 'deduplicate'] as const;

const feed = { each: 'name of a feed' };
const list = { each: 'name of an allow list' };
const hub = { each: 'name of a hub' };
const partition = { each: 'partition id' };
const sink = { each: 'name of a sink' };

const feedErrorCodes = [
  'unauthorized',
  'not_found',
  'unreachable',
  'invalid_answer',
  'too_large',
  'rate_limited',
  'no_progress',
] as const;

/**
 * Every metric of the service, declared once: instruments, types and deploy/reference/metrics.md derive from this table.
 * Names follow the Prometheus conventions (https://prometheus.io/docs/practices/naming/). No label carries a caller or
 * an address.
 */
export const definitions = {
  tidewatch_records_total: {
    type: 'counter',
    help: 'Raw records delivered, by stream and by what became of them; each record has exactly one outcome.',
    labels: { stream: recordStreams, outcome: recordOutcomes },
  },
  tidewatch_unidentified_records_total: {
    type: 'counter',
    help: 'Records that lack the parts of an identity and so count each time they arrive.',
    labels: { stream: recordStreams },
  },
  tidewatch_lookups_total: {
    type: 'counter',
    help: 'Caller addresses looked up in the indicator index, by result.',
    labels: { stream: recordStreams, result: lookupResults },
  },
  tidewatch_alerts_total: {
    type: 'counter',
    help: 'Alerts emitted, by activity.',
    labels: { activity: ['create', 'update', 'close'] },
  },
  tidewatch_alerts_silenced_total: {
    type: 'counter',
    help: 'Alerts emitted under a silence, by activity; tidewatch_alerts_total counts them too.',
    labels: { activity: ['create', 'update', 'close'] },
  },
  tidewatch_silences: {
    type: 'gauge',
    help: 'Silences in force, by where they were declared.',
    labels: { origin: silenceOrigins },
  },
  tidewatch_flushes_total: {
    type: 'counter',
    help: 'Flushes run, by whether every partition had been read up to their cut.',
    labels: { complete: ['true', 'false'] },
  },
  tidewatch_flush_duration_seconds: {
    type: 'histogram',
    help: 'How long a flush took to judge its windows.',
    labels: {},
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
  },
  tidewatch_event_to_alert_seconds: {
    type: 'histogram',
    help: 'From the event time of the record that first matched to the moment its alert was emitted.',
    labels: {},
    buckets: [1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400],
  },
  tidewatch_dead_letters_total: {
    type: 'counter',
    help: 'Records kept as dead letters, by reason.',
    labels: { reason: deadLetterReasons },
  },
  tidewatch_dead_letters_dropped_total: {
    type: 'counter',
    help: 'Dead letters dropped because their store was full.',
    labels: {},
  },
  tidewatch_indicators: {
    type: 'gauge',
    help: 'Indicators indexed, by feed and by what they name; one that names several kinds counts under each.',
    labels: { feed, kind: ['ipv4', 'ipv6', 'range'] },
  },
  tidewatch_indicators_skipped: {
    type: 'gauge',
    help: 'Indicators that cannot match, wholly or in part, by reason.',
    labels: { feed, reason: skipReasons },
  },
  tidewatch_revocations_ignored: {
    type: 'gauge',
    help: 'Indicators that a feed without allowRevocation revokes, and that go on.',
    labels: { feed },
  },
  tidewatch_feed_last_success_timestamp_seconds: {
    type: 'gauge',
    help: 'When a feed last answered, in seconds since 1970.',
    labels: { feed },
  },
  tidewatch_feed_failures_total: {
    type: 'counter',
    help: 'Polls of a feed that failed, by code.',
    labels: { feed, code: feedErrorCodes },
  },
  tidewatch_allow_list_hits_total: {
    type: 'counter',
    help: 'Caller addresses looked up that an indicator matches and an allow list covers, also those that the list drops.',
    labels: { list, action: allowActions },
  },
  tidewatch_allow_list_entries: {
    type: 'gauge',
    help: 'Addresses and ranges of an allow list that are in force.',
    labels: { list },
  },
  tidewatch_allow_list_skipped: {
    type: 'gauge',
    help: 'Entries of an allow list that are no address and no range.',
    labels: { list },
  },
  tidewatch_source_errors: {
    type: 'gauge',
    help: 'Hubs, partitions and storage accounts that cannot be read or written now, by the code of their newest error.',
    labels: { code: sourceErrorCodes },
  },
  tidewatch_partition_lag_events: {
    type: 'gauge',
    help: 'Events enqueued and not yet taken.',
    labels: { hub, partition },
  },
  tidewatch_partition_lag_seconds: {
    type: 'gauge',
    help: 'Age of the oldest event not yet taken.',
    labels: { hub, partition },
  },
  tidewatch_watermark_delay_seconds: {
    type: 'gauge',
    help: 'How far the least watermark of all partitions trails the clock.',
    labels: {},
  },
  tidewatch_windows: {
    type: 'gauge',
    help: 'Windows held, one a pair of caller and address, by whether an indicator matches the address.',
    labels: { state: ['pinned', 'candidate'] },
  },
  tidewatch_window_bytes_used: {
    type: 'gauge',
    help: 'Bytes that windows and record identities take.',
    labels: { kind: windowMemoryKinds },
  },
  tidewatch_window_bytes_limit: {
    type: 'gauge',
    help: 'Most bytes that windows and record identities may take.',
    labels: { kind: windowMemoryKinds },
  },
  tidewatch_bound_used: {
    type: 'gauge',
    help: 'Size of a bounded collection, in items; of routed in bytes.',
    labels: { bound: boundNames },
  },
  tidewatch_bound_limit: {
    type: 'gauge',
    help: 'Most that a bounded collection may hold, in items; of routed in bytes.',
    labels: { bound: boundNames },
  },
  tidewatch_evictions_total: {
    type: 'counter',
    help: 'State given up before its window ended, by the bound that was reached.',
    labels: { reason: evictionReasons },
  },
  tidewatch_commits_total: {
    type: 'counter',
    help: 'Commits of the state.',
    labels: {},
  },
  tidewatch_shards: {
    type: 'gauge',
    help: 'Shards of the sharded topology, by who holds them, seen from this replica.',
    labels: { state: ['held', 'elsewhere', 'nobody'] },
  },
  tidewatch_shard_watermark_delay_seconds: {
    type: 'gauge',
    help: 'How far the least watermark of all source partitions trails the clock in a shard that this replica holds.',
    labels: { shard: { each: 'id of a shard' } },
  },
  tidewatch_routed_events_total: {
    type: 'counter',
    help: 'Events that the correlation hub acknowledged, of a router half.',
    labels: {},
  },
  tidewatch_routed_bytes_total: {
    type: 'counter',
    help: 'Bytes of the events that the correlation hub acknowledged.',
    labels: {},
  },
  tidewatch_routed_failures_total: {
    type: 'counter',
    help: 'Sends to the correlation hub that failed and were repeated.',
    labels: { code: correlationErrorCodes },
  },
  tidewatch_commit_bytes_total: {
    type: 'counter',
    help: 'Bytes written by commits, as stored.',
    labels: {},
  },
  tidewatch_state_age_seconds: {
    type: 'gauge',
    help: 'Age of the last committed state.',
    labels: {},
  },
  tidewatch_outbox_deliveries_total: {
    type: 'counter',
    help: 'Alerts that a sink took.',
    labels: { sink },
  },
  tidewatch_outbox_skipped_total: {
    type: 'counter',
    help: 'Silenced alerts that a sink was not told of, by its setting.',
    labels: { sink },
  },
  tidewatch_outbox_failures_total: {
    type: 'counter',
    help: 'Deliveries to a sink that failed and are retried.',
    labels: { sink },
  },
  tidewatch_outbox_dead_letters_total: {
    type: 'counter',
    help: 'Alerts that became dead letters in place of a delivery, by reason.',
    labels: { sink, reason: ['refused', 'too_large', 'outbox_full'] },
  },
  tidewatch_outbox_waiting: {
    type: 'gauge',
    help: 'Alerts that wait for a sink.',
    labels: { sink },
  },
  tidewatch_outbox_oldest_seconds: {
    type: 'gauge',
    help: 'Age of the oldest alert that waits for a sink, 0 when none does.',
    labels: { sink },
  },
  tidewatch_delivery_seconds: {
    type: 'histogram',
    help: 'From the emission of an alert to the moment a sink took it.',
    labels: { sink },
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1800, 7200],
  },
  tidewatch_build_info: {
    type: 'gauge',
    help: 'Always 1; the labels name the running version.',
    labels: { version: { each: 'version of the service' }, node: { each: 'version of Node.js' } },
  },
} as const satisfies Readonly<Record<string, Definition>>;

/**
 * The share of looked-up addresses that an indicator matched over the last five minutes. The documentation shows it and
 * `npm run verify:prometheus` holds a real Prometheus to it.
 */
export const matchRateExpression =
  'sum(rate(tidewatch_lookups_total{result="hit"}[5m])) / sum(rate(tidewatch_lookups_total[5m]))';
