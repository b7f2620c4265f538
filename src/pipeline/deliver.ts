import type { Outbox } from '../core/alert/outbox.ts';
import type { AlertSink, Clock, Log, RealTime } from '../core/ports.ts';
import type { SinkStatus } from './health-input.ts';

const lookMs = 50;
const batchMax = 100;
const firstRetryMs = 500;
const lastRetryMs = 30_000;

export interface DeliveryOptions {
  readonly outbox: Outbox;
  readonly sink: AlertSink;
  readonly clock: Clock;
  readonly realTime: RealTime;
  readonly log: Log;
  readonly onDelivered: (sink: string, count: number) => void;
  readonly onFailed: (sink: string) => void;
}

/** Brings alerts from the outbox to one sink, in order, until it has taken each. Never in the way of ingest or flush. */
export class Delivery {
  readonly #options: DeliveryOptions;
  #failures = 0;
  #lastError: SinkStatus['lastError'] = null;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  get status(): SinkStatus {
    const { outbox, sink } = this.#options;
    const oldest = outbox.oldestWaiting(sink.name);
    return {
      name: sink.name,
      waiting: outbox.waitingCount(sink.name),
      oldestMs: oldest === null ? null : Date.parse(oldest),
      lastError: this.#lastError,
    };
  }

  async run(signal: AbortSignal): Promise<void> {
    const { realTime } = this.#options;
    while (!signal.aborted) {
      const more = await this.deliverNext();
      if (!more) await realTime.delay(this.#pauseMs(), signal);
    }
  }

  /** Delivers until nothing waits any more, trying again what the sink refuses, at most for `graceMs`. */
  async drain(graceMs: number): Promise<void> {
    const { outbox, sink, realTime } = this.#options;
    const endMs = realTime.nowMs() + graceMs;
    while (outbox.waitingCount(sink.name) > 0) {
      const leftMs = endMs - realTime.nowMs();
      if (await this.deliverNext()) continue;
      if (leftMs <= 0) return;
      await realTime.delay(Math.min(leftMs, this.#pauseMs()));
    }
  }

  /** Delivers what waits, once; false when nothing waits or the sink refused it. */
  async deliverNext(): Promise<boolean> {
    const { outbox, sink, clock, log } = this.#options;
    const alerts = outbox.waiting(sink.name, batchMax);
    if (alerts.length === 0) return false;
    try {
      await sink.deliver(alerts.map((alert) => JSON.stringify(alert)));
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      if (this.#failures === 0)
        log.error('Cannot deliver alerts: they wait in the outbox', { sink: sink.name, cause: message });
      this.#failures += 1;
      this.#lastError = { message, at: clock.now() };
      this.#options.onFailed(sink.name);
      return false;
    }
    outbox.delivered(sink.name, alerts.length);
    this.#failures = 0;
    this.#lastError = null;
    this.#options.onDelivered(sink.name, alerts.length);
    return true;
  }

  #pauseMs(): number {
    return this.#failures === 0 ? lookMs : Math.min(lastRetryMs, firstRetryMs * 2 ** (this.#failures - 1));
  }
}
