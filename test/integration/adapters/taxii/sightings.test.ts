import { describe, expect, test } from 'vitest';
import { Outbox } from '../../../../src/core/alert/outbox.ts';
import type { Fault } from '../../../../src/dev/taxii-server/fault.ts';
import { Delivery } from '../../../../src/pipeline/deliver.ts';
import { MemoryLog } from '../../../support/memory-log.ts';
import { anAlert, anIndicator } from '../../../support/sample-alert.ts';
import { inbox, numberedAlert, SightingRig } from '../../../support/sighting-rig.ts';
import { START_MS } from '../../../support/taxii-rig.ts';

const identity = 'identity--11111111-1111-4111-8111-111111111111';
const hundred = Array.from({ length: 100 }, (_, at) => numberedAlert(at));

function idsOf(objects: readonly Readonly<Record<string, unknown>>[]): unknown[] {
  return objects.map((object) => object['id']);
}

test('an alert of the outbox becomes a sighting that can be read from the collection', async () => {
  await using rig = await SightingRig.start({ sightings: { identity } });
  const outbox = new Outbox([rig.sink.name], 10, false);
  const delivery = new Delivery({
    outbox,
    sink: rig.sink,
    openFindings: () => [],
    clock: rig.taxii.clock,
    realTime: rig.time,
    log: new MemoryLog(),
    deadLetters: () => null,
    waitingMax: 1000,
    random: () => 0,
    onDelivered: () => undefined,
    onSkipped: () => undefined,
    onFailed: () => undefined,
    onUndelivered: () => undefined,
  });
  outbox.append(anAlert({ indicators: [anIndicator({ source: 'rig' }), anIndicator({ source: 'other' })] }));
  outbox.append(anAlert({ indicators: [anIndicator({ source: 'other' })] }));
  outbox.append(anAlert({ activity: 'close', indicators: [anIndicator({ source: 'rig' })] }));
  expect(await delivery.deliverNext(new AbortController().signal)).toBe(true);
  expect(outbox.waitingCount('sightings:rig')).toBe(0);
  expect(await rig.read()).toEqual([
    {
      type: 'sighting',
      spec_version: '2.1',
      id: expect.stringMatching(
        /^sighting--[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ) as unknown,
      created_by_ref: identity,
      created: '2026-03-01T11:30:02.120Z',
      modified: '2026-03-01T11:30:02.120Z',
      object_marking_refs: ['marking-definition--f88d31f6-486f-44da-b317-01333bde0b82'],
      first_seen: '2026-03-01T10:00:00.0000001Z',
      last_seen: '2026-03-01T11:30:00Z',
      count: 3,
      sighting_of_ref: 'indicator--00000000-0000-4000-8000-000000000001',
      where_sighted_refs: [identity],
    },
  ]);
});

describe('SightingSink', () => {
  test('delivered again changes nothing at the server', async () => {
    await using rig = await SightingRig.start();
    await rig.deliver(numberedAlert(1), numberedAlert(2));
    const before = await rig.read();
    expect(before).toHaveLength(2);
    await rig.deliver(numberedAlert(1), numberedAlert(2));
    expect(await rig.read()).toEqual(before);
  });

  test('asks nothing of the server when there is nothing to report', async () => {
    await using rig = await SightingRig.start();
    await rig.deliver(anAlert({ indicators: [anIndicator({ source: 'other' })] }), anAlert({ activity: 'close' }));
    expect(rig.taxii.server.requests).toEqual([]);
  });

  test('sends no more than the server takes at once', async () => {
    await using rig = await SightingRig.start({ server: { maxContentLength: 4096 } });
    await rig.deliver(...hundred);
    expect(await rig.read()).toHaveLength(100);
    expect(rig.count('addition')).toBeGreaterThan(9);
    const sizes = rig.taxii.server.requests.map(({ headers }) => Number(headers['content-length'] ?? 0));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4096);
  });

  test('waits when it is over its rate, and drops nothing', async () => {
    await using rig = await SightingRig.start({ sightings: { perMinute: 30 } });
    await rig.deliver(...hundred);
    expect(idsOf(await rig.read())).toHaveLength(100);
    expect(rig.time.delays).toEqual([60_000, 60_000, 20_000]);
  });

  test('follows the status of what it sent until it is complete', async () => {
    await using rig = await SightingRig.start();
    rig.taxii.server.faults.add({ kind: 'pending', looks: 3, on: 'addition' });
    await rig.deliver(numberedAlert(1));
    expect(rig.count('status')).toBe(3);
    expect(rig.time.delays).toEqual([500, 1000, 2000]);
    expect(await rig.read()).toHaveLength(1);
  });

  test('gives up on a status that stays pending, and may be asked again', async () => {
    await using rig = await SightingRig.start({ limits: { statusMs: 10_000 } });
    rig.taxii.server.faults.add({ kind: 'pending', looks: 1e9, on: 'addition', times: 1 });
    const error = await rig.failure();
    expect(error).toMatchObject({ code: 'unavailable', retryable: true });
    expect(error.message).toContain('status status-1 is still pending after 10000 ms');
    await rig.deliver(numberedAlert(1));
    expect(await rig.read()).toHaveLength(1);
  });

  test('refuses an object that the server does not take, with what the server says', async () => {
    await using rig = await SightingRig.start();
    rig.taxii.server.faults.add({ kind: 'refuse-objects', message: 'No such indicator', on: 'addition' });
    const error = await rig.failure();
    expect(error).toMatchObject({ code: 'refused', retryable: false });
    expect(error.message).toMatch(/did not take 1 of 1 objects, the first is sighting--[0-9a-f-]+: No such indicator$/);
  });

  test.each([
    ['for its rate', 1, 1, 0],
    ['for a status', 100, 2, 0],
  ])('ends a wait %s when it is told to stop', async (_, perMinute, additions, looks) => {
    await using rig = await SightingRig.start({ sightings: { perMinute } });
    const stop = new AbortController();
    rig.time.delay = (ms) => {
      if (ms > 0) stop.abort();
      return Promise.resolve();
    };
    rig.taxii.server.faults.add({ kind: 'pending', looks: 1e9, on: 'addition', skip: 1 });
    await rig.deliver(numberedAlert(1));
    await expect(rig.report([numberedAlert(2)], stop.signal)).rejects.toMatchObject({ retryable: true });
    expect([rig.count('addition'), rig.count('status')]).toEqual([additions, looks]);
  });
});

