import type { Checkpoint, EventHubConsumerClient, PartitionContext } from '@azure/event-hubs';
import type { ContainerClient } from '@azure/storage-blob';
import type { Position, RealTime } from '../../core/ports.ts';
import { loadBalancing, readerOptions, readerRetry } from './client-settings.ts';
import { createClient, type EventHubStream } from './connection.ts';
import { settledWithin } from './deadline.ts';
import type { ExclusiveClaims } from './exclusive-claims.ts';
import { FencedCheckpointStore } from './fenced-checkpoint-store.ts';
import type { ReadingStart } from './lag.ts';
import { positionOf, sessionHandlers, type ReadingSession, type SessionListener } from './session-handlers.ts';

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
export class ConsumerSession implements ReadingSession {
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
    this.#client.subscribe(sessionHandlers(listener, this.#readers), { ...readerOptions, startPosition });
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
}
