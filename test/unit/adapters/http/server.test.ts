import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { beforeEach, describe, expect, test } from 'vitest';
import { addOperationRoutes, addViewRoutes } from '../../../../src/adapters/http/routes.ts';
import { createApp } from '../../../../src/adapters/http/server.ts';
import { MemoryLog } from '../../../support/memory-log.ts';
import { aWindow, MemoryViews } from '../../../support/memory-views.ts';

let views: MemoryViews;
let log: MemoryLog;
let app: FastifyInstance;

beforeEach(() => {
  views = new MemoryViews();
  log = new MemoryLog();
  app = createApp(log, (instance) => {
    addOperationRoutes(instance, views);
    addViewRoutes(instance, views);
  });
});

function get(url: string): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'GET', url });
}

describe('GET /windows', () => {
  test('answers a page in the shape of the contract', async () => {
    views.windowsHeld = [aWindow({ ip: '192.0.2.66', caller: 'mallory@contoso.com', operations: 3 })];
    const response = await get('/windows');
    expect(response.statusCode).toBe(200);
    const body = response.json<Record<string, unknown>>();
    expect(Object.keys(body).sort()).toEqual(['asOf', 'items', 'nextCursor', 'windowEnd', 'windowStart']);
    const [item] = body['items'] as Record<string, unknown>[];
    expect(Object.keys(item!)).toEqual(['caller', 'ip', 'row', 'indicators', 'corroboration', 'silenced', 'panes']);
    expect(item!['panes']).toEqual([{ hour: '2026-03-01T11:00:00Z', operations: 3, userSignins: 0, spSignins: 0 }]);
    expect(body['nextCursor']).toBeNull();
  });

  test('walks every window by nextCursor', async () => {
    views.windowsHeld = [3, 1, 2].map((n) => aWindow({ ip: `192.0.2.${n}`, lastSeenMs: n }));
    const seen: string[] = [];
    let url: string | null = '/windows?limit=1';
    while (url !== null) {
      const body: { items: { ip: string }[]; nextCursor: string | null } = (await get(url)).json();
      seen.push(...body.items.map(({ ip }) => ip));
      url = body.nextCursor === null ? null : `/windows?limit=1&cursor=${body.nextCursor}`;
    }
    expect(seen).toEqual(['192.0.2.3', '192.0.2.2', '192.0.2.1']);
  });

  test('hands every filter to the view', async () => {
    await get(
      '/windows?caller=Ann%40contoso.com&ip=2001%3Adb8%3A%3A%2F32&matched=true&corroborated=false&candidates=true&sort=-operations&limit=7',
    );
    expect(views.askedWindows).toEqual([
      {
        caller: 'Ann@contoso.com',
        ip: { first: 0x20010db8n << 96n, last: (0x20010db9n << 96n) - 1n },
        matched: true,
        corroborated: false,
        candidates: true,
        sort: { key: 'operations', descending: true },
        limit: 7,
        cursor: null,
      },
    ]);
  });

  test('answers 400 with every bad parameter named and asks no view', async () => {
    const response = await get('/windows?limit=0&ip=nowhere&sort=size&flavour=x');
    expect(response.statusCode).toBe(400);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    const body = response.json<{ title: string; status: number; instance: string; errors: { parameter: string }[] }>();
    expect(body).toMatchObject({ type: 'about:blank', title: 'Bad Request', status: 400, instance: '/windows' });
    expect(body.errors.map(({ parameter }) => parameter).sort()).toEqual(['flavour', 'ip', 'limit', 'sort']);
    expect(views.askedWindows).toEqual([]);
  });
});

describe('GET /windows/{ip}', () => {
  test.each([
    ['192.0.2.66', 0xc0000242],
    ['2001%3Adb8%3A%3A1', (0x20010db8n << 96n) + 1n],
    ['2001:db8::1', (0x20010db8n << 96n) + 1n],
    ['2001%3ADB8%3A0%3A0%3A0%3A0%3A0%3A1', (0x20010db8n << 96n) + 1n],
    ['%3A%3Affff%3A192.0.2.66', 0xc0000242],
  ])('reads %s', async (text, address) => {
    const response = await get(`/windows/${text}`);
    expect(response.statusCode).toBe(200);
    expect(views.askedAddresses).toEqual([address]);
  });

  test('answers 200 with empty lists for an unknown address', async () => {
    expect((await get('/windows/198.51.100.1')).json()).toMatchObject({
      ip: '198.51.100.1',
      indicators: [],
      windows: [],
      signIns: [],
    });
  });

  test.each(['nowhere', '010.1.2.3', '1.2.3', '192.0.2.0%2F24', 'fe80%3A%3A1%25eth0', '%20', 'a'.repeat(300)])(
    'answers 400 for %s',
    async (text) => {
      const response = await get(`/windows/${text}`);
      expect(response.statusCode).toBe(400);
      expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(response.json<{ detail: string }>().detail).toMatch(/is not one IP address/);
      expect(views.askedAddresses).toEqual([]);
    },
  );

  test('answers 400 in problem details for a path that cannot be decoded', async () => {
    const response = await get('/windows/%zz');
    expect(response.statusCode).toBe(400);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  });
});

