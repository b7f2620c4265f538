import { describe, expect, test } from 'vitest';
import { wholeOf } from '../../../support/feed-updates.ts';
import { idsOf, sampleIndicators } from '../../../support/stix-samples.ts';
import { COLLECTION, TaxiiRig, type TaxiiRigOptions } from '../../../support/taxii-rig.ts';

const { signal } = new AbortController();
const objects = sampleIndicators(3);

describe("a feed's url", () => {
  test.each<[string, (rig: TaxiiRig) => string]>([
    ['the discovery URL', ({ server }) => server.discoveryUrl],
    ['the host alone', ({ server }) => server.origin],
    ['the API root', ({ server }) => server.apiRootUrl],
    ['the API root without its slash', ({ server }) => server.apiRootUrl.slice(0, -1)],
    ['the collections of the API root', ({ server }) => `${server.apiRootUrl}collections/`],
  ])('may be %s', async (_, urlOf) => {
    await using rig = await TaxiiRig.start({ objects });
    expect((await wholeOf(rig.reopened({ url: urlOf(rig) }).poll(null, signal))).objects).toHaveLength(3);
  });

  test('may be an API root whose own resource is missing', async () => {
    await using rig = await TaxiiRig.start({ objects });
    rig.server.faults.add({ kind: 'status', status: 404, on: 'api-root' });
    expect((await wholeOf(rig.reopened({ url: rig.server.apiRootUrl }).poll(null, signal))).objects).toHaveLength(3);
  });

  test.each([
    ['/api/'],
    ['/api'],
    ['api/'],
    ['api'],
    ['../api/'],
    ['http://other.example/', '/api/'],
    ['/none/', '/api/'],
  ])('may lead to API roots given as %j', async (...apiRoots) => {
    await using rig = await TaxiiRig.start({ objects, server: { apiRoots, defaultRoot: null } });
    expect((await rig.poll()).objects).toHaveLength(3);
  });

  test('must not lead to another host', async () => {
    await using rig = await TaxiiRig.start({ server: { apiRoots: ['https://other.example/api/'] } });
    const error = await rig.failure();
    expect(error).toMatchObject({ code: 'invalid_answer', retryable: false });
    expect(error.message).toContain('names no API root on its host: set url of feed rig in TI_FEEDS');
  });

  test('that answers with no object is an error', async () => {
    await using rig = await TaxiiRig.start();
    rig.server.faults.add({ kind: 'body', on: 'discovery', text: '[]' });
    expect((await rig.failure()).message).toContain('is no JSON object');
  });

  test('with API roots that are all shut gives the error of the first', async () => {
    await using rig = await TaxiiRig.start();
    rig.server.faults.add({ kind: 'status', status: 403, on: 'collections' });
    expect(await rig.failure()).toMatchObject({ code: 'unauthorized' });
  });
});

describe("a feed's collection", () => {
  const options: TaxiiRigOptions = {
    server: {
      collections: [
        { id: COLLECTION, title: 'High confidence', alias: 'high', objects },
        { id: 'second', title: 'Twice', objects: [] },
        { id: 'third', title: 'twice', objects: [] },
        { id: 'shut', title: 'Shut', objects: [], canRead: false },
        { id: 'name with / and ?', title: 'Odd', objects: sampleIndicators(2, 50) },
      ],
    },
  };

  test.each([COLLECTION, 'high', 'High confidence', 'HIGH CONFIDENCE'])('may be named %s', async (collection) => {
    await using rig = await TaxiiRig.start(options);
    expect(idsOf((await wholeOf(rig.reopened({ collection }).poll(null, signal))).objects)).toEqual(idsOf(objects));
  });

  test('may have an id that needs encoding', async () => {
    await using rig = await TaxiiRig.start({ ...options, settings: { collection: 'Odd' } });
    expect((await rig.poll()).objects).toHaveLength(2);
  });

  test.each<[string, string, string]>([
    ['missing', 'not_found', `has no collection "missing": it lists ${COLLECTION} (High confidence), second (Twice)`],
    ['TWICE', 'not_found', '2 collections are called "TWICE": set collection of feed rig in TI_FEEDS to an id'],
    ['shut', 'unauthorized', 'collection "shut" may not be read: check auth of feed rig in TI_FEEDS'],
  ])('%s is an error', async (collection, code, expected) => {
    await using rig = await TaxiiRig.start({ ...options, settings: { collection } });
    const error = await rig.failure();
    expect(error).toMatchObject({ code, retryable: false });
    expect(error.message).toContain(expected);
  });

  test('left out needs at least one that may be read', async () => {
    const collections = [{ id: 'shut', title: 'Shut', objects: [], canRead: false }];
    await using rig = await TaxiiRig.start({ server: { collections }, settings: { collection: null } });
    expect((await rig.failure()).message).toContain('none of its 1 collections may be read');
  });
});

test('discovery is asked once an hour and again after a failure', async () => {
  await using rig = await TaxiiRig.start({ objects });
  const asked = (): number => rig.server.requests.filter(({ resource }) => resource === 'discovery').length;
  const { cursor } = await rig.poll();
  rig.clock.advance(3_599_999);
  await rig.poll(cursor);
  expect(asked()).toBe(1);
  rig.clock.advance(1);
  await rig.poll(cursor);
  expect(asked()).toBe(2);
  rig.server.faults.add({ kind: 'status', status: 403, on: 'objects', times: 1 });
  await rig.failure(cursor);
  await rig.poll(cursor);
  expect(asked()).toBe(3);
});
