import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Alert } from '../../src/core/alert/alert.ts';
import { hubNames } from '../../src/dev/stack.ts';
import type { IntelView } from '../../src/pipeline/views.ts';
import { check } from '../support/e2e/check-process.ts';
import { activityRecord, bodyOf, indicatorOf } from '../support/e2e/incident-records.ts';
import { Publishing } from '../support/e2e/publishing.ts';
import { ServiceProcess } from '../support/e2e/service-process.ts';
import { StackProcess } from '../support/e2e/stack-process.ts';
import { sumOf } from '../verify/exposition.ts';

const listed = '203.0.113.77';
const folder = mkdtempSync(join(tmpdir(), 'tidewatch-allow-lists-'));
const file = join(folder, 'own.txt');
let stack: StackProcess;
let publishing: Publishing;
let service: ServiceProcess;
let environment: Readonly<Record<string, string>>;
const running: { stop(): Promise<unknown> }[] = [];

function alertOf(wanted: Alert['activity']): Promise<Alert> {
  return service.eventually(`the ${wanted} of ${listed}`, () =>
    service.alerts().find(({ ip, activity }) => ip === listed && activity === wanted),
  );
}

async function hits(): Promise<number> {
  const labels = { list: 'own', action: 'drop' };
  return sumOf(await service.metrics(), 'tidewatch_allow_list_hits_total', labels);
}

beforeAll(async () => {
  writeFileSync(file, `${listed}\nexample.com\n`);
  running.push((stack = await StackProcess.start({ indicators: [indicatorOf(listed, Date.now())] })));
  running.push((publishing = new Publishing(stack.environment.EVENTHUB_CONNECTION_STRING)));
  const record = activityRecord({ at: Date.now() - 1000, address: listed });
  await publishing.publish(hubNames.activity, '0', [bodyOf(record)]);
  const lists = [{ name: 'own', path: file, action: 'drop' }];
  environment = { ...stack.environment, ALLOW_LISTS: JSON.stringify(lists), TI_REFRESH_INTERVAL: '1s' };
});

async function start(changes: Readonly<Record<string, string>>): Promise<void> {
  running.push((service = await ServiceProcess.start({ ...environment, MAX_CLOCK_SKEW: '1s', ...changes })));
  await service.reads(6);
  await service.isWarm();
}

afterAll(async () => {
  for (const each of running.toReversed()) await each.stop();
  rmSync(folder, { recursive: true });
});

test('a list that drops holds from the first record on, and what it drops is counted', async () => {
  // Nothing is read again while this one runs.
  await start({ TI_REFRESH_INTERVAL: '15m', STATE: 'blob:first/' });
  await service.eventually('a hit of the list', async () => ((await hits()) === 1 ? true : undefined));
  expect(service.alerts()).toEqual([]);
  const view = await service.json<IntelView>(`/intel?ip=${listed}`);
  expect(view).toMatchObject({ matches: false, standing: 'candidate', allowLists: [{ name: 'own', action: 'drop' }] });
  const metrics = await service.metrics();
  expect(sumOf(metrics, 'tidewatch_allow_list_entries', { list: 'own' })).toBe(1);
  expect(sumOf(metrics, 'tidewatch_allow_list_skipped', { list: 'own' })).toBe(1);
  expect((await service.health()).checks['allowList:entries']).toMatchObject([{ componentId: 'own', status: 'pass' }]);
});

test('an address that is taken from the list is alerted without a new record, and closed when it is back', async () => {
  await service.stop();
  await start({});
  writeFileSync(file, '# nobody\n');
  expect(await alertOf('create')).toMatchObject({ severity: 'High', allowLists: [], row: { OperationCount: 1 } });
  writeFileSync(file, listed);
  expect(await alertOf('close')).toMatchObject({ closeReason: 'allow-listed', severity: 'Low', allowLists: ['own'] });
});

test('a list that is gone warns in health and stays in force; check fails', async () => {
  rmSync(file);
  await service.eventually('health to warn of the list', async () => {
    const [found] = (await service.health()).checks['allowList:entries'] ?? [];
    return found?.status === 'warn' && found.observedValue === 1 ? true : undefined;
  });
  expect(await service.json<IntelView>(`/intel?ip=${listed}`)).toMatchObject({ matches: false });
  const { code, rows } = await check(environment);
  expect(code).toBe(69);
  const detail: unknown = expect.stringMatching(/ENOENT.*: check path of allow list own in ALLOW_LISTS$/);
  expect(rows).toContainEqual({ status: 'fail', name: 'allow list own', detail });
});
