import { CorrelationError, type CorrelationSender } from '../core/correlation-sender.ts';
import { type Clock, type Log, type Origin, type Position, type RealTime } from '../core/ports.ts';
import type { Lane } from '../core/route/lane.ts';
import type { Router } from '../core/route/router.ts';
import type { SharedEventSource, SharedSourceListener } from '../core/shared-event-source.ts';
import type { Ingest } from './ingest.ts';
import { retryPauseMs } from './retry-pause.ts';

/** How often the loop looks for events that are due, in true milliseconds. */
const lookMs = 20;

/** Longest pause that nobody asked for: what waits here are alerts. */
const pauseMaxMs = 5000;

export interface RoutingOptions {
  readonly router: Router;
  /** Partitions of the correlation hub, in the order that the router routes by. */
  readonly partitions: readonly string[];
  readonly sender: CorrelationSender;
  readonly source: SharedEventSource;
  /** Decodes what the source hands over, into the router. */
  readonly ingest: Ingest;
  readonly clock: Clock;
  readonly realTime: RealTime;
  /** 0 (inclusive) to 1 (exclusive), for the jitter of retries. */
  readonly random: () => number;
  readonly log: Log;
  readonly onSent: (bytes: number) => void;
  readonly onFailed: (error: CorrelationError) => void;
}

/** What waits to be sent, and why. */
export interface RoutingStatus {
  readonly pendingBytes: number;
  /** Why partitions of the correlation hub take nothing; one a partition, newest, and since when none was taken. */
  readonly errors: readonly ({ readonly partition: string } & SendError)[];
}

interface SendError {
  readonly message: string;
  readonly at: number;
  readonly sinceMs: number;
}

/**
 * The router half of a replica: reads its share of the source partitions and sends what they tell to the correlation
 * hub. Of each correlation partition one send is in flight, and one that failed is repeated before anything else.
 */
export class Routing implements SharedSourceListener {
  readonly #options: RoutingOptions;
  readonly #inFlight = new Map<string, Promise<void>>();
  readonly #errors = new Map<string, SendError>();

  constructor(options: RoutingOptions) {
    this.#options = options;
  }

  get status(): RoutingStatus {
    const errors = [...this.#errors].map(([partition, error]) => ({ partition, ...error }));
    return { pendingBytes: this.#options.router.pendingBytes, errors };
  }

  readonly onPartitions = (origins: readonly Origin[]): void => this.#options.ingest.onPartitions(origins);

  readonly onCaughtUp = (origin: Origin, readStartedMs: number): void =>
    this.#options.ingest.onCaughtUp(origin, readStartedMs);

  readonly onEvents: SharedSourceListener['onEvents'] = (origin, events) =>
    this.#options.ingest.onEvents(origin, events);

  readonly onClaimed = (origin: Origin, checkpoint: Position | null): Promise<Position | null> => {
    this.#options.router.own(origin, checkpoint, this.#options.clock.now());
    return Promise.resolve(checkpoint);
  };

  readonly onLost = (origin: Origin): void => this.#options.router.disown(origin, this.#options.clock.now());

  /** Sends until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { realTime } = this.#options;
    while (!signal.aborted) {
      this.#look(signal);
      await realTime.delay(lookMs, signal);
    }
    await Promise.all(this.#inFlight.values());
  }

  /** Sends what waits, at most for `graceMs`, when nothing is read and run() has ended. */
  async drain(graceMs: number): Promise<void> {
    const { realTime, router } = this.#options;
    const ended = new AbortController();
    const over = realTime.delay(graceMs, ended.signal).then(() => ended.abort());
    while (router.oldestTicket !== Number.POSITIVE_INFINITY && !ended.signal.aborted) {
      this.#look(ended.signal);
      await realTime.delay(lookMs, ended.signal);
    }
    ended.abort();
    await Promise.all([over, ...this.#inFlight.values()]);
    this.#checkpoint();
  }

  #look(signal: AbortSignal): void {
    const { router, partitions, realTime, source } = this.#options;
    for (const { origin, seesSinceMs } of source.status())
      if (seesSinceMs !== null) router.noteHistory(origin, seesSinceMs);
    for (const [place, partition] of partitions.entries()) {
      const lane = router.lanes[place];
      if (lane === undefined || this.#inFlight.has(partition)) continue;
      const event = lane.next(realTime.nowMs());
      if (event === null) continue;
      const sent = this.#send(lane, partition, event, signal).finally(() => this.#inFlight.delete(partition));
      this.#inFlight.set(partition, sent);
    }
  }

  /** Sends the event of a lane until the hub has taken it, or the signal aborts. Never rejects. */
  async #send(lane: Lane, partition: string, event: Uint8Array, signal: AbortSignal): Promise<void> {
    const { sender, realTime, onSent } = this.#options;
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        await sender.send(partition, event, signal);
        lane.acknowledge();
        this.#errors.delete(partition);
        onSent(event.length);
        this.#checkpoint();
        return;
      } catch (error) {
        // A process that stops gives up sends on purpose; what they held is sent again by whoever reads it next.
        if (!isAborted(signal)) await realTime.delay(this.#failed(partition, error, failures), signal);
      }
    }
  }

  /** Notes a failure; milliseconds until the next attempt. */
  #failed(partition: string, error: unknown, failures: number): number {
    const { log, clock, random, onFailed } = this.#options;
    const known =
      error instanceof CorrelationError ? error : new CorrelationError('unreachable', String(error), { cause: error });
    const before = this.#errors.get(partition);
    if (before?.message !== known.message)
      log.error('Cannot send to the correlation hub: reading goes on until what waits comes to its bound', {
        partition,
        code: known.code,
        cause: known.message,
      });
    const at = clock.now();
    this.#errors.set(partition, { message: known.message, at, sinceMs: before?.sinceMs ?? at });
    onFailed(known);
    return Math.max(known.retryAfterMs ?? 0, Math.min(pauseMaxMs, retryPauseMs(failures, null, random())));
  }

  #checkpoint(): void {
    const { router, source } = this.#options;
    const positions = router.takeAcknowledged();
    if (positions.size > 0) source.checkpoint(positions);
  }
}

/** Asked through a function, as the signal changes while the caller waits. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
