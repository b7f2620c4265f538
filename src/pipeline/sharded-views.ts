import type { StateStore } from '../core/ports.ts';
import { formatMs } from '../core/time.ts';
import type { Scrape } from '../telemetry/metrics.ts';
import { chooseAlerts } from './alert-choice.ts';
import { Fleet } from './fleet.ts';
import { fleetHealthInput, mergeSinks, oldestSnapshot, partitionsOf, sourceErrorsOf } from './fleet-health-input.ts';
import { correlationStatus, fleetMoment, heldShards, holdingOf, type FleetMoment } from './fleet-moment.ts';
import { fleetSubject, fleetWindows, type OwnRule } from './fleet-windows.ts';
import type { HeldShard } from './held-shard.ts';
import type { HealthReport, Readiness } from './health-report.ts';
import { healthReport, lookupReadiness, readiness } from './health.ts';
import { intelViewsOf } from './intel-views.ts';
import { scrapeState, watermarkDelay } from './scrape.ts';
import { deadLetterStatus, type ViewOptions } from './service-views.ts';
import { noTotals } from './shard-totals.ts';
import type { ShardedService } from './sharded-service.ts';
import { silencesView, type SilencesView } from './silence-views.ts';
import { Vacancies } from './vacancies.ts';
import type { AlertsPage, AlertsQuery, FlushesPage, FlushRecord, ServiceViews } from './views.ts';

/** How old what health says of other replicas may be: it is asked for often, by many. In true milliseconds. */
const healthAgeMs = 30_000;

export interface ShardedViewOptions extends Omit<ViewOptions, 'silenceFile'> {
  /** How long a shard may be held by nobody, in true milliseconds. */
  readonly leaseMs: number;
}

function newestFirst(a: string, b: string): number {
  return a < b ? 1 : a > b ? -1 : 0;
}

function fleetFlushes({ held, stored, shards }: FleetMoment): FlushesPage {
  const own = [...held].map(([shard, each]) => ({ shard, records: each.shard.flushes.records }));
  const told = [...stored].map(([shard, { summary }]) => ({ shard, records: summary?.flushes ?? [] }));
  const items = [...own, ...told].flatMap(({ shard, records }) =>
    records.map((record): FlushRecord => ({ ...record, shard })),
  );
  items.sort(
    (a, b) =>
      newestFirst(a.windowEnd, b.windowEnd) ||
      newestFirst(a.ranAt, b.ranAt) ||
      Number(a.shard ?? 0) - Number(b.shard ?? 0),
  );
  return { items, shards };
}

function fleetAlerts({ held, stored, shards }: FleetMoment, query: AlertsQuery): AlertsPage {
  const own = [...held.values()].map(({ shard: { engine } }) => engine.outbox.recent(engine.options.recentAlertsMax));
  const told = [...stored.values()].map(({ summary }) => summary?.alerts ?? []);
  const alerts = [...own, ...told].flat();
  // Stable, so the order of one shard is kept.
  alerts.sort((a, b) => Date.parse(b.emittedAt) - Date.parse(a.emittedAt));
  return { items: chooseAlerts(alerts, query), shards };
}

/** The silences of the shards that are held here, each once: all of them look after the same file. */
function fleetSilences(held: ReadonlyMap<string, HeldShard>, withEnded: boolean, nowMs: number): SilencesView {
  const views = [...held.values()].map(({ shard }) => silencesView(shard.engine.silences, withEnded, nowMs));
  const items = new Map(views.flatMap((view) => view.items.map((item) => [item.id, item] as const)));
  const active = [...items.values()].filter(({ state }) => state === 'active').length;
  return { asOf: formatMs(Math.round(nowMs)), active, items: [...items.values()] };
}

/** What the API and the scrape show of a replica of the sharded topology: the whole fleet, as this replica sees it. */
export class ShardedViews {
  readonly #service: ShardedService;
  readonly #options: ShardedViewOptions;
  readonly #vacancies = new Vacancies();
  readonly #fleet: Fleet;

  constructor(service: ShardedService, options: ShardedViewOptions) {
    this.#service = service;
    this.#options = options;
    const { codec, realTime } = service.options;
    this.#fleet = new Fleet({ storeOf: (partition) => storeOf(service, partition), codec, realTime });
  }

