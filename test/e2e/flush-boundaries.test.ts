import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatMs, HOUR_MS } from '../../src/core/time.ts';
import type { ReceivedRecord } from '../../src/core/record.ts';
import { hubNames } from '../../src/dev/stack.ts';
import { readBack } from '../support/e2e/broker-log.ts';
import type { Json } from '../support/azure-bodies.ts';
import { boundaryAfter, expectedRows, referenceOptions, saidBy } from '../support/e2e/flush-rows.ts';
import {
  activityRecord,
  bodyOf,
  indicatorOf,
  servicePrincipalRecord,
  signInRecord,
} from '../support/e2e/incident-records.ts';
import { Publishing } from '../support/e2e/publishing.ts';
import { type Flushed, ServiceProcess } from '../support/e2e/service-process.ts';
import { StackProcess } from '../support/e2e/stack-process.ts';
import { sumOf } from '../verify/exposition.ts';

const { activity, signIn, servicePrincipal } = hubNames;
const minute = 60_000;

/** An hour passes in 15 s, the flush delay in 5: what the client takes, a second or two, stays below it. */
const speed = 240;
const flushDelayMs = 20 * minute;
const settings = {
  ALERT_REPEAT: 'every-flush',
  FLUSH_DELAY: '20m',
  // Nothing stalls here, so whatever the machine does a flush is complete.
  FLUSH_MAX_WAIT: '48h',
  MAX_CLOCK_SKEW: '5m',
};

const known4 = '203.0.113.77';
const known6 = '2001:db8:77::1';
const unknown = '198.51.100.9';
const bob = 'bob@contoso.example';
const objects = [indicatorOf(known4, Date.now()), indicatorOf(known6, Date.now(), { confidence: 80 })];

