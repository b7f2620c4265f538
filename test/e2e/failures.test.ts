import { afterAll, beforeAll, expect, test } from 'vitest';
import { closedPort, webServer, type WebServer } from '../support/e2e/endpoints.ts';
import { FailingEnvironment, wrongPassword } from '../support/e2e/failing-environment.ts';
import { FailingService, type Failure } from '../support/e2e/failing-service.ts';
import { indicatorOf } from '../support/e2e/incident-records.ts';
import { StackProcess } from '../support/e2e/stack-process.ts';

let stack: StackProcess;
let failing: FailingEnvironment;
let website: WebServer;
let parrot: WebServer;
let awayPort: number;

const activity = 'insights-activity-logs';

beforeAll(async () => {
  awayPort = await closedPort();
  website = await webServer((_request, response) => response.end('<!doctype html><title>Welcome</title>'));
  parrot = await webServer((request, response) => {
    const [, sent = ''] = (request.headers.authorization ?? '').split(' ');
    const description = `${sent} is ${Buffer.from(sent, 'base64').toString()}`;
    response.writeHead(403, { 'content-type': 'application/taxii+json;version=2.1' });
    response.end(JSON.stringify({ title: 'No access', description }));
  });
  stack = await StackProcess.start({ indicators: [indicatorOf('203.0.113.77', Date.now())] });
  failing = new FailingEnvironment(stack.environment);
});

afterAll(async () => {
  await stack.stop();
  await Promise.all([website.stop(), parrot.stop()]);
});

async function shows(failure: Failure): Promise<void> {
  const service = await FailingService.start(failure.environment, failing.secrets);
  try {
    await service.tells(failure);
  } finally {
    await service.stop();
  }
}

const ofHub = { check: 'source:error', component: activity, level: 'error' } as const;
const ofStorage = { check: 'source:error', component: 'storage', level: 'error' } as const;
const ofFeed = { check: 'feed:age', component: 'estuary', level: 'error' } as const;

test('a wrong key of Event Hubs fails health with the refusal and the option that mends it', async () => {
  await shows({
    ...ofHub,
    environment: failing.with(failing.wrongEventHubKey()),
    status: 'fail',
    message:
      /Cannot read the properties of hub insights-activity-logs as the credentials were refused: check EVENTHUB_CONNECTION_STRING; the service said: UnauthorizedError: InvalidSignature/,
  });
});

test('a missing hub fails health, and names the option that holds its name', async () => {
  await shows({
    ...ofHub,
    environment: failing.with({ SIGN_IN_HUB: 'absent' }),
    component: 'absent',
    status: 'fail',
    message:
      /Cannot read the properties of hub absent as the namespace has no such hub: create it or set SIGN_IN_HUB; the service said: MessagingEntityNotFoundError/,
  });
});

test('a missing consumer group fails health, and names the group', async () => {
  await shows({
    ...ofHub,
    environment: failing.with({ CONSUMER_GROUP: 'absent' }),
    status: 'fail',
    message:
      /Cannot read hub insights-activity-logs as it has no consumer group absent: create it or set CONSUMER_GROUP; the service said: MessagingEntityNotFoundError/,
  });
});

test('a wrong key of the storage fails health with the 403 and the option that mends it', async () => {
  await shows({
    ...ofStorage,
    environment: failing.with(failing.wrongStorageKey()),
    status: 'fail',
    message:
      /Cannot open container tidewatch as the storage refused the credentials: check STORAGE_CONNECTION_STRING; the storage said: 403 AuthorizationFailure/,
  });
});

test('a wrong password of the only feed fails health with the 401 and the setting that mends it', async () => {
  await shows({
    ...ofFeed,
    environment: failing.with(failing.wrongFeedPassword()),
    status: 'fail',
    message:
      /Cannot poll feed estuary as GET \S+ answered 401 \(Authentication failed\): mend auth of feed estuary in TI_FEEDS/,
  });
});

test('a wrong password of one feed beside another that serves warns', async () => {
  const { TI_FEEDS = '' } = stack.environment;
  const [good] = JSON.parse(TI_FEEDS) as [Record<string, unknown>];
  await shows({
    ...ofFeed,
    environment: failing.with(failing.wrongFeedPassword({ ...good, name: 'delta' })),
    status: 'warn',
    message: /Cannot poll feed estuary as GET \S+ answered 401 \(Authentication failed\): mend auth of feed estuary/,
  });
});

