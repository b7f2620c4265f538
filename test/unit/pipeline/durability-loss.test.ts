import { describe, expect, test } from 'vitest';
import type { Lease } from '../../../src/core/ports.ts';
import { activity, minute, noon } from '../../support/engine-bench.ts';
import { DurableWorld } from '../../support/durable-process.ts';
import { headOf, until } from '../../support/state-rig.ts';

describe('Durability that is lost', () => {
  test('says so once when another process wrote the head, and nothing is delivered after', async () => {
    const { place, realTime, open } = new DurableWorld();
    const process = open('a');
    await process.activate();
    await process.poll();
    process.take(activity(noon + minute));
    const head = await place.open().readHead();
    await place.open().writeHead(new Uint8Array([1]), head?.tag ?? null);
    const run = process.durability.run(process.stopping.signal);
    await until(realTime, () => process.durability.standing === 'lost');
    await run;
    await process.durability.commitLast();
    process.lease.unreachable = true;
    await realTime.advance(60_000);
    expect(process.lost).toEqual(['another process wrote the head of the state']);
    expect(process.committed).toEqual([]);
    expect(process.deliver()).toEqual([]);
  });

  test('says so when a name is taken by other bytes, and does not try again', async () => {
    const { place, realTime, open } = new DurableWorld();
    const process = open('a');
    await process.activate();
    await place.put('1-1-base', new Uint8Array([1]));
    const run = process.durability.run(process.stopping.signal);
    await until(realTime, () => process.durability.standing === 'lost');
    await run;
    const calls = process.store.calls.length;
    await realTime.advance(60_000);
    expect(process.store.calls).toHaveLength(calls);
    expect(process.lost).toEqual([expect.stringContaining('the state cannot be kept')]);
    expect(process.lost[0]).toContain('1-1-base');
  });

  test('gives up the commit that waits when the lease is lost', async () => {
    const { realTime, leases, open } = new DurableWorld();
    const process = open('a');
    await process.activate();
    process.store.failNext(1_000_000);
    const run = process.durability.run(process.stopping.signal);
    await realTime.advance(1000);
    leases.breakHeld();
    await until(realTime, () => process.durability.standing === 'lost');
    expect(process.lost).toEqual(['the lease was lost']);
    process.stopping.abort();
    await run;
    expect(process.committed).toEqual([]);
  });

  test('does not become active when the lease is lost while it restores', async () => {
    const given = new DurableWorld();
    await given.ended();
    const process = given.open('a');
    const restore = process.store.hold(['get']);
    const activated = process.activate();
    await given.realTime.advance(1);
    given.leases.breakHeld();
    await until(given.realTime, () => process.lost.length > 0);
    restore();
    expect(await activated).toBe(false);
    expect(process.durability.standing).toBe('lost');
  });

  test('leaves the head to its successor when the lease was lost before it wrote it', async () => {
    const given = new DurableWorld();
    const { place, realTime, leases, open } = given;
    await given.ended();
    const slow = open('slow');
    const takeOver = slow.store.hold(['writeHead']);
    const activated = slow.activate();
    await realTime.advance(1);
    leases.breakHeld();
    const successor = open('successor');
    expect(await successor.activate()).toBe(true);
    await until(realTime, () => slow.lost.length > 0);
    takeOver();
    expect(await activated).toBe(false);
    expect((await headOf(place)).owner).toBe('successor');
    await successor.durability.commitLast();
    expect(successor.lost).toEqual([]);
  });

  test('does not become active with a lease that was lost as soon as it was taken', async () => {
    const lost = AbortSignal.abort();
    const lease: Lease = { acquire: () => Promise.resolve({ lost, release: () => Promise.resolve() }) };
    const process = new DurableWorld().open('a', { lease });
    expect(await process.activate()).toBe(false);
    expect(process.lost).toEqual(['the lease was lost']);
    expect(process.store.calls.filter(({ method }) => method === 'writeHead')).toEqual([]);
  });
});
