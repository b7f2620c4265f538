import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startAzurite } from '../../src/dev/azurite.ts';
import { anew, newContainer, streamOf, until } from '../support/event-hub-rig.ts';
import { EventHubSuite, numbers, statusOf } from '../support/event-hub-suite.ts';

const suite = new EventHubSuite();

test('a wrong key is told by the time start() resolves, with the option that mends it', async () => {
  const wrong = suite.broker.connectionString().replace(/SharedAccessKey=[^;]+/, 'SharedAccessKey=d3Jvbmc=');
  const { source, listener } = suite.rig({ streams: [streamOf(suite.broker, 'logs', wrong)] });
  await source.start(listener, ...anew());
  expect(source.errors()).toMatchObject([{ hub: 'logs', code: 'unauthorized' }]);
  expect(source.errors()[0]?.message).toContain('EVENTHUB_CONNECTION_STRING');
});

test('a key that is refused from some moment on is told, and forgotten when it is good again', async () => {
  const { source, listener } = await suite.reading();
  suite.broker.faults.cbs(401);
  suite.broker.faults.destroySockets();
  await until(() => source.errors()[0]?.code === 'unauthorized', 'it is told');
  suite.broker.faults.cbs('answer');
  suite.append('0', 3);
  await until(() => listener.sequence('0').length === 3 && source.errors().length === 0, 'it is read on');
});

test('a missing hub is told with the option that named it, and read once it is there', async () => {
  const { source, listener } = suite.rig({ streams: [streamOf(suite.broker, 'absent')] });
  await source.start(listener, ...anew());
  expect(source.errors()).toMatchObject([{ hub: 'absent', code: 'hub_not_found' }]);
  expect(source.errors()[0]?.message).toContain('ACTIVITY_HUB');
  expect(listener.known).toEqual([]);
  expect(source.status()).toEqual([]);
  await suite.restart([{ name: 'absent', partitions: 1, consumerGroups: ['tidewatch'] }]);
  await until(() => source.errors().length === 0 && listener.hasCaughtUp('0'), 'it is read');
  expect(listener.known).toHaveLength(1);
});

test('a missing consumer group is told with the option that named it, in few log lines', async () => {
  const { source, listener, log } = suite.rig({ consumerGroup: 'absent' });
  await source.start(listener, ...anew());
  await until(() => source.errors().length > 0, 'it is told');
  expect(source.errors()).toMatchObject([{ hub: 'logs', code: 'consumer_group_not_found' }]);
  expect(source.errors()[0]?.message).toContain('CONSUMER_GROUP');
  await until(() => source.status().every(({ lastReadMs }) => lastReadMs !== null), 'it goes on looking');
  expect(log.of('error')).toHaveLength(1);
  expect(listener.caughtUp).toEqual([]);
});

test('a connection string that names another hub is told and tried by nobody', async () => {
  const { source, listener } = suite.rig({
    streams: [streamOf(suite.broker, 'logs', suite.broker.connectionString('other'))],
  });
  await source.start(listener, ...anew());
  expect(source.errors()[0]?.message).toContain('EntityPath names another hub: current value is other');
});

test('a hub that was made anew fails its partitions and skips nothing in silence', async () => {
  const made = await suite.reading();
  const { listener, source } = made;
  suite.append('0', 10);
  await until(() => listener.sequence('0').length === 10, 'all came');
  suite.broker.faults.reset('logs');
  suite.append('0', 3);
  await until(() => source.status().every(({ error }) => error?.code === 'hub_reset'), 'it is told');
  expect(statusOf(made, '0')?.error?.message).toContain('RESET_ON_RECREATE');
  expect(listener.sequence('0')).toEqual(numbers(10));
  const heard = listener.caughtUp.length;
  await until(() => statusOf(made, '0')?.lagEvents !== null, 'it goes on looking');
  expect(listener.caughtUp.length).toBe(heard);
});

test('a hub that was made anew is read from its beginning as another origin when that is allowed', async () => {
  const { listener, source } = suite.rig({ resetOnRecreate: true });
  await source.start(listener, ...anew());
  suite.append('0', 10);
  await until(() => listener.sequence('0').length === 10, 'all came');
  const [before] = listener.known;
  suite.broker.faults.reset('logs');
  suite.append('0', 3);
  await until(() => listener.sequence('0').length === 13, 'the new ones came');
  expect(listener.sequence('0').slice(10)).toEqual(numbers(3));
  const incarnation = listener.events.at(-1)?.origin.incarnation;
  expect(incarnation).toBe(suite.broker.hub('logs').createdMs);
  expect(incarnation).toBeGreaterThan(before?.[0]?.incarnation ?? Infinity);
  await until(() => listener.known.length === 2, 'the new origins are told');
  expect(listener.known[1]?.every((origin) => origin.incarnation === incarnation)).toBe(true);
});

test('a storage that is away stops no reading, is told, and is forgotten when it is back', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidewatch-'));
  const own = await startAzurite({ folder });
  const { source, listener } = suite.rig({ container: await newContainer(own.connectionString) });
  await source.start(listener, ...anew());
  await until(() => listener.hasCaughtUp('0'), 'it is caught up');
  await own.stop();
  suite.append('0', 5);
  await until(() => source.errors()[0]?.code === 'storage_unavailable', 'it is told');
  suite.append('0', 5, 5);
  await until(() => listener.sequence('0').length >= 10, 'reading goes on');
  expect(source.errors()[0]?.message).toContain('STORAGE_CONNECTION_STRING');
  const back = await startAzurite({ folder, port: Number(new URL(own.url).port) });
  await until(() => source.errors().length === 0, 'it is forgotten');
  expect(listener.sequence('0')).toEqual(numbers(10));
  await source.stop(3000);
  await back.stop();
  await rm(folder, { recursive: true });
});
