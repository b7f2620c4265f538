import type { Engine, FlushResult } from '../core/engine.ts';
import type { Clock, Log, RealTime } from '../core/ports.ts';
import { formatMs } from '../core/time.ts';
import { flushesMax, type FlushRecord } from './views.ts';

/** How often the loop looks whether a flush is due, and whether an indicator began or ended. */
const lookMs = 100;

/** True time between two looks from which on the process is held to have been stopped: nothing was read meanwhile. */
const stoppedMs = 1000;

export interface FlushLoopOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly realTime: RealTime;
  readonly log: Log;
  /** Told at each look, before anything is judged. */
  readonly onLook: () => void;
  readonly onFlush: (record: FlushRecord) => void;
}

/** Runs the flushes: each boundary once, in order, when its partitions are in or no longer waited for. */
export class FlushLoop {
  readonly #options: FlushLoopOptions;
  readonly #records: FlushRecord[] = [];

  constructor(options: FlushLoopOptions) {
    this.#options = options;
  }

  /** The last flushes, newest first. */
  get records(): readonly FlushRecord[] {
    return this.#records.toReversed();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { engine, clock, realTime } = this.#options;
    let last = { at: realTime.nowMs(), now: clock.now() };
    while (!signal.aborted) {
      const look = { at: realTime.nowMs(), now: clock.now() };
      if (look.at - last.at >= stoppedMs) engine.watermarks.forgive(look.now - last.now, look.now);
      last = look;
      this.#options.onLook();
      engine.tick(look.now);
      this.#flushDue(look.now);
      await realTime.delay(lookMs, signal);
    }
  }

  /** Runs what is due at a look, judged by that instant alone: a stop of the process after it is seen at the next look. */
  #flushDue(lookedMs: number): void {
    const { engine, clock, realTime } = this.#options;
    for (let due = engine.dueFlush(lookedMs); due !== null; due = engine.dueFlush(lookedMs)) {
      const startedMs = realTime.nowMs();
      const now = clock.now();
      this.#remember(engine.flush(due, now), now, realTime.nowMs() - startedMs);
    }
  }

  #remember(result: FlushResult, ranMs: number, durationMs: number): void {
    const record: FlushRecord = {
      windowEnd: formatMs(result.windowEnd),
      ranAt: formatMs(Math.round(ranMs)),
      rows: result.rows,
      alerts: result.alerts,
      complete: result.lagging.length === 0,
      lagging: result.lagging,
      durationMs: Math.round(durationMs * 1000) / 1000,
    };
    this.#records.push(record);
    if (this.#records.length > flushesMax) this.#records.shift();
    const { log, onFlush } = this.#options;
    if (record.complete) log.info('Flushed', { ...record });
    else log.warn('Flushed without waiting any longer for lagging partitions', { ...record });
    onFlush(record);
  }
}
