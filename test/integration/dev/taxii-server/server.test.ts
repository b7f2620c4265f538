import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TaxiiServer } from '../../../../src/dev/taxii-server/server.ts';
import { idsOf, sampleIndicator, sampleIndicators } from '../../../support/stix-samples.ts';

const type = 'application/taxii+json;version=2.1';
let now = Date.parse('2024-05-01T12:00:00Z');
let server: TaxiiServer;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

interface AskInit {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

async function ask(path: string, init: AskInit = {}): Promise<Answer> {
  const url = new URL(path, server.apiRootUrl);
  const response = await fetch(url, { redirect: 'manual', ...init, headers: { accept: type, ...init.headers } });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

const idsIn = ({ body }: Answer): unknown[] => idsOf((body['objects'] ?? []) as Record<string, unknown>[]);
const numbers = (...list: number[]): unknown[] => list.map((number) => sampleIndicator(number)['id']);

beforeAll(async () => {
  const newer = sampleIndicator(1, { modified: '2024-03-01T00:00:00.000Z' });
  const collections = [
    {
      id: 'main',
      title: 'Main',
      alias: 'm',
      objects: [...sampleIndicators(5), { type: 'identity', id: 'identity--1' }, newer],
    },
    { id: 'empty', title: 'Empty', objects: [], canWrite: false },
  ];
  server = await TaxiiServer.start({ now: () => now, collections, pageSize: 3 });
});

afterAll(() => server.stop());

describe('resources', () => {
  test('discovery names the API root', async () => {
    const { body, headers } = await ask('/taxii2/');
    expect(body).toMatchObject({ default: server.apiRootUrl, api_roots: [server.apiRootUrl] });
    expect(headers.get('content-type')).toBe(type);
  });

  test('collections are listed and found by id and alias', async () => {
    const { body } = await ask('collections/');
    expect((body['collections'] as { id: string }[]).map(({ id }) => id)).toEqual(['main', 'empty']);
    expect((await ask('collections/m/')).body).toMatchObject({ id: 'main', can_read: true });
  });

  test.each([
    'nothing/',
    'collections/none/',
    'collections/main/none/',
    'status/none/',
    'collections/main/objects/none/',
  ])('%s is answered with 404 and an error resource', async (path) => {
    expect(await ask(path)).toMatchObject({ status: 404, body: { http_status: '404' } });
  });

  test('a path without its slash is redirected', async () => {
    const { status, headers } = await ask('collections?limit=1');
    expect([status, headers.get('location')]).toEqual([308, '/api/collections/?limit=1']);
  });

  test.each<[string, number]>([
    ['application/taxii+json', 200],
    ['text/html, application/taxii+json; version=2.1', 200],
    ['*/*', 200],
    ['application/taxii+json;version=2.0', 406],
    ['application/json', 406],
  ])('Accept %s is answered with %d', async (accept, status) => {
    expect((await ask('collections/', { headers: { accept } })).status).toBe(status);
  });
});

describe('objects', () => {
  test('come in the order they were added, newest versions only, in pages that next joins', async () => {
    const first = await ask('collections/main/objects/');
    expect(idsIn(first)).toEqual(numbers(0, 2, 3));
    const next = encodeURIComponent(String(first.body['next']));
    const second = await ask(`collections/main/objects/?next=${next}`);
    expect(idsIn(second)).toEqual([...numbers(4), 'identity--1', ...numbers(1)]);
    expect(second.body['more']).toBeUndefined();
  });

  test.each<[string, unknown[]]>([
    ['match[type]=identity', ['identity--1']],
    ['match[type]=identity,indicator&limit=2', numbers(0, 2)],
    [`match[id]=${String(sampleIndicator(1)['id'])}&match[version]=all`, numbers(1, 1)],
    [`match[id]=${String(sampleIndicator(1)['id'])}&match[version]=first`, numbers(1)],
    ['match[version]=2024-03-01T00:00:00.000Z', numbers(1)],
    ['match[spec_version]=2.0', []],
    ['added_after=2024-05-01T12:00:00.000003Z', [...numbers(4), 'identity--1', ...numbers(1)]],
    ['added_after=2024-05-01T12:00:00.000006Z', []],
  ])('?%s selects', async (query, expected) => {
    expect(idsIn(await ask(`collections/main/objects/?${query}`))).toEqual(expected);
  });

  test('carry the dates of the first and the last, and an empty answer carries nothing', async () => {
    const { headers } = await ask('collections/main/objects/?limit=2');
    expect(headers.get('x-taxii-date-added-first')).toBe('2024-05-01T12:00:00.000000Z');
    expect(headers.get('x-taxii-date-added-last')).toBe('2024-05-01T12:00:00.000002Z');
    const empty = await ask('collections/empty/objects/');
    expect([empty.body, empty.headers.get('x-taxii-date-added-last')]).toEqual([{}, null]);
  });

  test.each(['added_after=2024-05-01T12:00:00Z', 'added_after=x', 'limit=0', 'limit=x', 'next=x'])(
    '?%s is answered with 400',
    async (query) => {
      expect((await ask(`collections/main/objects/?${query}`)).status).toBe(400);
    },
  );

  test('have a manifest and versions', async () => {
    const manifest = await ask('collections/main/manifest/?limit=1');
    expect(manifest.body['objects']).toEqual([
      {
        id: sampleIndicator(0)['id'],
        date_added: '2024-05-01T12:00:00.000000Z',
        version: '2024-01-01T00:00:00.000Z',
        media_type: 'application/stix+json;version=2.1',
      },
    ]);
    const versions = await ask(`collections/main/objects/${String(sampleIndicator(1)['id'])}/versions/`);
    expect(versions.body).toEqual({ versions: ['2024-01-01T00:00:00.000Z', '2024-03-01T00:00:00.000Z'] });
  });

  test('are added by POST, once, and taken away by DELETE', async () => {
    now += 1000;
    const post = { method: 'POST', headers: { 'content-type': type } };
    const body = JSON.stringify({ objects: [sampleIndicator(0), sampleIndicator(77)] });
    const posted = await ask('collections/main/objects/', { ...post, body });
    expect(posted).toMatchObject({ status: 202, body: { status: 'complete', success_count: 2 } });
    expect((await ask(`status/${String(posted.body['id'])}/`)).body).toEqual(posted.body);
    const added = 'collections/main/objects/?added_after=2024-05-01T12:00:00.999999Z';
    expect(idsIn(await ask(added))).toEqual(numbers(77));
    const path = `collections/main/objects/${String(sampleIndicator(77)['id'])}/`;
    expect((await ask(path, { method: 'DELETE' })).status).toBe(200);
    expect((await ask(path)).status).toBe(404);
    expect((await ask(`status/${String(posted.body['id'])}/`)).body).toEqual(posted.body);
    expect((await ask(path)).status).toBe(404);
  });

  test('are in the collection once a pending status is complete, and not when they are refused', async () => {
    const init = (...objects: readonly unknown[]): AskInit => {
      return { method: 'POST', headers: { 'content-type': type }, body: JSON.stringify({ objects }) };
    };
    const id = String(sampleIndicator(78)['id']);
    server.faults.add({ kind: 'pending', looks: 2, on: 'addition', times: 1 });
    const { body } = await ask('collections/main/objects/', init(sampleIndicator(78)));
    expect(body).toMatchObject({ status: 'pending', pending_count: 1, pendings: [{ id }] });
    const look = async (): Promise<unknown> => (await ask(`status/${String(body['id'])}/`)).body['status'];
    expect([await look(), (await ask(`collections/main/objects/${id}/`)).status]).toEqual(['pending', 404]);
    expect([await look(), (await ask(`collections/main/objects/${id}/`)).status]).toEqual(['complete', 200]);
    server.faults.add({ kind: 'refuse-objects', message: 'no', on: 'addition', times: 1 });
    const refused = await ask('collections/main/objects/', init(sampleIndicator(79)));
    expect(refused.body).toMatchObject({ status: 'complete', failure_count: 1, failures: [{ message: 'no' }] });
    const nameless = await ask('collections/main/objects/', init({ type: 'indicator' }));
    expect(nameless.body).toMatchObject({ success_count: 0, failure_count: 1 });
  });

  test.each<[string, string, string, number]>([
    ['a collection that may not be written', 'empty', '{"objects":[]}', 403],
    ['what is no JSON', 'main', '{', 400],
    ['what is no envelope', 'main', '[]', 422],
  ])('POST of %s is refused', async (_, id, body, status) => {
    const init = { method: 'POST', headers: { 'content-type': type }, body };
    expect((await ask(`collections/${id}/objects/`, init)).status).toBe(status);
  });

  test('POST of another type is answered with 415', async () => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
    expect((await ask('collections/main/objects/', init)).status).toBe(415);
  });
});

describe('TAXII 2.0', () => {
  const resources = 'application/vnd.oasis.taxii+json; version=2.0';
  const objects = 'application/vnd.oasis.stix+json; version=2.0';
  const page = (range?: string): Promise<Answer> =>
    ask('/api20/collections/main/objects/', {
      headers: { accept: objects, ...(range === undefined ? {} : { range }) },
    });

  test('discovery names an API root of its own, and each version refuses the types of the other', async () => {
    const { body, headers } = await ask('/taxii/', { headers: { accept: resources } });
    expect(body['api_roots']).toEqual([`${server.origin}/api20/`]);
    expect(headers.get('content-type')).toBe(resources);
    expect((await ask('/taxii/')).status).toBe(406);
    expect((await ask('/taxii2/', { headers: { accept: resources } })).status).toBe(406);
  });

  test('objects come as bundles of STIX 2.0, in ranges of items', async () => {
    const first = await page('items 0-1');
    expect([first.status, first.headers.get('content-type')]).toEqual([206, objects]);
    const total = Number(/^items 0-1\/(\d+)$/.exec(first.headers.get('content-range') ?? '')?.[1]);
    expect(total).toBeGreaterThan(3);
    expect(first.body).toMatchObject({ type: 'bundle', spec_version: '2.0' });
    expect(first.body['objects']).toContainEqual({
      type: 'indicator',
      id: sampleIndicator(0)['id'],
      created: '2024-01-01T00:00:00.000Z',
      modified: '2024-01-01T00:00:00.000Z',
      pattern: "[ipv4-addr:value = '192.0.0.0']",
      valid_from: '2024-01-01T00:00:00Z',
      labels: ['malicious-activity'],
    });
    expect((await page()).headers.get('content-range')).toBe(`items 0-2/${total}`);
    expect((await page(`items ${total - 1}-${total + 5}`)).headers.get('content-range')).toBe(
      `items ${total - 1}-${total - 1}/${total}`,
    );
    expect((await page(`items ${total}-${total + 5}`)).status).toBe(416);
  });

  test('an empty collection is a bundle without objects', async () => {
    const answer = await ask('/api20/collections/empty/objects/', { headers: { accept: objects } });
    expect(answer).toMatchObject({ status: 200, body: { type: 'bundle' } });
    expect(answer.body['objects']).toBeUndefined();
  });
});
