import fc from 'fast-check';
import type { FeedErrorCode } from '../../../src/core/ports.ts';
import { HOUR_MS } from '../../../src/core/time.ts';

/** A stretch of true time, counted from the start of the service. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What may happen to a stored state while no process lives. */
export interface Damage {
  /** The head, a blob of the current state, or any blob. */
  readonly target: 'head' | 'current' | 'any';
  /** Which of the blobs, and where in it. */
  readonly pick: number;
  readonly how: 'truncated' | 'flipped';
}

/** The end of a process. Another is started some time later. */
export interface End {
  readonly atMs: number;
  readonly downMs: number;
}

/** A stretch in which the store of the state fails. */
export interface StoreFailure extends Span {
  readonly code: 'unavailable' | 'full';
  /** Whether calls take effect and only their answers are lost. */
  readonly applied: boolean;
  /** How many of the calls fail. */
  readonly share: number;
}

/** What goes wrong in a run. Times count from the start of the service. */
export interface FaultPlan {
  /** Partitions that hand over nothing and answer no management read; null is all of them. */
  readonly stalls: readonly (Span & { readonly partition: number | null })[];
  /** Partitions that begin again some events earlier. */
  readonly reopenings: readonly { readonly partition: number; readonly atMs: number; readonly back: number }[];
  /** How often a batch is followed by a part of it again. */
  readonly redelivery: number;
  readonly readFailures: readonly Span[];
  /** How long the process takes to come back to a batch it gave way in. */
  readonly turnMs: number;
  readonly batchMax: number;
  /** Longest pause between two looks at a partition. */
  readonly lookMs: number;
  /** How far the clock of Event Hubs is ahead of ours. */
  readonly skewMs: number;
  /** How long it takes until the partitions are known. */
  readonly partitionsAfterMs: number;
  readonly feedFailures: readonly (Span & { readonly code: FeedErrorCode })[];
  /** When feeds bring more than fits. */
  readonly feedExcesses: readonly Span[];
  /** How often a sink refuses. */
  readonly sinkRefusal: number;
  readonly sinkFailures: readonly Span[];
  /** Longest true time that a sink takes for a delivery. */
  readonly sinkMs: number;
  /** Longest true time that a sink that refuses asks to be left alone, null when it asks for nothing. */
  readonly sinkRetryAfterMs: number | null;
  readonly deadLetterFailures: readonly Span[];
  /** Steps of our own clock. */
  readonly clockSteps: readonly { readonly atMs: number; readonly byMs: number }[];
  /** Times in which the process stands still, as in a suspended container. */
  readonly standstills: readonly Span[];
  /** Processes killed, and what becomes of their state before the next one starts. */
  readonly kills: readonly (End & { readonly damage: Damage | null })[];
  /** Processes that die at the n-th call of the store from a moment on, right before or right after its effect. */
  readonly crashes: readonly (End & { readonly call: number; readonly when: 'before' | 'after' })[];
  /** Processes told to stop, as by SIGTERM. */
  readonly stops: readonly End[];
  /** Processes stopped for a while, as by SIGSTOP; another is started beside them. */
  readonly suspensions: readonly (End & { readonly forMs: number })[];
  readonly storeFailures: readonly StoreFailure[];
  /** Longest time that a call of the store takes. */
  readonly storeMs: number;
  readonly leaseFailures: readonly Span[];
}

export const noFaults: FaultPlan = {
  stalls: [],
  reopenings: [],
  redelivery: 0,
  readFailures: [],
  turnMs: 0,
  batchMax: 100,
  lookMs: 150_000,
  skewMs: 0,
  partitionsAfterMs: 0,
  feedFailures: [],
  feedExcesses: [],
  sinkRefusal: 0,
  sinkFailures: [],
  sinkMs: 0,
  sinkRetryAfterMs: null,
  deadLetterFailures: [],
  clockSteps: [],
  standstills: [],
  kills: [],
  crashes: [],
  stops: [],
  suspensions: [],
  storeFailures: [],
  storeMs: 0,
  leaseFailures: [],
};

export function isInside(spans: readonly Span[], ms: number): boolean {
  return spans.some(({ fromMs, toMs }) => ms >= fromMs && ms < toMs);
}