test('a refusal that repeats the credentials is told without them', async () => {
  await shows({
    ...ofFeed,
    environment: failing.with(
      failing.feed({ url: parrot.url, auth: { basic: { username: 'someone', password: wrongPassword } } }),
    ),
    status: 'fail',
    message: /answered 403 \(No access: \[secret\] is \[secret\]:?\[secret\]\): mend auth of feed estuary in TI_FEEDS/,
  });
});

test('a feed that is away fails health while none has loaded', async () => {
  await shows({
    ...ofFeed,
    environment: failing.with(failing.feed({ url: `http://127.0.0.1:${awayPort}/taxii2/` })),
    status: 'fail',
    message: /Cannot poll feed estuary as GET \S+ failed: connect ECONNREFUSED/,
  });
});

test('a feed that is no TAXII server fails health, and says what was wanted', async () => {
  await shows({
    ...ofFeed,
    environment: failing.with(failing.feed({ url: website.url })),
    status: 'fail',
    message: /Cannot poll feed estuary as GET \S+ answered \d+ characters .* no JSON, and a TAXII resource is wanted/,
  });
});

test('an empty feed warns and is read by, and readiness waits for its first indicator', async () => {
  const empty = await StackProcess.start({ indicators: [], partitions: 1 });
  const environment = { ...empty.environment, TI_REFRESH_INTERVAL: '1s' };
  const empties = await FailingService.start(environment, failing.secrets);
  const { service } = empties;
  try {
    await empties.tells({
      ...ofFeed,
      status: 'warn',
      message: /loaded and is empty: it holds no indicator/,
      level: 'warn',
    });
    const unready = await service.get('/health/ready');
    expect([unready.status, await unready.text()]).toEqual([503, expect.stringMatching(/holds no indicator/)]);
    await empty.add([indicatorOf('203.0.113.78', Date.now())]);
    await service.eventually('readiness', async () =>
      (await service.get('/health/ready')).status === 200 ? true : undefined,
    );
  } finally {
    await empties.stop();
    await empty.stop();
  }
});

test('a broker and a storage that are away warn, and fail health once nothing was read for a minute', async () => {
  const services = await Promise.all([
    FailingService.start(failing.with(failing.eventHubAt(awayPort)), failing.secrets),
    FailingService.start(failing.with(failing.storageAt(awayPort)), failing.secrets),
  ]);
  const [broker, storage] = services;
  const noBroker =
    /Cannot read the properties of hub insights-activity-logs as Event Hubs did not answer: check EVENTHUB_CONNECTION_STRING and the network; the client said: .*ECONNREFUSED/;
  const noStorage =
    /Cannot open container tidewatch as the storage did not answer: check STORAGE_CONNECTION_STRING; the client said: ECONNREFUSED/;
  try {
    await Promise.all([
      broker.tells({ ...ofHub, status: 'warn', message: noBroker }),
      storage.tells({ ...ofStorage, status: 'warn', message: noStorage }),
    ]);
    const ofReading = { check: 'source:reading', component: 'event-hubs', level: 'error', status: 'fail' } as const;
    await Promise.all([
      broker.tells({ ...ofReading, message: noBroker }),
      storage.tells({ ...ofReading, message: noStorage }),
    ]);
  } finally {
    await Promise.all(services.map((service) => service.stop()));
  }
});

test('several failures are told side by side', async () => {
  const service = await FailingService.start(
    failing.with({ ...failing.wrongFeedPassword(), ACTIVITY_HUB: 'absent', CONSUMER_GROUP: 'missing' }),
    failing.secrets,
  );
  try {
    const notes = await service.service.eventually('three failures in health', async () => {
      const { notes: seen } = await service.service.health();
      const wanted = ['answered 401', 'set ACTIVITY_HUB', 'no consumer group missing'];
      const told = seen.filter((note) => wanted.some((text) => note.includes(text)));
      return told.length >= 4 ? seen : undefined;
    });
    expect(notes.filter((note) => note.includes('answered 401'))).toHaveLength(1);
    expect(notes.filter((note) => note.includes('set ACTIVITY_HUB'))).toHaveLength(1);
    expect(notes.filter((note) => note.includes('no consumer group missing'))).toHaveLength(2);
  } finally {
    await service.stop();
  }
});
