import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { systemClock } from '../adapters/system/clock.ts';
import type { StixObject } from '../core/intel/stix-object.ts';
import type { Clock } from '../core/ports.ts';
import { type Azurite, startAzurite } from './azurite.ts';
import { Broker } from './broker/broker.ts';
import { hubsOfConfig } from './broker/config-file.ts';
import type { HubOptions } from './broker/hub.ts';
import { TaxiiServer } from './taxii-server/server.ts';
import type { HubRole } from './traffic/message.ts';

/** Hub of each kind of generated message, by the names that diagnostic settings use. */
export const hubNames: Readonly<Record<HubRole, string>> = {
  activity: 'insights-activity-logs',
  signIn: 'insights-logs-signinlogs',
  servicePrincipal: 'insights-logs-serviceprincipalsigninlogs',
  nonInteractive: 'insights-logs-noninteractiveusersigninlogs',
  managedIdentity: 'insights-logs-managedidentitysigninlogs',
};

/** The hub between the replicas of a service that is scaled out. */
export const correlationHub = 'tidewatch-correlation';

export const collectionId = 'indicators';
const feedPassword = 'demo-password';

export interface StackOptions {
  readonly speed?: number;
  readonly partitions?: number;
  /** Partitions of a correlation hub, one shard each; none when absent. */
  readonly shards?: number;
  /** The official emulator's Config.json in place of the hubs of the service. */
  readonly hubs?: readonly HubOptions[];
  /** Keeps the broker's log here across restarts; in memory when absent. */
  readonly folder?: string;
  /** Port of the fault control; none when absent. */
  readonly controlPort?: number;
  readonly brokerPort?: number;
  readonly indicators?: readonly StixObject[];
}

/** The servers of the local stack, and the environment a service reads them by. */
export interface Stack {
  readonly clock: Clock;
  readonly broker: Broker;
  readonly azurite: Azurite;
  readonly taxii: TaxiiServer;
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

function defaultHubs(partitions: number): HubOptions[] {
  return Object.values(hubNames).map((name) => ({ name, partitions, consumerGroups: ['tidewatch'] }));
}

/** Starts broker, blob storage and TAXII server on free ports of 127.0.0.1, all on one clock. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { speed = 1, partitions = 4, indicators = [], shards } = options;
  const originMs = Math.floor(Date.now() / 1000) * 1000;
  const clock = systemClock({ speed, originMs });
  const now = (): number => Math.round(clock.now());
  const broker = await Broker.start({
    hubs: [
      ...(options.hubs ?? defaultHubs(partitions)),
      ...(shards === undefined ? [] : [{ name: correlationHub, partitions: shards, consumerGroups: ['tidewatch'] }]),
    ],
    now,
    ...(options.folder === undefined ? {} : { folder: options.folder }),
    ...(options.controlPort === undefined ? {} : { controlPort: options.controlPort }),
    ...(options.brokerPort === undefined ? {} : { port: options.brokerPort }),
  });
  const azurite = await startAzurite();
  const collection = { id: collectionId, title: 'Indicators', objects: indicators };
  const auth = { type: 'basic', username: 'tidewatch', password: feedPassword } as const;
  const taxii = await TaxiiServer.start({ now, collections: [collection], auth, pageSize: 500 });
  const feed = {
    type: 'taxii',
    name: 'estuary',
    url: taxii.discoveryUrl,
    collection: collectionId,
    auth: { basic: { username: 'tidewatch', password: feedPassword } },
  };
  return {
    clock,
    broker,
    azurite,
    taxii,
    environment: {
      EVENTHUB_CONNECTION_STRING: broker.connectionString(),
      STORAGE_CONNECTION_STRING: azurite.connectionString,
      TI_FEEDS: JSON.stringify([feed]),
      ...(shards === undefined ? {} : { CORRELATION_HUB: correlationHub }),
      ...(speed === 1 ? {} : { SPEED: String(speed), SPEED_ORIGIN: new Date(originMs).toISOString() }),
    },
    stop: async () => {
      await Promise.all([broker.close(), azurite.stop(), taxii.stop()]);
    },
  };
}

/** Resolves at the first SIGINT or SIGTERM, or when whoever started this process closes its input. */
export function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

/** `npm run stack`: starts the servers, prints one JSON line with how to reach them, and stays until told to stop. */
export async function stack(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      speed: { type: 'string', default: '1' },
      partitions: { type: 'string', default: '4' },
      shards: { type: 'string' },
      config: { type: 'string' },
      folder: { type: 'string' },
      'control-port': { type: 'string' },
      'broker-port': { type: 'string' },
      indicators: { type: 'string' },
    },
  });
  const text = values.indicators === undefined ? null : readFileSync(values.indicators, 'utf8');
  const bundle = text === null ? null : (JSON.parse(text) as { readonly objects?: readonly StixObject[] });
  const running = await startStack({
    speed: Number(values.speed),
    partitions: Number(values.partitions),
    ...(values.shards === undefined ? {} : { shards: Number(values.shards) }),
    ...(values.config === undefined ? {} : { hubs: hubsOfConfig(readFileSync(values.config, 'utf8')) }),
    ...(values.folder === undefined ? {} : { folder: values.folder }),
    ...(values['control-port'] === undefined ? {} : { controlPort: Number(values['control-port']) }),
    ...(values['broker-port'] === undefined ? {} : { brokerPort: Number(values['broker-port']) }),
    ...(bundle?.objects === undefined ? {} : { indicators: bundle.objects }),
  });
  const { broker, azurite, taxii, environment } = running;
  const line = {
    environment,
    brokerPort: broker.port,
    controlUrl: broker.controlUrl,
    storageUrl: azurite.url,
    taxiiUrl: taxii.discoveryUrl,
    objectsUrl: `${taxii.apiRootUrl}collections/${collectionId}/objects/`,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  await toldToStop();
  await running.stop();
}
