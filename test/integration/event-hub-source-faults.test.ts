import { expect, test } from 'vitest';
import { maxBatchSize } from '../../src/adapters/event-hubs/client-settings.ts';
import type { SourceListener } from '../../src/core/ports.ts';
import { anew, clock, until } from '../support/event-hub-rig.ts';
import { EventHubSuite, numbers, statusOf } from '../support/event-hub-suite.ts';

const suite = new EventHubSuite();

test('destroyed sockets, closed connections, detached links and ended sessions lose and double nothing', async () => {
  const { listener } = await suite.reading();
  const faults = [
    () => suite.broker.faults.destroySockets(),
    () => suite.broker.faults.closeConnections(),
    () => suite.broker.faults.detachReaders(),
    () => suite.broker.faults.detachReadersSilently(),
    () => suite.broker.faults.endSessions(),
  ];
  let sent = 0;
  for (const fault of faults) {
    suite.append('0', 50, sent);
    fault();
    suite.append('0', 50, sent + 50);
    sent += 100;
    await until(() => listener.sequence('0').length >= sent, `all ${sent} came`);
  }
  expect(listener.sequence('0')).toEqual(numbers(sent));
});

test('a broker that was down and came back is read on without loss', async () => {
  const made = await suite.reading();
  suite.append('0', 10);
  await suite.broker.faults.down();
  await until(() => made.source.errors()[0]?.code === 'unreachable', 'it is told to be unreachable');
  suite.append('0', 10, 10);
  await suite.broker.faults.up();
  await until(() => made.listener.sequence('0').length >= 20, 'all came');
  expect(made.listener.sequence('0')).toEqual(numbers(20));
  await until(() => made.source.errors().length === 0, 'the error is gone');
});

test('a frozen peer is never caught up, is told, and is read on when it thaws', async () => {
  const { source, listener, log } = await suite.reading();
  suite.broker.faults.freeze();
  suite.append('0', 5);
  const frozenAt = clock.now();
  await until(() => source.errors()[0]?.code === 'unreachable', 'it is told to be unreachable');
  expect(listener.caughtUp.filter(({ readStartedMs }) => readStartedMs > frozenAt)).toEqual([]);
  expect(log.of('error').filter((line) => line.includes('did not answer')).length).toBeLessThan(4);
  suite.broker.faults.thaw();
  await until(() => listener.sequence('0').length === 5 && source.errors().length === 0, 'all came');
  const thawed = listener.caughtUp.length;
  await until(() => listener.caughtUp.length > thawed, 'it is caught up again');
  expect(listener.sequence('0')).toEqual(numbers(5));
});

test('a stalled partition shows its lag, is not caught up, and comes back by itself', async () => {
  const made = await suite.reading();
  const { listener } = made;
  suite.broker.faults.stall('logs', '0');
  suite.append('0', 7);
  suite.append('1', 3);
  const stalledAt = clock.now();
  await until(() => statusOf(made, '0')?.lagEvents === 7, 'its lag shows');
  await until(() => listener.sequence('1').length === 3, 'the other partition goes on');
  await until(() => made.log.of('warn').some((line) => line.includes('new client')), 'a new client is tried');
  const falsely = listener.caughtUp.filter(
    ({ origin, readStartedMs }) => origin.partition === '0' && readStartedMs > stalledAt,
  );
  expect(falsely).toEqual([]);
  suite.broker.faults.unstall('logs', '0');
  await until(() => statusOf(made, '0')?.lagEvents === 0 && listener.sequence('0').length >= 7, 'it catches up');
  expect(listener.sequence('0')).toEqual(numbers(7));
});

test('a handler that waits holds its partition back, and no more than the prefetch piles up in memory', async () => {
  const made = await suite.reading();
  const { listener } = made;
  listener.hold();
  suite.append('0', 20_000);
  await until(() => listener.running === 1, 'the handler runs');
  await until(
    () => suite.broker.faults.readers({ hub: 'logs', partition: '0' })[0]?.credit === 0,
    'its credit is used up',
  );
  const sent = suite.broker.faults.readers({ hub: 'logs', partition: '0' })[0]?.next ?? Number.NaN;
  expect(sent).toBeLessThanOrEqual(2000 + maxBatchSize);
  await until(() => (statusOf(made, '0')?.lagEvents ?? 0) === 20_000, 'the lag shows');
  expect(listener.running).toBe(1);
  expect(made.log.of('warn')).toEqual([]);
  listener.release();
  await until(() => listener.sequence('0').length >= 20_000, 'all came');
  expect(listener.sequence('0')).toEqual(numbers(20_000));
});

