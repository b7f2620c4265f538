import { afterEach, describe, expect, test } from 'vitest';
import { formatMs, HOUR_MS } from '../../src/core/time.ts';
import { hubNames } from '../../src/dev/stack.ts';
import { boundaryAfter, saidBy } from '../support/e2e/flush-rows.ts';
import { Scene } from '../support/e2e/scene.ts';

const minute = 60_000;
const flushDelayMs = 5 * minute;
const backlogHours = 10;

describe('a backlog of ten hours', () => {
  let scene: Scene;

  afterEach(() => scene.stop());

  /** Holds every flush from the first to the one at a boundary to what an undisturbed run says there. */
  async function expectUndisturbed(last: number): Promise<void> {
    await scene.service.flushed(last);
    const received = await scene.received();
    const flushes = scene.service.flushLines();
    const first = Date.parse(flushes[0]?.windowEnd ?? '');
    for (let T = first, index = 0; T <= last; T += HOUR_MS, index += 1) {
      const { flush, alerts } = await scene.service.flushed(T);
      expect(flushes[index]).toEqual(flush);
      const expected = scene.expected(received, T, flushDelayMs);
      expect(flush).toMatchObject({ windowEnd: formatMs(T), rows: expected.length, complete: true, lagging: [] });
      expect([flush.windowEnd, saidBy(alerts)]).toEqual([flush.windowEnd, expected]);
    }
  }

  test('that lies in the broker before the service starts is in the first flush, which waits for all of it', async () => {
    scene = await Scene.start(240);
    const begin = scene.now - backlogHours * HOUR_MS;
    for (let hour = 0; hour < backlogHours; hour += 1)
      await scene.writeIncident(begin + hour * HOUR_MS, begin + hour * HOUR_MS + 20 * minute);
    // The backlog of one partition comes only when the first boundary and its cut have passed.
    const held = { hub: hubNames.activity, partition: '0' };
    await scene.stack.fault('stall', held);
    const service = await scene.serve({ FLUSH_DELAY: '5m', FLUSH_MAX_WAIT: '48h' });
    const first = boundaryAfter(scene.now);
    await service.eventually('the first match of what was enqueued before', () => service.alerts()[0]);
    await scene.stack.passes(first + flushDelayMs + 20 * minute);
    expect(service.flushLines()).toEqual([]);
    const releasedMs = scene.now;
    await scene.stack.fault('unstall', held);
    const { flush, alerts } = await service.flushed(first);
    expect(Date.parse(flush.ranAt)).toBeGreaterThanOrEqual(releasedMs);
    expect(alerts).toHaveLength(2);
    expect(service.alerts()[0]).toMatchObject({ activity: 'create', backfill: true });
    await expectUndisturbed(first);
  });

  test('that builds up behind a frozen broker is flushed hour by hour, each complete with the rows of its own window', async () => {
    scene = await Scene.start(3600);
    const service = await scene.serve({ FLUSH_DELAY: '5m', FLUSH_MAX_WAIT: '48h' });
    await service.reads(6);
    await scene.writeIncident(scene.now - HOUR_MS);
    await service.eventually('a first flush', () => service.flushLines()[0]);
    await scene.stack.fault('freeze');
    const last = await buildUp();
    await scene.stack.fault('thaw');
    await expectUndisturbed(last);
  });

  test('that builds up while the process does not run is waited for, though it is longer than FLUSH_MAX_WAIT', async () => {
    scene = await Scene.start(1800);
    const service = await scene.serve({ FLUSH_DELAY: '5m', FLUSH_MAX_WAIT: '8h', LEASE_DURATION: '60s' });
    await service.reads(6);
    await scene.writeIncident(scene.now - HOUR_MS);
    await service.eventually('a first flush', () => service.flushLines()[0]);
    service.process.signal('SIGSTOP');
    const last = await buildUp();
    service.process.signal('SIGCONT');
    await expectUndisturbed(last);
  });

  /** Writes around each boundary of ten hours as they pass, on both sides of each cut; the last of them. */
  async function buildUp(): Promise<number> {
    const begin = boundaryAfter(scene.now);
    for (let hour = 0; hour < backlogHours; hour += 1) {
      const T = begin + hour * HOUR_MS;
      await scene.stack.passes(T - 30 * minute);
      await scene.writeIncident(scene.now - hour * minute);
      await scene.stack.passes(T + flushDelayMs);
      await scene.writeIncident(T - minute);
    }
    return begin + (backlogHours - 1) * HOUR_MS;
  }
});
