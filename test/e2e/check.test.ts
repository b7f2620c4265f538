import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { check, type Checked } from '../support/e2e/check-process.ts';
import { closedPort, webServer, type WebServer } from '../support/e2e/endpoints.ts';
import { FailingEnvironment, type Environment } from '../support/e2e/failing-environment.ts';
import { indicatorOf } from '../support/e2e/incident-records.ts';
import { StackProcess } from '../support/e2e/stack-process.ts';

let stack: StackProcess;
let failing: FailingEnvironment;
let website: WebServer;
let awayPort: number;
let folder: string;

const activityHub = 'hub insights-activity-logs';
const signInHub = 'hub insights-logs-signinlogs';
const servicePrincipalHub = 'hub insights-logs-serviceprincipalsigninlogs';
const hubs = [activityHub, signInHub, servicePrincipalHub];
const everything = ['configuration', 'storage tidewatch', ...hubs, 'feed estuary', 'sink stdout'];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-check-'));
  awayPort = await closedPort();
  website = await webServer((_request, response) => response.end('<!doctype html><title>Welcome</title>'));
  stack = await StackProcess.start({ indicators: [indicatorOf('203.0.113.77', Date.now())] });
  failing = new FailingEnvironment(stack.environment);
});

afterAll(async () => {
  await stack.stop();
  await website.stop();
  rmSync(folder, { recursive: true });
});

/** Runs check and holds what it prints to what holds always: aligned columns, no secret. */
async function checked(environment: Environment): Promise<Checked> {
  const result = await check(environment);
  expect(result.detailColumns.length).toBeLessThanOrEqual(1);
  for (const secret of failing.secrets) expect(result.output).not.toContain(secret);
  return result;
}

/** Runs check with something wrong that only these rows may feel, each with a detail that matches. */
async function fails(changes: Environment, names: readonly string[], detail: RegExp): Promise<void> {
  const { code, rows, output } = await checked(failing.with(changes));
  const failed = rows.filter(({ status }) => status !== 'ok');
  expect(failed, output).toEqual(
    names.map((name): unknown => ({ status: 'fail', name, detail: expect.stringMatching(detail) as string })),
  );
  expect(rows).toHaveLength(everything.length);
  expect(code).toBe(69);
}

test('everything that works is said, in the order configuration, storage, hubs, feeds, sinks', async () => {
  const { code, rows, detailColumns } = await checked(stack.environment);
  expect(rows).toEqual([
    { status: 'ok', name: 'configuration', detail: '' },
    { status: 'ok', name: 'storage tidewatch', detail: 'the container is there' },
    ...hubs.map((name) => ({ status: 'ok', name, detail: '2 partitions, consumer group tidewatch' })),
    {
      status: 'ok',
      name: 'feed estuary',
      detail: '1 of 1 collections chosen; Indicators: 1 objects on the first page',
    },
    { status: 'ok', name: 'sink stdout', detail: 'standard output can be written' },
  ]);
  expect(detailColumns).toHaveLength(1);
  expect(code).toBe(0);
});

test('sightings are tried by looking whether their collection can be written', async () => {
  const name = 'sink sightings:estuary';
  const good = await checked(failing.with(failing.feed({ sightings: { collection: 'indicators' } })));
  expect(good.rows.at(-1)).toEqual({ status: 'ok', name, detail: 'collection Indicators can be written' });
  expect(good.code).toBe(0);
  const bad = await checked(failing.with(failing.feed({ sightings: { collection: 'absent' } })));
  expect(bad.rows.at(-1)).toMatchObject({
    status: 'fail',
    name,
    detail: expect.stringMatching(/has no collection "absent".*set sightings\.collection of feed estuary/) as string,
  });
  expect(bad.code).toBe(69);
});

test('a wrong key of Event Hubs', async () => {
  await fails(
    failing.wrongEventHubKey(),
    hubs,
    /as the credentials were refused: check EVENTHUB_CONNECTION_STRING; the service said: UnauthorizedError: InvalidSignature/,
  );
});

test('a wrong key for the namespace of one stream', async () => {
  const { EVENTHUB_CONNECTION_STRING = '' } = failing.wrongEventHubKey();
  await fails(
    { SIGN_IN_CONNECTION_STRING: EVENTHUB_CONNECTION_STRING },
    [signInHub],
    /as the credentials were refused: check SIGN_IN_CONNECTION_STRING; /,
  );
});

test('a broker that is away', async () => {
  await fails(
    failing.eventHubAt(awayPort),
    hubs,
    /as Event Hubs did not answer: check EVENTHUB_CONNECTION_STRING and the network; the client said: .*ECONNREFUSED/,
  );
});

