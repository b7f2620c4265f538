import { afterEach, beforeEach, expect, test } from 'vitest';
import { Broker } from '../../src/dev/broker/broker.ts';
import { Clients, codesOf, NO_RETRIES, until, type Listener } from '../support/event-hub-clients.ts';

let broker: Broker;
let clients: Clients;
let connectionString: string;
let appended: number;

beforeEach(async () => {
  clients = new Clients();
  appended = 0;
  broker = await Broker.start({ hubs: [{ name: 'logs', partitions: 2 }], now: Date.now });
  connectionString = broker.connectionString('logs');
});

afterEach(async () => {
  await clients.closeAll();
  await broker.close();
});

function append(count: number): void {
  for (let index = 0; index < count; index += 1) broker.hub('logs').append('0', String(appended++));
}

/** A listener that has got the first ten events. */
async function reading(): Promise<Listener> {
  const listener = clients.listen(connectionString, '0');
  append(10);
  await until(() => listener.events.length >= 10);
  return listener;
}

/** Every event once, in order. */
async function getsTheRest(listener: Listener): Promise<void> {
  append(10);
  await until(() => listener.events.length >= appended);
  expect(listener.sequenceNumbers()).toEqual(Array.from({ length: appended }, (_, index) => index));
}

test.each<[string, (target: Broker) => void | Promise<void>]>([
  ['its socket was destroyed', ({ faults }) => faults.destroySockets()],
  ['its connection was closed', ({ faults }) => faults.closeConnections()],
  ['its link was detached', ({ faults }) => faults.detachReaders({ hub: 'LOGS', partition: '0' })],
  ['its link was detached without an error', ({ faults }) => faults.detachReadersSilently()],
  ['its session was ended', ({ faults }) => faults.endSessions()],
  [
    'the broker was down and came back on its port',
    async ({ faults }) => {
      await faults.down();
      await faults.up();
    },
  ],
])('a consumer reads on, each event once, after %s', async (_, fault) => {
  const listener = await reading();
  await fault(broker);
  await getsTheRest(listener);
  expect(listener.errors).toEqual([]);
});

test('a detach that is not retryable closes the reader with the given condition', async () => {
  const listener = await reading();
  broker.faults.detachReaders({ condition: 'com.microsoft:entity-disabled', description: 'Disabled on demand.' });
  await until(() => listener.closeReasons.length > 0);
  expect(codesOf(listener.errors[0])).toEqual(['MessagingEntityDisabledError']);
  expect(listener.errors[0]!.message).toContain('Disabled on demand.');
});

test('a frozen broker neither reads nor writes, also towards new sockets, and goes on when it thaws', async () => {
  const listener = await reading();
  broker.faults.freeze();
  const producer = clients.producer(connectionString);
  let settled = false;
  const sent = producer
    .sendBatch([{ body: Buffer.from('while frozen') }], { partitionId: '0' })
    .then(() => (settled = true));
  append(5);
  const ticks = listener.emptyBatches;
  await until(() => listener.emptyBatches >= ticks + 2);
  expect(settled).toBe(false);
  expect(listener.events).toHaveLength(10);
  broker.faults.thaw();
  await sent;
  await until(() => listener.events.length >= 16);
  expect(listener.sequenceNumbers()).toEqual(Array.from({ length: 16 }, (_, index) => index));
  expect(listener.errors).toEqual([]);
});

test('a stalled partition delivers nothing while the others go on', async () => {
  const listener = await reading();
  broker.faults.stall('logs', '0');
  append(5);
  broker.hub('logs').append('1', 'other');
  const other = await clients.read(connectionString, '1', { sequenceNumber: -1 }, 1);
  expect(other.bodies()).toEqual(['other']);
  const ticks = listener.emptyBatches;
  await until(() => listener.emptyBatches >= ticks + 2);
  expect(listener.events).toHaveLength(10);
  const producer = clients.producer(connectionString);
  expect((await producer.getPartitionProperties('0')).lastEnqueuedSequenceNumber).toBe(14);
  broker.faults.unstall('logs', '0');
  await getsTheRest(listener);
});

