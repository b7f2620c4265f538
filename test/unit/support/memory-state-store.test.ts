import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeadConflictError, StateStoreError } from '../../../src/core/ports.ts';
import { bytesOf, stateStoreLaws } from '../../contract/state-store.ts';
import { MemoryStateStore } from '../../support/memory-state-store.ts';

stateStoreLaws('memory', () => {
  const place = new MemoryStateStore();
  const opened: MemoryStateStore[] = [];
  return Promise.resolve({
    open: () => {
      const store = place.open();
      opened.push(store);
      return store;
    },
    breakPlace: () => {
      for (const store of opened) store.failNext(100);
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});

test('a call that failed before its effect had none; one whose answer was lost had it', async () => {
  const store = new MemoryStateStore();
  store.failNext(1, { methods: ['put'] });
  await expect(store.put('a', bytesOf('1'))).rejects.toThrow(StateStoreError);
  expect(await store.get('a')).toBeNull();
  store.failNext(1, { applied: true, code: 'full' });
  await expect(store.put('a', bytesOf('1'))).rejects.toMatchObject({ code: 'full' });
  expect(await store.get('a')).toEqual(bytesOf('1'));
  store.failNext(1, { methods: ['writeHead'], applied: true });
  await expect(store.writeHead(bytesOf('head'), null)).rejects.toThrow(StateStoreError);
  const { tag } = (await store.readHead())!;
  expect(await store.writeHead(bytesOf('head'), null)).toBe(tag);
});

test('a crash leaves exactly the effects of the calls before it, and nothing settles after it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(9), fc.constantFrom<'before' | 'after'>('before', 'after'), async (call, when) => {
      const store = new MemoryStateStore();
      store.crashAt(call, when);
      let settled = 0;
      const work = (async () => {
        for (let number = 0; number < 10; number++) {
          await store.put(`b-${number}`, bytesOf('x'));
          settled++;
        }
      })();
      await Promise.race([work, new Promise((resolve) => setImmediate(resolve))]);
      expect(store.crashed).toBe(true);
      expect(settled).toBe(call);
      expect(await store.open().list()).toHaveLength(when === 'before' ? call : call + 1);
    }),
  );
});

test('damage changes what is read and nothing else', async () => {
  const store = new MemoryStateStore();
  await store.put('a', bytesOf('abc'));
  await store.writeHead(bytesOf('head'), null);
  store.corrupt('a', 1, 0x01);
  store.truncate('', 2);
  expect(await store.get('a')).toEqual(bytesOf('acc'));
  expect((await store.readHead())?.bytes).toEqual(bytesOf('he'));
});

test('calls that are held take effect in the end, in their order', async () => {
  const store = new MemoryStateStore();
  const release = store.hold(['put']);
  const writes = [store.put('a', bytesOf('1')), store.put('b', bytesOf('2'))];
  expect(await store.list()).toEqual([]);
  release();
  await Promise.all(writes);
  expect(await store.list()).toEqual(['a', 'b']);
});

test('of writers that interleave in any order one wins each round', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 5 }), async (scheduler, writers) => {
      const place = new MemoryStateStore();
      const before = await place.writeHead(bytesOf('start'), null);
      const attempts = Array.from({ length: writers }, async (_, index) => {
        const store = place.open();
        store.before = () => scheduler.schedule(Promise.resolve());
        store.after = () => scheduler.schedule(Promise.resolve());
        try {
          await store.writeHead(bytesOf(`writer ${index}`), before);
          return [`writer ${index}`];
        } catch (error) {
          expect(error).toBeInstanceOf(HeadConflictError);
          return [];
        }
      });
      await scheduler.waitIdle();
      const winners = (await Promise.all(attempts)).flat();
      expect(winners).toHaveLength(1);
      expect((await place.readHead())?.bytes).toEqual(bytesOf(winners[0]!));
    }),
  );
});
