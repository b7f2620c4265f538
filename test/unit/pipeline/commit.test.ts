import { describe, expect, test } from 'vitest';
import { blobsOf, type Manifest } from '../../../src/pipeline/manifest.ts';
import { activity, minute, noon, signIn } from '../../support/engine-bench.ts';
import { MemoryStateStore } from '../../support/memory-state-store.ts';
import { contentNow, headOf, realCodec, restorable, StateOwner } from '../../support/state-rig.ts';

/** Records of as many addresses that no indicator matches. */
function fill(process: StateOwner, addresses: number, from = 0): void {
  for (let n = from; n < from + addresses; n += 1)
    process.take(activity(noon + minute, { address: `198.51.${100 + Math.floor(n / 200)}.${n % 200}` }));
}

const names = (manifest: Manifest | null): string[] => blobsOf(manifest).map(({ name }) => name);
const bytesIn = (manifest: Manifest | null): number[] => manifest?.deltas.map(({ bytes }) => bytes) ?? [];
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('Committer', () => {
  test('gives nothing to a sink before the commit that holds it', async () => {
    const store = new MemoryStateStore();
    const process = await StateOwner.start(store);
    const seen: [string, number][] = [];
    store.after = ({ method }) => {
      seen.push([method, process.engine.outbox.waiting('test', 10).length]);
      return Promise.resolve();
    };
    process.take(activity(noon + minute));
    expect(process.engine.outbox.waitingCount('test')).toBe(1);
    expect(process.deliver()).toEqual([]);
    await process.commit();
    expect(seen).toEqual([
      ['put', 0],
      ['writeHead', 0],
    ]);
    expect(process.deliver()).toHaveLength(1);
  });

  test('gives a sink only what its cut held, not what was emitted while it was written', async () => {
    const store = new MemoryStateStore();
    const process = await StateOwner.start(store);
    process.take(activity(noon + minute, { caller: 'first' }));
    const open = store.hold(['writeHead']);
    const committed = process.commit();
    process.take(activity(noon + 2 * minute, { caller: 'second' }));
    open();
    await committed;
    expect(process.deliver().map(({ caller }) => caller)).toEqual(['first']);
    await process.commit();
    expect(process.deliver().map(({ caller }) => caller)).toEqual(['second']);
  });

  test('delivers what is committed after a restore, byte for byte under the same ids', async () => {
    const place = new MemoryStateStore();
    const process = await StateOwner.start(place.open(), { codec: realCodec });
    process.take(signIn(noon + minute));
    process.take(activity(noon + 2 * minute));
    await process.commit();
    process.take(activity(noon + 3 * minute, { caller: 'bob@contoso.com' }));
    process.take(activity(noon + 4 * minute));
    process.flush();
    await process.commit();
    const next = await StateOwner.start(place.open(), { codec: realCodec });
    const [before, after] = [process.deliver(), next.deliver()];
    expect(before.length).toBeGreaterThan(2);
    expect(JSON.stringify(after)).toBe(JSON.stringify(before));
  });

  test('keeps the state that the engine has, with its positions, and tells of both', async () => {
    const place = new MemoryStateStore();
    const process = await StateOwner.start(place.open());
    fill(process, 30);
    process.take(activity(noon + 2 * minute));
    await process.commit();
    process.take(activity(noon + 3 * minute));
    process.flush();
    await process.commit();
    expect(process.commits.map(({ positions }) => positions.get('hub/0')?.sequenceNumber)).toEqual([31, 32]);
    expect(process.commits[1]?.positions.get('hub/0')).toEqual({
      sequenceNumber: 32,
      offset: '32',
      enqueuedMs: noon + 3 * minute,
    });
    expect(process.committer.status).toMatchObject({ generation: 2, error: null, takenMs: noon });
    expect(await restorable(place)).toEqual(await contentNow(process.engine));
  });

  test('names the state before as the previous one', async () => {
    const place = new MemoryStateStore();
    const process = await StateOwner.start(place.open());
    let before = (await headOf(place)).current;
    for (let n = 0; n < 5; n += 1) {
      fill(process, 3, n * 3);
      await process.commit();
      const { current, previous } = await headOf(place);
      expect(previous).toEqual(before);
      expect(current?.generation).toBe(n + 1);
      before = current;
    }
  });

  test('writes bytes in proportion to what changed, not to what is held', async () => {
    const place = new MemoryStateStore();
    const process = await StateOwner.start(place.open());
    fill(process, 2000);
    await process.commit();
    fill(process, 20);
    await process.commit();
    fill(process, 40);
    await process.commit();
    await process.commit();
    const [base = 0, twenty = 0, forty = 0, nothing = 0] = process.commits.map(({ bytes }) => bytes);
    expect(twenty / base).toBeLessThan(0.05);
    const perAddress = (forty - nothing) / (twenty - nothing);
    expect(perAddress).toBeGreaterThan(1.5);
    expect(perAddress).toBeLessThan(2.5);
    expect(nothing / twenty).toBeLessThan(0.5);
  });

  test('compacts deltas into a base once they are larger than half of it', async () => {
    const place = new MemoryStateStore();
    const process = await StateOwner.start(place.open());
    fill(process, 40);
    await process.commit();
    const bases = new Set<string>();
    for (let n = 0; n < 30; n += 1) {
      const before = (await headOf(place)).current;
      const isDue = sum(bytesIn(before)) > (before?.base.bytes ?? 0) / 2;
      fill(process, 5, n);
      await process.commit();
      const { current } = await headOf(place);
      expect(current?.deltas).toHaveLength(isDue ? 0 : (before?.deltas.length ?? 0) + 1);
      bases.add(current?.base.name ?? '');
    }
    expect(bases.size).toBeGreaterThan(1);
    expect(await restorable(place)).toEqual(await contentNow(process.engine));
  });

  test('compacts after 100 deltas however small they are', async () => {
    const place = new MemoryStateStore();
    const process = await StateOwner.start(place.open());
    fill(process, 2000);
    await process.commit();
    const lengths = [];
    for (let n = 0; n < 102; n += 1) {
      await process.commit();
      lengths.push((await headOf(place)).current?.deltas.length);
    }
    expect(lengths.slice(97)).toEqual([98, 99, 100, 0, 1]);
  });
});

