import type { ReferenceOptions } from '../reference/reference-repaired.ts';
import { referenceOptions } from '../e2e/flush-rows.ts';
import { HOUR_MS } from '../../../src/core/time.ts';

const minuteMs = 60_000;

/** An hour passes in 15 s, the flush delay in 2.5 s. */
export const speed = 240;
export const flushDelayMs = 10 * minuteMs;
export const lookbackMs = 3 * HOUR_MS;

/** What every service of a chaos run is told beside its connections. */
export const serviceSettings = {
  LOOKBACK: '3h',
  FLUSH_DELAY: '10m',
  // Whatever is away comes back, so every flush is complete.
  FLUSH_MAX_WAIT: '240h',
  MAX_CLOCK_SKEW: '1m',
  // Half a second of true time.
  TI_REFRESH_INTERVAL: '2m',
  SNAPSHOT_INTERVAL: '1s',
  SHUTDOWN_GRACE: '10s',
} as const;

/** The same for the reference evaluator. */
export const judgedBy: ReferenceOptions & { readonly flushDelayMs: number } = {
  ...referenceOptions(flushDelayMs),
  lookbackMs,
  flushDelayMs,
};
