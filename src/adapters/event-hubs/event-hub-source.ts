import type { ContainerClient } from '@azure/storage-blob';
import type { Clock, EventSource, Log, Origin, Positions, RealTime, SourceListener } from '../../core/ports.ts';
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
  /** Largest difference between the clock and that of Event Hubs, in milliseconds. */
  readonly maxClockSkewMs: number;
  /** How long ownership outlives a process that stopped renewing it, in true milliseconds. */
  readonly leaseDurationMs: number;
  /**
   * Whether this process is to have every partition, as the holder of a lease is: it takes them at once, whoever owns
   * them. Otherwise partitions are shared with the other processes of the consumer group.
   */
  readonly exclusive: boolean;
  /** Whether a hub whose numbers started again is read anew by itself. */
  readonly resetOnRecreate: boolean;
  readonly clock: Clock;
  readonly time: RealTime;
  readonly log: Log;
}

/**
 * Reads hubs of Event Hubs, each partition behind its restored position. Throws when the memory
 * of its clients cannot be bounded; all other trouble shows in status() and errors() while it goes on trying.
 */
export function createEventHubSource(options: EventHubSourceOptions): EventSource {
  limitCredit(prefetchBytes.perPartition);
  const streams = distinctStreams(options.streams);
  let readers: readonly HubReader[] = [];

  return {
    async start(listener, restored, readFromMs) {
      // Event Hubs stamps by its own clock: what it enqueued since then may carry a time that skew puts before it.
      const afterMs = readFromMs - options.maxClockSkewMs;
      readers = openReaders({ ...options, restored, afterMs }, streams, listener);
      await Promise.all(readers.map((reader) => reader.start()));
    },
    checkpoint(positions) {
      for (const reader of readers) reader.checkpoint(positions);
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
  options: EventHubSourceOptions & { readonly restored: Positions; readonly afterMs: number },
  streams: readonly EventHubStream[],
  listener: SourceListener,
): readonly HubReader[] {
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
    readers.push(new HubReader({ ...options, stream, leaseMs, listener, onKnown }));
  }
  return readers;
}

/** Shares the memory for prefetched events over the partitions, of which one process may come to own all. */
export function boundBytes(origins: readonly Origin[]): void {
  const share = Math.floor(prefetchBytes.all / Math.max(1, origins.length));
  limitCredit(Math.min(prefetchBytes.perPartition, Math.max(1024 ** 2, share)));
}

/** The hubs that the streams name, each once, as their origins will name them. */
export function hubsOf(streams: readonly EventHubStream[]): readonly Pick<Origin, 'namespace' | 'hub'>[] {
  return distinctStreams(streams).map(({ name, connection }) => ({ namespace: namespaceOf(connection), hub: name }));
}