describe('Committer deletes', () => {
  test('what neither the current nor the previous state names, and nothing else', async () => {
    const place = new MemoryStateStore();
    await place.put('of-another', new Uint8Array([1]));
    const process = await StateOwner.start(place.open());
    fill(process, 10);
    for (let n = 0; n < 12; n += 1) {
      fill(process, 4, n);
      process.feeds.put('feed', `set ${n}`, n);
      await process.commit();
      const { current, previous } = await headOf(place);
      const named = new Set([...names(current), ...names(previous), 'of-another']);
      expect([...place.contents().keys()].sort()).toEqual([...named].sort());
    }
    expect(process.store.calls.filter(({ method }) => method === 'delete').length).toBeGreaterThan(10);
  });

  test('nothing before the head names something else', async () => {
    const place = new MemoryStateStore();
    const process = await StateOwner.start(place.open());
    for (let n = 0; n < 12; n += 1) {
      fill(process, 4, n);
      process.feeds.put('feed', `set ${n}`, n);
      const before = [...place.contents().keys()];
      const { store } = process;
      const held: string[][] = [];
      store.before = ({ method }) => {
        if (method === 'put' || method === 'writeHead') held.push([...place.contents().keys()]);
        return Promise.resolve();
      };
      await process.commit();
      expect(held.length).toBeGreaterThan(1);
      for (const each of held) expect(each).toEqual(expect.arrayContaining(before));
    }
  });

  test('what the owner before it left of both its states, once they are no longer named', async () => {
    const place = new MemoryStateStore();
    const first = await StateOwner.start(place.open());
    fill(first, 3);
    await first.commit();
    fill(first, 10, 3);
    await first.commit();
    fill(first, 10, 13);
    first.feeds.put('feed', 'set', 1);
    await first.commit();
    const { current, previous } = await headOf(place);
    expect(current?.base.name).not.toBe(previous?.base.name);
    const next = await StateOwner.start(place.open());
    fill(next, 1, 50);
    await next.commit();
    const head = await headOf(place);
    const named = new Set([...names(head.current), ...names(head.previous)]);
    expect([...place.contents().keys()].sort()).toEqual([...named].sort());
  });

  test('later what a store did not delete at once', async () => {
    const place = new MemoryStateStore();
    const process = await StateOwner.start(place.open());
    for (let n = 0; n < 12; n += 1) {
      fill(process, 4, n);
      process.feeds.put('feed', `set ${n}`, n);
      if (n < 10) process.store.failNext(10, { methods: ['delete'] });
      else process.store.heal();
      await process.commit();
    }
    const { current, previous } = await headOf(place);
    const named = new Set([...names(current), ...names(previous)]);
    expect([...place.contents().keys()].sort()).toEqual([...named].sort());
  });
});

describe('Committer after the current state was damaged', () => {
  test('builds on what was restored, and names as previous what can be read', async () => {
    const place = new MemoryStateStore();
    const first = await StateOwner.start(place.open());
    fill(first, 40);
    await first.commit();
    const whole = await restorable(place);
    fill(first, 2, 40);
    await first.commit();
    const damaged = (await headOf(place)).current?.deltas[0]?.name ?? '';
    place.corrupt(damaged, 5);

    expect(await contentNow((await StateOwner.start(place.open())).engine)).toEqual(whole);
    const next = await StateOwner.start(place.open());
    fill(next, 1, 60);
    await next.commit();
    const { current, previous } = await headOf(place);
    expect([next.restored?.generation, current?.generation]).toEqual([1, 3]);
    expect(current?.base).toEqual(next.restored?.base);
    expect(names(current)).not.toContain(damaged);
    expect(previous).toEqual(next.restored);
    expect([...place.contents().keys()]).not.toContain(damaged);
    expect(await restorable(place)).toEqual(await contentNow(next.engine));
  });

  test('begins with a base that has no previous state when none could be read', async () => {
    const place = new MemoryStateStore();
    const first = await StateOwner.start(place.open());
    fill(first, 40);
    await first.commit();
    fill(first, 1);
    await first.commit();
    const old = names((await headOf(place)).current);
    place.truncate(old[0] ?? '', 1);
    const next = await StateOwner.start(place.open());
    expect(next.restored).toBeNull();
    fill(next, 1);
    await next.commit();
    const { current, previous } = await headOf(place);
    expect([current?.generation, current?.deltas, previous]).toEqual([3, [], null]);
    expect([...place.contents().keys()]).toEqual(names(current));
    expect(await restorable(place)).toEqual(await contentNow(next.engine));
  });
});
