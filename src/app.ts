import { randomUUID } from 'node:crypto';
import { DefaultAzureCredential } from '@azure/identity';
import { BlobDeadLetterStore } from './adapters/blob/dead-letter-store.ts';
import {
  openContainer,
  openExistingContainer,
  type ContainerClient,
  type StorageAccess,
} from './adapters/blob/container.ts';
import { BlobLeaseRecord } from './adapters/blob/lease-record.ts';
import { BlobStateStore } from './adapters/blob/state-store.ts';
import { distinctStreams, type EventHubConnection, type EventHubStream } from './adapters/event-hubs/connection.ts';
import { createEventHubSource, hubsOf } from './adapters/event-hubs/event-hub-source.ts';
import { probeEventHub } from './adapters/event-hubs/probe.ts';
import { FileDeadLetterStore } from './adapters/file/dead-letter-store.ts';
import { FileLeaseRecord } from './adapters/file/lease-record.ts';
import { FileStateStore } from './adapters/file/state-store.ts';
import { createHttpServer, type HttpAddress, type HttpServer } from './adapters/http/server.ts';
import { createLog } from './adapters/log/pino.ts';
import { createPrometheusMetrics } from './adapters/prometheus/registry.ts';
import { realTime, systemClock, yieldTurn } from './adapters/system/clock.ts';
import { random } from './adapters/system/random.ts';
import { compress, decompress } from './adapters/system/compression.ts';
import { digest, sha256, sha256Bytes } from './adapters/system/digest.ts';
import type { Alert } from './core/alert/alert.ts';
import { trialAlerts } from './core/alert/trial-alert.ts';
import type { AlertSink, Clock, DeadLetterStore, Log, SourceError, StateStore } from './core/ports.ts';
import { allowListSources, createFeed, intelProbes } from './app-intel.ts';
import { createSilences, silenceProbes } from './app-silences.ts';
import { createSinks, sightingProbes, type SinkWorld } from './app-sinks.ts';
import { leaseName } from './core/state/blob-name.ts';
import type { Config, StateConfig } from './config/config.ts';
import type { FeedSettings } from './config/feeds.ts';
import type { SinkSettings } from './config/sinks.ts';
import type { RefreshedFeed } from './pipeline/refresh.ts';
import { failed, reached, type Probe } from './pipeline/probe.ts';
import { healthLimits } from './pipeline/health-input.ts';
import { scrapeState } from './pipeline/scrape.ts';
import { KeptLease } from './pipeline/kept-lease.ts';
import { Service, type Sources } from './pipeline/service.ts';
import { scrapeInput, serviceViews } from './pipeline/service-views.ts';
import type { StateCodec } from './pipeline/state-owner.ts';
import { serviceSettings, sourceSettings } from './settings.ts';

/** What the whole configuration says. */
export interface AppConfiguration {
  readonly config: Config;
  readonly feeds: readonly FeedSettings[];
  readonly sinks: readonly SinkSettings[];
}

/** A running service and the way to end it. */
export interface App {
  readonly service: Service;
  readonly http: HttpServer;
  /** Binds the API, then begins to read; resolves with where the API listens. */
  start(): Promise<HttpAddress>;
  stop(): Promise<void>;
}

/** The log of the process: JSON lines on stderr, without its secrets. */
export function logOf(level: Config['logLevel'], secrets: readonly string[]): Log {
  return createLog({ level, secrets });
}

export function clockOf(config: Config): Clock {
  return systemClock({
    speed: config.speed,
    originMs: config.speedOrigin === null ? 0 : Date.parse(config.speedOrigin),
  });
}

/** How the namespace of a stream is reached: its own connection, else that of the namespace of all. */
function connectionOf(
  own: { readonly connectionString: string | null; readonly namespace: string | null; readonly prefix: string },
  config: Config,
): Pick<EventHubStream, 'connection' | 'connectionOption'> {
  const choices: readonly [string | null, string | null, string][] = [
    [own.connectionString, own.namespace, own.prefix],
    [config.eventHubConnectionString, config.eventHubNamespace, 'EVENTHUB'],
  ];
  for (const [connectionString, namespace, prefix] of choices) {
    if (connectionString !== null)
      return { connection: { connectionString }, connectionOption: `${prefix}_CONNECTION_STRING` };
    if (namespace !== null) {
      const connection: EventHubConnection = { namespace, credential: new DefaultAzureCredential() };
      return { connection, connectionOption: `${prefix}_NAMESPACE` };
    }
  }
  throw new TypeError('Cannot reach Event Hubs as no connection is configured');
}

/** The hubs to read, each with the options that named it. */
export function streamsOf(config: Config): EventHubStream[] {
  const activity = {
    connectionString: config.activityConnectionString,
    namespace: config.activityNamespace,
    prefix: 'ACTIVITY',
  };
  const signIn = {
    connectionString: config.signInConnectionString,
    namespace: config.signInNamespace,
    prefix: 'SIGN_IN',
  };
  const servicePrincipal = {
    connectionString: config.servicePrincipalConnectionString,
    namespace: config.servicePrincipalNamespace,
    prefix: 'SERVICE_PRINCIPAL',
  };
  const hubs = [
    [config.activityHub, 'ACTIVITY_HUB', activity],
    [config.signInHub, 'SIGN_IN_HUB', signIn],
    [config.servicePrincipalHub, 'SERVICE_PRINCIPAL_HUB', servicePrincipal],
    [config.nonInteractiveHub, 'NON_INTERACTIVE_HUB', signIn],
    [config.managedIdentityHub, 'MANAGED_IDENTITY_HUB', servicePrincipal],
  ] as const;
  return hubs.flatMap(([name, hubOption, own]) =>
    name === null ? [] : [{ name, hubOption, ...connectionOf(own, config) }],
  );
}

