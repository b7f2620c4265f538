import { BlobCheckpointStore } from '@azure/eventhubs-checkpointstore-blob';
import { earliestEventPosition, type EventHubConsumerClient, type ReceivedEventData } from '@azure/event-hubs';
import { ContainerClient } from '@azure/storage-blob';
import { EventHubConsumerClient as Consumer } from '@azure/event-hubs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAzurite, type Azurite } from '../../src/dev/azurite.ts';
import { Broker } from '../../src/dev/broker/broker.ts';
import { QUICK_RETRIES, until } from '../support/event-hub-clients.ts';

const PARTITIONS = 4;

let azurite: Azurite;
let broker: Broker;
let container: ContainerClient;

beforeAll(async () => {
  azurite = await startAzurite();
  broker = await Broker.start({
    hubs: [{ name: 'logs', partitions: PARTITIONS, consumerGroups: ['g'] }],
    now: Date.now,
  });
  container = new ContainerClient(azurite.connectionString, 'checkpoints');
  await container.create();
});

afterAll(async () => {
  await broker.close();
  await azurite.stop();
});

function consumer(events: ReceivedEventData[], partitions: Set<string>): EventHubConsumerClient {
  const store = new BlobCheckpointStore(container);
  const client = new Consumer('g', broker.connectionString('logs'), store, {
    ...QUICK_RETRIES,
    loadBalancingOptions: {
      strategy: 'greedy',
      updateIntervalInMs: 300,
      partitionOwnershipExpirationIntervalInMs: 3000,
    },
  });
  client.subscribe(
    {
      processInitialize: (context) => Promise.resolve(void partitions.add(context.partitionId)),
      processEvents: async (batch, context) => {
        events.push(...batch);
        const last = batch.at(-1);
        if (last !== undefined) await context.updateCheckpoint(last);
      },
      processError: () => Promise.resolve(),
    },
    { startPosition: earliestEventPosition, maxBatchSize: 50, maxWaitTimeInSeconds: 0.5, skipParsingBodyAsJson: true },
  );
  return client;
}

function append(from: number, to: number): void {
  for (let index = from; index < to; index += 1) broker.hub('logs').append(String(index % PARTITIONS), String(index));
}

const numbers = (events: readonly ReceivedEventData[]): number[] =>
  events.map(({ body }) => Number(String(body))).sort((a, b) => a - b);
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

test('consumers with checkpoints on Azurite read every partition and go on where the last one stopped', async () => {
  append(0, 200);
  const first: ReceivedEventData[] = [];
  const owned = new Set<string>();
  const one = consumer(first, owned);
  await until(() => first.length >= 200);
  expect(numbers(first)).toEqual(range(0, 200));
  expect(owned.size).toBe(PARTITIONS);
  expect(broker.faults.readers({ group: 'g' }).map(({ epoch }) => epoch)).toEqual([0, 0, 0, 0]);
  await one.close();

  append(200, 300);
  const second: ReceivedEventData[] = [];
  const two = consumer(second, new Set());
  await until(() => second.length >= 100);
  await two.close();
  expect(numbers(second)).toEqual(range(200, 300));
});

test('a second consumer takes its share of the partitions', async () => {
  const events: ReceivedEventData[] = [];
  const partitions = [new Set<string>(), new Set<string>()];
  const one = consumer(events, partitions[0]!);
  await until(() => partitions[0]!.size === PARTITIONS);
  const two = consumer(events, partitions[1]!);
  await until(() => partitions[1]!.size >= 2);
  await until(() => new Set(broker.faults.readers({ group: 'g' }).map(({ name }) => name)).size === 2);
  append(300, 400);
  await until(() => new Set(numbers(events)).size >= 100);
  await Promise.all([one.close(), two.close()]);
});
