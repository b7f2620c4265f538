import type { SharedEventSource, SharedSourceListener } from '../../core/shared-event-source.ts';
import { prefetchBytes } from './client-settings.ts';
import { distinctStreams, type EventHubStream } from './connection.ts';
import { limitCredit } from './credit-limit.ts';
import { boundBytes, type EventHubSourceOptions } from './event-hub-source.ts';
import { SharedHubReader } from './shared-hub-reader.ts';

/**
 * `leaseDurationMs` bounds how long what a dead process owned stays without an owner: another has it within nine tenths
 * of that.
 */
export type SharedEventHubSourceOptions = Omit<EventHubSourceOptions, 'exclusive'>;

/**
 * Reads those partitions of hubs that come to this process among all of the consumer group. Throws when the memory of its
 * clients cannot be bounded; all other trouble shows in status() and errors() while it goes on trying.
 */
export function createSharedEventHubSource(options: SharedEventHubSourceOptions): SharedEventSource {
  limitCredit(prefetchBytes.perPartition);
  const streams = distinctStreams(options.streams);
  let readers: readonly SharedHubReader[] = [];

  return {
    async start(listener, readFromMs) {
      // Event Hubs stamps by its own clock: what it enqueued since then may carry a time that skew puts before it.
      readers = openReaders(options, readFromMs - options.maxClockSkewMs, streams, listener);
      await Promise.all(readers.map((reader) => reader.start()));
    },
    checkpoint(positions) {
      for (const reader of readers) reader.checkpoint(positions);
    },
    release(origin) {
      for (const reader of readers) reader.release(origin);
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
  options: SharedEventHubSourceOptions,
  afterMs: number,
  streams: readonly EventHubStream[],
  listener: SharedSourceListener,
): readonly SharedHubReader[] {
  const readers: SharedHubReader[] = [];
  const onKnown = (): void => {
    const origins = readers.map((reader) => reader.origins());
    if (readers.length < streams.length || origins.includes(null)) return;
    const known = origins.flatMap((each) => each ?? []);
    boundBytes(known);
    listener.onPartitions(known);
  };
  for (const stream of streams) {
    const leaseMs = options.leaseDurationMs;
    readers.push(new SharedHubReader({ ...options, afterMs, stream, leaseMs, listener, onKnown }));
  }
  return readers;
}
