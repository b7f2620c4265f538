import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Engine } from '../../../src/core/engine.ts';
import { StateStoreError } from '../../../src/core/ports.ts';
import type { ShardImage } from '../../../src/core/state/shard-image.ts';
import { formatMs, HOUR_MS } from '../../../src/core/time.ts';
import { HeadError } from '../../../src/pipeline/manifest.ts';
import { inspectSnapshot, stateSummary } from '../../../src/pipeline/snapshot-report.ts';
import { readImage } from '../../../src/pipeline/state-owner.ts';
import { activity, boundary, minute, noon, signIn } from '../../support/engine-bench.ts';
import { engineOptions, usualSetting } from '../../support/engine-builder.ts';
import { memoryCodec } from '../../support/memory-codec.ts';
import { MemoryStateStore } from '../../support/memory-state-store.ts';
import { SnapshotOwner, storedState } from '../../support/snapshot-rig.ts';
import { headOf } from '../../support/state-rig.ts';

const inspect = (store: MemoryStateStore, manifest: 'current' | 'previous' = 'current') =>
  inspectSnapshot(store, memoryCodec, manifest);

async function imageOf(place: MemoryStateStore): Promise<ShardImage> {
  const { current } = await headOf(place);
  if (current === null) throw new Error('Cannot read an image as there is no state');
  return readImage(place.open(), current, memoryCodec);
}

/** What an engine that goes on from the state holds. */
async function restoredFrom(place: MemoryStateStore): Promise<Engine> {
  const engine = new Engine(engineOptions({ ...usualSetting, isDurable: true }), { firstBoundary: 0, warmUntil: null });
  engine.state.restore(await imageOf(place));
  return engine;
}

describe('inspectSnapshot', () => {
  test('tells of a place without state, and makes none', async () => {
    const place = new MemoryStateStore();
    expect(await inspect(place)).toMatchObject({ head: null, current: null, state: null, problem: null });
    expect(await place.open().readHead()).toBeNull();
  });

  test('tells who owns the state and every blob of both manifests', async () => {
    const place = new MemoryStateStore();
    await storedState(place, memoryCodec);
    const { head, current, previous } = await inspect(place);
    expect(head).toEqual({ epoch: 1, owner: 'owner-1' });
    const stored = await headOf(place);
    const blob = (name = ''): { name: string; bytes: number } => ({
      name,
      bytes: place.contents().get(name)?.length ?? -1,
    });
    expect(current).toEqual({
      generation: 2,
      takenAt: formatMs(noon),
      base: blob(stored.current?.base.name),
      deltas: stored.current?.deltas.map(({ name }) => blob(name)),
      feeds: [{ feed: 'feed', cursor: 'cursor-2', blob: blob(stored.current?.feeds[0]?.blob.name) }],
      indexOrdinal: 1,
    });
    expect(previous?.feeds).toEqual([
      { feed: 'feed', cursor: 'cursor-1', blob: blob(stored.previous?.feeds[0]?.blob.name) },
    ]);
    expect(current?.deltas).toHaveLength(1);
    expect(previous?.deltas).toHaveLength(0);
  });

  test('looks at the manifest that is asked for', async () => {
    const place = new MemoryStateStore();
    await storedState(place, memoryCodec);
    const callers = async (name: 'current' | 'previous') => (await inspect(place, name)).state?.pairs;
    expect([await callers('previous'), await callers('current')]).toEqual([32, 33]);
  });

  test('writes nothing, deletes nothing and takes nothing over', async () => {
    const place = new MemoryStateStore();
    await storedState(place, memoryCodec);
    const before = [await place.open().readHead(), place.contents()];
    const store = place.open();
    await inspect(store);
    expect(new Set(store.calls.map(({ method }) => method))).toEqual(new Set(['readHead', 'get']));
    expect([await place.open().readHead(), place.contents()]).toEqual(before);
  });

  test('says why a state cannot be used, and still shows the head', async () => {
    const place = new MemoryStateStore();
    await storedState(place, memoryCodec);
    const delta = (await headOf(place)).current?.deltas[0]?.name ?? '';
    place.corrupt(delta, 20);
    const report = await inspect(place);
    expect(report).toMatchObject({ head: { epoch: 1 }, state: null });
    expect(report.problem).toContain(delta);
    expect((await inspect(place, 'previous')).problem).toBeNull();
  });

  test('throws for a head that cannot be read, and for a store that fails', async () => {
    const place = new MemoryStateStore();
    await storedState(place, memoryCodec);
    const store = place.open();
    store.failNext(1, { methods: ['get'] });
    await expect(inspect(store)).rejects.toThrow(StateStoreError);
    place.corrupt('', 60);
    await expect(inspect(place)).rejects.toThrow(HeadError);
  });
});

