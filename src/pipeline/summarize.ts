import type { RealTime } from '../core/ports.ts';
import { encodeFleetSummary, type SummarizedWindow } from './fleet-summary.ts';
import type { Shard } from './shard.ts';
import { Turns } from './turns.ts';
import type { WindowsQuery } from './views.ts';
import { chooseWindows } from './window-page.ts';
import { windowItem, windowsOf } from './window-views.ts';

/** Most that a summary lists: a replica that reads those of a hundred shards holds them all in memory. */
const windowsMax = 1000;
const alertsMax = 100;

/** Longest stretch of judging before other work has its turn. */
const turnMs = 3;

const newestMatched: WindowsQuery = {
  caller: null,
  ip: null,
  matched: true,
  corroborated: null,
  candidates: false,
  sort: { key: 'lastSeen', descending: true },
  limit: windowsMax,
  cursor: null,
};

export interface SummarizeOptions {
  /** Id of the shard, which is that of its correlation partition. */
  readonly partition: string;
  readonly owner: string;
  readonly lagEvents: number | null;
  readonly nowMs: number;
  readonly realTime: RealTime;
  readonly yieldTurn: () => Promise<void>;
}

/**
 * What a shard tells the rest of the fleet, as bytes. Alerts, flushes, positions and which windows are listed are those
 * of the moment it is called at, so a cut of the same moment holds them; the windows are judged in turns after it.
 */
export async function summarizeShard(shard: Shard, options: SummarizeOptions): Promise<Uint8Array> {
  const { engine, flushes } = shard;
  const { partition, owner, lagEvents, nowMs } = options;
  const { pinned, candidates, pinnedBytes, candidateBytes } = engine.store.sizes;
  let matched = 0;
  const counted = function* (): ReturnType<typeof windowsOf> {
    for (const window of windowsOf(engine, newestMatched, nowMs)) {
      if (window.matched) matched += 1;
      yield window;
    }
  };
  const { shown } = chooseWindows(counted(), newestMatched);
  const facts = {
    shard: partition,
    owner,
    takenMs: Math.round(nowMs),
    boundaryMs: engine.boundary,
    watermarkMs: engine.watermarks.least(),
    lagEvents,
    positions: [...engine.state.positions()].map(([key, { sequenceNumber }]) => [key, sequenceNumber] as const),
    addresses: { pinned, candidates, bytes: pinnedBytes + candidateBytes },
    warming: engine.warming,
    leftOut: Math.max(0, matched - windowsMax),
    alerts: engine.outbox.recent(alertsMax),
    flushes: flushes.records,
  };
  const turns = new Turns({ ...options, turnMs });
  const windows: SummarizedWindow[] = [];
  for (const listed of shown) {
    await turns.giveWay();
    const item = windowItem(engine, listed, nowMs);
    if (item === null) continue;
    const { operations, confidence, firstSeenMs, lastSeenMs, corroborated } = listed;
    const evictedUpToMs = engine.store.evictedUpTo(listed.address);
    windows.push({ operations, confidence, firstSeenMs, lastSeenMs, corroborated, evictedUpToMs, item });
  }
  return encodeFleetSummary({ ...facts, windows });
}
