import {
  EventHubConsumerClient,
  EventHubProducerClient,
  earliestEventPosition,
  type EventHubConsumerClientOptions,
  type EventPosition,
  type ReceivedEventData,
  type SubscribeOptions,
} from '@azure/event-hubs';

/** Retries that do not make a test wait. */
export const QUICK_RETRIES = { retryOptions: { maxRetries: 100, retryDelayInMs: 100, timeoutInMs: 10_000 } } as const;

/** No retries: the first error comes out. */
export const NO_RETRIES = { retryOptions: { maxRetries: 0, timeoutInMs: 10_000 } } as const;

const SUBSCRIBE: SubscribeOptions = {
  startPosition: earliestEventPosition,
  maxBatchSize: 100,
  maxWaitTimeInSeconds: 0.5,
  skipParsingBodyAsJson: true,
};

/** Waits until the condition holds, looking again after every turn of the timers. The test's own time limit ends it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** A consumer that notes what it is told. */
export class Listener {
  readonly events: ReceivedEventData[] = [];
  readonly errors: Error[] = [];
  readonly closeReasons: string[] = [];
  /** Batches without events: signs that the consumer waited and got nothing. */
  emptyBatches = 0;
  readonly client: EventHubConsumerClient;

  constructor(client: EventHubConsumerClient, partition: string | null, options: SubscribeOptions = {}) {
    this.client = client;
    const handlers = {
      processEvents: (events: ReceivedEventData[]) => {
        this.events.push(...events);
        if (events.length === 0) this.emptyBatches += 1;
        return Promise.resolve();
      },
      processError: (error: Error) => {
        this.errors.push(error);
        return Promise.resolve();
      },
      processClose: (reason: string) => {
        this.closeReasons.push(reason);
        return Promise.resolve();
      },
    };
    const all = { ...SUBSCRIBE, ...options };
    if (partition === null) client.subscribe(handlers, all);
    else client.subscribe(partition, handlers, all);
  }

  bodies(): string[] {
    return this.events.map(({ body }) => String(body));
  }

  sequenceNumbers(): number[] {
    return this.events.map(({ sequenceNumber }) => sequenceNumber);
  }
}

/** Makes clients and closes them all. */
export class Clients {
  readonly #open: { close(): Promise<void> }[] = [];

  producer(connectionString: string, options = {}): EventHubProducerClient {
    const client = new EventHubProducerClient(connectionString, { ...QUICK_RETRIES, ...options });
    this.#open.push(client);
    return client;
  }

  consumer(
    connectionString: string,
    group = '$Default',
    options: EventHubConsumerClientOptions = {},
  ): EventHubConsumerClient {
    const client = new EventHubConsumerClient(group, connectionString, { ...QUICK_RETRIES, ...options });
    this.#open.push(client);
    return client;
  }

  /** Listens to one partition. */
  listen(connectionString: string, partition: string, options: SubscribeOptions = {}): Listener {
    return new Listener(this.consumer(connectionString), partition, options);
  }

  /** Reads a partition from a position until `count` events have come. */
  async read(
    connectionString: string,
    partition: string,
    startPosition: EventPosition,
    count: number,
  ): Promise<Listener> {
    const listener = this.listen(connectionString, partition, { startPosition });
    await until(() => listener.events.length >= count || listener.errors.length > 0);
    await listener.client.close();
    return listener;
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((client) => client.close()));
  }
}

/** The errors inside an error: retried operations of the client reject with an AggregateError. */
export function codesOf(error: unknown): unknown[] {
  if (error instanceof AggregateError) return error.errors.flatMap(codesOf);
  return error instanceof Error && 'code' in error ? [error.code] : [error];
}
