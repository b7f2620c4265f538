import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { sharing } from '../../src/adapters/event-hubs/client-settings.ts';
import { createSharedEventHubSource } from '../../src/adapters/event-hubs/shared-event-hub-source.ts';
import type { SharedEventHubSourceOptions } from '../../src/adapters/event-hubs/shared-event-hub-source.ts';
import type { Broker } from '../../src/dev/broker/broker.ts';
import { clock, newContainer, RecordingLog, startBroker, streamOf, time, until } from './event-hub-rig.ts';
import { startFreezableProxy } from './freezable-proxy.ts';
import type { SharedProcess, SharedSourceRig } from './shared-group.ts';

/** Short enough for tests, and so many cycles to an expiry as in production. */
const leaseDurationMs = 3000;

/** Sources that share the hub "logs" of a broker and a container of their own. */
export interface EventHubSharedRig extends SharedSourceRig {
  readonly broker: Broker;
  readonly container: ContainerClient;
  readonly log: RecordingLog;
  readonly openWith: (identifier: string, options: Partial<SharedEventHubSourceOptions>) => SharedProcess;
}

/** Opens a rig on the storage of a connection string. */
export async function sharedRig(storage: string, partitions = 4): Promise<EventHubSharedRig> {
  const broker = await startBroker({ hubs: [{ name: 'logs', partitions, consumerGroups: ['tidewatch'] }] });
  const container = await newContainer(storage);
  const log = new RecordingLog();
  const closings: (() => Promise<void>)[] = [];
  const proxies = new Map<string, Awaited<ReturnType<typeof startFreezableProxy>>>();
  const openWith = (identifier: string, options: Partial<SharedEventHubSourceOptions>): SharedProcess => {
    const proxy = proxies.get(identifier);
    const source = createSharedEventHubSource({
      streams: [streamOf(broker)],
      container: proxy === undefined ? container : containerAt(proxy.connectionString, container.containerName),
      consumerGroup: 'tidewatch',
      identifier,
      maxClockSkewMs: 0,
      leaseDurationMs,
      resetOnRecreate: false,
      clock,
      time,
      log,
      ...options,
    });
    closings.push(() => source.stop(3000));
    return {
      source,
      stop: () => source.stop(3000),
      suspend: () => {
        proxy?.freeze();
        return Promise.resolve();
      },
      resume: () => {
        proxy?.thaw();
        return Promise.resolve();
      },
    };
  };
  for (const name of ['a', 'b', 'c']) proxies.set(name, await startFreezableProxy(storage));
  return {
    ...sharing(leaseDurationMs),
    broker,
    container,
    log,
    partitions: Array.from({ length: partitions }, (_, number) => String(number)),
    realTime: time,
    open: (identifier) => openWith(identifier, {}),
    openWith,
    append: (partition, count) => {
      for (let each = 0; each < count; each++) broker.hub('logs').append(partition, `${partition}-${each}`);
    },
    until: (holds, what) => until(holds, what),
    checkpointOf: async (partition) => {
      const blob = container.getBlobClient(`127.0.0.1/logs/tidewatch/checkpoint/${partition}`);
      if (!(await blob.exists())) return null;
      return Number((await blob.getProperties()).metadata?.['sequencenumber']);
    },
    [Symbol.asyncDispose]: async () => {
      for (const proxy of proxies.values()) proxy.thaw();
      await Promise.all(closings.map((close) => close()));
      await broker.close();
      for (const proxy of proxies.values()) await proxy[Symbol.asyncDispose]();
    },
  };
}

function containerAt(connectionString: string, name: string): ContainerClient {
  return BlobServiceClient.fromConnectionString(connectionString, {
    retryOptions: { maxTries: 2, tryTimeoutInMs: 1000, retryDelayInMs: 100, maxRetryDelayInMs: 200 },
  }).getContainerClient(name);
}
