import { randomUUID } from 'node:crypto';
import { openContainer } from './adapters/blob/container.ts';
import { distinctStreams } from './adapters/event-hubs/connection.ts';
import { createEventHubSource, hubsOf } from './adapters/event-hubs/event-hub-source.ts';
import { probeEventHub } from './adapters/event-hubs/probe.ts';
import { createHttpServer, type HttpAddress, type HttpServer } from './adapters/http/server.ts';
import { createLog } from './adapters/log/pino.ts';
import { createPrometheusMetrics } from './adapters/prometheus/registry.ts';
import { realTime, yieldTurn } from './adapters/system/clock.ts';
import { random } from './adapters/system/random.ts';
import { sha256 } from './adapters/system/digest.ts';
import { clockOf, connectionOf, correlationStreamOf, sourceOptions, storageOf, streamsOf } from './app-connections.ts';
import { allowListSources, createFeed, intelProbes } from './app-intel.ts';
import { createShardedService } from './app-sharded.ts';
import { type AppSilences, createSilences, fileOnlySilences, silenceProbes } from './app-silences.ts';
import { createSinks, sinkProbes, type SinkWorld } from './app-sinks.ts';
import { deadLettersAt, stateAt, stateCodec } from './app-storage.ts';
import type { Config } from './config/config.ts';
import type { FeedSettings } from './config/feeds.ts';
import type { SinkSettings } from './config/sinks.ts';
import type { Alert } from './core/alert/alert.ts';
import { trialAlerts } from './core/alert/trial-alert.ts';
import type { AlertSink, Clock, Log, SourceError } from './core/ports.ts';
import { healthLimits } from './pipeline/health-input.ts';
import { failed, reached, type Probe } from './pipeline/probe.ts';
import { scrapeState } from './pipeline/scrape.ts';
import { scrapeInput, serviceViews, type ViewOptions } from './pipeline/service-views.ts';
import { ShardedViews } from './pipeline/sharded-views.ts';
import { Service, type ServiceOptions, type Sources } from './pipeline/service.ts';
import type { ServiceViews } from './pipeline/views.ts';
import type { Scrape } from './telemetry/metrics.ts';
import { linkSettings, serviceSettings, sourceSettings } from './settings.ts';

/** What the whole configuration says. */
export interface AppConfiguration {
  readonly config: Config;
  readonly feeds: readonly FeedSettings[];
  readonly sinks: readonly SinkSettings[];
}

/** A service of either topology. */
interface RunningService {
  start(): Promise<void>;
  stop(graceMs: number): Promise<void>;
  /** Resolves with the reason when the process has to end. */
  readonly lost: Promise<string>;
}

/** A running service and the way to end it. */
export interface App {
  readonly service: RunningService;
  readonly http: HttpServer;
  /** Binds the API, then begins to read; resolves with where the API listens. */
  start(): Promise<HttpAddress>;
  stop(): Promise<void>;
}

/** The log of the process: JSON lines on stderr, without its secrets. */
export function logOf(level: Config['logLevel'], secrets: readonly string[]): Log {
  return createLog({ level, secrets });
}

/** What sinks use when they name nothing of their own. */
function sinkWorld(config: Config, clock: Clock): SinkWorld {
  const none = { connectionString: null, namespace: null, prefix: '' };
  return {
    clock,
    eventHubs: () => connectionOf(none, config),
    storage: () => storageOf(config),
    storageContainer: config.storageContainer,
  };
}

/** The sinks that the configuration names, as the service uses them. */
export function sinksOf({ config, feeds, sinks }: AppConfiguration): AlertSink[] {
  return createSinks(sinks, feeds, sinkWorld(config, clockOf(config)));
}

/** A marked alert and its close, to try sinks with. */
export function trialAlertsOf(config: Config): readonly Alert[] {
  return trialAlerts(sha256, linkSettings(config), clockOf(config).now());
}

/** A try of everything the service connects to, as the service will use it. */
export function probesOf({ config, feeds, sinks }: AppConfiguration, secrets: readonly string[]): Probe[] {
  const clock = clockOf(config);
  const log = logOf('error', secrets);
  const storage: Probe = {
    name: `storage ${config.storageContainer}`,
    run: async () => {
      const opened = await openContainer(storageOf(config), config.storageContainer, clock);
      return opened.ok ? reached('the container is there') : failed(opened.error);
    },
  };
  const correlation = config.correlationHub === null ? [] : [correlationStreamOf(config)];
  const hubs = distinctStreams([...streamsOf(config), ...correlation]).map((stream) => ({
    name: `hub ${stream.name}`,
    run: async () => {
      const result = await probeEventHub(stream, config.consumerGroup, { clock, time: realTime });
      if (!result.ok) return failed(result.error);
      return reached(`${result.partitions.length} partitions, consumer group ${config.consumerGroup}`);
    },
  }));
  const signal = AbortSignal.timeout(30_000);
  return [
    storage,
    ...hubs,
    ...intelProbes(config, feeds, { clock, log }, signal),
    ...sinkProbes(sinksOf({ config, feeds, sinks }), signal),
    ...silenceProbes(config, clock),
  ];
}

