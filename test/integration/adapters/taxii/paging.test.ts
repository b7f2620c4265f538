import { describe, expect, test } from 'vitest';
import { idsOf, sampleIndicator, sampleIndicators } from '../../../support/stix-samples.ts';
import { COLLECTION, TaxiiRig } from '../../../support/taxii-rig.ts';

const sorted = (values: readonly unknown[]): unknown[] => [...values].sort();

describe('paging with next', () => {
  test('every page repeats the parameters of the first, limit included, and only next changes', async () => {
    await using rig = await TaxiiRig.start({
      objects: sampleIndicators(25),
      server: { pageSize: 10 },
      settings: { limit: 10, matchTypes: ['indicator', 'relationship'] },
    });
    const { cursor } = await rig.poll();
    rig.clock.advance(60_000);
    rig.server.collection(COLLECTION).add(sampleIndicators(25, 100));
    await rig.poll(cursor);
    const requests = rig.pageRequests();
    expect(requests).toHaveLength(8);
    for (const walk of [requests.slice(0, 3), requests.slice(3)]) {
      const rest = walk.map((query) => [...query].filter(([name]) => name !== 'next'));
      expect(new Set(rest.map((parameters) => JSON.stringify(parameters))).size).toBe(1);
      expect(walk[0]?.has('next')).toBe(false);
      expect(new Set(walk.slice(1).map((query) => query.get('next'))).size).toBe(walk.length - 1);
      expect(walk[0]?.get('limit')).toBe('10');
      expect(walk[0]?.get('match[type]')).toBe('indicator,relationship');
    }
  });

  test('pages are followed by next alone where more is left out', async () => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(25), server: { pageSize: 10 } });
    rig.server.faults.add({ kind: 'omit-more' });
    expect(idsOf((await rig.poll()).objects)).toEqual(idsOf(sampleIndicators(25)));
  });

  test('a server that says more for ever is left when its pages are empty', async () => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(5), server: { pageSize: 10 } });
    rig.server.faults.add({ kind: 'always-more' });
    const { objects, full } = await rig.poll();
    expect({ ids: idsOf(objects), full }).toEqual({ ids: idsOf(sampleIndicators(5)), full: true });
    expect(rig.pageRequests().length).toBeLessThan(10);
  });

  test.each(['bundle', 'list'] as const)('pages sent as a %s are taken', async (shape) => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(5) });
    rig.server.faults.add({ kind: 'shape', shape });
    expect((await rig.poll()).objects).toHaveLength(5);
  });

  test('objects of unknown type are kept and members that are no objects cost only themselves', async () => {
    await using rig = await TaxiiRig.start();
    const text = JSON.stringify({ objects: [7, { type: 'x-thing', id: 'x-thing--1' }, null, sampleIndicator(1)] });
    rig.server.faults.add({ kind: 'body', on: 'objects', text });
    expect(idsOf((await rig.poll()).objects)).toEqual(['x-thing--1', sampleIndicator(1)['id']]);
    expect(rig.log.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', fields: { feed: 'rig', collection: COLLECTION, malformed: 2 } }),
    );
  });
});

describe('paging by date, where a server has more and gives no next', () => {
  test('nothing is lost where objects share a date over the end of a page', async () => {
    await using rig = await TaxiiRig.start({ server: { pageSize: 10 } });
    for (let run = 0; run < 40; run += 1) {
      rig.server.collection(COLLECTION).add(sampleIndicators(7, run * 7), { dates: 'one' });
    }
    rig.server.faults.add({ kind: 'omit-next' });
    const ids = idsOf((await rig.poll()).objects);
    expect(new Set(ids)).toEqual(new Set(idsOf(sampleIndicators(280))));
  });

  test('the limit is raised past a run of one date that fills a page', async () => {
    await using rig = await TaxiiRig.start({ server: { pageSize: 1000 }, settings: { limit: 10 } });
    rig.server.collection(COLLECTION).add(sampleIndicators(250), { dates: 'one' });
    rig.server.collection(COLLECTION).add(sampleIndicators(5, 250));
    rig.server.faults.add({ kind: 'omit-next' });
    expect(sorted(idsOf((await rig.poll()).objects))).toEqual(sorted(idsOf(sampleIndicators(255))));
    expect(rig.pageRequests().map((query) => query.get('limit'))).toContain('1000');
  });

  test('a run that no page can hold is an error, never a part of the feed', async () => {
    await using rig = await TaxiiRig.start({ server: { pageSize: 10 }, settings: { limit: 10 } });
    rig.server.collection(COLLECTION).add(sampleIndicators(25), { dates: 'one' });
    rig.server.faults.add({ kind: 'omit-next' });
    const error = await rig.failure();
    expect(error).toMatchObject({ code: 'no_progress', retryable: false });
    expect(error.message).toContain('2024-05-01T12:00:00.000000Z');
  });

  test('more without next and without a date is an error', async () => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(25), server: { pageSize: 10 } });
    rig.server.faults.add({ kind: 'omit-next' });
    rig.server.faults.add({ kind: 'date-headers', value: null });
    const error = await rig.failure();
    expect(error).toMatchObject({ code: 'invalid_answer', retryable: false });
    expect(error.message).toContain('neither "next" nor X-TAXII-Date-Added-Last');
  });
});

describe('bounds of a walk', () => {
  test('a page that comes again ends the walk with no_progress', async () => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(25), server: { pageSize: 10 } });
    rig.server.faults.add({ kind: 'repeat-page' });
    expect(await rig.failure()).toMatchObject({ code: 'no_progress', retryable: false });
    expect(rig.pageRequests()).toHaveLength(2);
  });

  test.each([
    ['walkPages', { walkPages: 2 }],
    ['walkObjects', { walkObjects: 24 }],
    ['walkBytes', { walkBytes: 5000 }],
  ])('passing %s ends the poll with too_large', async (name, limits) => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(25), server: { pageSize: 10 }, limits });
    const error = await rig.failure();
    expect(error).toMatchObject({ code: 'too_large', retryable: false });
    expect(error.message).toContain(`the limit ${name} of ${Object.values(limits)[0] ?? ''}`);
  });

  test('a walk just within its bounds is taken', async () => {
    const limits = { walkPages: 3, walkObjects: 25 };
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(25), server: { pageSize: 10 }, limits });
    expect((await rig.poll()).objects).toHaveLength(25);
  });

  test('passing walkMs ends the poll with too_large', async () => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(5), limits: { walkMs: 50 } });
    rig.server.faults.add({ kind: 'delay', on: 'objects', ms: 60_000 });
    expect((await rig.failure()).message).toContain('the limit walkMs of 50');
  });
});

test('A page is asked for when it is wanted, and none when its reader has gone', async () => {
  await using rig = await TaxiiRig.start({ objects: sampleIndicators(25), server: { pageSize: 10 } });
  const { full, pages } = await rig.feed.poll(null, new AbortController().signal);
  expect(full).toBe(true);
  expect(rig.pageRequests()).toHaveLength(0);
  for (const asked of [1, 2]) {
    expect(await pages.next()).toMatchObject({ done: false, value: { again: false } });
    expect(rig.pageRequests()).toHaveLength(asked);
  }
  expect(await pages.return(null)).toEqual({ done: true, value: null });
  expect(rig.pageRequests()).toHaveLength(2);
  expect((await rig.poll()).objects).toHaveLength(25);
});
