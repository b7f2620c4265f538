import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { createServer } from 'node:tls';
import { EventHubProducerClient } from '@azure/event-hubs';
import { AccountSASPermissions, BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BlobAlertSink } from '../../src/adapters/blob/alert-sink.ts';
import { EventHubAlertSink } from '../../src/adapters/event-hubs/alert-sink.ts';
import { FileAlertSink } from '../../src/adapters/file/alert-sink.ts';
import { SentinelAlertSink } from '../../src/adapters/sentinel/alert-sink.ts';
import { StdoutAlertSink } from '../../src/adapters/stdout/alert-sink.ts';
import { realTime } from '../../src/adapters/system/clock.ts';
import { type HttpSettings, HttpSink, type HttpTarget } from '../../src/adapters/webhook/http-sink.ts';
import * as targets from '../../src/adapters/webhook/targets.ts';
import { formatNative, nativeFormat } from '../../src/core/alert/format/alert-format.ts';
import { startAzurite, type Azurite } from '../../src/dev/azurite.ts';
import { Broker } from '../../src/dev/broker/broker.ts';
import { unending } from '../contract/alert-sink.ts';
import { type CheckRig, sinkCheckLaws } from '../contract/sink-check.ts';
import { AnswerProxy } from '../support/answer-proxy.ts';
import { AlertTarget } from '../support/alert-target.ts';
import { clock, newContainer } from '../support/event-hub-rig.ts';
import { IngestionServer } from '../support/ingestion-server.ts';
import { certificatePath } from '../support/taxii-certificates.ts';

let azurite: Azurite;
let broker: Broker;

beforeAll(async () => {
  azurite = await startAzurite();
  broker = await Broker.start({ hubs: [{ name: 'alerts', partitions: 1 }], now: Date.now });
});

afterAll(async () => {
  await broker.close();
  await azurite.stop();
});

sinkCheckLaws('stdout', /Cannot write to standard output as it is closed/, () => {
  const stream = new PassThrough();
  let lines = 0;
  stream.on('data', () => {
    lines += 1;
  });
  return Promise.resolve({
    sink: new StdoutAlertSink('stdout', formatNative, stream),
    received: () => lines,
    breakPlace: () => stream.destroy(),
    [Symbol.asyncDispose]: () => Promise.resolve(void stream.destroy()),
  });
});

sinkCheckLaws('file', /is no folder: set path of disk in SINKS/, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidewatch-'));
  const path = join(folder, 'deep', 'alerts.ndjson');
  return {
    sink: new FileAlertSink({ name: 'disk', path, rotateBytes: 1000, keep: 1, fsync: false }, formatNative),
    received: async () => {
      const text = await readFile(path, 'utf8').catch(() => '');
      return text.split('\n').length - 1;
    },
    breakPlace: () => writeFile(join(folder, 'deep'), ''),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
});

async function sequenceOf(hub: string): Promise<number> {
  const client = new EventHubProducerClient(broker.connectionString(), hub);
  try {
    return (await client.getPartitionProperties('0')).lastEnqueuedSequenceNumber + 1;
  } finally {
    await client.close();
  }
}

function eventHubSink(hub: string): EventHubAlertSink {
  const connection = { connectionString: broker.connectionString() };
  const options = { hubOption: 'hub of alerts in SINKS', connectionOption: 'EVENTHUB_CONNECTION_STRING' };
  return new EventHubAlertSink('alerts', { name: hub, connection, ...options }, formatNative, realTime);
}

sinkCheckLaws('event-hubs', /the credentials were refused: check EVENTHUB_CONNECTION_STRING/, async () => {
  const sink = eventHubSink('alerts');
  const before = await sequenceOf('alerts');
  return {
    sink,
    received: async () => (await sequenceOf('alerts')) - before,
    breakPlace: () => broker.faults.cbs(401),
    [Symbol.asyncDispose]: async () => {
      broker.faults.cbs('answer');
      await sink.close();
    },
  };
});

test('the check of an event-hubs sink tells of a hub that is not there', async () => {
  await expect(eventHubSink('nowhere').check(unending)).rejects.toMatchObject({
    code: 'not_found',
    message: expect.stringMatching(/set hub of alerts in SINKS/) as string,
  });
});

sinkCheckLaws('blob', /the storage did not answer: check STORAGE_CONNECTION_STRING/, async () => {
  const container = await newContainer(azurite.connectionString);
  const proxy = await AnswerProxy.start(azurite.url);
  const access = { connectionString: proxy.rewritten(azurite.connectionString) };
  const settings = { name: 'archive', container: container.containerName, prefix: 'alerts/' };
  return {
    sink: new BlobAlertSink(settings, formatNative, { access, clock }),
    received: async () => {
      let blobs = 0;
      for await (const { properties } of container.listBlobsFlat()) blobs += properties.contentLength ?? 0;
      return blobs === 0 ? 0 : 1;
    },
    breakPlace: () => proxy.close(),
    [Symbol.asyncDispose]: async () => {
      await proxy.close();
      await container.deleteIfExists();
    },
  };
});

test('the check of a blob sink tells of credentials that may read and not append', async () => {
  const container = await newContainer(azurite.connectionString);
  const service = BlobServiceClient.fromConnectionString(azurite.connectionString);
  const inAnHour = new Date(Date.now() + 3_600_000);
  const url = service.generateAccountSasUrl(inAnHour, AccountSASPermissions.parse('rl'), 'sco');
  const connectionString = `BlobEndpoint=${azurite.url};SharedAccessSignature=${new URL(url).search.slice(1)}`;
  const settings = { name: 'archive', container: container.containerName, prefix: 'alerts/' };
  const sink = new BlobAlertSink(settings, formatNative, { access: { connectionString }, clock });
  await expect(sink.check(unending)).rejects.toMatchObject({
    code: 'unauthorized',
    message: expect.stringMatching(/they need the right to write blobs/) as string,
  });
});

