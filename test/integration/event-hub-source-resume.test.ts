import { expect, test } from 'vitest';
import { originKey, type Positions } from '../../src/core/ports.ts';
import { anew, clock, until, type Rig } from '../support/event-hub-rig.ts';
import { bodies, EventHubSuite, numbers, statusOf } from '../support/event-hub-suite.ts';

const suite = new EventHubSuite();
const partitions = ['0', '1'] as const;

/** Reads `count` events of each partition, stops, and gives the positions behind the first `kept` of each. */
async function readAndStop(count: number, kept: number): Promise<Positions> {
  const { source, listener } = suite.rig();
  await source.start(listener, ...anew());
  for (const partition of partitions) suite.append(partition, count);
  await until(() => listener.events.length === 2 * count, 'all came');
  await source.stop(5000);
  return listener.positions(kept - 1);
}

async function resume(restored: Positions, options: Parameters<EventHubSuite['rig']>[0] = {}): Promise<Rig> {
  const rig = suite.rig(options);
  await rig.source.start(rig.listener, restored, clock.now() - 3_600_000);
  return rig;
}

function owned({ source }: Rig): number {
  return source.status().filter((status) => status.owned).length;
}

test('a restart goes on exactly behind the restored positions, whatever was taken or checkpointed', async () => {
  const restored = await readAndStop(20, 12);
  for (const partition of partitions) suite.append(partition, 7, 20);
  const { listener } = await resume(restored);
  await until(() => listener.events.length >= 30 && partitions.every((id) => listener.hasCaughtUp(id)), 'all came');
  for (const partition of partitions) expect(listener.bodies(partition)).toEqual(bodies(partition, 15, 12));
});

test('a partition without a restored position is read from the wanted time on', async () => {
  const { source, listener } = suite.rig();
  await source.start(listener, ...anew());
  suite.append('0', 5);
  await until(() => listener.events.length === 5, 'all came');
  await source.stop(5000);
  suite.append('1', 3, 100, 2 * 3_600_000);
  suite.append('1', 4);
  const next = await resume(listener.positions());
  await until(() => next.listener.events.length >= 4 && next.listener.hasCaughtUp('0'), 'all came');
  expect([next.listener.bodies('0'), next.listener.bodies('1')]).toEqual([[], bodies('1', 4)]);
});

test('a partition at its restored position is caught up and shows that position', async () => {
  const restored = await readAndStop(5, 5);
  const made = await resume(restored);
  await until(() => partitions.every((id) => made.listener.hasCaughtUp(id)), 'both are caught up');
  expect(made.listener.events).toEqual([]);
  const status = statusOf(made, '0');
  expect(status).toMatchObject({ lagEvents: 0, error: null, seesSinceMs: null });
  expect(status?.position).toEqual(status === undefined ? null : restored.get(originKey(status.origin)));
});

test('reconnects and new clients resume from the positions of the process, not from the restored ones', async () => {
  const restored = await readAndStop(10, 10);
  const { listener } = await resume(restored);
  for (const partition of partitions) suite.append(partition, 10, 10);
  await until(() => listener.events.length === 20, 'all came');
  suite.broker.faults.detachReaders();
  suite.broker.faults.destroySockets();
  for (const partition of partitions) suite.append(partition, 10, 20);
  await until(() => listener.events.length >= 40, 'all came');
  for (const partition of partitions) expect(listener.bodies(partition)).toEqual(bodies(partition, 20, 10));
});

test('checkpoint blobs follow what checkpoint() was told, never ahead of it', async () => {
  const made = await suite.reading();
  suite.append('0', 20);
  await until(() => made.listener.events.length === 20, 'all came');
  await made.source.stop(5000);
  expect(await suite.checkpointOf('0')).toBeNull();
  const next = await resume(made.listener.positions(9));
  await until(() => next.listener.events.length === 10, 'the rest came');
  expect(await suite.checkpointOf('0')).toBeNull();
  next.source.checkpoint(next.listener.positions(14));
  await expect.poll(() => suite.checkpointOf('0'), { timeout: 60_000 }).toBe(14);
  next.source.checkpoint(next.listener.positions(12));
  next.source.checkpoint(next.listener.positions(17));
  await next.source.stop(5000);
  expect(await suite.checkpointOf('0')).toBe(17);
  expect(await suite.checkpointOf('1')).toBeNull();
});

