import { earliestEventPosition, latestEventPosition } from '@azure/event-hubs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Broker } from '../../src/dev/broker/broker.ts';
import { partitionOfKey } from '../../src/dev/broker/partition-key.ts';
import { Clients, codesOf, until } from '../support/event-hub-clients.ts';

let broker: Broker;
let clients: Clients;
let now: number;

beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  clients = new Clients();
  const hubs = [
    { name: 'logs', partitions: 4, consumerGroups: ['tidewatch'] },
    { name: 'other', partitions: 1 },
  ];
  broker = await Broker.start({ hubs, now: () => now });
});

afterEach(async () => {
  await clients.closeAll();
  await broker.close();
});

test('a batch arrives whole and in order, with body, properties and system properties as they were sent', async () => {
  const producer = clients.producer(broker.connectionString('logs'));
  const sent = [
    { body: Buffer.from([0, 1, 255]), properties: { text: 'ü', number: 7, flag: true } },
    { body: { records: [1, 2] }, messageId: 'm-1', correlationId: 'c-1', contentType: 'application/json' },
    { body: 'x'.repeat(200_000) },
  ];
  await producer.sendBatch(sent, { partitionId: '1' });
  const { events } = await clients.read(broker.connectionString('logs'), '1', earliestEventPosition, 3);
  expect(events.map(({ sequenceNumber }) => sequenceNumber)).toEqual([0, 1, 2]);
  expect(events.map(({ enqueuedTimeUtc }) => enqueuedTimeUtc.getTime())).toEqual([now, now, now]);
  expect(events.map(({ offset }) => Number(offset)).sort((a, b) => a - b)).toEqual(
    events.map(({ offset }) => Number(offset)),
  );
  expect(Buffer.compare(events[0]!.body as Buffer, sent[0]!.body as Buffer)).toBe(0);
  expect(events[0]!.properties).toEqual(sent[0]!.properties);
  expect(String(events[1]!.body)).toBe('{"records":[1,2]}');
  expect(events[1]).toMatchObject({ messageId: 'm-1', correlationId: 'c-1', contentType: 'application/json' });
  expect(String(events[2]!.body)).toHaveLength(200_002);
});

test('events with a partition key go where its hash says and keep the key', async () => {
  const producer = clients.producer(broker.connectionString('logs'));
  for (const key of ['hello', 'tenant-123', 'ключ']) {
    const partition = String(partitionOfKey(key, 4));
    const from = await producer.getPartitionProperties(partition);
    await producer.sendBatch([{ body: key }], { partitionKey: key });
    const position = { sequenceNumber: from.lastEnqueuedSequenceNumber };
    const { events } = await clients.read(broker.connectionString('logs'), partition, position, 1);
    expect(events.map(({ partitionKey }) => partitionKey)).toEqual([key]);
  }
});

test('batches that name no partition go round all of them, each batch to one', async () => {
  const producer = clients.producer(broker.connectionString('logs'));
  for (let batch = 0; batch < 8; batch += 1) await producer.sendBatch([{ body: 'a' }, { body: 'b' }, { body: 'c' }]);
  const ends = broker.hub('logs').partitions.map((log) => log.info().lastSequenceNumber);
  expect(ends).toEqual([5, 5, 5, 5]);
});

test('consumers start at every kind of position', async () => {
  const hub = broker.hub('logs');
  const stored = [0, 1, 2, 3, 4].map((hour) => hub.append('0', `e${hour}`, { enqueuedMs: now + hour * 3_600_000 }));
  const read = async (position: Parameters<Clients['read']>[2], count: number): Promise<string[]> =>
    (await clients.read(broker.connectionString('logs'), '0', position, count)).bodies();
  expect(await read(earliestEventPosition, 5)).toEqual(['e0', 'e1', 'e2', 'e3', 'e4']);
  expect(await read({ offset: String(stored[2]!.offset) }, 2)).toEqual(['e3', 'e4']);
  expect(await read({ offset: String(stored[2]!.offset), isInclusive: true }, 3)).toEqual(['e2', 'e3', 'e4']);
  expect(await read({ sequenceNumber: 3 }, 1)).toEqual(['e4']);
  expect(await read({ sequenceNumber: 3, isInclusive: true }, 2)).toEqual(['e3', 'e4']);
  expect(await read({ enqueuedOn: now + 2 * 3_600_000 }, 2)).toEqual(['e3', 'e4']);
});

test('a consumer that starts at the latest event gets only what comes after it attached', async () => {
  broker.hub('logs').append('0', 'before');
  const listener = clients.listen(broker.connectionString('logs'), '0', { startPosition: latestEventPosition });
  await until(() => broker.faults.readers().length === 1);
  broker.hub('logs').append('0', 'after');
  await until(() => listener.events.length > 0);
  expect(listener.bodies()).toEqual(['after']);
});

