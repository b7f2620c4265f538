import { earliestEventPosition } from '@azure/event-hubs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EventHubCorrelationSender } from '../../../../src/adapters/event-hubs/correlation-sender.ts';
import { realTime } from '../../../../src/adapters/system/clock.ts';
import { CorrelationError } from '../../../../src/core/correlation-sender.ts';
import { Broker } from '../../../../src/dev/broker/broker.ts';
import type { PartitionLog } from '../../../../src/dev/broker/partition-log.ts';
import { correlationError, correlationSenderLaws, type CorrelationRig } from '../../../contract/correlation-sender.ts';
import { Clients } from '../../../support/event-hub-clients.ts';

const never = new AbortController().signal;
let broker: Broker;
let clients: Clients;
let senders: EventHubCorrelationSender[];

beforeEach(async () => {
  senders = [];
  clients = new Clients();
  broker = await Broker.start({ hubs: [{ name: 'correlation', partitions: 3 }], now: Date.now });
});

afterEach(async () => {
  await Promise.all(senders.map((sender) => sender.close()));
  await clients.closeAll();
  await broker.close();
});

function senderOn(hub = 'correlation', connectionString = broker.connectionString()): EventHubCorrelationSender {
  const options = { hubOption: 'CORRELATION_HUB', connectionOption: 'EVENTHUB_CONNECTION_STRING' };
  const sender = new EventHubCorrelationSender({ name: hub, connection: { connectionString }, ...options }, realTime);
  senders.push(sender);
  return sender;
}

/** Texts that the hub holds. */
async function taken(partition: string): Promise<readonly string[]> {
  const count = logOf(partition).info().lastSequenceNumber + 1;
  if (count === 0) return [];
  const { events } = await clients.read(
    broker.connectionString('correlation'),
    partition,
    earliestEventPosition,
    count,
  );
  return events.map(({ body }) => String(body));
}

function logOf(partition: string): PartitionLog {
  const log = broker.hub('correlation').partition(partition);
  if (log === undefined) throw new Error(`Cannot find partition ${partition}`);
  return log;
}

/** The hub takes the next event of the partition, and the connection drops before it says so. */
function loseAcknowledgement(partition: string): void {
  const log = logOf(partition);
  const append = log.append.bind(log);
  log.append = (...events) => {
    const stored = append(...events);
    log.append = append;
    broker.faults.destroySockets();
    return stored;
  };
}

correlationSenderLaws('Event Hubs', async (): Promise<CorrelationRig> => {
  const sender = senderOn();
  const { incarnation } = await sender.read(never);
  return {
    sender,
    hub: { namespace: `127.0.0.1:${broker.port}`, hub: 'correlation', incarnation, partitions: ['0', '1', '2'] },
    taken,
    throttleOnce: () => {
      broker.faults.rejectSends({ count: 1 });
    },
    loseAcknowledgement: () => {
      loseAcknowledgement('0');
    },
    [Symbol.asyncDispose]: () => sender.close(),
  };
});

describe('an Event Hubs correlation sender', () => {
  test('is of another incarnation when the hub was made anew', async () => {
    const sender = senderOn();
    const before = await sender.read(never);
    await realTime.delay(2);
    broker.faults.reset('correlation');
    const after = await sender.read(never);
    expect(after).toEqual({ ...before, incarnation: after.incarnation });
    expect(after.incarnation).toBeGreaterThan(before.incarnation);
  });

  test('names the hub and the option when there is no such hub', async () => {
    const sender = senderOn('misspelt');
    for (const work of [sender.send('0', Buffer.from('x'), never), sender.read(never)]) {
      const error = await correlationError(work);
      expect([error.code, error.retryable]).toEqual(['not_found', true]);
      expect(error.message).toMatch(/hub misspelt as .* set CORRELATION_HUB; the service said: .*could not be found/);
    }
  });

  test('names the connection option when the key is refused', async () => {
    const wrong = broker.connectionString().replace(/SharedAccessKey=[^;]+/, 'SharedAccessKey=d3Jvbmc=');
    const sender = senderOn('correlation', wrong);
    for (const work of [sender.send('0', Buffer.from('x'), never), sender.read(never)]) {
      const error = await correlationError(work);
      expect([error.code, error.retryable]).toEqual(['unauthorized', true]);
      expect(error.message).toMatch(
        /hub correlation as the credentials were refused: check EVENTHUB_CONNECTION_STRING/,
      );
    }
  });

  test('says what a connection string lacks', async () => {
    const error = await correlationError(
      senderOn('correlation', 'Endpoint=sb://127.0.0.1').send('0', Buffer.from('x'), never),
    );
    expect(error.message).toMatch(/EVENTHUB_CONNECTION_STRING is not a connection string .* lacks SharedAccessKeyName/);
  });

  test('refuses a partition that the hub does not have', async () => {
    const sender = senderOn();
    const error = await correlationError(sender.send('7', Buffer.from('x'), never));
    expect([error.code, error.retryable]).toEqual(['refused', false]);
    expect(error.message).toMatch(/partition 7 of hub correlation as the hub refused it: CORRELATION_HUB/);
  });

  test('goes on after a restart of the hub, in order and with nothing lost', async () => {
    const sender = senderOn();
    const failures: string[] = [];
    const insist = async (partition: string, text: string): Promise<void> => {
      for (;;) {
        try {
          await sender.send(partition, Buffer.from(text), never);
          return;
        } catch (error) {
          failures.push(error instanceof CorrelationError ? error.code : String(error));
          await realTime.delay(50);
        }
      }
    };
    const texts = Array.from({ length: 40 }, (_, number) => `event ${number}`);
    let restarting: Promise<void> = Promise.resolve();
    const restart = async (): Promise<void> => {
      await broker.faults.down();
      await realTime.delay(300);
      await broker.faults.up();
    };
    await Promise.all(
      ['0', '1', '2'].map(async (partition) => {
        for (const text of texts) {
          if (partition === '0' && text === 'event 20') restarting = restart();
          await insist(partition, text);
        }
      }),
    );
    await restarting;
    expect(new Set(failures)).toEqual(new Set(['unreachable']));
    for (const partition of ['0', '1', '2']) {
      const events = await taken(partition);
      const once = events.filter((text, at) => text !== events[at - 1]);
      expect(once).toEqual(texts);
    }
  });

  test('notices a silent hub within seconds, and reaches it again once it speaks', async () => {
    const sender = senderOn();
    await sender.send('0', Buffer.from('before'), never);
    broker.faults.freeze();
    const error = await correlationError(sender.send('0', Buffer.from('into the silence'), never));
    expect([error.code, error.retryable]).toEqual(['unreachable', true]);
    const refused = await correlationError(sender.send('0', Buffer.from('still silent'), never));
    expect(refused.code).toBe('unreachable');
    broker.faults.thaw();
    await sender.send('0', Buffer.from('after'), never);
    expect((await taken('0')).at(-1)).toBe('after');
  });

  test('ends a send under way when its signal aborts', async () => {
    const sender = senderOn();
    await sender.send('0', Buffer.from('before'), never);
    broker.faults.freeze();
    const stop = new AbortController();
    const sending = correlationError(sender.send('0', Buffer.from('late'), stop.signal));
    stop.abort();
    expect((await sending).code).toBe('aborted');
    broker.faults.thaw();
  });
});
