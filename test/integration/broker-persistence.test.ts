import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { earliestEventPosition, type ReceivedEventData } from '@azure/event-hubs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Broker } from '../../src/dev/broker/broker.ts';
import { Clients, until } from '../support/event-hub-clients.ts';

let folder: string;
let clients: Clients;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'broker-'));
  clients = new Clients();
});

afterEach(async () => {
  await clients.closeAll();
  await rm(folder, { recursive: true });
});

const placeOf = ({ sequenceNumber, offset, enqueuedTimeUtc }: ReceivedEventData): unknown[] => [
  sequenceNumber,
  offset,
  enqueuedTimeUtc,
];

const start = (port: number): Promise<Broker> =>
  Broker.start({ hubs: [{ name: 'logs', partitions: 2, consumerGroups: ['g'] }], now: Date.now, folder, port });

test('a broker started again on its folder and port has the same log, and readers and senders go on', async () => {
  const first = await start(0);
  const connectionString = first.connectionString('logs');
  const producer = clients.producer(connectionString);
  await producer.sendBatch([{ body: Buffer.from('a') }, { body: Buffer.from('b') }], { partitionId: '0' });
  first.hub('logs').append('0', 'past', { enqueuedMs: 1_700_000_000_000 });
  const listener = clients.listen(connectionString, '0');
  await until(() => listener.events.length === 3);
  const before = [await producer.getEventHubProperties(), await producer.getPartitionProperties('0')];
  await first.close();

  const second = await start(first.port);
  expect([await producer.getEventHubProperties(), await producer.getPartitionProperties('0')]).toEqual(before);
  await producer.sendBatch([{ body: Buffer.from('c') }], { partitionId: '0' });
  await until(() => listener.events.length === 4);
  expect(listener.sequenceNumbers()).toEqual([0, 1, 2, 3]);
  expect(listener.errors).toEqual([]);
  const fresh = await clients.read(connectionString, '0', earliestEventPosition, 4);
  expect(fresh.events.map(placeOf)).toEqual(listener.events.map(placeOf));
  expect(fresh.bodies()).toEqual(['a', 'b', 'past', 'c']);
  await clients.closeAll();
  await second.close();
});

test('a reset and a trim outlive a restart', async () => {
  const first = await start(0);
  const { createdMs } = first.hub('logs');
  for (const body of ['a', 'b', 'c']) first.hub('logs').append('0', body);
  first.faults.reset('logs');
  for (const body of ['d', 'e', 'f']) first.hub('logs').append('0', body);
  first.faults.trim('logs', '0', 2);
  const reset = first.hub('logs').createdMs;
  await first.close();
  const second = await start(0);
  expect(reset).toBeGreaterThan(createdMs);
  expect(second.hub('logs').createdMs).toBe(reset);
  const { events } = await clients.read(second.connectionString('logs'), '0', earliestEventPosition, 1);
  expect(events.map(({ sequenceNumber, body }) => [sequenceNumber, String(body)])).toEqual([[2, 'f']]);
  await clients.closeAll();
  await second.close();
});

test('a second broker on the same port is refused and leaves the first alone', async () => {
  const first = await start(0);
  await expect(
    Broker.start({ hubs: [{ name: 'logs', partitions: 1 }], now: Date.now, port: first.port }),
  ).rejects.toThrow('EADDRINUSE');
  expect((await clients.producer(first.connectionString('logs')).getEventHubProperties()).name).toBe('logs');
  await clients.closeAll();
  await first.close();
});
