import { describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../../src/core/time.ts';
import { activity, minute, noon } from '../../support/engine-bench.ts';
import { DurableWorld } from '../../support/durable-process.ts';
import type { StoreMethod } from '../../support/memory-state-store.ts';
import { contentNow, headOf, restorable, until } from '../../support/state-rig.ts';

describe('Durability on a store that fails', () => {
  test('restores the same state whichever call of the store failed meanwhile', async () => {
    const given = new DurableWorld();
    await given.ended();
    const probe = given.open('probe');
    await probe.activate();
    const wanted = await contentNow(probe.engine);
    const { length } = probe.store.calls;
    await probe.durability.release();
    expect(length).toBeGreaterThan(4);
    for (let call = 0; call < length; call += 1)
      for (const applied of [false, true]) {
        const next = given.open(`next-${call}`);
        let left = call;
        next.store.before = () => {
          if (left === 0) next.store.failNext(1, { applied });
          left -= 1;
          return Promise.resolve();
        };
        let isActive = false;
        void next.activate().then((active) => {
          isActive = active;
        });
        await until(given.realTime, () => isActive, 500);
        expect(await contentNow(next.engine)).toEqual(wanted);
        expect(next.feed.cursors).toEqual([]);
        await next.durability.release();
      }
  });

  test.each<[StoreMethod, string]>([
    ['readHead', 'Cannot take the state'],
    ['writeHead', 'Cannot take the state'],
    ['get', 'Cannot restore the state'],
  ])('waits for %s, says so once, and gives up when it is told to stop', async (method, says) => {
    const given = new DurableWorld();
    await given.ended();
    const next = given.open('next');
    next.store.failNext(1000, { methods: [method] });
    const activated = next.activate();
    await given.realTime.advance(20_000);
    expect(next.durability.standing).toBe('restoring');
    expect(next.said('error')).toEqual([says]);
    next.stopping.abort();
    expect(await activated).toBe(false);
    expect(next.lost).toEqual([]);
  });

  test('ends run() when the grace is over and the store still does not take the commit', async () => {
    const { realTime, open } = new DurableWorld();
    const process = open('a');
    await process.activate();
    process.store.failNext(1_000_000);
    const run = process.durability.run(process.stopping.signal);
    await realTime.advance(10_000);
    expect(process.durability.status?.error).toContain('put');
    process.stopping.abort();
    process.durability.giveUpAfter(5000);
    let isOver = false;
    void run.then(() => {
      isOver = true;
    });
    await realTime.advance(4900);
    expect(isOver).toBe(false);
    await realTime.advance(200);
    expect(isOver).toBe(true);
    const calls = process.store.calls.length;
    await process.durability.commitLast();
    expect(process.store.calls).toHaveLength(calls);
    expect(process.lost).toEqual([]);
  });
});

describe('Durability that finds state which it cannot use', () => {
  test.each([
    ['LOOKBACK', { setting: { lookbackMs: 12 * HOUR_MS } }, /LOOKBACK 86400000 ms.*43200000 ms/],
    ['FLUSH_INTERVAL', { hopMs: HOUR_MS / 2 }, /FLUSH_INTERVAL 3600000 ms.*1800000 ms/],
  ])('of another %s begins anew, and the log says what was found and what follows', async (_name, changes, found) => {
    const given = new DurableWorld();
    await given.ended();
    const next = given.open('next', changes);
    expect(await next.activate()).toBe(true);
    expect(next.engine.state.positions().size).toBe(0);
    expect(next.engine.warming).toBe(true);
    expect(next.said('error')).toEqual(['State of generation 1 cannot be used: the last LOOKBACK will be read']);
    const line = next.log.lines.find(({ level }) => level === 'error');
    expect(String(line?.fields['cause'])).toMatch(found);
    expect(next.said('info')).toContain('Begins without state: the last LOOKBACK will be read');
    await next.durability.commitLast();
    expect((await headOf(given.place)).current).toMatchObject({ generation: 2, deltas: [] });
    expect(await restorable(given.place)).toEqual(await contentNow(next.engine));
  });

  test('goes on from the state before when only the current one is damaged', async () => {
    const given = new DurableWorld();
    const first = given.open('first');
    await first.activate();
    await first.poll();
    for (let n = 0; n < 20; n += 1) first.take(activity(noon + minute, { address: `198.51.100.${n}` }));
    await first.durability.commitLast();
    const before = await restorable(given.place);
    first.take(activity(noon + 2 * minute));
    await first.durability.commitLast();
    await first.durability.release();
    given.place.truncate('1-2-delta', 40);
    const next = given.open('next');
    expect(await next.activate()).toBe(true);
    expect(next.engine.state.positions().get('hub/0')?.sequenceNumber).toBe(20);
    await next.durability.commitLast();
    const { current, previous } = await headOf(given.place);
    expect([current?.generation, previous?.generation]).toEqual([3, 1]);
    expect(before).toMatchObject({ summary: { additions: 20 } });
  });
});
