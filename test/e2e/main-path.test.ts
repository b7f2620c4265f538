import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Alert } from '../../src/core/alert/alert.ts';
import type { DeadLetter } from '../../src/core/ports.ts';
import { formatMs, HOUR_MS } from '../../src/core/time.ts';
import { hubNames } from '../../src/dev/stack.ts';
import type { AddressView, IntelView, WindowsPage } from '../../src/pipeline/views.ts';
import { readBack } from '../support/e2e/broker-log.ts';
import { boundaryAfter, expectedRows, referenceOptions, saidBy } from '../support/e2e/flush-rows.ts';
import {
  activityRecord,
  bodyOf,
  indicatorOf,
  servicePrincipalRecord,
  signInRecord,
} from '../support/e2e/incident-records.ts';
import { Publishing } from '../support/e2e/publishing.ts';
import { ServiceProcess } from '../support/e2e/service-process.ts';
import { StackProcess } from '../support/e2e/stack-process.ts';
import { sumOf } from '../verify/exposition.ts';

const { activity, signIn, servicePrincipal } = hubNames;
const hubs = [activity, signIn, servicePrincipal];

const known4 = '203.0.113.77';
const known6 = '2001:db8:77::1';
const startedMs = Date.now();
const objects = [indicatorOf(known4, startedMs), indicatorOf(known6, startedMs, { confidence: 80 })];

/** JSON that Azure wrote with unescaped quotes and cut off inside them: beyond mending, and it names a wanted category. */
const poison =
  '{"time":"2026-01-01T00:00:00Z","category":"Administrative","properties":{"requestbody":"{"Id":"1","sku":{"name":"Premium_""\'}}}';

