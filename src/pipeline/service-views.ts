import type { ScrapeInput } from './scrape.ts';
import { engineBounds, indicatorBound } from './bounds.ts';
import { healthReport, lookupReadiness, readiness } from './health.ts';
import type { DeadLetterStatus, FlushStatus, HealthInput, HealthLimits, LeaseStatus } from './health-input.ts';
import type { DeadLetterStore } from '../core/ports.ts';
import type { Ingest } from './ingest.ts';
import type { Service } from './service.ts';
import type { Engine } from '../core/engine.ts';
import type { Shard } from './shard.ts';
import { totalsOf } from './shard-totals.ts';
import type { ServiceViews } from './views.ts';
import { chooseAlerts } from './alert-choice.ts';
import { intelViews } from './intel-views.ts';
import type { SilenceStatus } from './silence-health.ts';
import type { SilenceFileStatus } from './silence-keeper.ts';
import { silenceItem, silencesView } from './silence-views.ts';
import { addressView, windowsPage } from './window-views.ts';

export interface ViewOptions {
  readonly version: string;
  readonly limits: HealthLimits;
  readonly deadLettersMaxBytes: number;
  readonly silenceFile: () => SilenceFileStatus | null;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly body: string }>;
}

export function deadLetterStatus(ingest: Ingest | null, store: DeadLetterStore | null): DeadLetterStatus {
  const progress = ingest?.deadLetterProgress ?? { count: 0, lastMs: null, storeError: null };
  return { ...progress, dropped: store?.dropped() ?? 0 };
}

export function flushStatus({ engine, flushes }: Shard, nowMs: number): FlushStatus {
  const { flushDelayMs, flushMaxWaitMs } = engine.options;
  const [last] = flushes.records;
  const cut = engine.boundary + flushDelayMs;
  return {
    lastWindowEndMs: last === undefined ? null : Date.parse(last.windowEnd),
    lastRanMs: last === undefined ? null : Date.parse(last.ranAt),
    lastComplete: last?.complete ?? true,
    lagging: last?.lagging ?? [],
    nextWindowEndMs: engine.boundary,
    overdueFromMs: cut + flushMaxWaitMs,
    waitingFor: engine.watermarks.lag(cut, nowMs, flushMaxWaitMs).lagging,
  };
}

function sourceErrors({ source, storageError }: Service): HealthInput['sourceErrors'] {
  return [...(storageError === null ? [] : [{ ...storageError, hub: '' }]), ...(source?.errors() ?? [])];
}

function isRestoring({ shard }: Service): boolean {
  return shard.durability?.standing === 'restoring';
}

function leaseStatus({ shard }: Service): LeaseStatus | null {
  const { durability } = shard;
  if (durability === null) return null;
  const { standing, holder } = durability;
  if (standing === 'standby') return { state: 'standby', holder };
  return { state: standing === 'lost' ? 'lost' : 'held', holder: null };
}

function silenceStatus({ silences }: Engine, nowMs: number, fileStatus: SilenceFileStatus | null): SilenceStatus {
  const active = silences.active(nowMs);
  const api = active.filter(({ origin }) => origin === 'api').length;
  return { api, file: active.length - api, fileStatus };
}

/** Everything health is judged by, read at one moment. */
export function healthInput(service: Service, { version, limits, silenceFile }: ViewOptions): HealthInput {
  const { engine, refresh, source, shard } = service;
  const { durability } = shard;
  const nowMs = Math.round(service.options.clock.now());
  const { pinned, candidates } = engine.store.sizes;
  return {
    version,
    nowMs,
    startedMs: durability?.activeSinceMs ?? service.startedMs,
    restoring: isRestoring(service),
    indexReady: refresh.isReady,
    readingSinceMs: service.readingSinceMs,
    warming: engine.warming,
    partitions: source?.status() ?? [],
    sourceErrors: sourceErrors(service),
    feeds: refresh.status,
    allowLists: service.allowLists.status,
    windows: { pinned, candidates },
    bounds: [
      ...engineBounds([engine]),
      indicatorBound(service.catalogue.weight, service.options.settings.indicatorsMax),
    ],
    flush: flushStatus(shard, nowMs),
    deadLetters: deadLetterStatus(service.ingest, service.deadLetters),
    unknownCategories: service.unknownCategories.top(),
    silences: silenceStatus(engine, nowMs, silenceFile()),
    outbox: shard.deliveries.map(({ status }) => status),
    snapshot: durability?.status ?? null,
    lease: leaseStatus(service),
    limits,
  };
}

/** Everything the metrics of state are read from, at one moment. */
export function scrapeInput(service: Service): ScrapeInput {
  return {
    nowMs: service.options.clock.now(),
    engines: [service.engine],
    totals: totalsOf(service.engine),
    partitions: service.source?.status() ?? [],
    sourceErrors: sourceErrors(service),
    feeds: service.refresh.status,
    allowLists: service.allowLists.status,
    feedCounts: service.catalogue.counts(),
    deadLetters: deadLetterStatus(service.ingest, service.deadLetters),
    sinks: service.shard.deliveries.map(({ status }) => status),
    indicatorsHeld: service.catalogue.weight,
    indicatorsMax: service.options.settings.indicatorsMax,
    stateTakenMs: service.shard.durability?.status?.takenMs ?? null,
  };
}

/** What the API shows of a service. */
export function serviceViews(service: Service, options: ViewOptions): ServiceViews {
  const { engine, catalogue } = service;
  const { clock, realTime, yieldTurn, settings } = service.options;
  const feeds = service.options.feeds.map(({ feed }) => feed.name);
  const now = (): number => clock.now();
  const standing = (): Parameters<typeof readiness>[0] => ({
    restoring: isRestoring(service),
    indexReady: service.refresh.isReady,
    indexSize: engine.index.size,
    lease: leaseStatus(service),
  });
  return {
    ...intelViews({
      engine,
      catalogue,
      minConfidence: settings.minConfidence,
      feeds,
      clock,
      realTime,
      yieldTurn,
      readiness: () => lookupReadiness(standing()),
    }),
    health: () => healthReport(healthInput(service, options)),
    ready: () => readiness(standing()),
    metrics: options.metrics,
    windows: (query) => windowsPage(engine, query, now()),
    address: (address) => addressView(engine, address, now()),
    flushes: () => ({ items: service.shard.flushes.records }),
    alerts: (query) => ({ items: chooseAlerts(engine.outbox.recent(engine.options.recentAlertsMax), query) }),
    silences: (withEnded) => silencesView(engine.silences, withEnded, now()),
    silence: (id) => silenceItem(engine.silences, id, now()),
    deadLetters: async (limit) => (await service.deadLetters?.recent(limit)) ?? [],
  };
}
