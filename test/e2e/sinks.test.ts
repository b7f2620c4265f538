import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Alert } from '../../src/core/alert/alert.ts';
import { closedPort } from '../support/e2e/endpoints.ts';
import { NodeProcess } from '../support/e2e/node-process.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-sinks-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** What the configuration must hold; `sinks test` connects to none of it. */
const least = {
  EVENTHUB_NAMESPACE: 'name.servicebus.windows.net',
  STORAGE_ACCOUNT_URL: 'https://name.blob.core.windows.net',
  TI_FEEDS: '[{"type":"file","name":"own","path":"none.json"}]',
};

test('sinks test sends a marked alert through each sink and says what became of it', async () => {
  const file = path.join(folder, 'alerts.ndjson');
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const webhook = {
    type: 'webhook',
    name: 'pager',
    url: `http://127.0.0.1:${await closedPort()}/hook`,
    allowHttp: true,
    allowPrivate: true,
    secrets: [secret],
  };
  const sinks = [{ type: 'stdout' }, { type: 'file', name: 'archive', path: file, format: 'ocsf' }, webhook];
  const process = new NodeProcess(['src/main.ts', 'sinks', 'test'], { ...least, SINKS: JSON.stringify(sinks) });
  expect(await process.ended(), process.report()).toBe(69);
  expect(process.stdout.map((line) => (JSON.parse(line) as Alert).activity)).toEqual(['create', 'close']);
  const findings = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(findings.map((line) => (JSON.parse(line) as { class_uid: number }).class_uid)).toEqual([2004, 2004]);
  expect(process.stderr).toEqual([
    'ok    stdout   took the test alert and its close',
    'ok    archive  took the test alert and its close',
    expect.stringMatching(/^fail {2}pager {4}Cannot .*127\.0\.0\.1/),
  ]);
  expect(process.report()).not.toContain(secret);
});

test('sinks without test is a wrong command line', async () => {
  const process = new NodeProcess(['src/main.ts', 'sinks', 'tets'], least);
  expect(await process.ended()).toBe(64);
  expect(process.stderr[0]).toBe('Cannot run sinks tets as only "sinks test" is known');
});