test('a history written with past enqueued times is read from an enqueued time on', async () => {
  const hub = broker.hub('logs');
  const hours = Array.from({ length: 24 }, (_, index) => now - (24 - index) * 3_600_000);
  for (const enqueuedMs of hours)
    hub.append('2', String(enqueuedMs), { enqueuedMs, partitionKey: 'k', properties: { a: 1 } });
  const from = hours[19]!;
  const { events } = await clients.read(broker.connectionString('logs'), '2', { enqueuedOn: from }, 4);
  expect(events.map(({ enqueuedTimeUtc }) => enqueuedTimeUtc.getTime())).toEqual(hours.slice(20));
  expect(events[0]).toMatchObject({ partitionKey: 'k', properties: { a: 1 } });
});

test('management tells created_at, partitions, and the end of each', async () => {
  const producer = clients.producer(broker.connectionString('logs'));
  expect(await producer.getEventHubProperties()).toEqual({
    name: 'logs',
    createdOn: new Date(now),
    partitionIds: ['0', '1', '2', '3'],
    isGeoDrEnabled: false,
  });
  expect(await producer.getPartitionProperties('3')).toMatchObject({
    beginningSequenceNumber: 0,
    lastEnqueuedSequenceNumber: -1,
    lastEnqueuedOffset: '-1',
    isEmpty: true,
  });
  const last = [broker.hub('logs').append('3', 'a'), broker.hub('logs').append('3', 'b', { enqueuedMs: now + 5 })][1]!;
  broker.faults.trim('logs', '3', 1);
  expect(await producer.getPartitionProperties('3')).toMatchObject({
    beginningSequenceNumber: 1,
    lastEnqueuedSequenceNumber: 1,
    lastEnqueuedOffset: String(last.offset),
    lastEnqueuedOnUtc: new Date(now + 5),
    isEmpty: false,
  });
});

test('a consumer that tracks the last enqueued event learns it with every event', async () => {
  const hub = broker.hub('logs');
  const consumer = clients.consumer(broker.connectionString('logs'));
  const last = [1, 2, 3].map((index) => hub.append('0', String(index), { enqueuedMs: now + index })).at(-1)!;
  const seen: unknown[] = [];
  consumer.subscribe(
    '0',
    {
      processEvents: (_, context) => Promise.resolve(void seen.push(context.lastEnqueuedEventProperties)),
      processError: () => Promise.resolve(),
    },
    { trackLastEnqueuedEventProperties: true, startPosition: earliestEventPosition, maxWaitTimeInSeconds: 0.5 },
  );
  await until(() => seen.length > 0);
  expect(seen[0]).toEqual({
    sequenceNumber: 2,
    offset: String(last.offset),
    enqueuedOn: new Date(now + 3),
    retrievedOn: new Date(now),
  });
});

test('no more events are delivered than the consumer gave credit for', async () => {
  const hub = broker.hub('logs');
  for (let index = 0; index < 500; index += 1) hub.append('0', String(index));
  let release: () => void = () => undefined;
  const blocked = new Promise<void>((resolve) => (release = resolve));
  const seen: number[] = [];
  const consumer = clients.consumer(broker.connectionString('logs'));
  consumer.subscribe(
    '0',
    {
      processEvents: async (events) => {
        seen.push(...events.map(({ sequenceNumber }) => sequenceNumber));
        await blocked;
      },
      processError: () => Promise.resolve(),
    },
    { startPosition: earliestEventPosition, maxBatchSize: 10, prefetchCount: 20, maxWaitTimeInSeconds: 0.5 },
  );
  await until(() => seen.length > 0 && broker.faults.readers()[0]?.credit === 0);
  const next = broker.faults.readers()[0]!.next;
  expect(next).toBeGreaterThanOrEqual(20);
  expect(next).toBeLessThan(100);
  release();
  await until(() => seen.length === 500);
  expect(seen).toEqual(Array.from({ length: 500 }, (_, index) => index));
});

test('retention cuts old events on the clock of the broker', async () => {
  const short = await Broker.start({ hubs: [{ name: 'h', partitions: 1, retentionMs: 1000 }], now: () => now });
  const producer = clients.producer(short.connectionString('h'));
  await producer.sendBatch([{ body: 'old' }], { partitionId: '0' });
  now += 2000;
  await producer.sendBatch([{ body: Buffer.from('new') }], { partitionId: '0' });
  expect(await producer.getPartitionProperties('0')).toMatchObject({
    beginningSequenceNumber: 1,
    lastEnqueuedSequenceNumber: 1,
  });
  const { events } = await clients.read(short.connectionString('h'), '0', earliestEventPosition, 1);
  expect(events.map(({ body }) => String(body))).toEqual(['new']);
  await clients.closeAll();
  await short.close();
});

test('a transfer over the limit is rejected and nothing of it is stored', async () => {
  const producer = clients.producer(broker.connectionString('logs'));
  const error: unknown = await producer
    .sendBatch([{ body: Buffer.alloc(1_048_576) }], { partitionId: '0' })
    .catch((reason: unknown) => reason);
  expect(codesOf(error)).toEqual(['MessageTooLargeError']);
  expect(broker.hub('logs').partition('0')?.info().empty).toBe(true);
  const batch = await producer.createBatch({ partitionId: '0' });
  expect(batch.maxSizeInBytes).toBe(1_048_576);
  while (batch.tryAdd({ body: Buffer.alloc(100_000) }));
  await producer.sendBatch(batch);
  expect(broker.hub('logs').partition('0')?.info().lastSequenceNumber).toBe(9);
});