describe('a failure that may pass', () => {
  test.each<[string, Fault, object]>([
    ['a lost connection', { kind: 'disconnect', on: 'addition', times: 1 }, { code: 'unavailable' }],
    ['an answer cut short', { kind: 'truncate', on: 'addition', times: 1 }, { code: 'unavailable' }],
    ['half an answer sent as whole', { kind: 'half-body', on: 'addition', times: 1 }, { code: 'unavailable' }],
    ['500', { kind: 'status', status: 500, on: 'addition', times: 1 }, { code: 'unavailable' }],
    [
      '429 with seconds',
      { kind: 'status', status: 429, headers: { 'retry-after': '42' }, on: 'addition', times: 1 },
      { code: 'rate_limited', retryAfterMs: 42_000 },
    ],
    [
      '429 with a date',
      {
        kind: 'status',
        status: 429,
        headers: { 'retry-after': new Date(START_MS + 90_000).toUTCString() },
        on: 'addition',
        times: 1,
      },
      { code: 'rate_limited', retryAfterMs: 90_000 },
    ],
    [
      '503 with seconds',
      { kind: 'status', status: 503, headers: { 'retry-after': '30' }, on: 'addition', times: 1 },
      { code: 'unavailable', retryAfterMs: 30_000 },
    ],
    ['503 of discovery', { kind: 'status', status: 503, on: 'discovery', times: 1 }, { code: 'unavailable' }],
    ['503 of the API root', { kind: 'status', status: 503, on: 'api-root', times: 1 }, { code: 'unavailable' }],
  ])('by %s is told as such, and the next delivery brings everything once', async (_, fault, expected) => {
    await using rig = await SightingRig.start();
    rig.taxii.server.faults.add(fault);
    expect(await rig.failure()).toMatchObject({ ...expected, retryable: true });
    await rig.deliver(numberedAlert(1));
    expect(await rig.read()).toHaveLength(1);
  });

  test('by a status that is away is told as such', async () => {
    await using rig = await SightingRig.start();
    rig.taxii.server.faults.add({ kind: 'pending', looks: 1, on: 'addition' });
    rig.taxii.server.faults.add({ kind: 'status', status: 503, on: 'status' });
    expect(await rig.failure()).toMatchObject({ code: 'unavailable', retryable: true });
  });
});

