import {
  earliestEventPosition,
  type Checkpoint,
  type EventHubConsumerClient,
  type EventPosition,
  type LastEnqueuedEventProperties,
  type PartitionContext,
  type ReceivedEventData,
  type SubscriptionEventHandlers,
} from '@azure/event-hubs';
import type { ContainerClient } from '@azure/storage-blob';
import type { Position, RealTime, SourceEvent } from '../../core/ports.ts';
import { loadBalancing, readerOptions, readerRetry } from './client-settings.ts';
import { createClient, type EventHubStream } from './connection.ts';
import { settledWithin } from './deadline.ts';
import type { ExclusiveClaims } from './exclusive-claims.ts';
import { FencedCheckpointStore } from './fenced-checkpoint-store.ts';
import type { ReadingStart } from './lag.ts';

export interface Batch {
  readonly partition: string;
  readonly events: readonly SourceEvent[];
  /** The newest event of the partition as the service told it beside these. */
  readonly end: { readonly sequenceNumber: number; readonly enqueuedMs: number } | null;
}

export interface SessionListener {
  readonly readerStarted: (partition: string) => void;
  /** Takes a batch, empty ones included. A plain Error ends the reader on purpose; nothing else may be thrown. */
  readonly take: (batch: Batch) => Promise<void>;
  /** An error of a reader, or of ownership and the hub when the partition is null. */
  readonly failed: (error: unknown, partition: string | null) => void;
}

export interface SessionOptions {
  readonly stream: EventHubStream;
  readonly consumerGroup: string;
  readonly identifier: string;
  readonly container: ContainerClient;
  readonly leaseMs: number;
  /** Null when partitions are shared. */
  readonly exclusive: ExclusiveClaims | null;
  readonly time: RealTime;
  readonly positions: () => ReadonlyMap<string, Position>;
}

/** The life of one client on one hub, from its first subscription to its close. */
export class ConsumerSession {
  readonly store: FencedCheckpointStore;
  /** Resolves when the session is closed: what waits for a better session waits for this. */
  readonly retired: Promise<void>;
  readonly #retire: () => void;
  readonly #options: SessionOptions;
  readonly #client: EventHubConsumerClient;
  /** The reader of each partition. A new one may begin before the old one has said that it ended. */
  readonly #readers = new Map<string, PartitionContext>();

  constructor(options: SessionOptions) {
    this.#options = options;
    let retire = (): void => undefined;
    this.retired = new Promise((resolve) => {
      retire = resolve;
    });
    this.#retire = retire;
    this.store = new FencedCheckpointStore({ ...options, isRunning: (partition) => this.#readers.has(partition) });
    this.#client = createClient(options.stream, options.consumerGroup, this.store, {
      identifier: options.identifier,
      retryOptions: readerRetry(),
      loadBalancingOptions: loadBalancing(options.leaseMs),
    });
  }

  /** A partition as its blobs are named: the namespace is without a port. */
  placeOf(partition: string): Omit<Checkpoint, 'offset' | 'sequenceNumber'> {
    return {
      fullyQualifiedNamespace: this.#client.fullyQualifiedNamespace,
      eventHubName: this.#client.eventHubName,
      consumerGroup: this.#options.consumerGroup,
      partitionId: partition,
    };
  }

  /** Whether this client has a reader on the partition. */
  isRunning(partition: string): boolean {
    return this.#readers.has(partition);
  }

  /** Begins to read; a partition without a position starts where `starts` says. */
  open(starts: ReadonlyMap<string, ReadingStart>, listener: SessionListener): void {
    const startPosition = Object.fromEntries([...starts].map(([partition, start]) => [partition, positionOf(start)]));
    this.#client.subscribe(this.#handlers(listener), { ...readerOptions, startPosition });
  }

  /** Ends the client within `ms`, whether or not it ever closes; with `release` its partitions are free at once. */
  async close({ release, ms }: { readonly release: boolean; readonly ms: number }): Promise<void> {
    const { consumerGroup, time } = this.#options;
    this.store.retire();
    this.#retire();
    const { fullyQualifiedNamespace, eventHubName } = this.#client;
    const released = release
      ? this.store.release(fullyQualifiedNamespace, eventHubName, consumerGroup)
      : Promise.resolve();
    await Promise.all([settledWithin(this.#client.close(), ms, time), settledWithin(released, ms, time)]);
  }

  #handlers(listener: SessionListener): SubscriptionEventHandlers {
    return {
      processInitialize: (reader) => {
        this.#readers.set(reader.partitionId, reader);
        listener.readerStarted(reader.partitionId);
        return Promise.resolve();
      },
      processClose: (_reason, reader) => {
        if (this.#readers.get(reader.partitionId) === reader) this.#readers.delete(reader.partitionId);
        return Promise.resolve();
      },
      processEvents: (received, { partitionId, lastEnqueuedEventProperties }) =>
        listener.take({
          partition: partitionId,
          events: received.map(sourceEvent),
          end: received.length > 0 ? endOf(lastEnqueuedEventProperties) : null,
        }),
      processError: (error, { partitionId }) => {
        listener.failed(error, partitionId === '' ? null : partitionId);
        return Promise.resolve();
      },
    };
  }
}

function positionOf(start: ReadingStart): EventPosition {
  return start === 'oldest' ? earliestEventPosition : { enqueuedOn: start.afterMs };
}

function sourceEvent({ body, sequenceNumber, offset, enqueuedTimeUtc }: ReceivedEventData): SourceEvent {
  return { body: bytesOf(body), sequenceNumber, offset, enqueuedMs: enqueuedTimeUtc.getTime() };
}

/** The bytes of a data section as they are; senders that use a value or sequence section are taken by their JSON. */
function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  const text: unknown = typeof body === 'string' ? body : JSON.stringify(body);
  return Buffer.from(typeof text === 'string' ? text : '');
}

function endOf(last: LastEnqueuedEventProperties | undefined): Batch['end'] {
  const { sequenceNumber, enqueuedOn } = last ?? {};
  if (sequenceNumber === undefined || enqueuedOn === undefined) return null;
  return { sequenceNumber, enqueuedMs: new Date(enqueuedOn).getTime() };
}