export function span(withinMs: number, longestMs: number): fc.Arbitrary<Span> {
  return fc
    .tuple(fc.integer({ min: 0, max: withinMs }), fc.integer({ min: 60_000, max: longestMs }))
    .map(([fromMs, ms]) => ({ fromMs, toMs: Math.min(fromMs + ms, withinMs) }));
}

export function spans(withinMs: number, longestMs: number): fc.Arbitrary<Span[]> {
  return fc.array(span(withinMs, longestMs), { maxLength: 2 });
}

/** Faults between the events and the engine: none of them loses an event, and all are over after `withinMs`. */
export function deliveryFaults(partitions: number, withinMs: number): fc.Arbitrary<Partial<FaultPlan>> {
  const partition = fc.nat({ max: partitions - 1 });
  return fc.record({
    stalls: fc.array(
      fc
        .tuple(span(withinMs, 3 * HOUR_MS), fc.option(partition, { freq: 4 }))
        .map(([stretch, stalled]) => ({ ...stretch, partition: stalled })),
      { maxLength: 3 },
    ),
    reopenings: fc.array(
      fc.record({ partition, atMs: fc.nat({ max: withinMs }), back: fc.integer({ min: 1, max: 50 }) }),
      { maxLength: 3 },
    ),
    redelivery: fc.constantFrom(0, 0.1, 0.5),
    readFailures: spans(withinMs, 2 * HOUR_MS),
    turnMs: fc.constantFrom(0, 0, 500, 20_000),
    batchMax: fc.constantFrom(1, 2, 7, 100),
    lookMs: fc.constantFrom(60_000, 240_000),
    skewMs: fc.integer({ min: -29_000, max: 29_000 }),
    partitionsAfterMs: fc.constantFrom(0, 0, 60_000, HOUR_MS),
    deadLetterFailures: spans(withinMs, HOUR_MS),
  });
}

/** Faults of the feeds. */
export function feedFaults(withinMs: number): fc.Arbitrary<Partial<FaultPlan>> {
  const code = fc.constantFrom<FeedErrorCode>('unreachable', 'rate_limited', 'invalid_answer', 'unauthorized');
  return fc.record({
    feedFailures: fc.array(
      fc.tuple(span(withinMs, 2 * HOUR_MS), code).map(([stretch, why]) => ({ ...stretch, code: why })),
      { maxLength: 3 },
    ),
    feedExcesses: spans(withinMs, HOUR_MS),
  });
}

/** Faults behind the outbox. */
export function sinkFaults(withinMs: number): fc.Arbitrary<Partial<FaultPlan>> {
  return fc.record({
    sinkRefusal: fc.constantFrom(0, 1 / 3),
    sinkFailures: spans(withinMs, 2 * HOUR_MS),
    sinkMs: fc.constantFrom(0, 0, 500),
    sinkRetryAfterMs: fc.constantFrom(null, 5000),
  });
}

/** Steps of our own clock: back and forward, by seconds or by hours. */
export function clockFaults(withinMs: number): fc.Arbitrary<Partial<FaultPlan>> {
  const byMs = fc.oneof(fc.integer({ min: -60_000, max: 60_000 }), fc.integer({ min: -3 * HOUR_MS, max: 3 * HOUR_MS }));
  return fc.record({
    clockSteps: fc
      .array(fc.record({ atMs: fc.nat({ max: withinMs }), byMs }), { minLength: 1, maxLength: 3 })
      .map((steps) => steps.sort((a, b) => a.atMs - b.atMs)),
  });
}

/** What makes partitions slow without stopping one: each goes on within FLUSH_MAX_WAIT. */
export const slowness: fc.Arbitrary<Partial<FaultPlan>> = fc.record({
  redelivery: fc.constantFrom(0, 0.3),
  batchMax: fc.constantFrom(1, 5),
  lookMs: fc.constantFrom(60_000, 240_000),
  skewMs: fc.integer({ min: -29_000, max: 29_000 }),
});

/** Times in which the process stands still. */
export function standstills(withinMs: number): fc.Arbitrary<Partial<FaultPlan>> {
  return fc.record({
    standstills: fc
      .array(span(withinMs, 3 * HOUR_MS), { minLength: 1, maxLength: 3 })
      .map((all) => all.sort((a, b) => a.fromMs - b.fromMs)),
  });
}
