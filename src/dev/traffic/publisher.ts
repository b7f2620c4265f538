import { EventHubProducerClient } from '@azure/event-hubs';
import type { EventDataBatch } from '@azure/event-hubs';
import type { GeneratedMessage, HubRole } from './message.ts';

/** Hub of each role; messages of a role without one are left out. Roles may share a hub. */
export type HubNames = Readonly<Partial<Record<HubRole, string>>>;

export interface PublisherOptions {
  readonly connectionString: string;
  readonly hubs: HubNames;
  /** Most events of one batch. A batch goes to one partition, so small ones spread over the partitions as Azure's do. */
  readonly batchEvents?: number;
}

export interface Published {
  readonly messages: number;
  readonly records: number;
  readonly bytes: number;
  /** Messages of roles that have no hub. */
  readonly leftOut: number;
}

/**
 * Publishes message bodies through the Event Hubs client, in order: the messages of a hub are sent one batch after the
 * other, those of different hubs beside each other. No partition key is set, as diagnostic settings set none.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #producers = new Map<string, EventHubProducerClient>();

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** Resolves when the service has taken all messages. Throws MessagingError of the client, RangeError for a body too large. */
  async publish(messages: readonly GeneratedMessage[]): Promise<Published> {
    const byHub = new Map<string, GeneratedMessage[]>();
    let leftOut = 0;
    for (const message of messages) {
      const hub = this.#options.hubs[message.hub];
      if (hub === undefined) leftOut++;
      else append(byHub, hub, message);
    }
    await Promise.all([...byHub].map(async ([hub, queue]) => await this.#send(hub, queue)));
    const sent = [...byHub.values()].flat();
    return {
      messages: sent.length,
      records: sent.reduce((sum, message) => sum + message.kinds.length, 0),
      bytes: sent.reduce((sum, message) => sum + message.body.length, 0),
      leftOut,
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#producers.values()].map(async (producer) => await producer.close()));
    this.#producers.clear();
  }

  async #send(hub: string, queue: readonly GeneratedMessage[]): Promise<void> {
    const producer = this.#producer(hub);
    const limit = this.#options.batchEvents ?? 16;
    let batch = await producer.createBatch();
    for (const { body } of queue) {
      if (batch.count >= limit || !add(batch, body)) {
        if (batch.count > 0) await producer.sendBatch(batch);
        batch = await producer.createBatch();
        if (!add(batch, body)) throw tooLarge(hub, body, batch);
      }
    }
    if (batch.count > 0) await producer.sendBatch(batch);
  }

  #producer(hub: string): EventHubProducerClient {
    const known = this.#producers.get(hub);
    if (known !== undefined) return known;
    const producer = new EventHubProducerClient(this.#options.connectionString, hub);
    this.#producers.set(hub, producer);
    return producer;
  }
}

/** Publishes once and closes. */
export async function publish(messages: readonly GeneratedMessage[], options: PublisherOptions): Promise<Published> {
  const publisher = new Publisher(options);
  try {
    return await publisher.publish(messages);
  } finally {
    await publisher.close();
  }
}

function add(batch: EventDataBatch, body: Uint8Array): boolean {
  // The client sends a Buffer as the bytes they are; anything else it writes as JSON.
  return batch.tryAdd({ body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) });
}

function append(byHub: Map<string, GeneratedMessage[]>, hub: string, message: GeneratedMessage): void {
  const queue = byHub.get(hub);
  if (queue === undefined) byHub.set(hub, [message]);
  else queue.push(message);
}

function tooLarge(hub: string, body: Uint8Array, batch: EventDataBatch): RangeError {
  return new RangeError(
    `Cannot publish a body to ${hub}: its size is ${body.length} bytes, want at most ${batch.maxSizeInBytes}`,
  );
}
