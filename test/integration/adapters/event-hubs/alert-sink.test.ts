import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EventHubAlertSink } from '../../../../src/adapters/event-hubs/alert-sink.ts';
import { realTime } from '../../../../src/adapters/system/clock.ts';
import { formatNative } from '../../../../src/core/alert/format/alert-format.ts';
import type { SinkDocument } from '../../../../src/core/ports.ts';
import { Broker } from '../../../../src/dev/broker/broker.ts';
import { documentsOf, unending } from '../../../contract/alert-sink.ts';
import { byFinding, deliveryRig, inOrder } from '../../../support/delivery-rig.ts';
import { Clients, until, type Listener } from '../../../support/event-hub-clients.ts';

let broker: Broker;
let clients: Clients;
let sink: EventHubAlertSink;

beforeEach(async () => {
  clients = new Clients();
  broker = await Broker.start({ hubs: [{ name: 'alerts', partitions: 2 }], now: Date.now });
  sink = sinkOn('alerts');
});

afterEach(async () => {
  await sink.close();
  await clients.closeAll();
  await broker.close();
});

function sinkOn(hub: string): EventHubAlertSink {
  const connection = { connectionString: broker.connectionString() };
  const options = { hubOption: 'hub of alerts in SINKS', connectionOption: 'EVENTHUB_CONNECTION_STRING' };
  return new EventHubAlertSink('alerts', { name: hub, connection, ...options }, formatNative, realTime);
}

/** What a consumer of the hub gets, once there are so many events with different ids. */
async function received(count: number): Promise<Listener['events']> {
  const listeners = ['0', '1'].map((partition) => clients.listen(broker.connectionString('alerts'), partition));
  const events = (): Listener['events'] => listeners.flatMap((listener) => listener.events);
  await until(() => new Set(events().map(({ messageId }) => messageId)).size >= count);
  return events();
}

function idsOf(events: Listener['events']): string[] {
  return events.map(({ messageId }) => String(messageId));
}

function documentOf(id: string, findingKey: string, bytes = 10): SinkDocument {
  return { id, findingKey, activity: 'update', emittedAt: '2026-03-01T11:30:02.120Z', text: 'x'.repeat(bytes) };
}

describe('an Event Hubs sink', () => {
  test('sends each alert as an event with its id, its finding as the key and its activity', async () => {
    await sink.deliver([documentOf('id-1', 'finding-1')], unending);
    const [event] = await received(1);
    expect(String(event?.body)).toBe('xxxxxxxxxx');
    expect(event).toMatchObject({ messageId: 'id-1', partitionKey: 'finding-1', contentType: 'application/json' });
    expect(event?.properties).toEqual({ activity: 'update', findingKey: 'finding-1' });
  });

  test('sends more than one event batch holds', async () => {
    const documents = Array.from({ length: 9 }, (_, at) => documentOf(`one-${at}`, 'one', 300_000));
    await sink.deliver(documents, unending);
    expect(idsOf(await received(9))).toEqual(documents.map(({ id }) => id));
  });

  test('a document that no batch holds is too large alone, and the others are sent once', async () => {
    const [first, large, last] = [documentOf('a-1', 'a'), documentOf('b-1', 'b', 1_048_576), documentOf('c-1', 'c')];
    const failed = { name: 'SinkError', code: 'too_large', retryable: false };
    await expect(sink.deliver([first, large, last], unending)).rejects.toMatchObject(failed);
    await expect(sink.deliver([large], unending)).rejects.toMatchObject(failed);
    await sink.deliver([first], unending);
    await sink.deliver([last], unending);
    expect(idsOf(await received(2)).sort()).toEqual(['a-1', 'c-1']);
  });

  test('sends what the hub has taken of a failed delivery no second time', async () => {
    const documents = Array.from({ length: 20 }, (_, at) => documentOf(`k${at}-1`, `k${at}`));
    broker.faults.rejectSends({ count: 1 });
    await expect(sink.deliver(documents, unending)).rejects.toMatchObject({ code: 'rate_limited' });
    await sink.deliver(documents, unending);
    expect(idsOf(await received(20))).toHaveLength(20);
  });

  test('a throttled namespace is left alone for as long as it asks', async () => {
    broker.faults.rejectSends();
    await expect(sink.deliver(documentsOf(['{}']), unending)).rejects.toMatchObject({
      code: 'rate_limited',
      retryable: true,
      retryAfterMs: 4000,
    });
  });

  test('names the option that mends an absent hub and refused credentials', async () => {
    const absent = sinkOn('nowhere');
    await expect(absent.deliver(documentsOf(['{}']), unending)).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('set hub of alerts in SINKS') as string,
    });
    await absent.close();
    broker.faults.cbs(401);
    await expect(sink.deliver(documentsOf(['{}']), unending)).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.stringContaining('check EVENTHUB_CONNECTION_STRING') as string,
    });
  });

  test.each<[string, (target: Broker) => void | Promise<void>]>([
    ['the namespace throttles', ({ faults }) => faults.rejectSends({ count: 7 })],
    ['the sockets drop', ({ faults }) => faults.destroySockets()],
    ['the connections are closed', ({ faults }) => faults.closeConnections()],
    ['the sessions end', ({ faults }) => faults.endSessions()],
    ['the broker was down', ({ faults }) => faults.down().then(() => faults.up())],
  ])('every alert arrives in order per finding when %s', async (_, fault) => {
    const rig = deliveryRig(sink);
    rig.emit(30);
    const draining = rig.drain();
    await fault(broker);
    rig.emit(60);
    await draining;
    expect(byFinding(idsOf(await received(90)))).toEqual(inOrder(90));
    expect(rig.letters.letters).toEqual([]);
  });

  test('every alert arrives in order per finding at a hub that refuses one send in three', async () => {
    const rig = deliveryRig(sink);
    for (let round = 0; round < 20; round += 1) {
      if (round % 3 === 0) broker.faults.rejectSends({ count: 1 });
      rig.emit(9);
      await rig.drain();
    }
    expect(rig.failures.length).toBeGreaterThan(0);
    expect(byFinding(idsOf(await received(180)))).toEqual(inOrder(180));
    expect(rig.letters.letters).toEqual([]);
  });

  test('a hub that answers nothing makes a delivery wait, and has the alerts when it answers again', async () => {
    const rig = deliveryRig(sink);
    rig.emit(3);
    await rig.drain();
    broker.faults.freeze();
    rig.emit(6);
    const draining = rig.drain();
    await until(() => rig.failures.length > 0);
    broker.faults.thaw();
    await draining;
    expect(byFinding(idsOf(await received(9)))).toEqual(inOrder(9));
  });
});
