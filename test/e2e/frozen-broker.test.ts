import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { formatMs, HOUR_MS, paneEnd } from '../../src/core/time.ts';
import { hubNames } from '../../src/dev/stack.ts';
import { boundaryAfter, saidBy } from '../support/e2e/flush-rows.ts';
import { activityRecord } from '../support/e2e/incident-records.ts';
import { addresses, Scene } from '../support/e2e/scene.ts';
import type { ServiceProcess } from '../support/e2e/service-process.ts';
import { sumOf } from '../verify/exposition.ts';

const { activity } = hubNames;
const minute = 60_000;
const flushDelayMs = 10 * minute;

/** The partition that stalls. */
const stalled = { hub: activity, partition: '1' };
const stalledName = /\/insights-activity-logs\/1@/;

function hasFlushed(service: ServiceProcess, windowEnd: number): boolean {
  return service.flushLines().some((flush) => flush.windowEnd >= formatMs(windowEnd));
}

async function waitingFor(service: ServiceProcess): Promise<readonly string[]> {
  const [check] = (await service.health()).checks['flush:last'] ?? [];
  return check?.details?.['waitingFor'] as readonly string[];
}

describe('a flush that waits longer than the disturbance lasts', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.start(240);
    await scene.serve({ FLUSH_DELAY: '10m', FLUSH_MAX_WAIT: '48h' });
    await scene.service.reads(6);
    await scene.writeIncident(scene.now - 5 * HOUR_MS);
  });

  afterAll(() => scene.stop());

  test('a broker frozen across a boundary delays the flush, which is complete and says what it would have said', async () => {
    const { stack, service } = scene;
    const T = boundaryAfter(scene.now + 10 * minute);
    await stack.passes(T - 8 * minute);
    await scene.writeIncident(scene.now - 20 * minute);
    await stack.fault('freeze');
    await scene.writeIncident(scene.now - 2 * HOUR_MS);
    await stack.passes(T + 1);
    await scene.writeIncident(T - minute);
    await stack.passes(T + flushDelayMs + 1);
    await scene.writeIncident(T - 2 * minute);
    await stack.passes(T + flushDelayMs + 20 * minute);
    expect(hasFlushed(service, T)).toBe(false);
    const thawedMs = scene.now;
    await stack.fault('thaw');
    const { flush, alerts } = await service.flushed(T);
    expect(flush).toMatchObject({ complete: true, lagging: [] });
    expect(Date.parse(flush.ranAt)).toBeGreaterThanOrEqual(thawedMs);
    const received = await scene.received();
    const expected = scene.expected(received, T, flushDelayMs);
    expect(expected).toHaveLength(2);
    expect(saidBy(alerts)).toEqual(expected);
  });

  test('a stalled partition delays the flush, which names it meanwhile and is complete afterwards', async () => {
    const { stack, service } = scene;
    const T = boundaryAfter(scene.now + 10 * minute);
    await stack.fault('stall', stalled);
    await scene.writeIncident(scene.now - 3 * minute);
    await stack.passes(T + 1);
    await scene.writeIncident(T - 3 * minute);
    await stack.passes(T + flushDelayMs + 20 * minute);
    const names = await service.eventually('the flush to wait for one partition', async () => {
      const waits = await waitingFor(service);
      return waits.length === 1 ? waits : undefined;
    });
    expect(names).toEqual([expect.stringMatching(stalledName)]);
    expect(hasFlushed(service, T)).toBe(false);
    const unstalledMs = scene.now;
    await stack.fault('unstall', stalled);
    const { flush, alerts } = await service.flushed(T);
    expect(flush).toMatchObject({ complete: true, lagging: [] });
    expect(Date.parse(flush.ranAt)).toBeGreaterThanOrEqual(unstalledMs);
    expect(saidBy(alerts)).toEqual(scene.expected(await scene.received(), T, flushDelayMs));
  });
});

describe('a flush that does not wait as long as a partition stalls', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.start(240);
    await scene.serve({ FLUSH_DELAY: '10m', FLUSH_MAX_WAIT: '45m' });
    await scene.service.reads(6);
    await scene.service.isWarm();
  });

  afterEach(() => scene.stack.fault('unstall', stalled));
  afterAll(() => scene.stop());

  test('runs incomplete and names the partition, whose records count late from the next flush on', async () => {
    const { stack, service } = scene;
    await scene.writeIncident(scene.now - 5 * HOUR_MS);
    const T = boundaryAfter(scene.now + 20 * minute);
    await stack.passes(T - 15 * minute);
    await stack.fault('stall', stalled);
    const stalledMs = scene.now;
    await scene.writeIncident(T - 20 * minute);
    const late = [activityRecord({ at: T - 30 * minute, address: addresses.user })];
    await scene.write(activity, '1', late);
    const { flush, alerts } = await service.flushed(T);
    expect(flush).toMatchObject({ complete: false, lagging: [expect.stringMatching(stalledName)] });
    expect(alerts).not.toHaveLength(0);
    for (const { incomplete } of alerts) expect(incomplete).toEqual({ partitions: flush.lagging });
    await stack.fault('unstall', stalled);

    const next = await service.flushed(T + HOUR_MS);
    expect(next.flush).toMatchObject({ complete: true, lagging: [] });
    expect(next.alerts.every(({ incomplete }) => incomplete === null)).toBe(true);
    const received = await scene.received();
    const held = received.filter(
      ({ place, enqueuedMs }) => place.startsWith(`${activity}/1/`) && enqueuedMs >= stalledMs,
    );
    expect(held).toHaveLength(2);
    const taken = received.filter((each) => !held.includes(each));
    expect(saidBy(alerts)).toEqual(scene.expected(taken, T, flushDelayMs));
    expect(saidBy(alerts)).not.toEqual(scene.expected(received, T, flushDelayMs));
    expect(saidBy(next.alerts)).toEqual(scene.expected(received, T + HOUR_MS, flushDelayMs));
    expect(next.alerts.filter((alert) => alert.late).map(({ ip }) => ip)).toContain(addresses.user);
    const enqueuedLate = received.filter(
      ({ record, enqueuedMs }) => enqueuedMs > paneEnd(record.time!, HOUR_MS) + flushDelayMs,
    );
    const metrics = await service.metrics();
    // One enqueued late is deferred when it is read before the flush it missed, and late when it is read after.
    const countedLate = sumOf(metrics, 'tidewatch_records_total', { outcome: 'late' });
    const deferred = sumOf(metrics, 'tidewatch_records_total', { outcome: 'deferred' });
    expect(countedLate + deferred).toBe(enqueuedLate.length + held.length);
    expect(countedLate).toBeGreaterThanOrEqual(held.length);
    expect(sumOf(metrics, 'tidewatch_flushes_total', { complete: 'false' })).toBe(1);
  });
});