/** Opens the container and what lies on it, or says why that is not possible. */
async function openSources(config: Config, owner: string, clock: Clock, log: Log): Promise<Sources | SourceError> {
  const opened = await openContainer(storageOf(config), config.storageContainer, clock);
  if (!opened.ok) return opened.error;
  const { container } = opened;
  const source = createEventHubSource({
    ...sourceOptions(config, owner, clock, log),
    streams: streamsOf(config),
    container,
    exclusive: true,
  });
  const deadLetters = deadLettersAt(config.deadLetters, config.deadLettersMaxBytes, container);
  return { source, deadLetters, ...stateAt(config, owner, container, log) };
}

/** What a service of either topology is made with. */
function serviceOptions(
  { config, feeds, sinks }: AppConfiguration,
  log: Log,
  metrics: ServiceOptions['metrics'],
): Omit<ServiceOptions, 'openSources'> {
  const clock = clockOf(config);
  const hubs = hubsOf(streamsOf(config)).map(({ namespace, hub }) => `${namespace}/${hub}`);
  return {
    settings: serviceSettings(config, hubs),
    clock,
    realTime,
    yieldTurn,
    random,
    log,
    metrics,
    digest: sha256,
    codec: stateCodec,
    owner: `tidewatch-${randomUUID()}`,
    feeds: feeds.map((feed) => ({ feed: createFeed(feed, clock, log), settings: sourceSettings(feed, config) })),
    sinks: createSinks(sinks, feeds, sinkWorld(config, clock)),
    allowLists: allowListSources(config),
  };
}

/** A service with what it shows. */
interface Shown {
  readonly service: RunningService;
  readonly views: ServiceViews;
  readonly scrape: (scrape: Scrape) => void;
  readonly silences: Omit<AppSilences, 'fileStatus'>;
}

type View = Omit<ViewOptions, 'silenceFile'>;

function standalone(options: Omit<ServiceOptions, 'openSources'>, config: Config, view: View): Shown {
  const { clock, log, owner } = options;
  const service = new Service({ ...options, openSources: () => openSources(config, owner, clock, log) });
  const silences = createSilences(service, config, log);
  return {
    service,
    silences,
    views: serviceViews(service, { ...view, silenceFile: silences.fileStatus }),
    scrape: (scrape) => scrapeState(scrape, scrapeInput(service)),
  };
}

function sharded(options: Omit<ServiceOptions, 'openSources'>, config: Config, view: View): Shown {
  const service = createShardedService(options, config);
  const shown = new ShardedViews(service, { ...view, leaseMs: config.leaseDuration });
  return {
    service,
    silences: fileOnlySilences(options.log),
    views: shown.views,
    scrape: (scrape) => shown.scrape(scrape),
  };
}

/** Puts the service together: the one place that knows what stands behind each port. */
export function createApp(configuration: AppConfiguration, log: Log, version: string): App {
  const { config } = configuration;
  const metrics = createPrometheusMetrics();
  const options = serviceOptions(configuration, log, metrics);
  const { deadLettersMaxBytes } = config;
  const view = { version, limits: healthLimits(config), deadLettersMaxBytes, metrics: () => metrics.text() };
  const topology = config.correlationHub === null ? standalone : sharded;
  const { service, views, scrape, silences } = topology(options, config, view);
  metrics.set('tidewatch_build_info', { version, node: process.versions.node }, 1);
  metrics.onScrape(scrape);
  const { httpHost: host, httpPort: port, opsPort } = config;
  const http = createHttpServer({ host, port, opsPort, views, silences: silences.desk, log });
  return {
    service,
    http,
    start: async () => {
      const address = await http.start();
      await silences.start();
      void service.start().catch((cause: unknown) => log.error('Cannot start reading', { cause: String(cause) }));
      return address;
    },
    stop: async () => {
      await silences.stop();
      await service.stop(config.shutdownGrace / 2);
      await http.stop();
    },
  };
}
