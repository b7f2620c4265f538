import { describe, expect, test } from 'vitest';
import { HeadConflictError, StateStoreError } from '../../../src/core/ports.ts';
import { activity, minute, noon } from '../../support/engine-bench.ts';
import { MemoryStateStore, type StoreMethod } from '../../support/memory-state-store.ts';
import { contentNow, headOf, restorable, StateOwner, until } from '../../support/state-rig.ts';

function fill(process: StateOwner, addresses: number): void {
  for (let n = 0; n < addresses; n += 1) process.take(activity(noon + minute, { address: `198.51.100.${n}` }));
}

const methodsOf = ({ store }: StateOwner): StoreMethod[] => store.calls.map(({ method }) => method);

describe('Committer on a store that fails', () => {
  test.each<[StoreMethod, boolean]>([
    ['put', false],
    ['put', true],
    ['writeHead', false],
    ['writeHead', true],
  ])('tries %s again, whether it took effect or not (%s), and tells why meanwhile', async (method, applied) => {
    const place = new MemoryStateStore();
    const process = await StateOwner.start(place.open());
    fill(process, 20);
    await process.commit();
    process.store.failNext(4, { methods: [method], applied, code: 'full' });
    process.take(activity(noon + 2 * minute));
    let isDone = false;
    const committed = process.commit().then(() => {
      isDone = true;
    });
    await process.realTime.advance(1);
    expect(process.committer.status.error).toContain(method);
    expect(process.deliver()).toEqual([]);
    await until(process.realTime, () => isDone);
    await committed;
    expect(process.committer.status).toMatchObject({ generation: 2, error: null });
    expect(process.deliver()).toHaveLength(1);
    process.take(activity(noon + 3 * minute, { caller: 'bob@contoso.com' }));
    await process.commit();
    expect(process.deliver()).toHaveLength(1);
    process.deliver();
    await process.commit();
    expect(await restorable(place)).toEqual(await contentNow(process.engine));
  });

  test('says once that it fails and once that it is over', async () => {
    const process = await StateOwner.start(new MemoryStateStore());
    process.store.failNext(5, { methods: ['put'] });
    let isDone = false;
    void process.commit().then(() => {
      isDone = true;
    });
    await until(process.realTime, () => isDone);
    expect(process.log.lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'error: Cannot write 1-1-base: alerts wait for it',
      'info: State can be kept again',
    ]);
  });

  test('waits longer after each failure, at most 10 s', async () => {
    const process = await StateOwner.start(new MemoryStateStore());
    process.store.failNext(12, { methods: ['put'] });
    const at: number[] = [];
    process.store.before = ({ method }) => {
      if (method === 'put') at.push(process.realTime.nowMs());
      return Promise.resolve();
    };
    let isDone = false;
    void process.commit().then(() => {
      isDone = true;
    });
    await until(process.realTime, () => isDone);
    const pauses = at.slice(1).map((ms, index) => ms - (at[index] ?? 0));
    expect(pauses.slice(0, 3)).toEqual([200, 400, 800]);
    expect(pauses.slice(-3)).toEqual([10_000, 10_000, 10_000]);
  });

  test('takes everything that came meanwhile into the commits after', async () => {
    const place = new MemoryStateStore();
    const process = await StateOwner.start(place.open());
    fill(process, 20);
    await process.commit();
    const stop = new AbortController();
    const run = process.committer.run(stop.signal, new AbortController().signal);
    process.store.failNext(1000);
    for (let n = 2; n < 10; n += 1) {
      process.take(activity(noon + n * minute, { caller: `caller-${n}` }));
      await process.realTime.advance(1000);
    }
    process.flush();
    expect(process.deliver()).toEqual([]);
    process.store.heal();
    await until(process.realTime, () => !process.engine.state.wantsCommit && process.committer.status.error === null);
    await until(process.realTime, () => process.engine.outbox.waiting('test', 100).length >= 8);
    stop.abort();
    await run;
    expect(new Set(process.deliver().map(({ caller }) => caller)).size).toBe(8);
    await process.commit();
    expect(await restorable(place)).toEqual(await contentNow(process.engine));
  });

  test.each<StoreMethod>(['put', 'writeHead'])(
    'leaves no delta behind a commit that was given up in %s',
    async (method) => {
      const place = new MemoryStateStore();
      const process = await StateOwner.start(place.open());
      fill(process, 20);
      await process.commit();
      process.store.failNext(1000, { methods: [method] });
      process.take(activity(noon + 2 * minute));
      const abandon = new AbortController();
      const given = process.commit(abandon.signal);
      await process.realTime.advance(5000);
      abandon.abort();
      await given;
      expect(process.deliver()).toEqual([]);
      expect(process.commits).toHaveLength(1);
      process.store.heal();
      process.take(activity(noon + 3 * minute, { address: '198.51.100.99' }));
      await process.commit();
      expect(process.deliver()).toHaveLength(1);
      expect((await headOf(place)).previous?.generation).toBe(1);
      await process.commit();
      expect(await restorable(place)).toEqual(await contentNow(process.engine));
    },
  );

  test('does nothing for a commit that was given up before it began', async () => {
    const process = await StateOwner.start(new MemoryStateStore());
    const before = methodsOf(process);
    await process.commit(AbortSignal.abort());
    expect(methodsOf(process)).toEqual(before);
  });
});

describe('Committer that is no longer the owner', () => {
  test('rejects, delivers nothing more and writes nothing more to the head', async () => {
    const place = new MemoryStateStore();
    const fenced = await StateOwner.start(place.open(), { owner: 'a' });
    fenced.take(activity(noon + minute));
    await fenced.commit();
    fenced.deliver();
    fenced.take(activity(noon + 2 * minute, { caller: 'bob@contoso.com' }));
    const next = await StateOwner.start(place.open(), { owner: 'b' });
    const head = await headOf(place);
    for (let n = 0; n < 2; n += 1) {
      await expect(fenced.commit()).rejects.toThrow(HeadConflictError);
      expect(fenced.deliver()).toEqual([]);
    }
    expect(fenced.commits).toHaveLength(1);
    expect(await headOf(place)).toEqual(head);
    next.take(activity(noon + 3 * minute));
    await next.commit();
    expect((await headOf(place)).owner).toBe('b');
  });

  test('deletes nothing, so that its successor can read what it named', async () => {
    const place = new MemoryStateStore();
    const fenced = await StateOwner.start(place.open());
    fill(fenced, 5);
    await fenced.commit();
    fill(fenced, 50);
    await fenced.commit();
    await StateOwner.start(place.open());
    const content = await restorable(place);
    fill(fenced, 50);
    await expect(fenced.commit()).rejects.toThrow(HeadConflictError);
    expect(methodsOf(fenced).slice(-2)).not.toContain('delete');
    expect(await restorable(place)).toEqual(content);
  });

  test('rejects once for a name that other bytes have, and does not try for ever', async () => {
    const place = new MemoryStateStore();
    const process = await StateOwner.start(place.open());
    await place.put('1-1-base', new Uint8Array([1, 2, 3]));
    const head = await headOf(place);
    const rejected = process.commit();
    await expect(rejected).rejects.toThrow(StateStoreError);
    await expect(rejected).rejects.toMatchObject({ code: 'name_taken' });
    expect(methodsOf(process).filter((method) => method === 'put')).toHaveLength(1);
    expect(await headOf(place)).toEqual(head);
  });
});
