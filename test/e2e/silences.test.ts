import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Alert } from '../../src/core/alert/alert.ts';
import { hubNames } from '../../src/dev/stack.ts';
import type { SilenceItem, SilencesView } from '../../src/pipeline/silence-views.ts';
import { check } from '../support/e2e/check-process.ts';
import { activityRecord, bodyOf, indicatorOf } from '../support/e2e/incident-records.ts';
import { Publishing } from '../support/e2e/publishing.ts';
import { ServiceProcess } from '../support/e2e/service-process.ts';
import { StackProcess } from '../support/e2e/stack-process.ts';
import { sumOf } from '../verify/exposition.ts';

const [hushed, filed] = ['203.0.113.77', '203.0.113.99'];
const folder = mkdtempSync(join(tmpdir(), 'tidewatch-silences-'));
const [file, pager] = [join(folder, 'silences.json'), join(folder, 'pager.ndjson')];
let publishing: Publishing;
let service: ServiceProcess;
let environment: Readonly<Record<string, string>>;
const running: { stop(): Promise<unknown> }[] = [];
/** A minute of the service takes two seconds. */
const speed = 30;
let stack: StackProcess;

/** A silence of an address for a day of the service. */
function silenceOf(ip: string, author: string): object {
  const until = new Date(Math.round(stack.clock.now()) + 86_400_000).toISOString();
  return { ip, until, author, reason: 'penetration test' };
}

/** What the sink that skips was told of an address. */
function paged(address: string): Alert[] {
  const lines = readFileSync(pager, { encoding: 'utf8', flag: 'a+' }).split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Alert)
    .filter(({ ip }) => ip === address);
}

async function start(): Promise<void> {
  running.push((service = await ServiceProcess.start(environment)));
  await service.reads(6);
  await service.isWarm();
}

function alertOf(address: string): Promise<Alert> {
  return service.eventually(`an alert of ${address}`, () => service.alerts().find(({ ip }) => ip === address));
}

beforeAll(async () => {
  const indicators = [indicatorOf(hushed, Date.now()), indicatorOf(filed, Date.now())];
  stack = await StackProcess.start({ speed, indicators });
  writeFileSync(file, JSON.stringify([silenceOf(filed, 'bob')]));
  running.push(stack, (publishing = new Publishing(stack.environment.EVENTHUB_CONNECTION_STRING)));
  environment = {
    ...stack.environment,
    SILENCES_PATH: file,
    SINKS: JSON.stringify([{ type: 'stdout' }, { type: 'file', name: 'pager', path: pager, silenced: 'skip' }]),
    ...{ LOOKBACK: '24h', FLUSH_INTERVAL: '1m', FLUSH_DELAY: '10s' },
  };
  await start();
});

afterAll(async () => {
  for (const each of running.toReversed()) await each.stop();
  rmSync(folder, { recursive: true });
});

test('a silence of the API outlasts a restart, hides its alerts from the sink that skips, and its end tells it', async () => {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(silenceOf(`${hushed}/32`, 'ann'));
  const response = await fetch(`${service.url}/silences`, { method: 'POST', headers, body });
  expect(response.status).toBe(201);
  const { id } = (await response.json()) as SilenceItem;
  await service.stop();
  await start();
  expect(await service.json<SilenceItem>(`/silences/${id}`)).toMatchObject({ state: 'active', author: 'ann' });
  const records = [hushed, filed].map((address) =>
    bodyOf(activityRecord({ at: Math.round(stack.clock.now()) - 1000, address })),
  );
  await publishing.publish(hubNames.activity, '0', records);
  expect(await alertOf(hushed)).toMatchObject({ activity: 'create', silenced: { id, reason: 'penetration test' } });
  expect(await alertOf(filed)).toMatchObject({ activity: 'create', silenced: { author: 'bob' } });
  expect((await service.json<{ items: Alert[] }>('/alerts?silenced=false')).items).toEqual([]);
  const page = await service.json<{ items: { ip: string; silenced: object | null }[] }>('/windows');
  expect(page.items.find(({ ip }) => ip === hushed)).toMatchObject({ silenced: { id } });
  await service.eventually('the sink to skip both', async () =>
    sumOf(await service.metrics(), 'tidewatch_outbox_skipped_total', { sink: 'pager' }) === 2 ? true : undefined,
  );
  expect(sumOf(await service.metrics(), 'tidewatch_alerts_silenced_total', { activity: 'create' })).toBe(2);
  const ended = await fetch(`${service.url}/silences/${id}?author=carl`, { method: 'DELETE' });
  expect(await ended.json()).toMatchObject({ state: 'ended', endedBy: 'carl' });
  const [told] = await service.eventually('the finding to be told at the next flush', () => {
    const alerts = paged(hushed);
    return alerts.length > 0 ? alerts : undefined;
  });
  expect(told).toMatchObject({ activity: 'update', silenced: null });
  expect(paged(filed)).toEqual([]);
  const changes = service.logged('Silence deleted', 'Silence added by the file');
  expect(changes).toMatchObject([
    { audit: true, action: 'create', by: 'bob' },
    { audit: true, action: 'delete', by: 'carl', silence: { id } },
  ]);
});

test('a silence of the file is for the file alone to end; a file that cannot be used changes nothing and fails check', async () => {
  const { items } = await service.json<SilencesView>('/silences');
  const [silence] = items;
  expect(items).toMatchObject([{ origin: 'file', ip: filed }]);
  const refused = await fetch(`${service.url}/silences/${silence!.id}?author=carl`, { method: 'DELETE' });
  expect(refused.status).toBe(409);
  writeFileSync(file, '[{"ip":"all"}]');
  await service.eventually('health to warn of the file', async () => {
    const [found] = (await service.health()).checks['silences:active'] ?? [];
    return found?.status === 'warn' && found.observedValue === 1 ? true : undefined;
  });
  const { code, rows } = await check(environment);
  expect(code).toBe(69);
  const detail: unknown = expect.stringMatching(/\[0\]: Cannot use ip as it must be an IP address or a CIDR range/);
  expect(rows.at(-1)).toEqual({ status: 'fail', name: `silences ${file}`, detail });
  writeFileSync(file, '[]');
  const [told] = await service.eventually('the finding to be told', () => {
    const alerts = paged(filed);
    return alerts.length > 0 ? alerts : undefined;
  });
  expect(told).toMatchObject({ activity: 'update', silenced: null });
  expect(service.logged('Change of silences refused').map(({ action }) => action)).toEqual(['delete', 'read the file']);
});