test('a broker that takes the connection and says nothing', async () => {
  await stack.fault('freeze');
  try {
    await fails({}, hubs, /as Event Hubs did not answer: check EVENTHUB_CONNECTION_STRING and the network; the client/);
  } finally {
    await stack.fault('thaw');
  }
});

test('a connection string that is none', async () => {
  await fails(
    { EVENTHUB_CONNECTION_STRING: 'SharedAccessKeyName=reader;UseDevelopmentEmulator=true' },
    hubs,
    /as EVENTHUB_CONNECTION_STRING is not a connection string of Event Hubs: it lacks Endpoint and SharedAccessKey$/,
  );
});

test('a missing hub', async () => {
  await fails(
    { SIGN_IN_HUB: 'absent' },
    ['hub absent'],
    /^Cannot read the properties of hub absent as the namespace has no such hub: create it or set SIGN_IN_HUB; the service said: MessagingEntityNotFoundError/,
  );
});

test('a missing consumer group', async () => {
  await fails(
    { CONSUMER_GROUP: 'absent' },
    hubs,
    /as it has no consumer group absent: create it or set CONSUMER_GROUP; the service said: MessagingEntityNotFoundError/,
  );
});

test('a wrong key of the storage', async () => {
  await fails(
    failing.wrongStorageKey(),
    ['storage tidewatch'],
    /^Cannot open container tidewatch as the storage refused the credentials: check STORAGE_CONNECTION_STRING; the storage said: 403 AuthorizationFailure/,
  );
});

test('a storage that is away', async () => {
  await fails(
    failing.storageAt(awayPort),
    ['storage tidewatch'],
    /^Cannot open container tidewatch as the storage did not answer: check STORAGE_CONNECTION_STRING; the client said: ECONNREFUSED/,
  );
});

test('a wrong password of a feed', async () => {
  await fails(
    failing.wrongFeedPassword(),
    ['feed estuary'],
    /^Cannot poll feed estuary as GET \S+ answered 401 \(Authentication failed\): mend auth of feed estuary in TI_FEEDS$/,
  );
});

test('a feed that is away', async () => {
  await fails(
    failing.feed({ url: `http://127.0.0.1:${awayPort}/taxii2/` }),
    ['feed estuary'],
    /^Cannot poll feed estuary as GET \S+ failed: connect ECONNREFUSED/,
  );
});

test('a feed that is no TAXII server', async () => {
  await fails(
    failing.feed({ url: website.url }),
    ['feed estuary'],
    /^Cannot poll feed estuary as GET \S+ answered \d+ characters of .* that are no JSON, and a TAXII resource is wanted$/,
  );
});

test('a missing collection of a feed', async () => {
  await fails(
    failing.feed({ collection: 'absent' }),
    ['feed estuary'],
    /^Cannot poll feed estuary as it has no collection "absent": .*, set collection of feed estuary in TI_FEEDS to an id$/,
  );
});

test('every connection is tried, whatever fails beside it', async () => {
  const changes = { ...failing.wrongEventHubKey(), ...failing.storageAt(awayPort), ...failing.wrongFeedPassword() };
  const { code, rows } = await checked(failing.with(changes));
  expect(rows.map(({ status, name }) => [status, name])).toEqual(
    everything.map((name) => [['configuration', 'sink stdout'].includes(name) ? 'ok' : 'fail', name]),
  );
  expect(code).toBe(69);
});

test('an empty feed is a warning: it counts as loaded, and nothing can match by it', async () => {
  writeFileSync(path.join(folder, 'bundle.json'), '{"type":"bundle","id":"bundle--1","objects":[]}');
  const { code, rows } = await checked(
    failing.with({ TI_FEEDS: JSON.stringify([{ type: 'file', name: 'disk', path: folder }]) }),
  );
  expect(rows.at(-2)).toEqual({
    status: 'warn',
    name: 'feed disk',
    detail: '0 objects in 1 files: the feed is empty, nothing can match',
  });
  expect(code).toBe(0);
});