  /** What the HTTP server asks. */
  get views(): ServiceViews {
    const service = this.#service;
    const { settings, feeds, clock, realTime, yieldTurn } = service.options;
    const moment = (): Promise<FleetMoment> => fleetMoment(service, this.#fleet);
    return {
      ...intelViewsOf({
        excluded: settings.engine.observation.excluded,
        subjectOf: async (address) => fleetSubject(await moment(), address, this.#rule),
        catalogue: service.catalogue,
        minConfidence: settings.minConfidence,
        feeds: feeds.map(({ feed }) => feed.name),
        clock,
        realTime,
        yieldTurn,
        readiness: () => this.#lookups(),
      }),
      health: () => this.#health(),
      ready: () => this.#ready(),
      metrics: this.#options.metrics,
      windows: async (query) => fleetWindows(await moment(), query, this.#rule),
      address: async (address) => fleetSubject(await moment(), address, this.#rule).view,
      flushes: async () => fleetFlushes(await moment()),
      alerts: async (query) => fleetAlerts(await moment(), query),
      silences: (withEnded) => fleetSilences(heldShards(service), withEnded, clock.now()),
      silence: (id) =>
        fleetSilences(heldShards(service), true, clock.now()).items.find((item) => item.id === id) ?? null,
      deadLetters: async (limit) => (await service.sources?.deadLetters.recent(limit)) ?? [],
    };
  }

  /** Writes every metric that is a reading of state, summed over the shards that are held here. */
  scrape(scrape: Scrape): void {
    const service = this.#service;
    const { clock, settings, routing } = service.options;
    const held = [...heldShards(service).values()];
    const nowMs = clock.now();
    const { startError } = service;
    scrapeState(scrape, {
      nowMs,
      engines: held.map(({ shard }) => shard.engine),
      totals: service.correlator?.totals ?? noTotals,
      partitions: partitionsOf(service),
      sourceErrors: [...(startError === null ? [] : [startError]), ...sourceErrorsOf(service)],
      feeds: service.refresh.status,
      allowLists: service.allowLists.status,
      feedCounts: service.catalogue.counts(),
      deadLetters: deadLetterStatus(service.ingest, service.sources?.deadLetters ?? null),
      sinks: mergeSinks(held),
      indicatorsHeld: service.catalogue.weight,
      indicatorsMax: settings.indicatorsMax,
      stateTakenMs: oldestSnapshot(held)?.takenMs ?? null,
    });
    for (const { origin, shard } of held) {
      const delay = watermarkDelay(shard.engine, nowMs);
      if (delay !== null) scrape.set('tidewatch_shard_watermark_delay_seconds', { shard: origin.partition }, delay);
    }
    if (service.routing !== null) {
      scrape.set('tidewatch_bound_used', { bound: 'routed' }, service.routing.status.pendingBytes);
      scrape.set('tidewatch_bound_limit', { bound: 'routed' }, routing.pendingBytesMax);
    }
    this.#scrapeShards(scrape);
  }

  #scrapeShards(scrape: Scrape): void {
    const holdings = this.#noteHoldings();
    const count = (held: string): number => [...holdings.values()].filter((each) => each === held).length;
    scrape.set('tidewatch_shards', { state: 'held' }, count('here'));
    scrape.set('tidewatch_shards', { state: 'elsewhere' }, count('elsewhere'));
    scrape.set('tidewatch_shards', { state: 'nobody' }, count('nobody'));
  }

  /** Who holds each shard, and remembers since when nobody does. */
  #noteHoldings(): ReadonlyMap<string, ReturnType<typeof holdingOf>> {
    const { owner, realTime } = this.#service.options;
    const status = correlationStatus(this.#service);
    const partitions = this.#service.correlationHub?.partitions ?? [];
    const holdings = new Map(partitions.map((partition) => [partition, holdingOf(status.get(partition), owner)]));
    const vacant = partitions.filter((partition) => holdings.get(partition) === 'nobody');
    this.#vacancies.note(vacant, realTime.nowMs());
    return holdings;
  }

  get #rule(): OwnRule {
    return { engine: this.#service.options.settings.engine, lookup: this.#service.refresh.lookup };
  }

  async #health(): Promise<HealthReport> {
    const moment = await fleetMoment(this.#service, this.#fleet, healthAgeMs);
    this.#noteHoldings();
    return healthReport(fleetHealthInput(this.#service, moment, { ...this.#options, vacancies: this.#vacancies }));
  }

  /** Whether its halves have begun. */
  #begun(): Readiness {
    const { startError, routing, correlator, options } = this.#service;
    if (startError !== null) return { ready: false, reason: `Cannot start: ${startError.message}` };
    const begun =
      (options.role === 'correlator' || routing !== null) && (options.role === 'router' || correlator !== null);
    return begun ? { ready: true, reason: 'ready' } : { ready: false, reason: 'Reading has not begun' };
  }

  get #standing(): Parameters<typeof lookupReadiness>[0] {
    return { restoring: false, indexReady: this.#service.refresh.isReady, lease: null };
  }

  #lookups(): Readiness {
    if (this.#service.options.role === 'router')
      return { ready: false, reason: 'This replica only routes: it holds no indicators' };
    return lookupReadiness(this.#standing);
  }

  #ready(): Readiness {
    const { refresh, options } = this.#service;
    const begun = this.#begun();
    if (!begun.ready || options.role === 'router') return begun;
    return readiness({ ...this.#standing, indexSize: refresh.lookup.index.size });
  }
}

function storeOf({ sources }: ShardedService, partition: string): StateStore {
  if (sources === null) throw new TypeError(`Cannot read shard ${partition} as the storage is not open yet`);
  return sources.shardState(partition).store;
}
