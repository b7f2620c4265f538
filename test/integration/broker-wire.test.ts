import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Broker } from '../../src/dev/broker/broker.ts';
import { Clients, until } from '../support/event-hub-clients.ts';

let broker: Broker;
let errors: unknown[];
let clients: Clients;

beforeEach(async () => {
  errors = [];
  clients = new Clients();
  const onError = (error: unknown): void => void errors.push(error);
  broker = await Broker.start({ hubs: [{ name: 'logs', partitions: 1 }], now: Date.now, onError });
});

afterEach(async () => {
  await clients.closeAll();
  await broker.close();
});

/** Sends bytes and resolves to all that came back when the broker has closed the socket. */
function exchange(bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(broker.port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks)));
  });
}

test('a peer that does not speak AMQP is dropped and told about, and others are not disturbed', async () => {
  const listener = clients.listen(broker.connectionString('logs'), '0');
  await exchange(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  await exchange(Buffer.concat([Buffer.from('AMQP'), Buffer.from([0, 1, 0, 0, 0, 0, 0, 12, 2, 0, 0, 0, 1, 1, 1, 1])]));
  expect(errors).toHaveLength(2);
  broker.hub('logs').append('0', 'fine');
  await until(() => listener.events.length > 0);
  expect(listener.errors).toEqual([]);
});

test('every message a client sends and receives is handled without an error inside', async () => {
  const producer = clients.producer(broker.connectionString('logs'));
  const listener = clients.listen(broker.connectionString('logs'), '0', { trackLastEnqueuedEventProperties: true });
  for (let size = 1; size <= 1_000_000; size *= 10) {
    await producer.sendBatch([{ body: Buffer.alloc(size), properties: { size } }], { partitionId: '0' });
  }
  await until(() => listener.events.length === 7);
  expect(
    listener.events.map(({ body, properties }) => [(body as Buffer).length, properties?.['size'] as unknown]),
  ).toEqual([1, 10, 100, 1000, 10_000, 100_000, 1_000_000].map((size) => [size, size]));
  await clients.closeAll();
  expect(errors).toEqual([]);
});

test.each([
  ['a name with a slash', { name: '../logs', partitions: 1 }],
  ['no partitions', { name: 'logs', partitions: 0 }],
  ['half a partition', { name: 'logs', partitions: 1.5 }],
])('a hub with %s is refused', async (_, hub) => {
  await expect(Broker.start({ hubs: [hub], now: Date.now })).rejects.toThrow(RangeError);
});

test('two hubs whose names differ in case only are refused', async () => {
  const hubs = [
    { name: 'logs', partitions: 1 },
    { name: 'LOGS', partitions: 1 },
  ];
  await expect(Broker.start({ hubs, now: Date.now })).rejects.toThrow('twice');
});
