import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { beforeEach, describe, expect, test } from 'vitest';
import { isLoopbackHost, isSentToLoopback } from '../../../../src/adapters/http/loopback.ts';
import { addViewRoutes } from '../../../../src/adapters/http/routes.ts';
import { createApp } from '../../../../src/adapters/http/server.ts';
import { addSilenceRoutes } from '../../../../src/adapters/http/silence-routes.ts';
import type { RefusedChange } from '../../../../src/pipeline/silence-audit.ts';
import {
  activeItem,
  type SilenceAnswer,
  type SilenceChanges,
  type SilenceRefusal,
} from '../../../../src/pipeline/silence-views.ts';
import { MemoryLog } from '../../../support/memory-log.ts';
import { MemoryViews } from '../../../support/memory-views.ts';
import { aSilence } from '../../../support/silence-builder.ts';

const noon = Date.UTC(2026, 2, 1, 12);
const silence = aSilence(noon);

/** Changes that answer as they are told, and remember what they were asked. */
class ScriptedChanges implements SilenceChanges {
  answer: SilenceAnswer = { silence: activeItem(silence) };
  readonly asked: unknown[] = [];
  readonly refusals: RefusedChange[] = [];

  create(request: unknown): Promise<SilenceAnswer> {
    this.asked.push(request);
    return Promise.resolve(this.answer);
  }

  end(id: string, by: string): Promise<SilenceAnswer> {
    this.asked.push([id, by]);
    return Promise.resolve(this.answer);
  }

  refused(change: RefusedChange): void {
    this.refusals.push(change);
  }
}

let views: MemoryViews;
let changes: ScriptedChanges;

function appOn(isLocal: boolean): FastifyInstance {
  return createApp(new MemoryLog(), (instance) => {
    addViewRoutes(instance, views);
    addSilenceRoutes(instance, { views, changes, isLocal });
  });
}

let app: FastifyInstance;
beforeEach(() => {
  views = new MemoryViews();
  changes = new ScriptedChanges();
  app = appOn(true);
});

const body = { ip: '203.0.113.0/24', until: '2026-03-01T12:00:00Z', author: 'ann', reason: 'known scanner' };

function post(changesOf: InjectOptions = {}): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'POST', url: '/silences', payload: body, ...changesOf });
}

describe('POST /silences', () => {
  test('answers the silence with its place', async () => {
    const response = await post();
    expect([response.statusCode, response.headers.location]).toEqual([201, '/silences/s1']);
    expect(response.json()).toEqual({ ...silence, state: 'active', endedAt: null, endedBy: null });
    expect(changes.asked).toEqual([body]);
    expect(changes.refusals).toEqual([]);
  });

  test('names every member that cannot be used', async () => {
    const problems = [{ field: 'until', detail: 'Cannot use until as it is over' }];
    changes.answer = { refusal: { code: 'invalid', detail: 'Cannot use until as it is over', problems } };
    const response = await post();
    expect(response.statusCode).toBe(400);
    expect(response.headers['content-type']).toMatch('application/problem+json');
    expect(response.json()).toMatchObject({ errors: [{ parameter: 'until', detail: problems[0]!.detail }] });
    expect(changes.refusals).toEqual([
      { action: 'create', by: 'ann', what: null, reason: 'Cannot use until as it is over' },
    ]);
  });

  test.each<[string, InjectOptions, number]>([
    ['a body that is no JSON', { payload: '{', headers: { 'content-type': 'application/json' } }, 400],
    ['no body', { payload: '', headers: { 'content-type': 'application/json' } }, 400],
    [
      'a body with a prototype',
      { payload: '{"__proto__":{"ip":"1.2.3.4"}}', headers: { 'content-type': 'application/json' } },
      400,
    ],
    ['a body of more than 16 KiB', { payload: { ...body, reason: 'x'.repeat(17_000) } }, 413],
    ['a text', { payload: JSON.stringify(body), headers: { 'content-type': 'text/plain' } }, 415],
    ['a form', { payload: 'ip=1.2.3.4', headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415],
    ['a parameter', { url: '/silences?force=1' }, 400],
    ['another host', { headers: { host: 'rebound.example.com' } }, 403],
    ['no such host', { headers: { host: '[' } }, 403],
  ])('refuses %s, and keeps that in the audit log', async (_name, given, status) => {
    const response = await post(given);
    expect(response.statusCode).toBe(status);
    expect(response.json()).toMatchObject({ status, type: 'about:blank' });
    expect(changes.asked).toEqual([]);
    expect(changes.refusals).toMatchObject([{ action: 'create', what: null, reason: expect.any(String) as unknown }]);
  });

  test('off loopback nobody may change anything, and everybody may look', async () => {
    app = appOn(false);
    const response = await post();
    expect(response.statusCode).toBe(403);
    expect(response.json<{ detail: string }>().detail).toMatch(/off loopback.*set HTTP_HOST to 127.0.0.1/);
    expect((await app.inject({ method: 'DELETE', url: '/silences/s1?author=bob' })).statusCode).toBe(403);
    expect((await app.inject({ url: '/silences' })).statusCode).toBe(200);
    expect(changes.asked).toEqual([]);
    expect(changes.refusals.map(({ action }) => action)).toEqual(['create', 'delete']);
  });
});

describe('DELETE /silences/{id}', () => {
  const end = (url: string): Promise<LightMyRequestResponse> => app.inject({ method: 'DELETE', url });

  test('ends a silence in the name of its author', async () => {
    expect((await end('/silences/s1?author=bob')).json()).toMatchObject({ id: 's1' });
    expect(changes.asked).toEqual([['s1', 'bob']]);
  });

  test('asks who does it', async () => {
    const response = await end('/silences/s1');
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ errors: [{ parameter: 'author' }] });
    expect(changes.refusals).toMatchObject([{ action: 'delete', by: null, what: 's1' }]);
  });

  test.each<[SilenceRefusal['code'], number]>([
    ['not_found', 404],
    ['of_file', 409],
    ['full', 409],
    ['not_active', 503],
    ['not_kept', 503],
  ])('answers %s with %i', async (code, status) => {
    if (code === 'invalid') throw new TypeError('it has problems');
    changes.answer = { refusal: { code, detail: 'Cannot do it' } };
    const response = await end('/silences/s1?author=bob');
    expect([response.statusCode, response.json<{ detail: string }>().detail]).toEqual([status, 'Cannot do it']);
    expect(changes.refusals).toEqual([{ action: 'delete', by: 'bob', what: 's1', reason: 'Cannot do it' }]);
  });
});

