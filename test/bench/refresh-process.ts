import { realTime, systemClock } from '../../src/adapters/system/clock.ts';
import { RangeSet } from '../../src/core/address-range.ts';
import { Engine } from '../../src/core/engine.ts';
import { IndicatorCatalogue } from '../../src/core/intel/catalogue.ts';
import type { FeedPage } from '../../src/core/ports.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { Refresh } from '../../src/pipeline/refresh.ts';
import { engineOptions, usualSetting } from '../support/engine-builder.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { source, stixObject } from './indicator-set.ts';
import { type LoopDelay, withLoopDelay } from './loop-delay.ts';
import { MeasuredTurns, type TurnTimes } from './measured-turns.ts';

export interface RefreshReport {
  readonly ms: number;
  readonly delay: LoopDelay;
  readonly turns: TurnTimes;
}

/** Objects of a page: what the TAXII client asks for unless told otherwise. */
const pageSize = 1000;

const [exact = 0, ranges = 0] = process.argv.slice(2).map(Number);

/** Pages that are made when they are asked for, as those of a server arrive. */
async function* pagesOf(): AsyncGenerator<FeedPage, null, undefined> {
  for (let first = 0; first < exact + ranges; first += pageSize) {
    const length = Math.min(pageSize, exact + ranges - first);
    const objects = Array.from({ length }, (_, number) => stixObject(first + number, exact));
    yield await Promise.resolve({ objects, again: false });
  }
  return null;
}

/** A whole set twice through the refresh of the service, as a feed without deltas brings it; the second is measured. */
async function measureRefresh(): Promise<RefreshReport> {
  const clock = systemClock({ speed: 1, originMs: 0 });
  const feed = { name: source.name, poll: () => Promise.resolve({ full: true, pages: pagesOf() }) };
  const turns = new MeasuredTurns();
  const refresh = new Refresh({
    feeds: [{ feed, settings: source }],
    catalogue: new IndicatorCatalogue(16_000_000),
    minConfidence: 75,
    excluded: new RangeSet([]),
    refreshIntervalMs: HOUR_MS,
    clock,
    realTime,
    yieldTurn: turns.yieldTurn,
    log: new MemoryLog(),
    onFailure: (_feed, code) => {
      throw new Error(`Cannot refresh: ${code}`);
    },
  });
  const options = engineOptions({ ...usualSetting, excludedRanges: [] });
  await refresh.join(new Engine(options, { firstBoundary: 0, warmUntil: null }));
  const signal = new AbortController().signal;
  await refresh.poll(feed, source, signal);
  let ms = 0;
  turns.start();
  const delay = await withLoopDelay(async () => {
    const startedMs = performance.now();
    await refresh.poll(feed, source, signal);
    ms = performance.now() - startedMs;
  });
  return { ms, delay, turns: turns.times() };
}

process.send?.(await measureRefresh(), () => process.exit());