describe('a refusal', () => {
  test.each<[number, string, boolean, string]>([
    [400, 'refused', false, 'takes no such objects'],
    [401, 'unauthorized', true, 'whether auth of the feed may write it'],
    [403, 'unauthorized', true, 'check sightings.collection of feed rig in TI_FEEDS'],
    [404, 'not_found', true, 'check sightings.collection of feed rig in TI_FEEDS'],
    [406, 'unavailable', true, 'does not speak TAXII 2.1'],
    [413, 'too_large', false, 'takes only smaller envelopes'],
    [415, 'unavailable', true, 'does not speak TAXII 2.1'],
    [422, 'refused', false, 'takes no such objects'],
  ])('with %d is %s and says what mends it; that it may pass is %s', async (status, code, retryable, mend) => {
    await using rig = await SightingRig.start();
    rig.taxii.server.faults.add({ kind: 'status', status, on: 'addition' });
    const error = await rig.failure();
    expect(error).toMatchObject({ code, retryable });
    expect(error.message).toMatch(/^Cannot report sightings to feed rig as POST http\S+\/objects\/ answered/);
    expect(error.message).toContain(mend);
    expect(rig.count('addition')).toBe(1);
  });

  test.each([
    ['a login page', '<html>login</html>', 'are no JSON'],
    ['no status', '{"title":"Sorry"}', 'without a status'],
    ['a pending status without an id', '{"status":"pending"}', 'pending status that has no id'],
  ])('by %s waits until the server is mended', async (_, text, expected) => {
    await using rig = await SightingRig.start();
    rig.taxii.server.faults.add({ kind: 'body', text, on: 'addition' });
    const error = await rig.failure();
    expect(error).toMatchObject({ code: 'unavailable', retryable: true });
    expect(error.message).toContain(expected);
  });

  test('by an answer that is too large is none of the objects', async () => {
    await using rig = await SightingRig.start({ limits: { pageBytes: 10_000 } });
    rig.taxii.server.faults.add({ kind: 'pad', bytes: 20_000, on: 'addition' });
    expect(await rig.failure()).toMatchObject({ code: 'unavailable', retryable: true });
  });
});

describe('a redirect', () => {
  test('to the same host keeps the objects and the credentials', async () => {
    const auth = { type: 'bearer', token: 'secret-token' } as const;
    await using rig = await SightingRig.start({ server: { auth }, feed: { auth } });
    const location = `${rig.taxii.server.apiRootUrl}collections/${inbox}/objects/`;
    rig.taxii.server.faults.add({ kind: 'redirect', status: 308, location, on: 'addition', times: 1 });
    await rig.deliver(numberedAlert(1));
    expect(rig.taxii.server.collection(inbox).size).toBe(1);
  });

  test.each([
    ['by 302, which drops a POST', 302, '/api/', /redirected by 302, and 307 or 308 is wanted/],
    [
      'to another host',
      307,
      'https://elsewhere.example/',
      /leads to https:\/\/elsewhere\.example\/, and objects are sent to/,
    ],
  ])('%s is not followed', async (_, status, location, message) => {
    await using rig = await SightingRig.start();
    rig.taxii.server.faults.add({ kind: 'redirect', status, location, on: 'addition' });
    const error = await rig.failure();
    expect(error).toMatchObject({ code: 'unavailable', retryable: true });
    expect(error.message).toMatch(message);
  });
});

describe('check() of a sightings sink', () => {
  test('says that the collection can be written, and sends nothing', async () => {
    await using rig = await SightingRig.start();
    expect(await rig.check()).toBe('collection Sightings can be written');
    expect(rig.count('addition')).toBe(0);
  });

  test('tells of a collection that is not there', async () => {
    await using rig = await SightingRig.start({ sightings: { collection: 'absent' } });
    await expect(rig.check()).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringMatching(
        /^Cannot report sightings to feed rig as it has no collection "absent": .* set sightings\.collection of feed rig/,
      ) as unknown,
    });
  });

  test('tells of a collection that may not be written', async () => {
    await using rig = await SightingRig.start();
    rig.taxii.server.addCollection({ id: inbox, title: 'Sightings', canWrite: false, objects: [] });
    await expect(rig.check()).rejects.toMatchObject({
      name: 'SinkError',
      message: expect.stringMatching(/collection "sightings-inbox" may not be written: check auth/) as unknown,
    });
  });
});
