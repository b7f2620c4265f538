import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAzurite, type Azurite } from '../../src/dev/azurite.ts';
import { Broker } from '../../src/dev/broker/broker.ts';
import type { HubOptions } from '../../src/dev/broker/hub.ts';
import { TaxiiServer } from '../../src/dev/taxii-server/server.ts';
import { closedPort } from '../support/e2e/endpoints.ts';
import type { Environment } from '../support/e2e/failing-environment.ts';
import { FailingService } from '../support/e2e/failing-service.ts';
import { indicatorOf } from '../support/e2e/incident-records.ts';

const password = 'password-of-the-feed';
const now = Date.now;

const activity: HubOptions = { name: 'insights-activity-logs', partitions: 1, consumerGroups: ['tidewatch'] };
const signIn: HubOptions = { name: 'insights-logs-signinlogs', partitions: 1, consumerGroups: ['tidewatch'] };
const servicePrincipal: HubOptions = {
  name: 'insights-logs-serviceprincipalsigninlogs',
  partitions: 1,
  consumerGroups: ['tidewatch'],
};
const hubs = [activity, signIn, servicePrincipal];

let broker: Broker;
let azurite: Azurite;
let taxii: TaxiiServer;

function startTaxii(port: number, wanted = password): Promise<TaxiiServer> {
  const collection = { id: 'indicators', title: 'Indicators', objects: [indicatorOf('203.0.113.77', now())] };
  return TaxiiServer.start({
    now,
    port,
    collections: [collection],
    auth: { type: 'basic', username: 'reader', password: wanted },
  });
}

function feedAt(url: string, name = 'estuary'): Record<string, unknown> {
  return { type: 'taxii', name, url, auth: { basic: { username: 'reader', password } } };
}

beforeAll(async () => {
  [broker, azurite, taxii] = await Promise.all([Broker.start({ hubs, now }), startAzurite(), startTaxii(0)]);
});

afterAll(async () => {
  await Promise.all([broker.close(), azurite.stop(), taxii.stop()]);
});

/** A service that lacks nothing but what changes say. Each has a container of its own. */
function start(container: string, changes: Environment): Promise<FailingService> {
  return FailingService.start(
    {
      EVENTHUB_CONNECTION_STRING: broker.connectionString(),
      STORAGE_CONNECTION_STRING: azurite.connectionString,
      STORAGE_CONTAINER: container,
      TI_FEEDS: JSON.stringify([feedAt(taxii.discoveryUrl)]),
      ...changes,
    },
    [password, 'SAS_KEY_VALUE'],
  );
}

test('a feed that comes to answer, and one that comes to take the password, are taken without a restart', async () => {
  const port = await closedPort();
  const strict = await startTaxii(0, 'another-password');
  const away = feedAt(`http://127.0.0.1:${port}/taxii2/`, 'away');
  const service = await start('feeds', { TI_FEEDS: JSON.stringify([away, feedAt(strict.discoveryUrl, 'strict')]) });
  const servers: TaxiiServer[] = [];
  try {
    const told = { check: 'feed:age', status: 'fail', level: 'error' } as const;
    await service.tells({ ...told, component: 'away', message: /failed: connect ECONNREFUSED/ });
    await service.tells({ ...told, component: 'strict', message: /answered 401 \(Authentication failed\): mend auth/ });
    servers.push(await startTaxii(port));
    await strict.stop();
    servers.push(await startTaxii(Number(new URL(strict.discoveryUrl).port)));
    await service.recovers();
    const again = service.logs('info').filter((line) => line.startsWith('Feed answers again'));
    expect(again).toHaveLength(2);
  } finally {
    await service.stop();
    await Promise.all(servers.map((server) => server.stop()));
  }
});

test('a storage that comes back is opened without a restart', async () => {
  const port = await closedPort();
  const away = azurite.connectionString.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`);
  const service = await start('storage', { STORAGE_CONNECTION_STRING: away });
  let storage: Azurite | null = null;
  try {
    const message = /Cannot open container storage as the storage did not answer: .*ECONNREFUSED/;
    await service.tells({
      check: 'source:error',
      component: 'storage',
      status: 'warn',
      level: 'error',
      message,
    });
    storage = await startAzurite({ port });
    await service.recovers();
    // One line, however often it was tried.
    expect(service.logs('error').filter((line) => message.test(line))).toHaveLength(1);
  } finally {
    await service.stop();
    await storage?.stop();
  }
});

test('a hub and a consumer group that come to be are read without a restart', async () => {
  const without = [{ ...activity, consumerGroups: [] }, servicePrincipal];
  let other = await Broker.start({ hubs: without, now });
  const { port } = other;
  const service = await start('hubs', { EVENTHUB_CONNECTION_STRING: other.connectionString() });
  try {
    const told = { check: 'source:error', status: 'fail', level: 'error' } as const;
    await service.tells({ ...told, component: signIn.name, message: /no such hub: create it or set SIGN_IN_HUB/ });
    await service.tells({ ...told, component: activity.name, message: /has no consumer group tidewatch: create it/ });
    await other.close();
    other = await Broker.start({ hubs, now, port });
    await service.recovers();
  } finally {
    await service.stop();
    await other.close();
  }
});
