import type { Clock } from '../core/ports.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { DeliveryOptions } from './deliver.ts';

/** Counts what becomes of deliveries. */
export function deliveryMetrics(
  metrics: Metrics,
  clock: Clock,
): Pick<DeliveryOptions, 'onDelivered' | 'onSkipped' | 'onFailed' | 'onUndelivered'> {
  return {
    onDelivered: (sink, alerts) => {
      metrics.increment('tidewatch_outbox_deliveries_total', { sink }, alerts.length);
      for (const { emittedAt } of alerts) {
        const seconds = Math.max(0, (clock.now() - Date.parse(emittedAt)) / 1000);
        metrics.observe('tidewatch_delivery_seconds', { sink }, seconds);
      }
    },
    onSkipped: (sink, count) => metrics.increment('tidewatch_outbox_skipped_total', { sink }, count),
    onFailed: (sink) => metrics.increment('tidewatch_outbox_failures_total', { sink }),
    onUndelivered: (sink, reason, count) =>
      metrics.increment('tidewatch_outbox_dead_letters_total', { sink, reason }, count),
  };
}