test('sends are rejected with the given condition as often as asked', async () => {
  const producer = clients.producer(connectionString, NO_RETRIES);
  broker.faults.rejectSends({ count: 2 });
  for (const code of ['ServerBusyError', 'ServerBusyError']) {
    const error: unknown = await producer.sendBatch([{ body: 1 }]).catch((reason: unknown) => reason);
    expect(codesOf(error)).toEqual([code]);
  }
  await producer.sendBatch([{ body: 1 }], { partitionId: '0' });
  broker.faults.rejectSends({ condition: 'amqp:not-allowed', description: 'No.' });
  const error: unknown = await producer.sendBatch([{ body: 1 }]).catch((reason: unknown) => reason);
  expect(codesOf(error)).toEqual(['InvalidOperationError']);
  broker.faults.acceptSends();
  await producer.sendBatch([{ body: 1 }], { partitionId: '0' });
  expect(broker.hub('logs').partition('0')?.info().lastSequenceNumber).toBe(1);
});

test('a muted node lets requests time out, a failing one refuses them, an answering one works again', async () => {
  const options = { retryOptions: { maxRetries: 0, timeoutInMs: 1000 } };
  for (const node of ['cbs', 'management'] as const) {
    broker.faults[node]('mute');
    const muted: unknown = await clients
      .producer(connectionString, options)
      .getEventHubProperties()
      .catch((reason: unknown) => reason);
    expect(codesOf(muted), node).toEqual(['OperationTimeoutError']);
    broker.faults[node](401);
    const refused: unknown = await clients
      .producer(connectionString, options)
      .getEventHubProperties()
      .catch((reason: unknown) => reason);
    expect(codesOf(refused), node).toEqual(['UnauthorizedError']);
    broker.faults[node]('answer');
    expect((await clients.producer(connectionString).getEventHubProperties()).name).toBe('logs');
  }
});

test('a reader behind the trimmed part goes on with the oldest event that is left', async () => {
  const listener = await reading();
  broker.faults.stall('logs', '0');
  append(10);
  broker.faults.trim('logs', '0', 15);
  broker.faults.unstall('logs', '0');
  await until(() => listener.events.length >= 15);
  expect(listener.sequenceNumbers().slice(10)).toEqual([15, 16, 17, 18, 19]);
});

test('a reset hub has another created_at, numbers from 0, and refuses positions of its earlier life', async () => {
  const producer = clients.producer(connectionString);
  const before = await producer.getEventHubProperties();
  const listener = await reading();
  broker.faults.reset('logs');
  await until(() => listener.errors.length > 0);
  expect(codesOf(listener.errors[0])).toContain('ArgumentError');
  const after = await producer.getEventHubProperties();
  expect(after.createdOn.getTime()).toBeGreaterThan(before.createdOn.getTime());
  expect((await producer.getPartitionProperties('0')).lastEnqueuedSequenceNumber).toBe(-1);
  await producer.sendBatch([{ body: Buffer.from('first') }], { partitionId: '0' });
  const fresh = await clients.read(connectionString, '0', { sequenceNumber: -1 }, 1);
  expect(fresh.sequenceNumbers()).toEqual([0]);
});

test('redelivered events come a second time, in order, before what follows', async () => {
  const listener = await reading();
  broker.faults.redeliver({ hub: 'logs', partition: '0' }, 3);
  append(1);
  await until(() => listener.events.length >= 14);
  expect(listener.sequenceNumbers()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 7, 8, 9, 10]);
});

test('a consumer closed under traffic closes, every time', async () => {
  const traffic = setInterval(() => {
    for (const partition of ['0', '1'])
      for (let event = 0; event < 5; event += 1) broker.hub('logs').append(partition, 'x');
  }, 2);
  for (let round = 0; round < 6; round += 1) {
    const both = ['0', '1'].map((partition) => clients.listen(connectionString, partition));
    await until(() => both.every(({ events }) => events.length > 50));
    await Promise.all(both.map(({ client }) => client.close()));
  }
  clearInterval(traffic);
  await until(() => broker.faults.readers().length === 0);
});
