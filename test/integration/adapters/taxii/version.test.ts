import { describe, expect, test } from 'vitest';
import { probeTaxiiFeed } from '../../../../src/adapters/taxii/probe.ts';
import type { StixObject } from '../../../../src/core/intel/stix-object.ts';
import type { Fault } from '../../../../src/dev/taxii-server/fault.ts';
import { indicatorFeedLaws } from '../../../contract/indicator-feed.ts';
import { updateOf, wholeOf } from '../../../support/feed-updates.ts';
import { idsOf, sampleIndicator, sampleIndicators } from '../../../support/stix-samples.ts';
import { COLLECTION, TaxiiRig, type TaxiiRigOptions } from '../../../support/taxii-rig.ts';

const { signal } = new AbortController();
const whole = idsOf(sampleIndicators(25));

/** A server of TAXII 2.0 alone, with pages of ten, and a feed on its discovery URL. */
function rig20(options: TaxiiRigOptions = {}): Promise<TaxiiRig> {
  const server = { pageSize: 10, versions: ['2.0'] as const, ...options.server };
  return TaxiiRig.start({
    objects: sampleIndicators(25),
    ...options,
    server,
    settings: { version: '2.0', ...options.settings },
    path: '/taxii/',
  });
}

/** What the laws are told in: STIX 2.1, as the server was given it. */
function asStix21(object: StixObject): StixObject {
  const kept = Object.entries(object).filter(([name]) => name !== 'labels');
  return { ...Object.fromEntries(kept), spec_version: '2.1', pattern_type: 'stix', confidence: 90 };
}

indicatorFeedLaws('TAXII 2.0', async (objects) => {
  const rig = await rig20({ objects });
  return {
    feed: {
      name: rig.feed.name,
      poll: async (...asked) => {
        const update = await wholeOf(rig.feed.poll(...asked));
        return updateOf({ ...update, objects: update.objects.map(asStix21) });
      },
    },
    add: (added) => {
      rig.clock.advance(60_000);
      rig.server.collection(COLLECTION).add(added);
      return Promise.resolve();
    },
    breakSource: () => {
      rig.server.faults.add({ kind: 'status', status: 503 });
      return Promise.resolve();
    },
    mendSource: () => {
      rig.server.faults.clear();
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
  };
});

describe('the version of a server', () => {
  test.each<[string, string]>([
    ['the host alone', ''],
    ['the discovery URL of TAXII 2.0', '/taxii/'],
    ['its API root', '/api20/'],
    ['its API root without the slash', '/api20'],
  ])('is found to be 2.0 by %s', async (_, path) => {
    await using rig = await rig20({ settings: { version: null } });
    const feed = rig.reopened({ url: `${rig.server.origin}${path}` });
    const { objects } = await wholeOf(feed.poll(null, signal));
    expect(idsOf(objects)).toEqual(whole);
    expect(objects.every((object) => object['pattern_type'] === undefined)).toBe(true);
  });

  test('that speaks both is 2.1, and 2.0 where the settings say so', async () => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(25), settings: { version: null } });
    const { origin } = rig.server;
    const versions: unknown[] = [];
    for (const version of [null, '2.1', '2.0'] as const) {
      const { objects } = await wholeOf(rig.reopened({ url: origin, version }).poll(null, signal));
      expect(idsOf(objects)).toEqual(whole);
      versions.push(objects[0]?.['spec_version']);
    }
    expect(versions).toEqual(['2.1', '2.1', undefined]);
  });

  test.each([404, 406, 415])('is asked for anew in 2.0 when discovery in 2.1 answers %d', async (status) => {
    await using rig = await rig20({ settings: { version: null } });
    rig.server.faults.add({ kind: 'status', status, on: 'discovery', times: 1 });
    expect(idsOf((await rig.poll()).objects)).toEqual(whole);
  });

  test('is found by an answer of the other type', async () => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(3), settings: { version: null } });
    const type = 'application/vnd.oasis.taxii+json; version=2.0';
    rig.server.faults.add({ kind: 'content-type', value: type, on: 'discovery', times: 1 });
    const url = rig.server.origin;
    const { objects } = await wholeOf(rig.reopened({ url }).poll(null, signal));
    expect(objects.map((object) => object['spec_version'])).toEqual([undefined, undefined, undefined]);
  });

  test.each([401, 403, 500])('is not asked for anew when discovery answers %d', async (status) => {
    await using rig = await rig20({ settings: { version: null }, limits: { restarts: 0 } });
    rig.server.faults.add({ kind: 'status', status, on: 'discovery' });
    await rig.failure();
    expect(rig.server.requests).toHaveLength(1);
  });

  test('that is neither ends with the error of 2.1, after a bounded number of requests and no retry', async () => {
    await using rig = await TaxiiRig.start({ settings: { version: null } });
    rig.server.faults.add({ kind: 'status', status: 406 });
    const error = await rig.failure();
    expect(error).toMatchObject({ code: 'invalid_answer', retryable: false });
    expect(error.message).toContain('the server does not speak TAXII 2.1, check url of feed rig');
    expect(rig.server.requests).toHaveLength(2);
  });

  test.each([
    ['2.0', '/taxii2/', 'does not speak TAXII 2.0'],
    ['2.1', '/taxii/', 'does not speak TAXII 2.1'],
  ] as const)('that is set to %s is not doubted', async (version, path, expected) => {
    await using rig = await TaxiiRig.start({ settings: { version } });
    const feed = rig.reopened({ url: `${rig.server.origin}${path}` });
    await expect(wholeOf(feed.poll(null, signal))).rejects.toMatchObject({
      message: expect.stringContaining(expected) as string,
    });
    expect(rig.server.requests).toHaveLength(1);
  });
});

