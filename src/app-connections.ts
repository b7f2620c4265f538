import { DefaultAzureCredential } from '@azure/identity';
import type { StorageAccess } from './adapters/blob/container.ts';
import type { EventHubConnection, EventHubStream } from './adapters/event-hubs/connection.ts';
import type { EventHubSourceOptions } from './adapters/event-hubs/event-hub-source.ts';
import { realTime, systemClock } from './adapters/system/clock.ts';
import type { Config, StateConfig } from './config/config.ts';
import type { Clock, Log } from './core/ports.ts';

/** What names a namespace: its options, and their prefix. */
interface NamedConnection {
  readonly connectionString: string | null;
  readonly namespace: string | null;
  readonly prefix: string;
}

/** The clock of the configuration. */
export function clockOf(config: Config): Clock {
  return systemClock({
    speed: config.speed,
    originMs: config.speedOrigin === null ? 0 : Date.parse(config.speedOrigin),
  });
}

/** How the namespace of a stream is reached: its own connection, else that of the namespace of all. */
export function connectionOf(
  own: NamedConnection,
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

/** The hub between routers and shards. */
export function correlationStreamOf(config: Config): EventHubStream {
  if (config.correlationHub === null) throw new TypeError('Cannot reach a correlation hub as none is configured');
  const { correlationConnectionString: connectionString, correlationNamespace: namespace } = config;
  const own = { connectionString, namespace, prefix: 'CORRELATION' };
  return { name: config.correlationHub, hubOption: 'CORRELATION_HUB', ...connectionOf(own, config) };
}

/** How every source of Event Hubs is read. */
export function sourceOptions(
  config: Config,
  identifier: string,
  clock: Clock,
  log: Log,
): Omit<EventHubSourceOptions, 'streams' | 'container' | 'exclusive'> {
  return {
    consumerGroup: config.consumerGroup,
    identifier,
    maxClockSkewMs: config.maxClockSkew,
    leaseDurationMs: config.leaseDuration,
    resetOnRecreate: config.resetOnRecreate === 'on',
    clock,
    time: realTime,
    log,
  };
}

/** How the storage account is reached. */
export function storageOf(config: StateConfig): StorageAccess {
  if (config.storageConnectionString !== null) return { connectionString: config.storageConnectionString };
  if (config.storageAccountUrl !== null)
    return { accountUrl: config.storageAccountUrl, credential: new DefaultAzureCredential() };
  throw new TypeError('Cannot reach storage as no account is configured');
}