describe('GET /flushes, /alerts, /dead-letters', () => {
  test('list their items', async () => {
    views.letters = [1, 2, 3].map((sequenceNumber) => ({
      stream: 'insights-activity-logs',
      partition: '0',
      sequenceNumber,
      index: 0,
      reason: 'invalid_json',
      enqueuedAt: '2026-03-01T11:00:00Z',
      text: '{',
    }));
    expect((await get('/flushes')).json()).toEqual(await views.flushes());
    expect((await get('/alerts?activity=create&limit=3')).json<{ items: unknown[] }>().items).toHaveLength(1);
    expect(views.askedAlerts).toEqual([{ caller: null, ip: null, activity: 'create', silenced: null, limit: 3 }]);
    expect((await get('/dead-letters?limit=2')).json<{ items: unknown[] }>().items).toHaveLength(2);
  });

  test.each(['/flushes?limit=1', '/alerts?activity=none', '/dead-letters?limit=x'])(
    'answer 400 for %s',
    async (url) => {
      expect((await get(url)).statusCode).toBe(400);
    },
  );
});

describe('health', () => {
  test.each([
    ['pass', 200],
    ['warn', 200],
    ['fail', 503],
  ] as const)('/health answers %s with %d as application/health+json', async (status, code) => {
    views.healthStatus = status;
    const response = await get('/health');
    expect(response.statusCode).toBe(code);
    expect(response.headers['content-type']).toMatch(/^application\/health\+json/);
    expect(response.json()).toMatchObject({ status });
  });

  test('/health/ready is 503 until the service is ready, whatever its health', async () => {
    views.healthStatus = 'fail';
    expect((await get('/health/ready')).statusCode).toBe(200);
    views.isReady = false;
    const response = await get('/health/ready');
    expect(response.statusCode).toBe(503);
    expect(response.json()).toEqual({ status: 'fail', output: 'No index yet' });
  });

  test('/health/live passes though nothing else works', async () => {
    views.failure = new Error('broken');
    views.isReady = false;
    expect((await get('/health/live')).statusCode).toBe(200);
  });
});

test('GET /metrics answers the exposition with its content type', async () => {
  const response = await get('/metrics');
  expect(response.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(response.body).toBe('up 1\n');
});

describe('errors', () => {
  test('a view that throws is a 500 that tells nothing and a log line that tells all', async () => {
    views.failure = new Error('the inner secret');
    const response = await get('/health');
    expect(response.statusCode).toBe(500);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(response.body).not.toContain('inner secret');
    expect(log.lines).toEqual([
      expect.objectContaining({ level: 'error', fields: { method: 'GET', path: '/health', cause: views.failure } }),
    ]);
  });

  test('an unknown path is a 404 in problem details', async () => {
    const response = await get('/nowhere?x=1');
    expect(response.statusCode).toBe(404);
    expect(response.json()).toMatchObject({ status: 404, title: 'Not Found', instance: '/nowhere' });
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const)(
    '%s is a 405 that says what is allowed',
    async (method) => {
      for (const url of [
        '/windows',
        '/windows/192.0.2.1',
        '/health',
        '/metrics',
        '/flushes',
        '/intel',
        '/intel/skipped',
      ]) {
        const response = await app.inject({ method, url, payload: '<x/>', headers: { 'content-type': 'text/xml' } });
        expect(response.statusCode).toBe(405);
        expect(response.headers.allow).toBe('GET, HEAD');
        expect(response.json()).toMatchObject({ status: 405, title: 'Method Not Allowed' });
      }
    },
  );

  test('HEAD is answered as GET without a body', async () => {
    const response = await app.inject({ method: 'HEAD', url: '/health' });
    expect(response.statusCode).toBe(200);
    expect(response.body).toBe('');
  });
});

test('the operations alone know no callers and no addresses', async () => {
  const operations = createApp(log, (instance) => {
    addOperationRoutes(instance, views);
  });
  for (const url of ['/health', '/health/live', '/health/ready', '/metrics']) {
    expect((await operations.inject(url)).statusCode).toBe(200);
  }
  for (const url of [
    '/windows',
    '/windows/192.0.2.1',
    '/intel?ip=192.0.2.1',
    '/intel/skipped',
    '/flushes',
    '/alerts',
    '/dead-letters',
  ]) {
    expect((await operations.inject(url)).statusCode).toBe(404);
  }
});
