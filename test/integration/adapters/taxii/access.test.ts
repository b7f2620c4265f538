import { gzipSync } from 'node:zlib';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { TaxiiAuth } from '../../../../src/adapters/taxii/settings.ts';
import { TaxiiServer } from '../../../../src/dev/taxii-server/server.ts';
import { wholeOf } from '../../../support/feed-updates.ts';
import { sampleIndicators } from '../../../support/stix-samples.ts';
import { COLLECTION, START_MS, TaxiiRig } from '../../../support/taxii-rig.ts';

const secrets = ['s3cret', Buffer.from('user:s3cret').toString('base64')];

describe('credentials', () => {
  test.each<[string, TaxiiAuth]>([
    ['basic', { type: 'basic', username: 'user', password: 's3cret' }],
    ['basic with letters beyond ASCII', { type: 'basic', username: 'jörg', password: 'пароль' }],
    ['basic with an empty password', { type: 'basic', username: 'key', password: '' }],
    ['bearer', { type: 'bearer', token: 's3cret' }],
    ['a header', { type: 'header', name: 'X-Api-Key', value: 's3cret' }],
    ['a token', { type: 'header', name: 'Authorization', value: 'Token s3cret' }],
  ])('by %s go with every request', async (_, auth) => {
    await using rig = await TaxiiRig.start({
      objects: sampleIndicators(25),
      server: { auth, pageSize: 10 },
      settings: { auth },
    });
    expect((await rig.poll()).objects).toHaveLength(25);
  });

  test.each<[string, TaxiiAuth]>([
    ['none', { type: 'none' }],
    ['a wrong password', { type: 'basic', username: 'user', password: 's3cret' }],
    ['another kind', { type: 'bearer', token: 's3cret' }],
  ])('that are %s end in an error that says what to mend and shows no secret', async (_, auth) => {
    await using rig = await TaxiiRig.start({
      server: { auth: { type: 'basic', username: 'user', password: 'right' } },
      settings: { auth },
    });
    const error = await rig.failure();
    expect(error).toMatchObject({ code: 'unauthorized', retryable: false });
    expect(error.message).toContain('answered 401 (Authentication failed): mend auth of feed rig in TI_FEEDS');
    expect(rig.server.requests).toHaveLength(1);
    for (const secret of secrets) expect(JSON.stringify([error.message, rig.log.lines])).not.toContain(secret);
  });

  test.each<[string, TaxiiAuth, string]>([
    ['basic', { type: 'basic', username: 'user', password: 's3cret' }, 'authorization'],
    ['bearer', { type: 'bearer', token: 's3cret' }, 'authorization'],
    ['a header', { type: 'header', name: 'x-api-key', value: 's3cret' }, 'x-api-key'],
  ])('by %s follow a redirect on the same host and none to another', async (_, auth, header) => {
    const collections = [{ id: COLLECTION, title: 'Elsewhere', objects: sampleIndicators(2) }];
    const elsewhere = await TaxiiServer.start({ now: () => START_MS, collections });
    try {
      await using rig = await TaxiiRig.start({ settings: { auth } });
      const path = `/api/collections/${COLLECTION}/objects/`;
      rig.server.faults.add({ kind: 'redirect', status: 308, location: path, on: 'objects', times: 1 });
      rig.server.faults.add({
        kind: 'redirect',
        status: 307,
        location: `${elsewhere.origin}${path}`,
        on: 'objects',
        skip: 1,
      });
      expect((await rig.poll()).objects).toHaveLength(2);
      const home = rig.server.requests.filter(({ resource }) => resource === 'objects');
      expect(home.map(({ headers }) => headers[header] !== undefined)).toEqual([true, true]);
      expect(elsewhere.requests.map(({ headers }) => headers[header])).toEqual([undefined]);
    } finally {
      await elsewhere.stop();
    }
  });

  test('that would be needed after a redirect to another host are asked for by url', async () => {
    const auth: TaxiiAuth = { type: 'bearer', token: 's3cret' };
    const elsewhere = await TaxiiServer.start({ now: () => START_MS, collections: [], auth });
    try {
      await using rig = await TaxiiRig.start({ settings: { auth } });
      rig.server.faults.add({ kind: 'redirect', status: 302, location: elsewhere.discoveryUrl });
      const error = await rig.failure();
      expect(error).toMatchObject({ code: 'unauthorized', retryable: false });
      expect(error.message).toContain('credentials do not follow a redirect to another host, set url of feed rig');
    } finally {
      await elsewhere.stop();
    }
  });
});

