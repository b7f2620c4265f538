import type { ContainerClient } from '@azure/storage-blob';
import type { Clock, EventSource, Log, Origin, RealTime, SourceListener } from '../../core/ports.ts';
import { prefetchBytes } from './client-settings.ts';
import { distinctStreams, namespaceOf, type EventHubStream } from './connection.ts';
import { limitCredit } from './credit-limit.ts';
import { HubReader } from './hub-reader.ts';

export interface EventHubSourceOptions {
  /** Hubs to read; one that is named twice in one namespace is read once. */
  readonly streams: readonly EventHubStream[];
  readonly consumerGroup: string;
  /** Keeps ownership and checkpoints. */
  readonly container: ContainerClient;
  /** Owner name of this process, unique per start. */
  readonly identifier: string;
  /** How far back a first start reads, in milliseconds of the clock. */
  readonly lookbackMs: number;
  /** Largest difference between the clock and that of Event Hubs, in milliseconds. */
  readonly maxClockSkewMs: number;
  /** How long ownership outlives a process that stopped renewing it, in true milliseconds. */
  readonly leaseDurationMs: number;
  /** Whether a hub whose numbers started again is read anew by itself. */
  readonly resetOnRecreate: boolean;
  readonly clock: Clock;
  readonly time: RealTime;
  readonly log: Log;
}

/**
 * Reads hubs of Event Hubs, sharing their partitions with other processes of the consumer group. Throws when the memory
 * of its clients cannot be bounded; all other trouble shows in status() and errors() while it goes on trying.
 */
export function createEventHubSource(options: EventHubSourceOptions): EventSource {
  limitCredit(prefetchBytes.perPartition);
  const streams = distinctStreams(options.streams);
  let readers: readonly HubReader[] = [];

  return {
    async start(listener) {
      readers = openReaders(options, streams, listener);
      await Promise.all(readers.map((reader) => reader.start()));
    },
    status: () => readers.flatMap((reader) => reader.status()),
    errors: () =>
      readers.flatMap((reader, index) => {
        const error = reader.error();
        return error === null ? [] : [{ ...error, hub: streams[index]?.name ?? '' }];
      }),
    async stop(graceMs) {
      await Promise.all(readers.map((reader) => reader.stop(graceMs)));
    },
  };
}

function openReaders(
  options: EventHubSourceOptions,
  streams: readonly EventHubStream[],
  listener: SourceListener,
): readonly HubReader[] {
  // Event Hubs stamps by its own clock: what it enqueued within the lookback may carry a time that skew puts before it.
  const afterMs = options.clock.now() - options.lookbackMs - options.maxClockSkewMs;
  const readers: HubReader[] = [];
  const onKnown = (): void => {
    const origins = readers.map((reader) => reader.origins());
    if (readers.length < streams.length || origins.includes(null)) return;
    const known = origins.flatMap((each) => each ?? []);
    boundBytes(known);
    listener.onPartitions(known);
  };
  for (const stream of streams) {
    const leaseMs = options.leaseDurationMs;
    readers.push(new HubReader({ ...options, stream, afterMs, leaseMs, listener, onKnown }));
  }
  return readers;
}

/** Shares the memory for prefetched events over the partitions, of which one process may come to own all. */
function boundBytes(origins: readonly Origin[]): void {
  const share = Math.floor(prefetchBytes.all / Math.max(1, origins.length));
  limitCredit(Math.min(prefetchBytes.perPartition, Math.max(1024 ** 2, share)));
}

/** The hubs that the streams name, each once, as their origins will name them. */
export function hubsOf(streams: readonly EventHubStream[]): readonly Pick<Origin, 'namespace' | 'hub'>[] {
  return distinctStreams(streams).map(({ name, connection }) => ({ namespace: namespaceOf(connection), hub: name }));
}
