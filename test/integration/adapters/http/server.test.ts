import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHttpServer, type HttpServer } from '../../../../src/adapters/http/server.ts';
import { MemoryLog } from '../../../support/memory-log.ts';
import { aWindow, MemoryViews } from '../../../support/memory-views.ts';
import { refusingChanges } from '../../../support/refusing-changes.ts';

let views: MemoryViews;
let server: HttpServer;

beforeEach(() => {
  views = new MemoryViews();
  server = createHttpServer({
    host: '127.0.0.1',
    port: 0,
    opsPort: 0,
    views,
    silences: refusingChanges,
    log: new MemoryLog(),
  });
});

afterEach(() => server.stop());

test('createHttpServer() serves everything on its port and only operations on the other', async () => {
  views.windowsHeld = [aWindow({ ip: '2001:db8::1' })];
  const { url, opsUrl } = await server.start();
  const windows = await fetch(`${url}/windows/2001%3Adb8%3A%3A1`);
  expect(windows.status).toBe(200);
  expect(await windows.json()).toMatchObject({ ip: '2001:db8::1', windows: [{ ip: '2001:db8::1' }] });
  expect((await fetch(`${opsUrl!}/health`)).headers.get('content-type')).toMatch(/^application\/health\+json/);
  expect((await fetch(`${opsUrl!}/windows`)).status).toBe(404);
});

test('createHttpServer() explains an address and lists what is skipped, on its own port only', async () => {
  const { url, opsUrl } = await server.start();
  const intel = await fetch(`${url}/intel?ip=${encodeURIComponent('2001:db8::1')}`);
  expect(intel.headers.get('content-type')).toMatch(/^application\/json/);
  expect(await intel.json()).toMatchObject({ ip: '2001:db8::1', matches: true, named: 2, counting: 1 });
  const skipped = await fetch(`${url}/intel/skipped?feed=feed-a&reason=dst_ref`);
  expect(await skipped.json()).toMatchObject({ items: [{ id: 'indicator--1' }] });
  expect((await fetch(`${url}/intel/skipped?feed=feed-c`)).status).toBe(400);
  expect((await fetch(`${opsUrl!}/intel?ip=192.0.2.1`)).status).toBe(404);
});

test('stop() ends a connection that is kept alive', async () => {
  const { url } = await server.start();
  await (await fetch(`${url}/health/live`)).text();
  await server.stop();
  await expect(fetch(`${url}/health/live`)).rejects.toThrow();
});

test('start() rejects when the port is taken', async () => {
  const { url } = await server.start();
  const port = Number(new URL(url).port);
  const second = createHttpServer({
    host: '127.0.0.1',
    port,
    opsPort: null,
    views,
    silences: refusingChanges,
    log: new MemoryLog(),
  });
  await expect(second.start()).rejects.toThrow(/EADDRINUSE/);
  await second.stop();
});