describe('inspectSnapshot beside a service that goes on', () => {
  /** A view in which the owner commits before a read of a blob takes effect, so that all blobs seen before are gone. */
  function racing(place: MemoryStateStore, commit: () => Promise<void>): MemoryStateStore {
    const store = place.open();
    store.before = ({ method }) => (method === 'get' ? commit() : Promise.resolve());
    return store;
  }

  /** Commits until neither manifest names a blob that was there before. */
  async function replaceAll(place: MemoryStateStore, owner: SnapshotOwner, from: number): Promise<void> {
    const before = new Set(place.contents().keys());
    for (let n = 0; [...place.contents().keys()].some((name) => before.has(name)); n += 1) {
      owner.changeFeed();
      owner.fill(20, from + n * 20);
      await owner.commit();
    }
  }

  test('reads the head again when the blobs it named are gone', async () => {
    const place = new MemoryStateStore();
    const owner = await storedState(place, memoryCodec);
    let left = 2;
    const store = racing(place, async () => {
      left -= 1;
      if (left >= 0) await replaceAll(place, owner, 1000 * (left + 1));
    });
    const report = await inspect(store);
    expect(left).toBeLessThan(0);
    expect(report.problem).toBeNull();
    expect(report.current?.generation).toBe((await headOf(place)).current?.generation);
    expect(report.state).toEqual(stateSummary(await imageOf(place)));
  });

  test('gives up with the store when they are gone every time', async () => {
    const place = new MemoryStateStore();
    const owner = await storedState(place, memoryCodec);
    let times = 0;
    const store = racing(place, () => replaceAll(place, owner, 1000 * (times += 1)));
    await expect(inspect(store)).rejects.toThrow(/replaced it 5 times/);
    expect(times).toBe(5);
  });

  test('takes a blob that is gone for damage when the newest head names it still', async () => {
    const place = new MemoryStateStore();
    const owner = await storedState(place, memoryCodec);
    await place.delete((await headOf(place)).current?.base.name ?? '');
    const store = place.open();
    store.after = async ({ method }) => {
      if (method === 'get') await owner.commit();
    };
    expect((await inspect(store)).problem).toContain('it is not there');
  });
});

describe('a state summary', () => {
  test('counts what an engine that goes on from it holds', async () => {
    const place = new MemoryStateStore();
    const owner = await SnapshotOwner.begin(place, { codec: memoryCodec, bounds: { candidateMaxBytes: 40_000 } });
    owner.fill(100);
    owner.take(signIn(noon + minute));
    owner.take(activity(noon + 2 * minute));
    owner.take(activity(noon + 3 * minute, { caller: 'bob@contoso.com' }));
    await owner.commit();
    owner.take(activity(boundary + minute, { caller: 'carol@contoso.com' }), 'hub/0', boundary + minute);
    owner.take(activity(noon + 5 * minute, { caller: 'dave@contoso.com' }), 'hub/0', boundary + 10 * minute);
    await owner.commit();
    const { state } = await inspect(place);
    const engine = await restoredFrom(place);
    const { sizes } = engine.store;
    expect(sizes).toMatchObject({ pinned: 1, candidates: expect.any(Number) as number });
    expect(sizes.candidates).toBeGreaterThan(5);
    expect(sizes.evictionMarks).toBeGreaterThan(5);
    expect(engine.deferred).toBe(1);
    expect(state).toMatchObject({
      nextFlush: formatMs(engine.boundary),
      addresses: { all: sizes.pinned + sizes.candidates, pinned: sizes.pinned, candidates: sizes.candidates },
      deferred: engine.deferred,
      findings: { all: engine.findings.size, open: [...engine.findings.all()].filter(({ isOpen }) => isOpen).length },
      evictionMarks: sizes.evictionMarks,
      alerts: { waiting: [{ sink: 'test', alerts: engine.outbox.waitingCount('test') }] },
    });
    expect(state?.findings.all).toBeGreaterThan(1);
    expect(state?.panes).toMatchObject({ user: 1, 'service-principal': 0 });
    expect(state?.pairs).toBe(sizes.candidates + 3);
  });

  test('leaves out what flushes have dropped since the cut that holds it', async () => {
    const place = new MemoryStateStore();
    const owner = await SnapshotOwner.begin(place, { codec: memoryCodec });
    owner.fill(200);
    owner.take(activity(noon + 2 * minute));
    await owner.commit();
    for (let hour = 0; hour < 24; hour += 1) owner.flush();
    owner.take(activity(noon + 24 * HOUR_MS, { address: '198.51.100.250' }));
    await owner.commit();
    expect((await headOf(place)).current?.deltas).toHaveLength(1);
    const { state } = await inspect(place);
    const { sizes } = (await restoredFrom(place)).store;
    expect(sizes.candidates).toBe(1);
    expect(state?.addresses).toEqual({ all: 1, pinned: 0, candidates: 1 });
    expect(state?.panes.activity).toBe(1);
    expect(state?.pairs).toBe(1);
  });

  test('tells of every position, watermark and sink', async () => {
    const origins = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(origins, { minLength: 1, maxLength: 3 }), async (commits) => {
        const place = new MemoryStateStore();
        const owner = await SnapshotOwner.begin(place, { codec: memoryCodec });
        owner.engine.watermarks.expect(commits.flat(), noon);
        for (const [number, origin] of commits.entries()) {
          for (const each of origin) owner.take(activity(noon + (number + 1) * minute), each);
          await owner.commit();
        }
        const { state } = await inspect(place);
        const { state: kept, watermarks, outbox } = owner.engine;
        expect(state?.positions).toEqual(
          [...kept.positions()].map(([origin, { sequenceNumber, offset, enqueuedMs }]) => ({
            origin,
            sequenceNumber,
            offset,
            enqueuedAt: formatMs(enqueuedMs),
          })),
        );
        expect(state?.watermarks).toEqual(
          [...watermarks.all()].map(([partition, ms]) => ({ partition, at: formatMs(ms) })),
        );
        expect(new Set(state?.positions.map(({ origin }) => origin))).toEqual(new Set(commits.flat()));
        expect(state?.alerts).toEqual({
          emitted: outbox.emitted,
          waiting: [{ sink: 'test', alerts: outbox.waitingCount('test') }],
        });
      }),
      { numRuns: 50 },
    );
  });
});
