import type { EventHubConsumerClient } from '@azure/event-hubs';
import type { RealTime } from '../../core/ports.ts';
import { patience, singleAttempt } from './client-settings.ts';
import { createClient, type EventHubStream } from './connection.ts';
import { settledWithin, withDeadline } from './deadline.ts';
import type { PartitionRead } from './lag.ts';

export interface HubRead {
  /** created_at of the hub. */
  readonly createdMs: number;
  readonly partitions: readonly string[];
}

/**
 * Management reads of a hub, on a connection of their own: each is one attempt with a short time-out, where the reader's
 * client would retry a refused key for minutes in silence. Two time-outs in a row bring a new connection, as a peer
 * that fell silent is noticed by the client only after two minutes.
 */
export class ManagementReader {
  readonly #stream: EventHubStream;
  readonly #consumerGroup: string;
  readonly #time: RealTime;
  #client: EventHubConsumerClient | null = null;
  #timeouts = 0;

  constructor(stream: EventHubStream, consumerGroup: string, time: RealTime) {
    this.#stream = stream;
    this.#consumerGroup = consumerGroup;
    this.#time = time;
  }

  /** Throws what the SDK throws, or DeadlineError. */
  readHub(): Promise<HubRead> {
    return this.#attempt(async (client) => {
      const { createdOn, partitionIds } = await client.getEventHubProperties();
      return { createdMs: createdOn.getTime(), partitions: partitionIds };
    });
  }

  /** Throws what the SDK throws, or DeadlineError. */
  readPartition(partition: string): Promise<PartitionRead> {
    return this.#attempt(async (client) => {
      const read = await client.getPartitionProperties(partition);
      return {
        firstSequenceNumber: read.beginningSequenceNumber,
        lastSequenceNumber: read.lastEnqueuedSequenceNumber,
        lastEnqueuedMs: read.lastEnqueuedOnUtc.getTime(),
        isEmpty: read.isEmpty,
      };
    });
  }

  async close(ms: number): Promise<void> {
    const client = this.#client;
    this.#client = null;
    if (client !== null) await settledWithin(client.close(), ms, this.#time);
  }

  async #attempt<T>(read: (client: EventHubConsumerClient) => Promise<T>): Promise<T> {
    const client = (this.#client ??= createClient(this.#stream, this.#consumerGroup, null, {
      retryOptions: singleAttempt(),
    }));
    try {
      const result = await withDeadline(read(client), patience.read, this.#time, 'read the properties');
      this.#timeouts = 0;
      return result;
    } catch (error) {
      if (isTimeout(error) && client === this.#client) {
        this.#timeouts += 1;
        if (this.#timeouts >= 2) this.#abandon();
      }
      throw error;
    }
  }

  #abandon(): void {
    this.#timeouts = 0;
    void this.close(patience.close);
  }
}

function isTimeout(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'OperationTimeoutError' || ('code' in error && error.code === 'OperationTimeoutError');
}
