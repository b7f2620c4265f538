import type { Alert } from '../core/alert/alert.ts';
import { type OpenFinding, openFindings } from '../core/alert/open-finding.ts';
import type { Outbox } from '../core/alert/outbox.ts';
import { isSkipped } from '../core/alert/silenced-skip.ts';
import { SinkError } from '../core/alert/sink-error.ts';
import type { Engine } from '../core/engine.ts';
import { undeliveredLetter, type UndeliveredReason } from '../core/alert/undelivered-letter.ts';
import type { AlertSink, Clock, DeadLetterStore, Log, RealTime } from '../core/ports.ts';
import type { SinkStatus } from './health-input.ts';
import { retryPauseMs } from './retry-pause.ts';
import { Reminders } from './reminders.ts';
import { nextBatch } from './sink-batch.ts';

const lookMs = 50;
/** Alerts looked at for one delivery. */
const lookMax = 1000;
/** Failures in a row after which one alert at a time is tried, so that a sink that comes back meets no flood. */
const breakAfter = 5;

export interface DeliveryOptions {
  readonly outbox: Outbox;
  readonly sink: AlertSink;
  /** Where alerts go that the sink will never take. */
  readonly deadLetters: () => DeadLetterStore | null;
  /** Most alerts that wait for this sink; the oldest beyond it become dead letters. */
  readonly waitingMax: number;
  /** For a sink that is told of them again and again. */
  readonly openFindings: (onlyHeard: boolean) => readonly OpenFinding[];
  readonly clock: Clock;
  readonly realTime: RealTime;
  /** 0 (inclusive) to 1 (exclusive), for the jitter of retries. */
  readonly random: () => number;
  readonly log: Log;
  readonly onDelivered: (sink: string, alerts: readonly Alert[]) => void;
  /** Told of alerts that the sink is not told of, as they are silenced. */
  readonly onSkipped: (sink: string, count: number) => void;
  readonly onFailed: (sink: string) => void;
  readonly onUndelivered: (sink: string, reason: UndeliveredReason, count: number) => void;
}

/** What a delivery needs of the engine whose alerts it brings. */
export function fromEngine(engine: Engine): Pick<DeliveryOptions, 'outbox' | 'waitingMax' | 'openFindings'> {
  const { outbox, options } = engine;
  return { outbox, waitingMax: options.bounds.outboxMax, openFindings: (onlyHeard) => openFindings(engine, onlyHeard) };
}