describe('requests in TAXII 2.0', () => {
  test('ask for resources and objects by their media types, and for ranges of items', async () => {
    await using rig = await rig20({ settings: { limit: 10, matchTypes: ['indicator'] } });
    const { cursor } = await rig.poll();
    rig.clock.advance(60_000);
    rig.server.collection(COLLECTION).add([sampleIndicator(99)]);
    expect(idsOf((await rig.poll(cursor)).objects)).toEqual(idsOf([sampleIndicator(99)]));
    const [first, ...rest] = rig.server.requests;
    expect(first?.headers.accept).toBe('application/vnd.oasis.taxii+json; version=2.0');
    const objects = rest.filter(({ resource }) => resource === 'objects');
    expect(new Set(objects.map(({ headers }) => headers.accept))).toEqual(
      new Set(['application/vnd.oasis.stix+json; version=2.0']),
    );
    const ranges = objects.map(({ headers }) => headers.range);
    expect(ranges).toEqual(['items 0-9', 'items 9-18', 'items 18-27', 'items 0-9', 'items 9-18', 'items 18-27']);
    const asked = objects.map(({ query }) => [...query.keys()].sort().join());
    expect(new Set(asked)).toEqual(new Set(['match[type]', 'added_after,match[type]']));
    expect(objects[3]?.query.get('added_after')).toMatch(/^2024-05-01T11:50:00\.\d{6}Z$/);
  });

  test('a range larger than what a server gives is followed by what is left', async () => {
    await using rig = await rig20({ settings: { limit: 1000 } });
    expect(idsOf((await rig.poll()).objects)).toEqual(whole);
    const ranges = rig.server.requests.map(({ headers }) => headers.range).filter((range) => range !== undefined);
    expect(ranges).toEqual(['items 0-999', 'items 9-1008', 'items 18-1017']);
  });

  test('probeTaxiiFeed() takes one page', async () => {
    await using rig = await rig20();
    const probe = await probeTaxiiFeed(rig.settings, rig.deps, signal);
    expect(probe).toMatchObject({ ok: true, objects: 10 });
  });
});

