import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { probeEventHub, type ProbeResult } from '../../../../src/adapters/event-hubs/probe.ts';
import type { SourceError } from '../../../../src/core/ports.ts';
import type { Broker } from '../../../../src/dev/broker/broker.ts';
import { clock, startBroker, streamOf, time } from '../../../support/event-hub-rig.ts';

let broker: Broker;

beforeEach(async () => {
  broker = await startBroker();
});

afterEach(async () => {
  await broker.close();
});

function probe(stream = streamOf(broker), consumerGroup = 'tidewatch'): Promise<ProbeResult> {
  return probeEventHub(stream, consumerGroup, { clock, time });
}

function errorOf(result: ProbeResult): SourceError {
  if (result.ok) throw new Error('Expected an error: the probe succeeded');
  return result.error;
}

test('a hub that can be read tells its partitions and its age', async () => {
  expect(await probe()).toEqual({ ok: true, partitions: ['0', '1'], createdMs: broker.hub('logs').createdMs });
});

test('a probe leaves no reader behind and disturbs none', async () => {
  await Promise.all([probe(), probe(), probe()]);
  await expect.poll(() => broker.faults.readers(), { timeout: 30_000 }).toEqual([]);
});

test('a wrong key is told', async () => {
  const wrong = broker.connectionString().replace(/SharedAccessKey=[^;]+/, 'SharedAccessKey=d3Jvbmc=');
  const error = errorOf(await probe(streamOf(broker, 'logs', wrong)));
  expect(error.code).toBe('unauthorized');
  expect(error.message).toContain('EVENTHUB_CONNECTION_STRING');
});

test('a missing hub is told', async () => {
  const error = errorOf(await probe(streamOf(broker, 'absent')));
  expect(error.code).toBe('hub_not_found');
  expect(error.message).toContain('ACTIVITY_HUB');
});

test('a missing consumer group is told', async () => {
  const error = errorOf(await probe(streamOf(broker), 'absent'));
  expect(error.code).toBe('consumer_group_not_found');
  expect(error.message).toContain('CONSUMER_GROUP');
});

test('a namespace that nobody answers for is told', async () => {
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  await new Promise<void>((resolve) => silent.close(() => resolve()));
  const connectionString = broker.connectionString().replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`);
  expect(errorOf(await probe(streamOf(broker, 'logs', connectionString))).code).toBe('unreachable');
});

test('a namespace that takes the connection and says nothing is told', async () => {
  broker.faults.freeze();
  expect(errorOf(await probe()).code).toBe('unreachable');
  broker.faults.thaw();
});

test('a connection string that is none is told', async () => {
  expect(errorOf(await probe(streamOf(broker, 'logs', 'nonsense'))).message).toContain('it lacks Endpoint');
});
