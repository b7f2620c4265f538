import { earliestEventPosition, type EventPosition } from '@azure/event-hubs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Broker } from '../../src/dev/broker/broker.ts';
import { Clients, codesOf, Listener, NO_RETRIES, until } from '../support/event-hub-clients.ts';

let broker: Broker;
let clients: Clients;

beforeAll(async () => {
  broker = await Broker.start({
    hubs: [{ name: 'logs', partitions: 2, consumerGroups: ['tidewatch'] }],
    keys: [{ name: 'root', key: 'the right key' }],
    now: Date.now,
    wallClock: Date.now,
  });
});

afterAll(() => broker.close());

beforeEach(() => {
  clients = new Clients();
});

afterEach(() => clients.closeAll());

async function failure(work: Promise<unknown>): Promise<Error> {
  const outcome: unknown = await work.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  if (outcome instanceof AggregateError) return outcome.errors[0] as Error;
  return outcome as Error;
}

/** The first error a consumer of one partition is told. */
async function consumerError(
  connectionString: string,
  group: string,
  position: EventPosition = earliestEventPosition,
): Promise<Error> {
  const consumer = clients.consumer(connectionString, group, NO_RETRIES);
  const listener = new Listener(consumer, '0', { startPosition: position });
  await until(() => listener.errors.length > 0);
  const [error] = listener.errors;
  return error instanceof AggregateError ? (error.errors[0] as Error) : error!;
}

test.each([
  ['a wrong key', 'SharedAccessKey=the wrong key'],
  ['an unknown key name', 'SharedAccessKeyName=nobody'],
])('%s is answered as unauthorised to readers, senders and management', async (_, part) => {
  const [field] = part.split('=');
  const connectionString = broker.connectionString('logs').replace(new RegExp(`${field}=[^;]*`), part);
  const producer = clients.producer(connectionString, NO_RETRIES);
  const errors = [
    await failure(producer.getEventHubProperties()),
    await failure(producer.sendBatch([{ body: 1 }])),
    await consumerError(connectionString, '$Default'),
  ];
  for (const error of errors) {
    expect(codesOf(error)).toEqual(['UnauthorizedError']);
    expect(error.message).toContain('InvalidSignature: The token has an invalid signature.');
  }
});

test('a hub that does not exist is not found by readers, senders and management', async () => {
  const connectionString = broker.connectionString('missing');
  const producer = clients.producer(connectionString, NO_RETRIES);
  const errors = [
    await failure(producer.getEventHubProperties()),
    await failure(producer.sendBatch([{ body: 1 }])),
    await consumerError(connectionString, '$Default'),
  ];
  for (const error of errors) {
    expect(codesOf(error)).toEqual(['MessagingEntityNotFoundError']);
    expect(error.message).toMatch(/The messaging entity '.*missing.*' could not be found/);
  }
});

test('a consumer group that does not exist is not found and named', async () => {
  const error = await consumerError(broker.connectionString('logs'), 'nobodys');
  expect(codesOf(error)).toEqual(['MessagingEntityNotFoundError']);
  expect(error.message).toMatch(/The messaging entity '.*logs.*\|nobodys' could not be found/);
});

test('names of hubs and groups are taken in any case', async () => {
  broker.hub('logs').append('0', 'x');
  const consumer = clients.consumer(broker.connectionString('LOGS'), 'TideWatch');
  const listener = new Listener(consumer, '0');
  await until(() => listener.events.length > 0);
  expect(listener.errors).toEqual([]);
});

test('a partition that does not exist is out of range', async () => {
  const producer = clients.producer(broker.connectionString('logs'), NO_RETRIES);
  const works = [
    () => producer.getPartitionProperties('2'),
    () => producer.sendBatch([{ body: 1 }], { partitionId: '2' }),
  ];
  for (const work of works) {
    const error = await failure(work());
    expect(codesOf(error)).toEqual(['ArgumentOutOfRangeError']);
    expect(error.message).toContain('It should be between 0 and 1.');
  }
});

test('a position beyond the end of the log is refused as invalid', async () => {
  const connectionString = broker.connectionString('logs');
  const byOffset = await consumerError(connectionString, '$Default', { offset: '99999999' });
  expect(codesOf(byOffset)).toEqual(['ArgumentError']);
  expect(byOffset.message).toContain("The supplied offset '99999999' is invalid. The last offset in the system is '");
  const byNumber = await consumerError(connectionString, '$Default', { sequenceNumber: 99_999 });
  expect(codesOf(byNumber)).toEqual(['ArgumentError']);
  expect(byNumber.message).toContain(
    "The supplied sequence number '99999' is invalid. The last sequence number in the system is '",
  );
});

test('a receiver with a higher or equal owner level takes over, one with a lower level or none is refused', async () => {
  const connectionString = broker.connectionString('logs');
  const listen = (ownerLevel: number | null): Listener =>
    clients.listen(connectionString, '1', ownerLevel === null ? {} : { ownerLevel });
  const first = listen(5);
  await until(() => broker.faults.readers({ partition: '1' }).length === 1);
  const lower = listen(4);
  const plain = listen(null);
  await until(() => lower.errors.length > 0 && plain.errors.length > 0);
  expect(lower.errors[0]!.message).toContain("with a higher epoch '5' already exists");
  expect(plain.errors[0]!.message).toContain('non-epoch receiver is not allowed');
  expect(first.errors).toEqual([]);
  const equal = listen(5);
  await until(() => first.closeReasons.length > 0);
  expect(codesOf(first.errors[0])).toEqual(['ReceiverDisconnectedError']);
  expect(first.closeReasons).toEqual(['OwnershipLost']);
  expect(equal.errors).toEqual([]);
  expect(broker.faults.readers({ partition: '1' }).map(({ epoch }) => epoch)).toEqual([5]);
});

test('a sixth receiver without an owner level exceeds the quota', async () => {
  const connectionString = broker.connectionString('logs');
  const listeners = [0, 1, 2, 3, 4].map(() => clients.listen(connectionString, '0'));
  await until(() => broker.faults.readers({ partition: '0' }).length === 5);
  const error = await consumerError(connectionString, '$Default');
  expect(codesOf(error)).toEqual(['QuotaExceededError']);
  expect(listeners.flatMap(({ errors }) => errors)).toEqual([]);
});
