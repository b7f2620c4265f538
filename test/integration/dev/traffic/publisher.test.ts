import { EventHubConsumerClient } from '@azure/event-hubs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Broker } from '../../../../src/dev/broker/broker.ts';
import type { GeneratedMessage } from '../../../../src/dev/traffic/message.ts';
import { publish, Publisher } from '../../../../src/dev/traffic/publisher.ts';
import { Traffic } from '../../../../src/dev/traffic/traffic.ts';

const nowMs = Date.UTC(2026, 2, 2, 8);
let broker: Broker;

beforeEach(async () => {
  broker = await Broker.start({
    hubs: [
      { name: 'activity', partitions: 1 },
      { name: 'entra', partitions: 3 },
    ],
    now: () => nowMs,
  });
});
afterEach(async () => {
  await broker.close();
});

/** Bodies of each partition, read through the real client once `count` of them have arrived. */
async function stored(hub: string, count: number): Promise<string[][]> {
  const consumer = new EventHubConsumerClient('$Default', broker.connectionString(), hub);
  const partitions = new Map((await consumer.getPartitionIds()).map((id): [string, string[]] => [id, []]));
  let arrived = 0;
  await new Promise<void>((resolve, reject) => {
    consumer.subscribe(
      {
        processEvents: async (events, context) => {
          for (const event of events) partitions.get(context.partitionId)?.push(text(event.body as Uint8Array));
          arrived += events.length;
          if (arrived >= count) resolve();
          await Promise.resolve();
        },
        processError: async (error) => {
          reject(error);
          await Promise.resolve();
        },
      },
      { startPosition: { offset: '-1' }, skipParsingBodyAsJson: true, maxWaitTimeInSeconds: 1 },
    );
  });
  await consumer.close();
  return [...partitions.values()];
}

function text(body: Uint8Array): string {
  return Buffer.from(body).toString('latin1');
}

describe('Publisher', () => {
  it('delivers every body unchanged and in order, and leaves out roles without a hub', async () => {
    const messages = new Traffic({ seed: 4, startMs: nowMs, scale: 0.2, faults: { poison: 0.05 } }).next(
      nowMs,
      nowMs + 1_200_000,
    );
    const hubs = { activity: 'activity', signIn: 'entra', servicePrincipal: 'entra' };
    const published = await publish(messages, { connectionString: broker.connectionString(), hubs });
    const of = (...roles: string[]) => messages.filter((message) => roles.includes(message.hub));
    const activity = of('activity').map((message) => text(message.body));
    expect(await stored('activity', activity.length)).toEqual([activity]);
    const entra = of('signIn', 'servicePrincipal').map((message) => text(message.body));
    expect((await stored('entra', entra.length)).flat().sort()).toEqual(entra.toSorted());
    expect(published.leftOut).toBe(of('nonInteractive', 'managedIdentity').length);
    expect(published.messages + published.leftOut).toBe(messages.length);
  });

  it('spreads a hub over its partitions, each in the order given', async () => {
    const messages = Array.from({ length: 300 }, (_, index): GeneratedMessage => {
      return { hub: 'signIn', body: Buffer.from(JSON.stringify({ index })), enqueuedMs: nowMs, kinds: ['unread'] };
    });
    const publisher = new Publisher({
      connectionString: broker.connectionString(),
      hubs: { signIn: 'entra' },
      batchEvents: 10,
    });
    await publisher.publish(messages.slice(0, 150));
    await publisher.publish(messages.slice(150));
    await publisher.close();
    const partitions = (await stored('entra', messages.length)).map((bodies) =>
      bodies.map((body) => (JSON.parse(body) as { index: number }).index),
    );
    expect(partitions.flat().sort((a, b) => a - b)).toEqual(messages.map((_, index) => index));
    for (const indexes of partitions) {
      expect(indexes.length).toBeGreaterThan(0);
      expect(indexes).toEqual(indexes.toSorted((a, b) => a - b));
    }
  });

  it('names the size of a body that no batch can hold', async () => {
    const body = new Uint8Array(2 * 1024 * 1024);
    const message: GeneratedMessage = { hub: 'activity', body, enqueuedMs: nowMs, kinds: ['unread'] };
    const options = { connectionString: broker.connectionString(), hubs: { activity: 'activity' } };
    await expect(publish([message], options)).rejects.toThrow(
      /Cannot publish a body to activity: its size is 2097152 bytes/,
    );
  });
});