test('the blob has what lag tools look for, and is rewritten at most once a second', async () => {
  const { source, listener } = await suite.reading();
  suite.append('0', 50);
  await until(() => listener.events.length === 50, 'all came');
  const blob = suite.container.getBlobClient('127.0.0.1/logs/tidewatch/checkpoint/0');
  const tags = new Set<string | undefined>();
  const startedMs = clock.now();
  for (let number = 0; number < 50; number++) {
    source.checkpoint(listener.positions(number));
    if (await blob.exists()) tags.add((await blob.getProperties()).etag);
  }
  await expect.poll(() => suite.checkpointOf('0'), { timeout: 60_000 }).toBe(49);
  const seconds = (clock.now() - startedMs) / 1000;
  expect(tags.size).toBeLessThanOrEqual(seconds + 2);
  const { metadata } = await blob.getProperties();
  expect(metadata).toMatchObject({ sequencenumber: '49', offset: listener.events.at(-1)?.event.offset });
});

test('a checkpoint told after stop() is written, and a second stop() waits for it', async () => {
  const { source, listener } = await suite.reading();
  suite.append('0', 5);
  await until(() => listener.events.length === 5, 'all came');
  await source.stop(5000);
  source.checkpoint(listener.positions());
  await source.stop(5000);
  expect(await suite.checkpointOf('0')).toBe(4);
});

test('a process with the lease takes every partition at once from one that hangs, which disturbs it no more', async () => {
  const lasting = { exclusive: true, leaseDurationMs: 600_000 };
  const old = await suite.reading(lasting);
  for (const partition of partitions) suite.append(partition, 10);
  await until(() => old.listener.events.length === 20, 'all came');
  old.listener.hold();
  for (const partition of partitions) suite.append(partition, 10, 10);
  await until(() => old.listener.running === 2, 'its handlers hang');
  const next = await resume(old.listener.positions(4), lasting);
  await until(() => next.listener.events.length >= 30, 'the next one reads them, long before ownership expires');
  expect(owned(next)).toBe(2);
  next.source.checkpoint(next.listener.positions(16));
  await expect.poll(() => suite.checkpointOf('1'), { timeout: 60_000 }).toBe(16);
  await expect.poll(() => suite.checkpointOf('0'), { timeout: 60_000 }).toBe(16);
  old.listener.release();
  await until(() => old.listener.running === 0, 'its handlers went on');
  old.source.checkpoint(next.listener.positions());
  await until(() => owned(old) === 0, 'it knows that it owns nothing');
  for (const partition of partitions) suite.append(partition, 10, 20);
  await until(() => next.listener.events.length >= 50, 'the next one goes on');
  await old.source.stop(5000);
  for (const partition of partitions) {
    expect(next.listener.bodies(partition)).toEqual(bodies(partition, 25, 5));
    expect(old.listener.sequence(partition).length).toBeLessThanOrEqual(20);
    expect(await suite.checkpointOf(partition)).toBe(16);
  }
  expect(owned(next)).toBe(2);
});

test('without the lease, partitions of a process that hangs are shared, not taken', async () => {
  const lasting = { leaseDurationMs: 600_000 };
  const old = await suite.reading(lasting);
  const next = await resume(new Map(), lasting);
  await until(() => owned(next) === 1 && owned(old) === 1, 'each owns one');
});

test('a hub that was made anew while we were away fails its partitions and nothing of it is read', async () => {
  const restored = await readAndStop(10, 10);
  suite.broker.faults.reset('logs');
  for (const partition of partitions) suite.append(partition, 30);
  const made = await resume(restored);
  expect(made.source.status().map(({ error }) => error?.code)).toEqual(['hub_reset', 'hub_reset']);
  expect(statusOf(made, '0')?.error?.message).toContain('its created_at was');
  expect(statusOf(made, '0')?.error?.message).toContain('RESET_ON_RECREATE');
  expect(made.listener.known.flat().map(originKey)).toEqual([...restored.keys()].toSorted());
  expect(suite.broker.faults.readers()).toEqual([]);
  expect([made.listener.events, made.listener.caughtUp]).toEqual([[], []]);
});

test('a hub that was made anew while we were away is read from its beginning when that is allowed', async () => {
  const restored = await readAndStop(10, 10);
  suite.broker.faults.reset('logs');
  for (const partition of partitions) suite.append(partition, 30, 0, 2 * 3_600_000);
  const made = await resume(restored, { resetOnRecreate: true });
  await until(() => made.listener.events.length >= 60, 'all came');
  for (const partition of partitions) expect(made.listener.sequence(partition)).toEqual(numbers(30));
  const origins = made.listener.known.flat();
  expect(new Set(origins.map(({ incarnation }) => incarnation))).toEqual(new Set([suite.broker.hub('logs').createdMs]));
  made.source.checkpoint(made.listener.positions());
  await expect.poll(() => suite.checkpointOf('0'), { timeout: 60_000 }).toBe(29);
});