describe('a service over consecutive boundaries', () => {
  const running: { stop(): Promise<unknown> }[] = [];
  let stack: StackProcess;
  let service: ServiceProcess;
  let publishing: Publishing;
  let quiet: number;
  let boundaries: readonly number[];
  let received: readonly ReceivedRecord[];
  const flushed = new Map<number, Flushed>();

  /** Written before the cut of T: enqueued at the very cut, and a millisecond after it. */
  async function writeEdges(T: number): Promise<void> {
    const cut = T + flushDelayMs;
    const at = (enqueuedMs: number, ...records: Json[]) => ({
      partition: '1',
      enqueuedMs,
      body: bodyOf(...records),
    });
    await stack.write(activity, [
      at(cut, activityRecord({ at: T, address: known4 }), activityRecord({ at: T, ticks: 1, address: known4 })),
      at(cut + 1, activityRecord({ at: T - minute, address: known4 }), activityRecord({ at: T, address: known6 })),
    ]);
    await stack.write(servicePrincipal, [
      at(cut, servicePrincipalRecord({ at: T - 10 * minute, address: known4 })),
      at(cut + 1, servicePrincipalRecord({ at: T - 10 * minute, address: known6 })),
    ]);
  }

  /** Publishes around T through the real client: before it, between it and its cut, and after its cut. */
  async function playAround(T: number): Promise<void> {
    await stack.passes(T - 40 * minute);
    await writeEdges(T);
    const now = Math.round(stack.clock.now());
    await publishing.publish(activity, '0', [
      bodyOf(activityRecord({ at: now - 5 * minute, ticks: 77, address: known4 })),
      bodyOf(activityRecord({ at: now - 3 * HOUR_MS, address: known6, principal: bob })),
      bodyOf(activityRecord({ at: now, address: unknown }), activityRecord({ at: now, address: known4 })),
    ]);
    await publishing.publish(signIn, '0', [bodyOf(signInRecord({ at: now - 7 * minute, address: known4 }))]);
    await stack.passes(T + 1);
    await publishing.publish(activity, '0', [
      bodyOf(activityRecord({ at: T - 1, ticks: 9999, address: known4, principal: bob })),
      bodyOf(activityRecord({ at: T + 1, address: known6, principal: bob })),
    ]);
    await stack.passes(T + flushDelayMs + 1);
    await publishing.publish(activity, '0', [bodyOf(activityRecord({ at: T - 30 * minute, address: known4 }))]);
    await publishing.publish(signIn, '1', [bodyOf(signInRecord({ at: T - 20 * minute, address: known6 }))]);
  }

  beforeAll(async () => {
    running.push((stack = await StackProcess.start({ speed, indicators: objects })));
    running.push((publishing = new Publishing(stack.environment.EVENTHUB_CONNECTION_STRING)));
    running.push((service = await ServiceProcess.start({ ...stack.environment, ...settings })));
    await service.reads(6);
    const [first] = await service.eventually('a flush of nothing', async () => {
      const flushes = await service.flushes();
      return flushes.length > 0 ? flushes : undefined;
    });
    quiet = Date.parse(first?.windowEnd ?? '');
    const next = boundaryAfter(stack.clock.now() + 41 * minute);
    boundaries = [next, next + HOUR_MS, next + 2 * HOUR_MS];
    for (const T of boundaries) await playAround(T);
    for (const T of boundaries) flushed.set(T, await service.flushed(T));
    const hubs = [activity, signIn, servicePrincipal];
    received = await readBack(stack.environment.EVENTHUB_CONNECTION_STRING, hubs);
  }, 300_000);

  afterAll(async () => {
    for (const each of running.toReversed()) await each.stop();
  });

  test('each boundary is flushed exactly once, in order, with one log line and one step of the counter', async () => {
    const last = boundaries.at(-1) ?? 0;
    const upToLast = (windowEnd: unknown): boolean => Date.parse(String(windowEnd)) <= last;
    const expected = [];
    for (let T = quiet; T <= last; T += HOUR_MS) expected.push(formatMs(T));
    const [listed, metrics] = [await service.flushes(), await service.metrics()];
    expect(listed.map(({ windowEnd }) => windowEnd).filter(upToLast)).toEqual(expected);
    const logged = service.flushLines();
    expect(logged.map(({ windowEnd }) => windowEnd).filter(upToLast)).toEqual(expected);
    listed.forEach((flush, index) => expect(logged[index]).toMatchObject(flush));
    const [before, after] = [listed.length, (await service.flushes()).length];
    const counted = sumOf(metrics, 'tidewatch_flushes_total', { complete: 'true' });
    expect(counted).toBeGreaterThanOrEqual(before);
    expect(counted).toBeLessThanOrEqual(after);
    expect(sumOf(metrics, 'tidewatch_flushes_total', { complete: 'false' })).toBe(0);
  });

  test('a flush of nothing is listed, logged and complete', async () => {
    const [first] = await service.flushes();
    expect(first).toMatchObject({ windowEnd: formatMs(quiet), rows: 0, alerts: 0, complete: true, lagging: [] });
    expect(service.logged('Flushed')[0]).toMatchObject({ windowEnd: formatMs(quiet), rows: 0, alerts: 0 });
  });

  test.each([0, 1, 2])('the rows of flush %i equal the reference at its boundary', (index) => {
    const T = boundaries[index] ?? 0;
    const { flush, alerts } = flushed.get(T)!;
    const expected = expectedRows(received, objects, T, referenceOptions(flushDelayMs));
    expect(expected.length).toBeGreaterThan(1);
    expect(saidBy(alerts)).toEqual(expected);
    expect(flush).toMatchObject({ rows: expected.length, alerts: expected.length, complete: true });
    expect(alerts.every(({ incomplete, partial }) => incomplete === null && partial === null)).toBe(true);
  });

  test.each([0, 1, 2])('a record enqueued after the cut of flush %i is not in it, one at the cut is', (index) => {
    const T = boundaries[index] ?? 0;
    const { alerts } = flushed.get(T)!;
    const without = (cut: number) => expectedRows(received, objects, T, referenceOptions(cut));
    expect(saidBy(alerts)).not.toEqual(without(flushDelayMs - 1));
    expect(saidBy(alerts)).not.toEqual(without(flushDelayMs + 1));
  });

  test('records that came after their cut waited for the next flush, or counted late', async () => {
    const metrics = await service.metrics();
    expect(sumOf(metrics, 'tidewatch_records_total', { outcome: 'deferred' })).toBeGreaterThan(0);
    expect(sumOf(metrics, 'tidewatch_records_total', { outcome: 'expired' })).toBe(0);
    expect(sumOf(metrics, 'tidewatch_records_total')).toBe(received.length);
  });
});
