import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { beforeEach, describe, expect, test } from 'vitest';
import { addViewRoutes } from '../../../../src/adapters/http/routes.ts';
import { createApp } from '../../../../src/adapters/http/server.ts';
import { MemoryLog } from '../../../support/memory-log.ts';
import { MemoryViews } from '../../../support/memory-views.ts';

let views: MemoryViews;
let app: FastifyInstance;

beforeEach(() => {
  views = new MemoryViews();
  app = createApp(new MemoryLog(), (instance) => addViewRoutes(instance, views));
});

function get(url: string): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'GET', url });
}

describe('GET /intel', () => {
  test.each([
    ['192.0.2.66', 0xc0000242],
    ['2001%3Adb8%3A%3A1', (0x20010db8n << 96n) + 1n],
    ['2001:db8::1', (0x20010db8n << 96n) + 1n],
    ['%3A%3Affff%3A192.0.2.66', 0xc0000242],
  ])('reads %s and says why it matches or not', async (text, address) => {
    const response = await get(`/intel?ip=${text}`);
    expect(response.statusCode).toBe(200);
    expect(views.askedAddresses).toEqual([address]);
    expect(response.json()).toEqual(await views.intel(address));
  });

  test.each([
    ['/intel', /^Cannot answer without ip/],
    ['/intel?ip=', /^Cannot use ip as it is not one IP address: current value is ""$/],
    ['/intel?ip=nowhere', /not one IP address/],
    ['/intel?ip=010.1.2.3', /not one IP address/],
    ['/intel?ip=192.0.2.0%2F24', /not one IP address/],
    ['/intel?ip=192.0.2.1&ip=192.0.2.2', /more than once/],
    ['/intel?ip=192.0.2.1&at=now', /no such parameter/],
  ])('answers 400 for %s', async (url, detail) => {
    const response = await get(url);
    expect(response.statusCode).toBe(400);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(response.json<{ detail: string }>().detail).toMatch(detail);
    expect(views.askedAddresses).toEqual([]);
  });
});

describe('GET /intel/skipped', () => {
  test('hands its filters to the view, a hundred a page', async () => {
    await get('/intel/skipped');
    await get('/intel/skipped?feed=feed-b&reason=dst_ref&limit=1000');
    expect(views.askedSkipped).toEqual([
      { feed: null, reason: null, limit: 100, cursor: null },
      { feed: 'feed-b', reason: 'dst_ref', limit: 1000, cursor: null },
    ]);
  });

  test('is walked by nextCursor', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const body: { items: { id: string }[]; nextCursor: string | null } = (
        await get(`/intel/skipped?limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`)
      ).json();
      seen.push(...body.items.map(({ id }) => id));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(['indicator--1', 'indicator--2']);
  });

  test.each([
    ['feed=feed-c', 'Cannot use feed as it is not one of feed-a, feed-b: current value is "feed-c"'],
    [
      'reason=other',
      /^Cannot use reason as it is not one of no_pattern, .*, invalid_object: current value is "other"$/,
    ],
    ['limit=1001', /whole number from 1 to 1000/],
    ['cursor=x', /nextCursor of an earlier page/],
    ['ip=192.0.2.1', /no such parameter/],
  ])('answers 400 for %s', async (query, detail) => {
    const response = await get(`/intel/skipped?${query}`);
    expect(response.statusCode).toBe(400);
    expect(response.json<{ detail: string }>().detail).toMatch(detail);
    expect(views.askedSkipped).toEqual([]);
  });
});