/** Positions beyond the end of the hub, as they are when it forgot its events and kept its created_at. */
function beyond(restored: Positions, by: number): Positions {
  return new Map(
    [...restored].map(([key, position]) => [
      key,
      {
        sequenceNumber: position.sequenceNumber + by,
        offset: String(Number(position.offset) + 1_000_000 * by),
        enqueuedMs: position.enqueuedMs,
      },
    ]),
  );
}

test('a restored position beyond the end of the log fails the hub before anything is read', async () => {
  const restored = beyond(await readAndStop(10, 10), 5);
  const made = await resume(restored);
  expect(made.source.status().map(({ error }) => error?.code)).toEqual(['hub_reset', 'hub_reset']);
  expect(statusOf(made, '1')?.error?.message).toContain('its newest event is 9 where event 14 had been read');
  expect(suite.broker.faults.readers()).toEqual([]);
});

test('a hub that forgot its events is read as another origin when that is allowed, and so after one more start', async () => {
  const restored = beyond(await readAndStop(10, 10), 5);
  const made = await resume(restored, { resetOnRecreate: true });
  await until(() => made.listener.events.length >= 20, 'all came');
  for (const partition of partitions) expect(made.listener.sequence(partition)).toEqual(numbers(10));
  const keys = [...made.listener.positions().keys()];
  expect(keys.filter((key) => restored.has(key))).toEqual([]);
  await made.source.stop(5000);
  for (const partition of partitions) suite.append(partition, 3, 10);
  const next = await resume(new Map([...restored, ...made.listener.positions()]));
  await until(() => next.listener.events.length >= 6, 'the rest came');
  for (const partition of partitions) expect(next.listener.bodies(partition)).toEqual(bodies(partition, 3, 10));
  expect(next.source.status().map(({ error }) => error)).toEqual([null, null]);
});

test('an offset that the service refuses again and again fails the hub, though its numbers may fit', async () => {
  const restored = new Map(
    [...(await readAndStop(10, 5))].map(([key, position]) => [key, { ...position, offset: '999999999' }]),
  );
  const made = await resume(restored);
  await until(() => made.source.status().every(({ error }) => error?.code === 'hub_reset'), 'it is told');
  expect(statusOf(made, '0')?.error?.message).toMatch(/supplied offset/i);
  expect(made.listener.events).toEqual([]);
});

test('what retention took behind a restored position is told with its number, and reading goes on', async () => {
  const restored = await readAndStop(10, 10);
  suite.append('0', 20, 10, 60_000);
  suite.append('1', 5, 10);
  suite.broker.faults.trim('logs', '0', 25);
  const made = await resume(restored);
  expect(statusOf(made, '0')?.error?.code).toBe('events_lost');
  await until(() => made.listener.events.length >= 10, 'what is left came');
  expect(made.listener.bodies('0')).toEqual(bodies('0', 5, 25));
  expect(made.listener.bodies('1')).toEqual(bodies('1', 5, 10));
  const { error, seesSinceMs } = statusOf(made, '0') ?? {};
  expect(error?.code).toBe('events_lost');
  expect(error?.message).toContain('15 events');
  expect(error?.message).toContain('numbers 10 to 24');
  expect(seesSinceMs).toBe(made.listener.events.find(({ origin }) => origin.partition === '0')?.event.enqueuedMs);
  expect(statusOf(made, '1')).toMatchObject({ error: null, seesSinceMs: null });
  expect(made.log.of('error').filter((line) => line.includes('15 events'))).toHaveLength(1);
});

test('what retention took while a reader was too slow is told too', async () => {
  const made = await suite.reading();
  suite.append('0', 10);
  await until(() => made.listener.events.length === 10, 'all came');
  suite.broker.faults.stall('logs', '0');
  suite.append('0', 20, 10);
  suite.broker.faults.trim('logs', '0', 22);
  suite.broker.faults.unstall('logs', '0');
  await until(() => made.listener.sequence('0').length >= 18, 'what is left came');
  await until(() => statusOf(made, '0')?.error?.code === 'events_lost', 'it is told');
  expect(statusOf(made, '0')?.error?.message).toContain('12 events');
});