test('large events pile up by bytes, not by number', async () => {
  const { listener } = await suite.reading();
  const body = Buffer.alloc(250_000, 'x');
  for (let index = 0; index < 200; index++) suite.broker.hub('logs').append('0', body);
  await until(() => listener.sequence('0').length >= 30, 'the size is known');
  listener.hold();
  await until(() => listener.running === 1, 'the handler runs');
  await until(
    () => suite.broker.faults.readers({ hub: 'logs', partition: '0' })[0]?.credit === 0,
    'its credit is used up',
  );
  const sent = suite.broker.faults.readers({ hub: 'logs', partition: '0' })[0]?.next ?? Number.NaN;
  // 16 MiB hold 67 of them, beside those in the handler.
  expect(sent - listener.sequence('0').length).toBeLessThanOrEqual(2 * 68);
  listener.release();
  await until(() => listener.sequence('0').length >= 200, 'all came');
  expect(listener.sequence('0')).toEqual(numbers(200));
});

test('a handler that fails against its promise ends the reader, and its events are read again', async () => {
  const { listener, source } = suite.rig();
  let failures = 0;
  const failing: SourceListener = {
    onCaughtUp: listener.onCaughtUp,
    onPartitions: listener.onPartitions,
    onEvents: (origin, events) => {
      if (failures++ === 0) return Promise.reject(new Error('no room'));
      return listener.onEvents(origin, events);
    },
  };
  await source.start(failing, ...anew());
  suite.append('0', 10);
  await until(() => listener.sequence('0').length >= 10, 'all came');
  expect(listener.sequence('0')).toEqual(numbers(10));
});

test('events that are delivered again are handed over once', async () => {
  const { listener } = await suite.reading();
  suite.append('0', 10);
  await until(() => listener.sequence('0').length === 10, 'all came');
  suite.broker.faults.redeliver({ hub: 'logs', partition: '0' }, 5);
  suite.append('0', 5, 10);
  await until(() => listener.sequence('0').length >= 15, 'all came');
  expect(listener.sequence('0')).toEqual(numbers(15));
});

test('stop() waits for a handler that runs and leaves the partitions to others', async () => {
  const { source, listener } = await suite.reading();
  listener.hold();
  suite.append('0', 5);
  await until(() => listener.running === 1, 'the handler runs');
  const stopped = source.stop(10_000);
  listener.release();
  await stopped;
  expect(listener.sequence('0')).toEqual(numbers(5));
  const { metadata: ownership } = await suite.container
    .getBlobClient('127.0.0.1/logs/tidewatch/ownership/0')
    .getProperties();
  expect(ownership?.['ownerid'] ?? '').toBe('');
});

test('stop() returns within its grace when the broker is frozen and a handler never ends', async () => {
  const { source, listener } = await suite.reading();
  listener.hold();
  suite.append('0', 5);
  await until(() => listener.running === 1, 'the handler runs');
  suite.broker.faults.freeze();
  await source.stop(2000);
  expect(listener.running).toBe(1);
  expect(listener.sequence('0')).toEqual([]);
  suite.broker.faults.thaw();
});

test('a load balancer that waits a minute for a lost answer is replaced when the service answers again', async () => {
  const { source, listener, log } = await suite.reading();
  suite.broker.faults.management('mute');
  await until(() => source.errors()[0]?.code === 'unreachable', 'it is told to be unreachable');
  suite.broker.faults.management('answer');
  await until(() => log.of('warn').some((line) => line.includes('new client')), 'there is a new client');
  suite.append('0', 5);
  await until(() => listener.sequence('0').length >= 5 && source.errors().length === 0, 'reading goes on');
  expect(listener.sequence('0')).toEqual(numbers(5));
});

test('a process whose partition was taken while its handler ran disturbs the new owner no more', async () => {
  const old = await suite.reading();
  suite.append('0', 5);
  suite.append('1', 5);
  await until(() => old.listener.events.length === 10, 'all came');
  old.listener.hold();
  for (const partition of ['0', '1']) suite.append(partition, 5, 5);
  await until(() => old.listener.running === 2, 'both handlers run');
  const next = suite.rig();
  await next.source.start(next.listener, ...anew());
  await until(() => next.source.status().filter(({ owned }) => owned).length === 1, 'one partition was taken');
  const taken = next.source.status().find(({ owned }) => owned)?.origin.partition ?? '';
  await until(() => next.listener.sequence(taken).length === 10, 'the new owner reads it from the wanted time on');
  await until(() => statusOf(old, taken)?.owned === false, 'the old owner knows');
  old.listener.release();
  await until(() => old.listener.running === 0, 'the old handlers ended');
  suite.append(taken, 5, 10);
  await until(() => next.listener.sequence(taken).length >= 15, 'the new owner goes on');
  expect(next.listener.sequence(taken)).toEqual(numbers(15));
  expect(old.listener.sequence(taken)).toEqual(numbers(10));
  expect(suite.broker.faults.readers({ hub: 'logs', partition: taken })).toHaveLength(1);
});
