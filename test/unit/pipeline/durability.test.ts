import { describe, expect, test } from 'vitest';
import { activity, boundary, minute, noon } from '../../support/engine-bench.ts';
import { DurableWorld } from '../../support/durable-process.ts';
import { headOf, until } from '../../support/state-rig.ts';

describe('Durability', () => {
  test('stands by while another process is active, and restores what that left', async () => {
    const given = new DurableWorld();
    const { place, realTime, open } = given;
    const first = open('first');
    await first.activate();
    await first.poll();
    first.take(activity(noon + minute));
    await first.durability.commitLast();
    const second = open('second');
    const activated = second.activate();
    await realTime.advance(60_000);
    expect([first.durability.standing, second.durability.standing]).toEqual(['active', 'standby']);
    expect(second.durability.holder).toBe('first');
    expect(second.durability.status).toBeNull();
    expect((await headOf(place)).owner).toBe('first');
    await first.durability.release();
    await until(realTime, () => second.durability.standing === 'active');
    expect(await activated).toBe(true);
    expect((await headOf(place)).owner).toBe('second');
    expect(JSON.stringify(second.deliver())).toBe(JSON.stringify(first.deliver()));
    expect(second.engine.state.positions()).toEqual(first.engine.state.positions());
  });

  test('begins without state where there is none, with the first boundary after now, and says so', async () => {
    const process = new DurableWorld().open('a');
    expect(await process.activate()).toBe(true);
    expect(process.engine.boundary).toBe(boundary);
    expect(process.engine.warming).toBe(true);
    expect(process.said('info')).toContain('Begins without state: the last LOOKBACK will be read');
  });

  test('goes on with the set of a feed and its cursor, and does not write it again', async () => {
    const given = new DurableWorld();
    await given.ended();
    const next = given.open('next');
    await next.activate();
    await next.poll();
    expect(next.feed.cursors).toEqual(['cursor-1']);
    next.feed.objects = [];
    await next.poll();
    await next.durability.commitLast();
    const puts = next.store.calls.filter(({ method }) => method === 'put').map(({ name }) => name);
    expect(puts.filter((name) => name.includes('feed'))).toHaveLength(1);
    await next.durability.commitLast();
    const again = next.store.calls.filter(({ method }) => method === 'put').map(({ name }) => name);
    expect(again.filter((name) => name.includes('feed'))).toHaveLength(1);
  });

  test('does not write a restored set again when nothing of it changed', async () => {
    const given = new DurableWorld();
    await given.ended();
    const next = given.open('next');
    await next.activate();
    await next.durability.commitLast();
    const puts = next.store.calls.filter(({ method }) => method === 'put').map(({ name }) => name);
    expect(puts).toEqual(['2-2-delta']);
    expect((await headOf(given.place)).current?.feeds.map(({ blob }) => blob.name)).toEqual(['1-1-feed-0']);
  });

  test('a state never names an older index version than the one before it, also while its feeds have not loaded', async () => {
    const given = new DurableWorld();
    await given.ended();
    const before = (await headOf(given.place)).current?.indexOrdinal;
    given.place.corrupt('1-1-feed-0', 3);
    const next = given.open('next');
    await next.activate();
    await next.durability.commitLast();
    expect([before, (await headOf(given.place)).current?.indexOrdinal]).toEqual([1, 1]);
  });

  test('fetches a feed whole when its set cannot be read, and says so', async () => {
    const given = new DurableWorld();
    await given.ended();
    given.place.corrupt('1-1-feed-0', 3);
    const next = given.open('next');
    expect(await next.activate()).toBe(true);
    expect(next.said('warn')).toContain('The set of a feed cannot be read: it will be fetched whole');
    expect(next.engine.state.positions().size).toBe(1);
    await next.poll();
    expect(next.feed.cursors).toEqual([null]);
    await next.durability.commitLast();
    expect((await headOf(given.place)).current?.feeds.map(({ blob }) => blob.name)).toEqual(['2-2-feed-0']);
  });

  test('deletes what owners before it left and no state names', async () => {
    const given = new DurableWorld();
    await given.ended();
    for (const name of ['1-7-base', '1-7-feed-3']) await given.place.put(name, new Uint8Array([1]));
    const next = given.open('next');
    await next.activate();
    await until(
      given.realTime,
      () => !given.place.contents().has('1-7-base') && !given.place.contents().has('1-7-feed-3'),
    );
    expect([...given.place.contents().keys()].sort()).toEqual(['1-1-base', '1-1-feed-0']);
  });

  test('commits at each snapshot interval and when an alert waits, and tells of positions', async () => {
    const { realTime, open } = new DurableWorld();
    const process = open('a');
    await process.activate();
    await process.poll();
    const run = process.durability.run(process.stopping.signal);
    await until(realTime, () => process.committed.length === 1);
    await realTime.advance(30_000);
    expect(process.committed).toHaveLength(1);
    process.take(activity(noon + minute));
    await realTime.advance(100);
    expect(process.committed).toHaveLength(2);
    expect(process.committed[1]?.get('hub/0')?.sequenceNumber).toBe(1);
    expect(process.deliver()).toHaveLength(1);
    await realTime.advance(61_000);
    expect(process.committed).toHaveLength(3);
    process.stopping.abort();
    await run;
  });
});