/**
 * Brings alerts from the outbox to one sink, in order, until it has taken each. What it refuses for good, and what waits
 * beyond the bound, becomes a dead letter, durable before it counts as delivered. Never in the way of ingest or flush.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  #failures = 0;
  #pauseMs = lookMs;
  #lastError: SinkStatus['lastError'] = null;
  #undelivered = 0;
  #isDisabled = false;
  /** Alerts of a refused batch that are still to be tried one by one, to find the one that is refused. */
  #singly = 0;
  readonly #reminders: Reminders | null;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    const { sink, openFindings, clock, realTime } = options;
    const openNow = (): readonly OpenFinding[] => openFindings(sink.skipsSilenced === true);
    this.#reminders =
      sink.reminder === undefined ? null : new Reminders(sink, sink.reminder, openNow, { clock, realTime });
  }

  get status(): SinkStatus {
    const { outbox, sink } = this.#options;
    const oldest = outbox.oldestWaiting(sink.name);
    return {
      name: sink.name,
      waiting: outbox.waitingCount(sink.name),
      oldestMs: oldest === null ? null : Date.parse(oldest),
      lastError: this.#lastError,
      circuit: this.#isDisabled ? 'disabled' : this.#failures >= breakAfter ? 'open' : 'closed',
      undelivered: this.#undelivered,
    };
  }

  async run(signal: AbortSignal): Promise<void> {
    const { realTime } = this.#options;
    while (!signal.aborted) {
      const more = await this.deliverNext(signal);
      if (!more) await realTime.delay(this.#pauseMs, signal);
    }
  }

  /** Delivers until nothing waits any more, trying again what the sink refuses, at most for `graceMs`. */
  async drain(graceMs: number): Promise<void> {
    const { outbox, sink, realTime } = this.#options;
    const ended = new AbortController();
    const endMs = realTime.nowMs() + graceMs;
    void realTime.delay(graceMs, ended.signal).then(() => ended.abort());
    while (outbox.waitingCount(sink.name) > 0) {
      const leftMs = endMs - realTime.nowMs();
      if (await this.deliverNext(ended.signal)) continue;
      if (leftMs <= 0 || this.#isDisabled) break;
      await realTime.delay(Math.min(leftMs, this.#pauseMs));
    }
    ended.abort();
  }

  /** Delivers what waits, once; false when nothing waits or the sink did not take it. */
  async deliverNext(signal: AbortSignal): Promise<boolean> {
    const { outbox, sink } = this.#options;
    if (await this.#giveUpExcess()) return true;
    const isCareful = this.#singly > 0 || this.#failures >= breakAfter;
    const waiting = this.#isDisabled ? [] : outbox.waiting(sink.name, lookMax);
    if (waiting.length === 0) return this.#remind(signal);
    const { covered, documents, isTooLarge } = nextBatch(sink, waiting, isCareful ? 1 : Number.POSITIVE_INFINITY);
    const alerts = waiting.slice(0, covered);
    if (isTooLarge) return this.#bury(alerts, 'too_large', 'it is longer than the sink takes');
    try {
      if (documents.length > 0) await sink.deliver(documents, signal);
    } catch (cause) {
      if (signal.aborted) return false;
      return this.#failed(cause, alerts, documents.length);
    }
    const skipped = this.#done(alerts);
    if (documents.length > 0) {
      this.#failures = 0;
      this.#lastError = null;
    }
    if (skipped < alerts.length)
      this.#options.onDelivered(
        sink.name,
        alerts.filter((alert) => !isSkipped(sink, alert)),
      );
    return true;
  }

  /** Tells the sink of open findings if that is due and no alert waits, not even for its commit: always false. */
  async #remind(signal: AbortSignal): Promise<false> {
    const { outbox, sink } = this.#options;
    try {
      const isFree = !this.#isDisabled && outbox.waitingCount(sink.name) === 0;
      if (isFree && (await this.#reminders?.remind(signal)) === true) {
        this.#failures = 0;
        this.#lastError = null;
      }
    } catch (cause) {
      if (signal.aborted) return false;
      this.#retryLater(cause instanceof Error ? cause.message : String(cause), askedMsOf(cause));
      return false;
    }
    if (this.#failures === 0) this.#pauseMs = lookMs;
    return false;
  }

  /** Remembers that the sink needs no more to be given these; how many of them it skips. */
  #done(alerts: readonly Alert[]): number {
    const { outbox, sink, onSkipped } = this.#options;
    outbox.delivered(sink.name, alerts.length);
    this.#singly = Math.max(0, this.#singly - alerts.length);
    const skipped = alerts.filter((alert) => isSkipped(sink, alert)).length;
    if (skipped > 0) onSkipped(sink.name, skipped);
    return skipped;
  }

  async #failed(cause: unknown, alerts: readonly Alert[], documents: number): Promise<boolean> {
    const message = cause instanceof Error ? cause.message : String(cause);
    const error = cause instanceof SinkError ? cause : null;
    if (error?.code === 'disabled') {
      this.#isDisabled = true;
      this.#note(message, 'Disabled a sink: its alerts wait until the process starts anew');
      return false;
    }
    if (error?.retryable !== false) {
      this.#retryLater(message, error?.retryAfterMs ?? null);
      return false;
    }
    if (documents > 1) {
      this.#singly = alerts.length;
      return true;
    }
    return this.#bury(alerts, error.code === 'too_large' ? 'too_large' : 'refused', message);
  }

  #retryLater(message: string, askedMs: number | null): void {
    this.#failures += 1;
    this.#pauseMs = retryPauseMs(this.#failures, askedMs, this.#options.random());
    this.#note(message, 'Cannot deliver alerts: they wait in the outbox');
    this.#options.onFailed(this.#options.sink.name);
  }

  #note(message: string, what: string): void {
    const { clock, log, sink } = this.#options;
    if (this.#lastError === null) log.error(what, { sink: sink.name, cause: message });
    this.#lastError = { message, at: clock.now() };
  }

  /** Keeps the oldest alerts beyond the bound as dead letters; false when there are none. */
  async #giveUpExcess(): Promise<boolean> {
    const { outbox, sink, waitingMax } = this.#options;
    const excess = outbox.waitingCount(sink.name) - waitingMax;
    if (excess <= 0) return false;
    const alerts = outbox.waiting(sink.name, Math.min(excess, lookMax));
    return alerts.length > 0 && this.#bury(alerts, 'outbox_full', 'more alerts wait than OUTBOX_MAX');
  }

  /** Keeps alerts as dead letters in place of a delivery, but for those of which the sink wants nothing. */
  async #bury(alerts: readonly Alert[], reason: UndeliveredReason, message: string): Promise<boolean> {
    const { sink, deadLetters, log, onUndelivered } = this.#options;
    const buried = alerts.filter((alert) => sink.encode(alert) !== null);
    try {
      const store = deadLetters();
      if (store === null) throw new Error('storage is not open');
      if (buried.length > 0) await store.append(buried.map((alert) => undeliveredLetter(alert, sink.name, reason)));
    } catch (cause) {
      this.#retryLater(`Cannot keep an alert as a dead letter: ${String(cause)}`, null);
      return false;
    }
    this.#done(alerts);
    if (buried.length === 0) return true;
    this.#undelivered += buried.length;
    const ids = buried.slice(0, 10).map(({ id }) => id);
    log.error('Alerts became dead letters', { sink: sink.name, reason, cause: message, count: buried.length, ids });
    onUndelivered(sink.name, reason, buried.length);
    return true;
  }
}

function askedMsOf(cause: unknown): number | null {
  return cause instanceof SinkError ? cause.retryAfterMs : null;
}
