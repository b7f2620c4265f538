import { EventHubProducerClient, type EventHubClientOptions } from '@azure/event-hubs';

/** Publishes bodies through the real client, one event each, keeping its connections. */
export class Publishing {
  readonly #connectionString: string;
  readonly #options: EventHubClientOptions;
  readonly #producers = new Map<string, EventHubProducerClient>();

  constructor(connectionString: string, options: EventHubClientOptions = {}) {
    this.#connectionString = connectionString;
    this.#options = options;
  }

  /** Resolves when the broker has taken the events, in order, into this partition. */
  async publish(hub: string, partitionId: string, bodies: readonly string[]): Promise<void> {
    const producer = this.#producerOf(hub);
    const batch = await producer.createBatch({ partitionId });
    for (const body of bodies)
      // The client sends a Buffer as the bytes they are; anything else it writes as JSON.
      if (!batch.tryAdd({ body: Buffer.from(body) }))
        throw new RangeError(`Cannot publish ${body.length} bytes at once`);
    await producer.sendBatch(batch);
  }

  async stop(): Promise<void> {
    const producers = [...this.#producers.values()];
    this.#producers.clear();
    await Promise.all(producers.map((producer) => producer.close()));
  }

  #producerOf(hub: string): EventHubProducerClient {
    const known = this.#producers.get(hub);
    if (known !== undefined) return known;
    const producer = new EventHubProducerClient(this.#connectionString, hub, this.#options);
    this.#producers.set(hub, producer);
    return producer;
  }
}
