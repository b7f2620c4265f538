import { expect, test } from 'vitest';
import { anew, clock, streamOf, until, type Rig } from '../support/event-hub-rig.ts';
import { bodies, EventHubSuite } from '../support/event-hub-suite.ts';

const suite = new EventHubSuite();

test('a first start reads every partition from the wanted time on, in order, each event once', async () => {
  suite.append('0', 3, 100, 2 * 3_600_000);
  suite.append('0', 5, 0, 1_800_000);
  suite.append('1', 4, 0, 1_000);
  const { source, listener } = suite.rig();
  await source.start(listener, ...anew());
  suite.append('1', 3, 4);
  await until(() => listener.events.length >= 12 && listener.hasCaughtUp('0') && listener.hasCaughtUp('1'), 'all came');
  expect(listener.bodies('0')).toEqual(bodies('0', 5));
  expect(listener.bodies('1')).toEqual(bodies('1', 7));
  const [first] = listener.events;
  expect(first?.origin).toEqual({
    namespace: `127.0.0.1:${suite.broker.port}`,
    hub: 'logs',
    partition: first?.origin.partition,
    incarnation: suite.broker.hub('logs').createdMs,
  });
});

test('the partitions of all hubs are told once, when all are known', async () => {
  await suite.restart([
    { name: 'logs', partitions: 3, consumerGroups: ['tidewatch'] },
    { name: 'sign-ins', partitions: 2, consumerGroups: ['tidewatch'] },
  ]);
  const { source, listener } = suite.rig({
    streams: [
      streamOf(suite.broker),
      streamOf(suite.broker, 'sign-ins'),
      { ...streamOf(suite.broker, 'LOGS'), hubOption: 'SIGN_IN_HUB' },
    ],
  });
  await source.start(listener, ...anew());
  await until(() => source.status().length === 5 && source.status().every(({ owned }) => owned), 'all are owned');
  expect(listener.known.map((origins) => origins.length)).toEqual([5]);
  await until(() => suite.broker.faults.readers().length === 5, 'there is one reader a partition');
});

test('a partition is caught up by a read that started after it was drained, never before', async () => {
  suite.append('0', 500, 0, 60_000);
  const { source, listener } = suite.rig();
  listener.hold();
  await source.start(listener, ...anew());
  await until(() => listener.running > 0 && listener.hasCaughtUp('1'), 'the handler runs and the other one is idle');
  expect(listener.hasCaughtUp('0')).toBe(false);
  listener.release();
  await until(() => listener.hasCaughtUp('0'), 'it is caught up');
  expect(listener.bodies('0')).toEqual(bodies('0', 500));
  const before = clock.now();
  suite.append('0', 1, 500);
  await until(() => listener.bodies('0').length === 501, 'the event came');
  const heard = listener.caughtUp.length;
  await until(
    () =>
      listener.caughtUp
        .slice(heard)
        .some(({ origin, readStartedMs }) => origin.partition === '0' && readStartedMs >= before),
    'it is caught up anew',
  );
});

test('an idle partition is found caught up again and again', async () => {
  const { source, listener } = suite.rig();
  await source.start(listener, ...anew());
  const reads = (): number[] =>
    listener.caughtUp.filter(({ origin }) => origin.partition === '0').map(({ readStartedMs }) => readStartedMs);
  await until(() => reads().length >= 3, 'three reads found it so');
  expect(reads()).toEqual(reads().toSorted((a, b) => a - b));
  const [status] = source.status();
  expect(status).toMatchObject({ lagEvents: 0, lagSeconds: 0, owned: true, error: null, seesSinceMs: null });
});

test('a partition whose events are all older than the wanted time is caught up without one', async () => {
  suite.append('0', 3, 0, 2 * 3_600_000);
  const { source, listener } = suite.rig();
  await source.start(listener, ...anew());
  await until(() => listener.hasCaughtUp('0'), 'it is caught up');
  expect(listener.events).toEqual([]);
});

test('a status tells since when a partition is seen when retention cut what was wanted', async () => {
  suite.append('0', 10, 0, 1_800_000);
  suite.append('0', 10, 10, 600_000);
  suite.broker.faults.trim('logs', '0', 10);
  suite.append('1', 2, 0, 600_000);
  const { source, listener } = suite.rig();
  await source.start(listener, ...anew());
  await until(() => listener.events.length === 12 && listener.hasCaughtUp('0'), 'what is left came');
  const sees = (partition: string): number | null | undefined =>
    source.status().find(({ origin }) => origin.partition === partition)?.seesSinceMs;
  expect(sees('0')).toBe(listener.events.find(({ origin }) => origin.partition === '0')?.event.enqueuedMs);
  expect(sees('1')).toBeNull();
});

test('two processes share the partitions and hand over every event to one of them', async () => {
  await suite.restart([{ name: 'logs', partitions: 8, consumerGroups: ['tidewatch'] }]);
  const [first, second] = [suite.rig(), suite.rig()];
  await Promise.all([first.source.start(first.listener, ...anew()), second.source.start(second.listener, ...anew())]);
  const owned = ({ source }: Rig): number => source.status().filter((status) => status.owned).length;
  await until(() => owned(first) === 4 && owned(second) === 4, 'each owns half');
  for (let partition = 0; partition < 8; partition++) suite.append(String(partition), 10);
  await until(() => first.listener.events.length + second.listener.events.length >= 80, 'all came');
  const places = [...first.listener.events, ...second.listener.events].map(
    ({ origin, event }) => `${origin.partition}:${event.sequenceNumber}`,
  );
  expect(new Set(places).size).toBe(80);
  await first.source.stop(5000);
  await until(() => owned(second) === 8, 'the other takes over what was left');
});
