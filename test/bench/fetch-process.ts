import { fork } from 'node:child_process';
import { once } from 'node:events';
import { realTime, systemClock, yieldTurn } from '../../src/adapters/system/clock.ts';
import { createTaxiiFeed } from '../../src/adapters/taxii/feed.ts';
import { RangeSet } from '../../src/core/address-range.ts';
import { Engine } from '../../src/core/engine.ts';
import { IndicatorCatalogue } from '../../src/core/intel/catalogue.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { Refresh } from '../../src/pipeline/refresh.ts';
import { engineOptions, usualSetting } from '../support/engine-builder.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { source } from './indicator-set.ts';
import { type LoopDelay, withLoopDelay } from './loop-delay.ts';
import type { TaxiiPlace } from './taxii-process.ts';

export interface FetchReport {
  readonly ms: number;
  readonly delay: LoopDelay;
  /** Greatest size of the objects on the heap, dead ones with them, and of the whole process, bytes. */
  readonly heapBytes: number;
  readonly peakBytes: number;
}

const [exact = 0] = process.argv.slice(2).map(Number);
const pageSize = 1000;
const sampleMs = 20;

/** Fetches a whole set from a TAXII server into the index, as a service does that has just started. */
async function measureFetch(url: string): Promise<FetchReport> {
  const clock = systemClock({ speed: 1, originMs: 0 });
  const log = new MemoryLog();
  const settings = {
    name: source.name,
    url,
    collection: null,
    version: '2.1',
    auth: { type: 'none' },
    certificate: null,
    ca: null,
    limit: pageSize,
    allowHttp: true,
    matchTypes: [],
    resyncMs: HOUR_MS,
  } as const;
  const feed = createTaxiiFeed(settings, { clock, log });
  const refresh = new Refresh({
    feeds: [{ feed, settings: source }],
    catalogue: new IndicatorCatalogue(16_000_000),
    minConfidence: 75,
    excluded: new RangeSet([]),
    refreshIntervalMs: HOUR_MS,
    clock,
    realTime,
    yieldTurn,
    log,
    onFailure: () => undefined,
  });
  const options = engineOptions({ ...usualSetting, excludedRanges: [] });
  await refresh.join(new Engine(options, { firstBoundary: 0, warmUntil: null }));
  let heapBytes = 0;
  const sampling = setInterval(() => {
    heapBytes = Math.max(heapBytes, process.memoryUsage().heapUsed);
  }, sampleMs);
  const startedMs = performance.now();
  const delay = await withLoopDelay(async () => {
    const failure = await refresh.poll(feed, source, new AbortController().signal);
    if (failure !== null) throw failure;
  });
  clearInterval(sampling);
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  return { ms: performance.now() - startedMs, delay, heapBytes, peakBytes };
}

const server = fork(new URL('taxii-process.ts', import.meta.url), [String(exact), String(pageSize)]);
const [place] = (await once(server, 'message')) as [TaxiiPlace];
const report = await measureFetch(place.url);
server.disconnect();
process.send?.(report, () => process.exit());
