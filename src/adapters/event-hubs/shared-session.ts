import type {
  Checkpoint,
  EventHubConsumerClient,
  PartitionContext,
  RetryOptions,
  Subscription,
} from '@azure/event-hubs';
import type { ContainerClient } from '@azure/storage-blob';
import type { Position, RealTime } from '../../core/ports.ts';
import { readerOptions, readerRetry, sharing, singleAttempt } from './client-settings.ts';
import { createClient, type EventHubStream } from './connection.ts';
import { settledWithin } from './deadline.ts';
import type { ReadingStart } from './lag.ts';
import { ReaderEnded } from './reader-ended.ts';
import { positionOf, sessionHandlers, type ReadingSession, type SessionListener } from './session-handlers.ts';
import { SharedCheckpointStore } from './shared-checkpoint-store.ts';

export interface SharedSessionOptions {
  readonly stream: EventHubStream;
  readonly consumerGroup: string;
  readonly identifier: string;
  readonly container: ContainerClient;
  readonly leaseMs: number;
  readonly time: RealTime;
  /** Where reading of each partition goes on. */
  readonly positions: () => ReadonlyMap<string, Position>;
  readonly onOwnership: () => void;
}

/**
 * Two clients on one hub: one shares the partitions out and reads nothing, the other reads single partitions as it is
 * told. A client that does both opens its reader within the cycle that renews ownership, and can end no single reader.
 */
export class SharedSession implements ReadingSession {
  readonly store: SharedCheckpointStore;
  readonly retired: Promise<void>;
  readonly #retire: () => void;
  readonly #options: SharedSessionOptions;
  readonly #balancer: EventHubConsumerClient;
  readonly #client: EventHubConsumerClient;
  readonly #readers = new Map<string, PartitionContext>();
  readonly #subscriptions = new Map<string, Subscription>();

  constructor(options: SharedSessionOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.retired = promise;
    this.#retire = () => resolve(undefined);
    const { expiryMs, cycleMs } = sharing(options.leaseMs);
    this.store = new SharedCheckpointStore({ ...options, expiryMs, cycleMs });
    const open = (retryOptions: RetryOptions): EventHubConsumerClient =>
      createClient(options.stream, options.consumerGroup, this.store, {
        identifier: options.identifier,
        retryOptions,
        loadBalancingOptions: {
          strategy: 'greedy',
          updateIntervalInMs: cycleMs,
          partitionOwnershipExpirationIntervalInMs: expiryMs,
        },
      });
    // A cycle that waited for a lost answer for as long as a reader may would let ownership run out.
    this.#balancer = open(singleAttempt());
    this.#client = open(readerRetry());
  }

  placeOf(partition: string): Omit<Checkpoint, 'offset' | 'sequenceNumber'> {
    return {
      fullyQualifiedNamespace: this.#client.fullyQualifiedNamespace,
      eventHubName: this.#client.eventHubName,
      consumerGroup: this.#options.consumerGroup,
      partitionId: partition,
    };
  }

  isRunning(partition: string): boolean {
    return this.#readers.has(partition);
  }

  /** Whether the partition is to be read, although its reader may not have begun. */
  isReading(partition: string): boolean {
    return this.#subscriptions.has(partition);
  }

  /** Begins to share the partitions out. */
  balance(failed: SessionListener['failed']): void {
    this.#balancer.subscribe({
      processEvents: () => Promise.resolve(),
      processError: (error) => {
        failed(error, null);
        return Promise.resolve();
      },
    });
  }

  /** Begins to read a partition, behind its position or where `start` says. */
  read(partition: string, start: ReadingStart, listener: SessionListener): void {
    this.endReading(partition);
    const handlers = sessionHandlers(
      {
        ...listener,
        take: (batch) => {
          // One that was ended may have a batch left, and another may read the partition from elsewhere by now.
          if (this.#subscriptions.get(partition) === subscription) return listener.take(batch);
          throw new ReaderEnded(`Cannot take events of partition ${partition} as their reader was ended`);
        },
        failed: (error, id) => {
          if (this.#subscriptions.get(partition) === subscription) listener.failed(error, id);
        },
      },
      this.#readers,
    );
    const options = { ...readerOptions, startPosition: positionOf(start) };
    const subscription = this.#client.subscribe(partition, handlers, options);
    this.#subscriptions.set(partition, subscription);
  }

  /** Ends the reader of a partition; a handler of it may run on. */
  endReading(partition: string): void {
    const subscription = this.#subscriptions.get(partition);
    this.#subscriptions.delete(partition);
    this.#readers.delete(partition);
    subscription?.close().catch(() => undefined);
  }

  /** Looks up who owns the partitions now. */
  async ask(): Promise<void> {
    await this.store.ask(...this.#place());
  }

  /** Gives a partition away. */
  async giveAway(partition: string): Promise<void> {
    await this.store.giveAway(partition, ...this.#place());
  }

  /** Ends the clients within `ms`, whether or not they ever close; with `release` the partitions are free at once. */
  async close({ release, ms }: { readonly release: boolean; readonly ms: number }): Promise<void> {
    const { time } = this.#options;
    this.store.retire();
    this.#retire();
    const released = release ? this.store.release(...this.#place()) : Promise.resolve();
    const work = [released, this.#client.close(), this.#balancer.close()];
    await Promise.all(work.map((each) => settledWithin(each, ms, time)));
  }

  #place(): [namespace: string, hub: string, group: string] {
    const { fullyQualifiedNamespace, eventHubName } = this.#client;
    return [fullyQualifiedNamespace, eventHubName, this.#options.consumerGroup];
  }
}
