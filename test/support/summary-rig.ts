import { yieldTurn } from '../../src/adapters/system/clock.ts';
import type { Engine } from '../../src/core/engine.ts';
import { decodeFleetSummary, type FleetSummary } from '../../src/pipeline/fleet-summary.ts';
import type { Shard } from '../../src/pipeline/shard.ts';
import { summarizeShard, type SummarizeOptions } from '../../src/pipeline/summarize.ts';
import type { FlushRecord } from '../../src/pipeline/views.ts';
import { noon } from './engine-bench.ts';
import { SteppingRealTime } from './stepping-real-time.ts';

/** What a shard around an engine tells the rest of the fleet, as bytes. */
export function summaryBytes(
  engine: Engine,
  options: Partial<SummarizeOptions> = {},
  flushes: readonly FlushRecord[] = [],
): Promise<Uint8Array> {
  // A shard beyond its engine and its flushes has no part in it.
  const shard = { engine, flushes: { records: flushes } } as unknown as Shard;
  const usual = { partition: '0', owner: 'a', lagEvents: null, nowMs: noon };
  return summarizeShard(shard, { ...usual, realTime: new SteppingRealTime(), yieldTurn, ...options });
}

/** As summaryBytes(), read back. */
export async function summaryOf(
  engine: Engine,
  options: Partial<SummarizeOptions> = {},
  flushes: readonly FlushRecord[] = [],
): Promise<FleetSummary> {
  return decodeFleetSummary(await summaryBytes(engine, options, flushes));
}
