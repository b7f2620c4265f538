import type { DecodedMessage } from '../core/decode/decoded.ts';
import type { Tally } from '../core/tally.ts';
import type { Metrics } from './metrics.ts';

/** Turns what the core says it did into metrics. */
export function observeTally(metrics: Metrics, tally: Tally, messages: readonly DecodedMessage[]): void {
  for (const [stream, outcome, count] of tally.records())
    metrics.increment('tidewatch_records_total', { stream, outcome }, count);
  for (const [stream, result, count] of tally.lookups())
    metrics.increment('tidewatch_lookups_total', { stream, result }, count);
  for (const [list, action, count] of tally.allowListHits())
    metrics.increment('tidewatch_allow_list_hits_total', { list, action }, count);
  for (const [stream, count] of tally.unidentified())
    metrics.increment('tidewatch_unidentified_records_total', { stream }, count);
  for (const ms of tally.eventToAlertMs)
    metrics.observe('tidewatch_event_to_alert_seconds', {}, Math.max(0, ms / 1000));
  for (const { deadLetters } of messages)
    for (const { reason } of deadLetters) metrics.increment('tidewatch_dead_letters_total', { reason });
}
