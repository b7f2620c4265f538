import type { Engine, TakenMessage } from '../core/engine.ts';
import { originKey, type Origin, type RealTime } from '../core/ports.ts';
import type { Router } from '../core/route/router.ts';
import type { Tally } from '../core/tally.ts';

/** What messages are handed on to when they are decoded. */
export interface MessageTaker {
  /** Names the partitions of every hub. */
  expect(origins: readonly Origin[], now: number): void;
  /** Says that everything an origin enqueued by a time has been taken. */
  advanceWatermark(origin: string, ms: number, now: number): void;
  /** Whether a message enqueued at a time may be taken now. */
  accepts(enqueuedMs: number, now: number): boolean;
  take(message: TakenMessage, now: number, tally: Tally): void;
}

/** Takes messages into an engine. */
export function engineTaker(engine: Engine): MessageTaker {
  return {
    expect: (origins, now) => engine.watermarks.expect(origins.map(originKey), now),
    advanceWatermark: (origin, ms, now) => engine.advanceWatermark(origin, ms, now),
    accepts: (enqueuedMs) => engine.accepts(enqueuedMs),
    take: (message, now, tally) => engine.take(message, now, tally),
  };
}

/** Takes messages into a router. */
export function routerTaker(router: Router, realTime: RealTime): MessageTaker {
  return {
    expect: (origins) => router.expect(origins),
    advanceWatermark: (origin, ms, now) => router.advanceWatermark(origin, ms, now),
    accepts: (enqueuedMs, now) => router.accepts(enqueuedMs, now),
    take: (message, now, tally) => router.take(message, { now, at: realTime.nowMs() }, tally),
  };
}