test('all problems of the configuration and misspelt variables are reported together', async () => {
  const { code, rows } = await checked({
    ...failing.without('STORAGE_CONNECTION_STRING'),
    FLUSH_INTERVAL: '7m',
    MIN_CONFIDENCE: 'high',
    SINKS: 'syslog',
    TI_FEEDS: '[{"type":"taxii","name":"one"},{"type":"file","name":"one"}]',
    FLUSH_INTERVL: '1h',
    TIDEWATCH_MODE: 'fast',
  });
  expect(new Set(rows.map(({ status, name }) => `${status} ${name}`))).toEqual(new Set(['fail configuration']));
  expect(rows.map(({ detail }) => detail)).toEqual([
    'Cannot use MIN_CONFIDENCE as it is not a whole number from 0 to 100: current value is "high"',
    expect.stringMatching(/^Cannot reach Blob storage as neither STORAGE_CONNECTION_STRING nor STORAGE_ACCOUNT_URL/),
    expect.stringMatching(/^Cannot use FLUSH_INTERVAL as it must divide a day/),
    expect.stringMatching(/^Cannot use LOOKBACK as it must be a multiple of FLUSH_INTERVAL/),
    expect.stringMatching(/^Cannot use TI_FEEDS\[0\] \(one\)\.url/),
    expect.stringMatching(/^Cannot use TI_FEEDS\[1\] \(one\)\.path/),
    'Cannot use TI_FEEDS[1].name as it must be unique: one is also TI_FEEDS[0]',
    'Cannot use SINKS as each must be stdout, file:PATH, a JSON list of sinks or @FILE: current value is "syslog"',
    'Cannot use FLUSH_INTERVL as there is no such option: is FLUSH_INTERVAL meant?',
    'Cannot use TIDEWATCH_MODE as there is no such option: is it misspelt?',
  ]);
  expect(code).toBe(78);
});

test('each sink is tried without an alert, and each failure names what mends it', async () => {
  const away = `http://127.0.0.1:${awayPort}/services/T0/B0/x`;
  const tried: readonly (readonly [settings: object, row: string])[] = [
    [
      { type: 'file', name: 'disk', path: path.join(folder, 'alerts', 'a.ndjson') },
      'ok disk .*a.ndjson can be appended to',
    ],
    [{ type: 'file', name: 'taken', path: folder }, 'fail taken .*it is a folder: set path of taken in SINKS'],
    [
      { type: 'event-hubs', hub: 'alerts' },
      'fail event-hubs .*no such hub: create it or set hub of event-hubs in SINKS',
    ],
    [{ type: 'blob' }, 'ok blob container tidewatch can be appended to'],
    [{ type: 'slack', url: away, allowPrivate: true }, 'fail slack .*ECONNREFUSED.*: check its url in SINKS'],
    [
      { type: 'teams', url: 'https://teams.invalid/x' },
      'fail teams .* (ENOTFOUND|EAI_AGAIN) teams.invalid: check its url in SINKS',
    ],
    [{ type: 'alertmanager', url: website.url, allowPrivate: true }, 'ok alertmanager .* answers'],
  ];
  const { code, rows } = await checked(failing.with({ SINKS: JSON.stringify(tried.map(([settings]) => settings)) }));
  const said = rows
    .slice(everything.length - 1)
    .map(({ status, name, detail }) => `${status} ${name.slice(5)} ${detail}`);
  expect(said).toEqual(tried.map(([, row]): unknown => expect.stringMatching(new RegExp(`^${row}`))));
  expect(code).toBe(69);
});

test('a misspelt variable alone is an error, and the connections are tried all the same', async () => {
  const { code, rows } = await checked(failing.with({ LOOK_BACK: '12h' }));
  expect(rows.map(({ status, name }) => [status, name])).toEqual(
    everything.map((name) => [name === 'configuration' ? 'fail' : 'ok', name]),
  );
  expect(rows[0]?.detail).toBe('Cannot use LOOK_BACK as there is no such option: is LOOKBACK meant?');
  expect(code).toBe(78);
});

test('every variable may be read from a file, and a secret of a feed from any variable', async () => {
  const auth = { basic: { username: 'tidewatch', password: { env: 'TI_PASSWORD' } } };
  const password = failing.secrets.find((secret) => stack.environment['TI_FEEDS']?.includes(secret)) ?? '';
  const byVariable = new FailingEnvironment(failing.with(failing.feed({ auth })));
  const { code, rows } = await checked({ ...byVariable.inFiles(folder), TI_PASSWORD: password });
  expect(rows.filter(({ status }) => status !== 'ok')).toEqual([]);
  expect(code).toBe(0);
});

test('SPEED without a development endpoint is refused', async () => {
  const cloud = stack.environment.EVENTHUB_CONNECTION_STRING.replace('UseDevelopmentEmulator=true', '');
  const { code, rows } = await checked(failing.with({ EVENTHUB_CONNECTION_STRING: cloud, SPEED: '60' }));
  expect(rows).toEqual([
    {
      status: 'fail',
      name: 'configuration',
      detail: expect.stringMatching(
        /^Cannot use SPEED as Event Hubs is not a development endpoint: remove SPEED/,
      ) as string,
    },
  ]);
  expect(code).toBe(78);
});