describe('answers in TAXII 2.0', () => {
  test.each<[string, Fault[]]>([
    ['no total', [{ kind: 'content-range', value: null, on: 'objects' }]],
    ['a Content-Range that cannot be read', [{ kind: 'content-range', value: 'bytes 0-9/25', on: 'objects' }]],
    ['a total that is too large', [{ kind: 'always-more' }]],
    ['no dates', [{ kind: 'date-headers', value: null }]],
    ['another type', [{ kind: 'content-type', value: 'application/json' }]],
  ])('with %s are read to their end', async (_, faults) => {
    await using rig = await rig20();
    for (const fault of faults) rig.server.faults.add(fault);
    expect(idsOf((await rig.poll()).objects)).toEqual(whole);
    expect(rig.pageRequests().length).toBeLessThanOrEqual(4);
  });

  test('of an empty collection are an empty feed', async () => {
    await using rig = await rig20({ objects: [] });
    expect(await rig.poll()).toMatchObject({ objects: [], full: true });
  });

  test('of 416 at once are an empty feed', async () => {
    await using rig = await rig20();
    rig.server.faults.add({ kind: 'status', status: 416, on: 'objects' });
    expect((await rig.poll()).objects).toEqual([]);
  });

  test.each<[string, Fault, string]>([
    [
      'a server that gives its first page for every range',
      { kind: 'repeat-page' },
      'it gave items 0 to 9 where those from 9',
    ],
    ['a server without end', { kind: 'endless' }, 'the limit walkPages of 20'],
    [
      'a page of the manner of TAXII 2.1',
      { kind: 'body', on: 'objects', text: JSON.stringify({ more: true, next: 'x', objects: [sampleIndicator(1)] }) },
      'it pages in the manner of TAXII 2.1',
    ],
    [
      'an answer of TAXII 2.1',
      { kind: 'content-type', value: 'application/taxii+json;version=2.1', on: 'objects' },
      'answered in TAXII 2.1, and 2.0 is wanted',
    ],
  ])('%s ends the poll', async (_, fault, expected) => {
    await using rig = await rig20({ limits: { walkPages: 20 } });
    rig.server.faults.add(fault);
    const error = await rig.failure();
    expect(error).toMatchObject({ retryable: false });
    expect(error.message).toContain(expected);
    expect(rig.pageRequests().length).toBeLessThanOrEqual(20);
  });

  test('that give the same page again without a Content-Range end the poll', async () => {
    await using rig = await rig20();
    rig.server.faults.add({ kind: 'repeat-page' });
    rig.server.faults.add({ kind: 'content-range', value: null });
    expect(await rig.failure()).toMatchObject({ code: 'no_progress', retryable: false });
    expect(rig.pageRequests()).toHaveLength(2);
  });

  test.each<[string, Fault[]]>([
    ['its total', []],
    ['no total', [{ kind: 'content-range', value: null }]],
    ['a total that is too large', [{ kind: 'always-more' }]],
  ])('of a collection that changes in the middle of a walk, with %s, are read without a gap', async (_, faults) => {
    await using rig = await rig20();
    for (const fault of faults) rig.server.faults.add(fault);
    const store = rig.server.collection(COLLECTION);
    const newer = sampleIndicator(3, { modified: '2024-03-01T00:00:00.000Z' });
    rig.server.onRequest = ({ headers }) => {
      if (!(headers.range ?? '').startsWith('items 9-')) return;
      rig.server.onRequest = null;
      store.remove(idsOf(sampleIndicators(2)) as string[]);
      store.add([newer]);
    };
    const { objects } = await rig.poll();
    expect(new Set(idsOf(objects))).toEqual(new Set(whole));
    expect(objects).toContainEqual(expect.objectContaining({ id: newer['id'], modified: newer['modified'] }));
  });

  test('of a collection that shrinks below the page that is asked are read from further before', async () => {
    await using rig = await rig20();
    const store = rig.server.collection(COLLECTION);
    rig.server.onRequest = ({ headers }) => {
      if (!(headers.range ?? '').startsWith('items 18-')) return;
      rig.server.onRequest = null;
      store.remove(idsOf(sampleIndicators(12)) as string[]);
    };
    expect(new Set(idsOf((await rig.poll()).objects))).toEqual(new Set(whole));
  });

  test('of a server that gives one object a page end the poll', async () => {
    await using rig = await rig20({ server: { pageSize: 1 } });
    expect((await rig.failure()).message).toContain('it gives one object a page');
  });

  test.each<[string, Fault]>([
    ['a lost connection', { kind: 'disconnect', on: 'objects', skip: 1, times: 1 }],
    ['half a body sent as whole', { kind: 'half-body', on: 'objects', skip: 1, times: 1 }],
    ['503', { kind: 'status', status: 503, on: 'objects', skip: 1, times: 1 }],
  ])('that fail by %s begin the walk again', async (_, fault) => {
    await using rig = await rig20();
    rig.server.faults.add(fault);
    expect(idsOf((await rig.poll()).objects)).toEqual(whole);
    expect(rig.pageRequests()).toHaveLength(5);
  });
});