describe('stack and service, as processes of their own', () => {
  let stack: StackProcess;
  let service: ServiceProcess;
  let publishing: Publishing;
  const running: { stop(): Promise<unknown> }[] = [];
  let published = 0;

  /** Publishes records, so many in all, and waits until each has become something. */
  async function publish(hub: string, partition: string, records: number, ...bodies: readonly string[]): Promise<void> {
    await publishing.publish(hub, partition, bodies);
    published += records;
    await service.eventually(`${published} records to be counted`, async () =>
      sumOf(await service.metrics(), 'tidewatch_records_total') >= published ? true : undefined,
    );
  }

  function firstAlert(ip: string): Promise<Alert> {
    return service.eventually(`the alert of ${ip}`, () => service.alerts().find((alert) => alert.ip === ip));
  }

  async function count(name: string, labels: Readonly<Record<string, string>>): Promise<number> {
    return sumOf(await service.metrics(), name, labels);
  }

  beforeAll(async () => {
    running.push((stack = await StackProcess.start({ indicators: objects })));
    running.push((publishing = new Publishing(stack.environment.EVENTHUB_CONNECTION_STRING)));
    running.push((service = await ServiceProcess.start({ ...stack.environment, MAX_CLOCK_SKEW: '1s' })));
    await service.reads(6);
    await service.isWarm();
  });

  afterAll(async () => {
    for (const each of running.toReversed()) await each.stop();
  });

  test('activity from an address of the TAXII collection raises a create alert with the row of the rule', async () => {
    const at = Date.now() - 1000;
    await publish(signIn, '0', 1, bodyOf(signInRecord({ at: at - 60_000, address: known4 })));
    await publish(servicePrincipal, '1', 1, bodyOf(servicePrincipalRecord({ at: at - 30_000, address: known4 })));
    await publish(activity, '1', 1, bodyOf(activityRecord({ at, ticks: 4521, address: known4 })));
    const alert = await firstAlert(known4);
    expect(alert).toMatchObject({ activity: 'create', late: false, backfill: false, partial: null, incomplete: null });
    expect(alert.windowEnd).toBe(formatMs(boundaryAfter(at)));
    expect(Date.parse(alert.windowEnd) - Date.parse(alert.windowStart)).toBe(24 * HOUR_MS);
    const received = await readBack(stack.environment.EVENTHUB_CONNECTION_STRING, hubs);
    const expected = expectedRows(received, objects, Date.parse(alert.windowEnd), referenceOptions(null));
    expect(expected).toHaveLength(1);
    expect(expected[0]?.row).toMatchObject({ UserSigninCount: 1, SPSigninCount: 1, CorroboratedBySignin: true });
    expect(saidBy([alert])).toEqual(expected);
    expect((await service.json<{ items: Alert[] }>('/alerts')).items).toEqual([alert]);
  });

  test('/windows shows the window of an alert, and /windows/{ip} takes IPv6 percent-encoded', async () => {
    const at = Date.now() - 1000;
    const expanded = known6.replace('::1', ':0:0:0:0:1').toUpperCase();
    await publish(activity, '0', 1, bodyOf(activityRecord({ at, address: expanded })));
    const { row } = await firstAlert(known6);
    const { items } = await service.json<WindowsPage>('/windows');
    expect(items.map(({ ip }) => ip).sort()).toEqual([known6, known4].sort());
    expect(items.find(({ ip }) => ip === known6)?.row).toEqual(row);
    const view = await service.json<AddressView>(`/windows/${encodeURIComponent(known6)}`);
    expect(view).toMatchObject({ ip: known6, excluded: false, indicators: [{ value: known6 }], windows: [{ row }] });
    const unknown = await service.json<AddressView>('/windows/198.51.100.200');
    expect(unknown).toMatchObject({ indicators: [], windows: [], signIns: [] });
    expect((await service.get('/windows/nowhere')).status).toBe(400);
  });

  test('/intel says that an address of the TAXII collection matches by its indicator, and that no other does', async () => {
    const view = await service.json<IntelView>(`/intel?ip=${known4}`);
    expect(view).toMatchObject({ matches: true, standing: 'pinned', named: 1, counting: 1, excludedBy: null });
    expect(view.verdict).toMatch(/^matches: 1 indicator counts, confidence \d+$/);
    expect(view.indicators).toMatchObject([{ id: objects[0]?.['id'], counts: true, observables: [{ value: known4 }] }]);
    expect(view.windows).toHaveLength(1);
    const unknown = await service.json<IntelView>('/intel?ip=198.51.100.200');
    expect(unknown).toMatchObject({ matches: false, verdict: 'does not match: no indicator names it' });
    expect(await service.json('/intel/skipped')).toMatchObject({ items: [], nextCursor: null });
  });

  test('each published record is counted in exactly one outcome, and each address in one result', async () => {
    const before = await service.metrics();
    const at = Date.now() - 1000;
    const repeated = activityRecord({ at, address: '198.51.100.9' });
    const good = activityRecord({ at, address: '198.51.100.8' });
    const bodies = [
      bodyOf(repeated, repeated, activityRecord({ at, address: '198.51.100.10' }, { resultType: 'Start' })),
      bodyOf(activityRecord({ at, address: '10.1.2.3' }), activityRecord({ at, address: 'no address' })),
      bodyOf({ category: 'AuditEvent' }, { category: 'TideGauge' }),
      bodyOf(activityRecord({ at, address: known4 }, { time: 'no time' })),
      bodyOf(activityRecord({ at: at + 2 * HOUR_MS, address: '198.51.100.11' })),
      'heartbeat queue=9',
      `{"records":[${JSON.stringify(good)},${poison}]}`,
    ];
    await publish(activity, '0', 12, ...bodies);
    const after = await service.metrics();
    const moved = (name: string, labels: Readonly<Record<string, string>> = {}): number =>
      sumOf(after, name, labels) - sumOf(before, name, labels);
    const outcomes = {
      ...{ counted: 2, duplicate: 1, unsuccessful: 1, excluded: 1, address_invalid: 1, unwanted: 1, unknown: 1 },
      ...{ undated: 1, early: 1, malformed_noise: 1, dead_letter: 1 },
    };
    for (const [outcome, expected] of Object.entries(outcomes))
      expect([outcome, moved('tidewatch_records_total', { outcome })]).toEqual([outcome, expected]);
    expect(moved('tidewatch_records_total')).toBe(12);
    expect(sumOf(after, 'tidewatch_records_total')).toBe(published);
    const results = { hit: 1, miss: 4, excluded: 1, invalid: 1 };
    for (const [result, expected] of Object.entries(results))
      expect([result, moved('tidewatch_lookups_total', { result })]).toEqual([result, expected]);
    expect(moved('tidewatch_lookups_total')).toBe(7);
  });

  test('a record that cannot be read and names a wanted category is a dead letter, its neighbour counts', async () => {
    const { items } = await service.json<{ items: DeadLetter[] }>('/dead-letters');
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ stream: activity, partition: '0', index: 1 });
    expect(items[0]?.text).toContain('Premium_');
    expect(await count('tidewatch_dead_letters_total', {})).toBe(1);
    expect(await count('tidewatch_dead_letters_total', { reason: String(items[0]?.reason) })).toBe(1);
    expect(await count('tidewatch_records_total', { stream: 'other', outcome: 'dead_letter' })).toBe(1);
  });

  test('/health is application/health+json with a check per partition, and names unknown categories', async () => {
    const response = await service.get('/health');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/health\+json\b/);
    const { checks, status } = await service.health();
    expect(status).toBe('warn');
    const partitions = (checks['partition:lag'] ?? []).map(({ componentId, details }) => [
      componentId,
      details?.['owned'],
    ]);
    expect(partitions.sort()).toEqual(hubs.flatMap((hub) => ['0', '1'].map((id) => [`${hub}/${id}`, true])).sort());
    expect(checks['feed:age']).toMatchObject([{ status: 'pass', details: { indicators: 2 } }]);
    expect(checks['deadLetters:count']).toMatchObject([{ status: 'warn' }]);
    expect(JSON.stringify(checks['categories:unknown'])).toContain('TideGauge');
    expect((await service.get('/health/ready')).status).toBe(200);
    expect((await service.get('/health/live')).status).toBe(200);
  });

  test('SIGTERM ends the service by itself with code 0 within SHUTDOWN_GRACE', async () => {
    const graceMs = 25_000;
    const asked = performance.now();
    service.process.signal('SIGTERM');
    const code = await service.process.ended();
    expect(performance.now() - asked, service.process.report()).toBeLessThan(graceMs);
    expect(code, service.process.report()).toBe(0);
    expect(service.logged('Stopped')).toHaveLength(1);
  });
});
