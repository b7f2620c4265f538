import { originKey, type Origin, type Position, type Positions } from '../../../src/core/ports.ts';
import { Router, type RouterOptions } from '../../../src/core/route/router.ts';
import { Tally } from '../../../src/core/tally.ts';
import { sourceOrigins, type SourceLogs } from './source-logs.ts';

/** Time of processes stands before every cut, so that no flush gives up waiting. */
export const processNow = 0;

/** What became of a send: whether the event lies in the log, and whether the router was told so. */
export type SendOutcome = 'acknowledged' | 'refused' | 'ambiguous' | 'twice' | 'delayed';

/** Where sent events go, and where those go that land some time after their sender gave up on them. */
export interface CorrelationHub {
  land(partition: number, bytes: Uint8Array): void;
  delay(partition: number, bytes: Uint8Array): void;
}

/** The router half of one replica: reads source logs from checkpoints on and sends to the correlation hub. */
export class RouterProcess {
  readonly router: Router;
  readonly #logs: SourceLogs;
  /** Sequence number of the next message of each partition that it reads. */
  readonly #next = new Map<string, number>();
  #at = 0;

  constructor(options: RouterOptions, logs: SourceLogs) {
    this.router = new Router(options);
    this.router.expect(sourceOrigins);
    this.#logs = logs;
  }

  /** The partitions that it reads. */
  get owned(): readonly Origin[] {
    return sourceOrigins.filter((origin) => this.#next.has(originKey(origin)));
  }

  /** The lanes that have something to send. */
  get due(): readonly number[] {
    const at = this.pass(1);
    return [...this.router.lanes.keys()].filter((lane) => this.router.lanes[lane]?.next(at) != null);
  }

  own(origin: Origin, checkpoint: Position | null): void {
    if (this.owned.includes(origin)) return;
    this.router.own(origin, checkpoint, processNow);
    this.#next.set(originKey(origin), checkpoint === null ? 0 : checkpoint.sequenceNumber + 1);
  }

  disown(origin: Origin): void {
    if (this.#next.delete(originKey(origin))) this.router.disown(origin, processNow);
  }

  /** Takes up to `count` messages of a partition, and says what it knows when none is left. True when it took any. */
  read(origin: Origin, count: number): boolean {
    const key = originKey(origin);
    const log = this.#logs.logs.get(key) ?? [];
    const first = this.#next.get(key);
    if (first === undefined) return false;
    for (const message of log.slice(first, first + count)) {
      if (!this.router.accepts(message.enqueuedMs, processNow)) {
        this.router.advanceWatermark(key, message.enqueuedMs - 1, processNow);
        break;
      }
      this.router.take(message, { now: processNow, at: this.pass(1) }, new Tally());
      this.#next.set(key, message.sequenceNumber + 1);
    }
    const next = this.#next.get(key) ?? first;
    if (next === log.length) this.router.advanceWatermark(key, this.#logs.writtenUpTo, processNow);
    return next > first;
  }

  /** Sends what is due to a partition; false when nothing is. */
  send(partition: number, outcome: SendOutcome, hub: CorrelationHub): boolean {
    const lane = this.router.lanes[partition];
    const bytes = lane?.next(this.pass(1)) ?? null;
    if (lane === undefined || bytes === null) return false;
    if (outcome === 'delayed') hub.delay(partition, bytes);
    if (outcome === 'acknowledged' || outcome === 'ambiguous' || outcome === 'twice') hub.land(partition, bytes);
    if (outcome === 'twice') hub.land(partition, bytes);
    if (outcome === 'acknowledged' || outcome === 'twice') lane.acknowledge();
    return true;
  }

  checkpoints(): Positions {
    return this.router.takeAcknowledged();
  }

  /** Lets time pass, and tells it. */
  pass(ms: number): number {
    this.#at += ms;
    return this.#at;
  }
}
