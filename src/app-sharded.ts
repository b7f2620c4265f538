import { openContainer } from './adapters/blob/container.ts';
import { BlobStateStore } from './adapters/blob/state-store.ts';
import { EventHubCorrelationSender } from './adapters/event-hubs/correlation-sender.ts';
import { createSharedEventHubSource } from './adapters/event-hubs/shared-event-hub-source.ts';
import { realTime } from './adapters/system/clock.ts';
import { correlationStreamOf, sourceOptions, storageOf, streamsOf } from './app-connections.ts';
import { silenceFileOf } from './app-silences.ts';
import { deadLettersAt, prefixOf, stateAt } from './app-storage.ts';
import type { Config } from './config/config.ts';
import type { Clock, Log, SourceError } from './core/ports.ts';
import type { ServiceOptions } from './pipeline/service.ts';
import { ShardedService, type SharedSources } from './pipeline/sharded-service.ts';

/** One event of the correlation hub holds observations of up to this many bytes, or as long as one waits. */
const routing = { eventBytes: 64 * 1024, lingerMs: 200, heartbeatMs: 1000 };

/**
 * How long a new owner of a partition waits for the old one to commit and let go of the shard, in true milliseconds. One
 * that is alive needs less; one that is not has lost the partition, and the head of the state refuses its writes.
 */
const seizeAfterMs = 2500;

/** Opens the container, the source hubs and the correlation hub, or says why that is not possible. */
async function openShared(config: Config, owner: string, clock: Clock, log: Log): Promise<SharedSources | SourceError> {
  const opened = await openContainer(storageOf(config), config.storageContainer, clock);
  if (!opened.ok) return opened.error;
  const { container } = opened;
  const shared = { ...sourceOptions(config, owner, clock, log), container };
  const stream = correlationStreamOf(config);
  return {
    source: createSharedEventHubSource({ ...shared, streams: streamsOf(config) }),
    correlation: createSharedEventHubSource({ ...shared, streams: [stream] }),
    sender: new EventHubCorrelationSender(stream, realTime),
    deadLetters: deadLettersAt(config.deadLetters, config.deadLettersMaxBytes, container),
    common: new BlobStateStore(container, `${prefixOf(config)}fleet/`),
    feeds: stateAt(config, owner, container, log, { folder: 'feeds/' }),
    shardState: (partition) => stateAt(config, owner, container, log, { folder: `shard-${partition}/`, seizeAfterMs }),
  };
}

/** A replica of the sharded topology. */
export function createShardedService(options: Omit<ServiceOptions, 'openSources'>, config: Config): ShardedService {
  const { clock, log, owner } = options;
  return new ShardedService({
    ...options,
    role: config.role,
    silenceFile: silenceFileOf(config),
    routing: { ...routing, pendingBytesMax: config.routedMaxBytes },
    openSources: () => openShared(config, owner, clock, log),
  });
}