test('an API root on another port of the host gets no credentials, and they are asked for by url', async () => {
  const auth: TaxiiAuth = { type: 'bearer', token: 's3cret' };
  const elsewhere = await TaxiiServer.start({ now: () => START_MS, collections: [], auth });
  try {
    await using rig = await TaxiiRig.start({ server: { auth, apiRoots: [elsewhere.apiRootUrl] }, settings: { auth } });
    expect((await rig.failure()).message).toContain('credentials do not follow a redirect to another host');
    expect(elsewhere.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  } finally {
    await elsewhere.stop();
  }
});

test('a next that is the URL of another host is a parameter like any other', async () => {
  await using rig = await TaxiiRig.start({ objects: sampleIndicators(3), limits: { restarts: 0 } });
  const next = 'https://other.example/objects/?x=1&y=2';
  const text = JSON.stringify({ more: true, next, objects: sampleIndicators(1) });
  rig.server.faults.add({ kind: 'body', text, on: 'objects', times: 1 });
  expect(await rig.failure()).toMatchObject({ code: 'invalid_answer', retryable: true });
  expect(rig.pageRequests().map((query) => query.get('next'))).toEqual([null, next]);
});

describe('redirects', () => {
  test('that never end are an error', async () => {
    await using rig = await TaxiiRig.start();
    rig.server.faults.add({ kind: 'redirect', status: 302, location: '/taxii2/' });
    expect((await rig.failure()).message).toContain('redirected more than 5 times');
    expect(rig.server.requests).toHaveLength(6);
  });

  test.each(['http://taxii.example/', 'file:///etc/passwd', 'http://['])('to %s are an error', async (location) => {
    await using rig = await TaxiiRig.start();
    rig.server.faults.add({ kind: 'redirect', status: 302, location });
    const error = await rig.failure();
    expect(error).toMatchObject({ code: 'invalid_answer', retryable: false });
    expect(error.message).toContain('an https URL is wanted');
  });

  test('add a missing slash', async () => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(3) });
    const url = rig.server.discoveryUrl.slice(0, -1);
    const update = await wholeOf(rig.reopened({ url }).poll(null, new AbortController().signal));
    expect(update.objects).toHaveLength(3);
  });
});

describe('answers', () => {
  test.each([
    'application/taxii+json;version=2.1',
    'application/taxii+json; version=2.1; charset=utf-8',
    'application/json',
    'text/plain; charset=utf-8',
    'nonsense',
    null,
  ])('of type %s are taken', async (value) => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(3) });
    rig.server.faults.add({ kind: 'content-type', value });
    expect((await rig.poll()).objects).toHaveLength(3);
  });

  test('of status 206 are taken', async () => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(25), server: { pageSize: 10 } });
    rig.server.faults.add({ kind: 'partial', on: 'objects' });
    expect((await rig.poll()).objects).toHaveLength(25);
  });

  test('in TAXII 2.0 are refused by name where 2.1 is set', async () => {
    await using rig = await TaxiiRig.start({ settings: { version: '2.1' } });
    rig.server.faults.add({ kind: 'content-type', value: 'application/vnd.oasis.taxii+json; version=2.0' });
    expect((await rig.failure()).message).toContain('answered in TAXII 2.0, and 2.1 is wanted');
  });

  test('of the size of the bound are taken and larger ones are not', async () => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(3), limits: { pageBytes: 100_000 } });
    rig.server.faults.add({ kind: 'pad', bytes: 100_000, times: 3, on: 'objects' });
    expect((await rig.poll()).objects).toHaveLength(3);
    rig.server.faults.clear();
    rig.server.faults.add({ kind: 'pad', bytes: 100_001, on: 'objects' });
    const error = await rig.failure();
    expect(error).toMatchObject({ code: 'too_large', retryable: false });
    expect(error.message).toContain('lower limit of feed rig in TI_FEEDS');
    expect(rig.pageRequests()).toHaveLength(2);
  });

  test('are measured after decompression', async () => {
    const bomb = gzipSync(`{"objects":[]${' '.repeat(10_000_000)}}`);
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/taxii+json', 'content-encoding': 'gzip' }).end(bomb);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/taxii2/`;
      await using rig = await TaxiiRig.start({ settings: { url }, limits: { pageBytes: 1_000_000 } });
      expect(bomb.byteLength).toBeLessThan(100_000);
      expect(await rig.failure()).toMatchObject({ code: 'too_large' });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test('are asked for as TAXII 2.1, with a user agent', async () => {
    await using rig = await TaxiiRig.start();
    await rig.poll();
    for (const { headers } of rig.server.requests) {
      expect(headers.accept).toBe('application/taxii+json;version=2.1');
      expect(headers['user-agent']).toBe('tidewatch');
    }
  });
});