describe('GET /silences', () => {
  test('lists those in force, and with ended=true those that are over', async () => {
    views.silencesHeld.add(silence);
    views.silencesHeld.add(aSilence(noon, { id: 's2' }));
    views.silencesHeld.end('s2', 'bob', noon - 1_800_000);
    const listed = (await app.inject({ url: '/silences' })).json<{ active: number; items: { id: string }[] }>();
    expect([listed.active, listed.items.map(({ id }) => id)]).toEqual([1, ['s1']]);
    const all = (await app.inject({ url: '/silences?ended=true' })).json<{ active: number; items: object[] }>();
    expect(all).toMatchObject({
      active: 1,
      items: [
        { id: 's1', state: 'active', endedAt: null },
        { id: 's2', state: 'ended', endedAt: '2026-03-01T11:30:00Z', endedBy: 'bob' },
      ],
    });
    expect((await app.inject({ url: '/silences?ended=maybe' })).statusCode).toBe(400);
  });

  test('shows one, and nothing for another id', async () => {
    views.silencesHeld.add(silence);
    expect((await app.inject({ url: '/silences/s1' })).json()).toMatchObject({ id: 's1', state: 'active' });
    expect((await app.inject({ url: '/silences/s2' })).statusCode).toBe(404);
  });

  test('other methods are a 405 that says what is allowed', async () => {
    for (const [url, allowed] of [
      ['/silences', 'GET, HEAD, POST'],
      ['/silences/s1', 'GET, HEAD, DELETE'],
    ] as const) {
      const response = await app.inject({ method: 'PUT', url });
      expect([response.statusCode, response.headers.allow]).toEqual([405, allowed]);
    }
    expect(changes.refusals).toEqual([]);
  });
});

test.each([
  ['127.0.0.1', true],
  ['127.8.0.1', true],
  ['::1', true],
  ['LOCALHOST', true],
  ['0.0.0.0', false],
  ['::', false],
  ['10.0.0.1', false],
  ['localhost.example.com', false],
  ['', false],
])('isLoopbackHost(%j) is %s', (host, expected) => {
  expect(isLoopbackHost(host)).toBe(expected);
});

test.each([
  ['localhost:8080', true],
  ['127.0.0.1', true],
  ['[::1]:8080', true],
  ['tidewatch.example.com:8080', false],
  ['localhost@example.com', false],
  ['', false],
  [undefined, false],
])('isSentToLoopback(%j) is %s', (host, expected) => {
  expect(isSentToLoopback(host)).toBe(expected);
});