async function sentinelRig(token = 'good'): Promise<CheckRig & { readonly server: IngestionServer }> {
  const server = await IngestionServer.start();
  const { endpoint, ruleId, stream } = server;
  const settings = { name: 'sentinel', endpoint, ruleId, stream, audience: 'https://monitor.azure.com' };
  const credential = { getToken: () => Promise.resolve({ token, expiresOnTimestamp: 0 }) };
  return {
    server,
    sink: new SentinelAlertSink(settings, credential, clock),
    received: () => server.rows.length,
    breakPlace: () => server[Symbol.asyncDispose](),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

sinkCheckLaws('sentinel', /did not answer: check endpoint and the network/, () => sentinelRig());

test.each([
  [{ status: 400, body: '{"error":{"code":"InvalidPayload","message":"no rows"}}' }, null],
  [{ status: 403 }, 'unauthorized'],
  [{ status: 404 }, 'not_found'],
  [{ status: 400, body: '{"error":{"code":"InvalidStream"}}' }, 'not_found'],
  [{ status: 503 }, 'unavailable'],
])('the check of a sentinel sink takes %j as %s', async (fault, code) => {
  await using rig = await sentinelRig();
  rig.server.faults.push(fault);
  const found = await rig.sink.check!(unending).then(
    () => null,
    (error: unknown) => (error as { code: string }).code,
  );
  expect(found).toBe(code);
});

function httpSink(url: string, target: HttpTarget, changes: Partial<HttpSettings> = {}): HttpSink {
  const settings = { name: 'rig', url, headers: {}, allowPrivate: true, timeoutMs: 2000, ...changes };
  return new HttpSink(settings, target, { clock, realTime });
}

async function httpRig(target: HttpTarget): Promise<CheckRig> {
  const server = await AlertTarget.start(() => ({}));
  const sink = httpSink(`${server.origin}/hook/api/v2/alerts`, target);
  return {
    sink,
    received: () => server.taken.filter(({ body }) => body !== '').length,
    breakPlace: () => server.down(),
    [Symbol.asyncDispose]: async () => {
      await sink.close();
      await server.down();
    },
  };
}

const away =
  /^Cannot deliver to sink rig at 127\.0\.0\.1:\d+ as .*ECONNREFUSED.*: check its url in SINKS and the network$/;
sinkCheckLaws('webhook', away, () => httpRig(targets.webhookTarget(nativeFormat, [])));
sinkCheckLaws('slack', away, () => httpRig(targets.slackTarget()));
sinkCheckLaws('teams', away, () => httpRig(targets.teamsTarget()));
sinkCheckLaws('pagerduty', away, () => httpRig(targets.pagerdutyTarget('0'.repeat(32))));
sinkCheckLaws('alertmanager', away, () => httpRig(targets.alertmanagerTarget(60_000)));

test('the check of an alertmanager sink reads its status with the headers of the sink, and tells what it answered', async () => {
  await using server = await AlertTarget.start(({ headers }) =>
    headers.authorization === 'Bearer t0ken' ? {} : { status: 401, text: 'no' },
  );
  const sinkOf = (headers: Record<string, string>): HttpSink =>
    httpSink(`${server.origin}/prefix/api/v2/alerts`, targets.alertmanagerTarget(60_000), { headers });
  await expect(sinkOf({ authorization: 'Bearer t0ken' }).check(unending)).resolves.toMatch(/answers$/);
  await expect(sinkOf({}).check(unending)).rejects.toMatchObject({
    code: 'unauthorized',
    message: expect.stringMatching(/answered 401 \(no\): check its url, secrets and headers$/) as string,
  });
  expect(server.requests.map(({ path }) => path)).toEqual(['/prefix/api/v2/status', '/prefix/api/v2/status']);
});

test('the check of a webhook sink connects to no internal address, and reaches nobody', async () => {
  await using server = await AlertTarget.start(() => ({}));
  const { port } = new URL(server.origin);
  for (const host of ['127.0.0.1', '[::ffff:127.0.0.1]', 'localhost']) {
    for (const target of [targets.slackTarget(), targets.alertmanagerTarget(60_000)]) {
      const sink = httpSink(`http://${host}:${port}/api/v2/alerts`, target, { allowPrivate: false });
      await expect(sink.check(unending)).rejects.toThrow(/is internal, which wants allowPrivate of the sink in SINKS$/);
    }
  }
  expect(server.requests).toEqual([]);
});

test('the check of a webhook sink wants a certificate that is trusted', async () => {
  const server = createServer({
    cert: await readFile(certificatePath('server')),
    key: await readFile(certificatePath('server-key')),
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const sink = httpSink(`https://localhost:${port}/hook`, targets.slackTarget());
  await expect(sink.check(unending)).rejects.toThrow(/certificate.*: check its url in SINKS and the network$/i);
  await new Promise((resolve) => server.close(resolve));
});

test('the check of a webhook sink gives up on a host that says nothing', async () => {
  await using server = await AlertTarget.start(() => ({ hangs: true }));
  server.trouble = () => ({ hangs: true });
  const target = targets.alertmanagerTarget(60_000);
  const sink = httpSink(`${server.origin}/api/v2/alerts`, target, { timeoutMs: 50 });
  await expect(sink.check(unending)).rejects.toThrow(/no whole answer within 50 ms/);
});
