import { earliestEventPosition } from '@azure/event-hubs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Broker } from '../../src/dev/broker/broker.ts';
import { Clients, until } from '../support/event-hub-clients.ts';

let broker: Broker;
let clients: Clients;

beforeEach(async () => {
  clients = new Clients();
  broker = await Broker.start({ hubs: [{ name: 'logs', partitions: 2 }], now: Date.now, controlPort: 0 });
});

afterEach(async () => {
  await clients.closeAll();
  await broker.close();
});

async function call(name: string, args?: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${broker.controlUrl}/faults/${name}`, {
    method: 'POST',
    ...(args === undefined ? {} : { body: JSON.stringify(args) }),
  });
  return { status: response.status, body: await response.json() };
}

test('the control port answers health as the official emulator does', async () => {
  const response = await fetch(`${broker.controlUrl}/health`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: 'healthy', message: 'Service is healthy.' });
});

test('events appended over the control port are read with their times, keys and properties', async () => {
  const events = [
    { partition: '1', body: 'old', enqueuedMs: 1_700_000_000_000, partitionKey: 'k', properties: { a: 1 } },
    { partition: '1', bodyBase64: Buffer.from([0, 255]).toString('base64') },
  ];
  expect(await call('append', { hub: 'logs', events })).toEqual({ status: 200, body: [0, 1] });
  const read = await clients.read(broker.connectionString('logs'), '1', earliestEventPosition, 2);
  expect(read.events[0]).toMatchObject({
    enqueuedTimeUtc: new Date(1_700_000_000_000),
    partitionKey: 'k',
    properties: { a: 1 },
  });
  expect([...(read.events[1]!.body as Buffer)]).toEqual([0, 255]);
});

test('every fault can be called with what it needs', async () => {
  const listener = clients.listen(broker.connectionString('logs'), '0');
  await until(() => broker.faults.readers().length === 1);
  const { body } = await call('readers', { hub: 'logs' });
  expect(body).toMatchObject([{ hub: 'logs', partition: '0', epoch: null, next: 0 }]);
  const calls: [string, unknown][] = [
    ['stall', { hub: 'logs', partition: '0' }],
    ['unstall', { hub: 'logs', partition: '0' }],
    ['freeze', undefined],
    ['thaw', undefined],
    ['rejectSends', { count: 1 }],
    ['acceptSends', undefined],
    ['cbs', { mode: 'mute' }],
    ['cbs', { mode: 'answer' }],
    ['management', { mode: 503, condition: 'com.microsoft:server-busy' }],
    ['management', { mode: 'answer' }],
    ['trim', { hub: 'logs', partition: '0', beginSequenceNumber: 0 }],
    ['redeliver', { hub: 'logs', events: 1 }],
    ['detachReadersSilently', {}],
    ['detachReaders', { partition: '0' }],
    ['endSessions', {}],
    ['closeConnections', {}],
    ['destroySockets', undefined],
    ['down', undefined],
    ['up', undefined],
  ];
  for (const [name, args] of calls) expect(await call(name, args), name).toEqual({ status: 200, body: null });
  broker.hub('logs').append('0', 'still there');
  await until(() => listener.events.length > 0);
  expect(listener.bodies()).toEqual(['still there']);
  expect((await call('reset', { hub: 'logs' })).status).toBe(200);
});

test('an unknown fault and unfit arguments are refused and named', async () => {
  expect(await call('explode')).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining('explode') as unknown },
  });
  expect(await call('constructor')).toMatchObject({ status: 400 });
  expect(await call('stall', { hub: 'logs' })).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining('partition') as unknown },
  });
  expect(await call('reset', { hub: 'missing' })).toMatchObject({ status: 400 });
  expect((await fetch(`${broker.controlUrl}/elsewhere`)).status).toBe(404);
});

test('no control port is opened unless asked for', async () => {
  const plain = await Broker.start({ hubs: [{ name: 'logs', partitions: 1 }], now: Date.now });
  expect(plain.controlUrl).toBeNull();
  await plain.close();
});