/** How the storage account is reached. */
export function storageOf(config: StateConfig): StorageAccess {
  if (config.storageConnectionString !== null) return { connectionString: config.storageConnectionString };
  if (config.storageAccountUrl !== null)
    return { accountUrl: config.storageAccountUrl, credential: new DefaultAzureCredential() };
  throw new TypeError('Cannot reach storage as no account is configured');
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
  return trialAlerts(sha256, clockOf(config).now());
}

/** A try of everything the service connects to, as the service will use it. */
export function probesOf(config: Config, feeds: readonly FeedSettings[], secrets: readonly string[]): Probe[] {
  const clock = clockOf(config);
  const log = logOf('error', secrets);
  const storage: Probe = {
    name: `storage ${config.storageContainer}`,
    run: async () => {
      const opened = await openContainer(storageOf(config), config.storageContainer, clock);
      return opened.ok ? reached('the container is there') : failed(opened.error);
    },
  };
  const hubs = distinctStreams(streamsOf(config)).map((stream) => ({
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
    ...sightingProbes(feeds, clock, signal),
    ...silenceProbes(config, clock),
  ];
}

/** What comes after the first colon of a place such as blob:PREFIX or file:FOLDER. */
function placeOf(text: string): string {
  return text.slice(text.indexOf(':') + 1);
}

function isFolder(text: string): boolean {
  return text.startsWith('file:');
}

function deadLettersAt(text: string, maxBytes: number, container: ContainerClient): DeadLetterStore {
  const place = placeOf(text);
  if (isFolder(text)) return new FileDeadLetterStore(place, maxBytes);
  return new BlobDeadLetterStore(container, place, maxBytes);
}

/** How the blobs of the state are packed and told from damaged ones. */
export const stateCodec: StateCodec = { compress, decompress, sha256: sha256Bytes, digest };

/** Opens the stored state to look at it: takes nothing over and creates nothing. A folder needs no storage account. */
export async function openState(config: StateConfig): Promise<StateStore | SourceError> {
  const place = placeOf(config.state);
  if (isFolder(config.state)) return new FileStateStore(place);
  const clock = systemClock({ speed: 1, originMs: 0 });
  const opened = await openExistingContainer(storageOf(config), config.storageContainer, clock);
  return opened.ok ? new BlobStateStore(opened.container, place) : opened.error;
}

/** Where the state is kept, and the lease on it. */
function stateAt(
  config: Config,
  owner: string,
  container: ContainerClient,
  log: Log,
): Pick<Sources, 'store' | 'lease'> {
  const place = placeOf(config.state);
  const { leaseDuration: durationMs } = config;
  const holder = { identifier: owner, durationMs, realTime };
  const { store, record } = isFolder(config.state)
    ? { store: new FileStateStore(place), record: new FileLeaseRecord(place, holder) }
    : {
        store: new BlobStateStore(container, place),
        record: new BlobLeaseRecord(container, `${place}${leaseName}`, holder),
      };
  return { store, lease: new KeptLease(record, { durationMs, realTime, log }) };
}

/** Opens the container and what lies on it, or says why that is not possible. */
async function openSources(config: Config, owner: string, clock: Clock, log: Log): Promise<Sources | SourceError> {
  const opened = await openContainer(storageOf(config), config.storageContainer, clock);
  if (!opened.ok) return opened.error;
  const { container } = opened;
  const source = createEventHubSource({
    streams: streamsOf(config),
    consumerGroup: config.consumerGroup,
    container,
    identifier: owner,
    maxClockSkewMs: config.maxClockSkew,
    leaseDurationMs: config.leaseDuration,
    exclusive: true,
    resetOnRecreate: config.resetOnRecreate === 'on',
    clock,
    time: realTime,
    log,
  });
  const deadLetters = deadLettersAt(config.deadLetters, config.deadLettersMaxBytes, container);
  return { source, deadLetters, ...stateAt(config, owner, container, log) };
}

/** Puts the service together: the one place that knows what stands behind each port. */
export function createApp({ config, feeds: feedSettings, sinks }: AppConfiguration, log: Log, version: string): App {
  const clock = clockOf(config);
  const metrics = createPrometheusMetrics();
  const feeds: RefreshedFeed[] = feedSettings.map((feed) => ({
    feed: createFeed(feed, clock, log),
    settings: sourceSettings(feed, config),
  }));
  const hubs = hubsOf(streamsOf(config)).map(({ namespace, hub }) => `${namespace}/${hub}`);
  const owner = `tidewatch-${randomUUID()}`;
  const service = new Service({
    settings: serviceSettings(config, hubs),
    clock,
    realTime,
    yieldTurn,
    random,
    log,
    metrics,
    digest: sha256,
    codec: stateCodec,
    owner,
    feeds,
    sinks: createSinks(sinks, feedSettings, sinkWorld(config, clock)),
    allowLists: allowListSources(config),
    openSources: () => openSources(config, owner, clock, log),
  });
  const silences = createSilences(service, config, log);
  metrics.set('tidewatch_build_info', { version, node: process.versions.node }, 1);
  metrics.onScrape((scrape) => scrapeState(scrape, scrapeInput(service)));
  const { deadLettersMaxBytes } = config;
  const limits = healthLimits(config);
  const views = serviceViews(service, {
    ...{ version, limits, deadLettersMaxBytes, silenceFile: silences.fileStatus },
    metrics: () => metrics.text(),
  });
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
