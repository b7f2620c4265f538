import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpServer, type HttpServer } from '../../../src/adapters/http/server.ts';
import type { IntelView, SkippedItem } from '../../../src/pipeline/views.ts';
import { closedPort, webServer, type WebServer } from '../../support/e2e/endpoints.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { anIntelView, MemoryViews } from '../../support/memory-views.ts';
import { refusingChanges } from '../../support/refusing-changes.ts';

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `tidewatch explain` as a process of its own, with an environment of its own. */
function explain(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env['PATH'] ?? '', ...env } };
    const child = execFile(process.execPath, ['src/main.ts', 'explain', ...args], options, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

let server: HttpServer;
let url = '';

beforeAll(async () => {
  const views = new MemoryViews();
  server = createHttpServer({
    host: '127.0.0.1',
    port: 0,
    opsPort: null,
    views,
    silences: refusingChanges,
    log: new MemoryLog(),
  });
  ({ url } = await server.start());
});

afterAll(() => server.stop());

describe('tidewatch explain --ip', () => {
  test('prints the verdict first, then each indicator with what decides, then windows and sign-ins', async () => {
    const { code, stdout, stderr } = await explain(['--ip', '192.0.2.66', '--url', `${url}/`]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [first] = stdout.split('\n');
    expect(first).toBe('192.0.2.66 matches: 1 indicator counts, confidence 90');
    expect(stdout).toMatch(/^counts: indicator--1 of feed-a$/m);
    expect(stdout).toMatch(/^does not count \(revoked\): indicator--2 of feed-a$/m);
    expect(stdout).toMatch(/^ {2}actors {6}Tidal$/m);
    expect(stdout).toMatch(/^Windows from 2026-02-28T12:00:00Z to 2026-03-01T12:00:00Z \(unknown\): 0$/m);
  });

  test('asks where HTTP_HOST and HTTP_PORT say the service listens, in any form of an address', async () => {
    const { hostname, port } = new URL(url);
    const { code, stdout } = await explain(['--ip=[::ffff:192.0.2.66]:443', '--json'], {
      HTTP_HOST: hostname,
      HTTP_PORT: port,
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout) as IntelView).toEqual(anIntelView({ ip: '192.0.2.66' }));
  });

  test('says that no service answers, and how to name another', async () => {
    const port = String(await closedPort());
    const { code, stdout, stderr } = await explain(['--ip', '192.0.2.66'], { HTTP_PORT: port });
    expect(stdout).toBe('');
    expect(stderr).toMatch(
      new RegExp(
        `^Cannot ask http://127\\.0\\.0\\.1:${port}/intel\\?ip=192\\.0\\.2\\.66: .*ECONNREFUSED.*: is a service running there\\?`,
      ),
    );
    expect(code).toBe(69);
  });

  test('says that what answers is no such service', async () => {
    const website: WebServer = await webServer((_request, response) => response.end('<!doctype html>'));
    const { code, stderr } = await explain(['--ip', '192.0.2.66', '--url', website.url]);
    await website.stop();
    expect(stderr).toMatch(/the answer \(status 200\) is no JSON/);
    expect(code).toBe(69);
  });

  test('reports all problems of its command line with the usage, and 64', async () => {
    const { code, stderr } = await explain(['--ip', 'nowhere', '--feed', 'a', '--url', 'ftp://x', '--what']);
    expect(code).toBe(64);
    expect(stderr.split('\n\n')[0]?.split('\n')).toEqual([
      'Cannot use --what as there is no such option',
      'Cannot use --ip as it is not one IP address: current value is nowhere',
      'Cannot use --feed without --skipped',
      'Cannot use --url as it is not an http or https URL: current value is ftp://x',
    ]);
    expect(stderr).toContain('Usage: tidewatch');
  });
});

describe('tidewatch explain --skipped', () => {
  test('prints the counts of each feed, then every page as a table', async () => {
    const { code, stdout } = await explain(['--skipped', '--url', url]);
    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toBe('feed-a: 5 held, 3 indexed; skipped 1 dst_ref, 1 low_confidence');
    expect(stdout).toMatch(/^feed-a +indicator--1 +dst_ref /m);
    expect(stdout).toMatch(/^feed-a +indicator--2 +low_confidence /m);
  });

  test('prints an indicator a line as JSON', async () => {
    const { stdout } = await explain(['--skipped', '--json', '--feed', 'feed-a', '--reason', 'dst_ref', '--url', url]);
    const ids = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as SkippedItem).id);
    expect(ids).toEqual(['indicator--1', 'indicator--2']);
  });

  test('says which feeds there are when the one named is none of them, and 64', async () => {
    const { code, stderr } = await explain(['--skipped', '--feed', 'feed-c', '--url', url]);
    expect(stderr).toMatch(
      /the answer is 400: Cannot use feed as it is not one of feed-a, feed-b: current value is "feed-c"\n$/,
    );
    expect(code).toBe(64);
  });
});
