import { describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/core/engine.ts';
import type { WholeUpdate } from '../../support/feed-updates.ts';
import { ShardImage } from '../../../src/core/state/shard-image.ts';
import { Tally } from '../../../src/core/tally.ts';
import type { StoredFeed } from '../../../src/pipeline/stored-feed.ts';
import { activity } from '../../support/engine-bench.ts';
import { drain, message } from '../../support/engine-builder.ts';
import { stixIndicator } from '../core/intel/indicator-fixture.ts';
import { delta, first, full, now, refreshIntervalMs, rig, second } from './refresh-rig.ts';

const matching = activity(now - 60_000, { address: '198.51.100.7' });

function imageOf({ state }: Engine): ShardImage {
  const cut = state.beginCut('base');
  cut.advance(Number.POSITIVE_INFINITY);
  const image = new ShardImage();
  image.apply(cut.bytes());
  state.endCut();
  return image;
}

async function storedOf(...updates: WholeUpdate[]): Promise<StoredFeed[]> {
  const before = rig('a', 'b');
  for (const [at, update] of updates.entries()) await before.poll(at, update);
  return before.stored();
}

describe('restore()', () => {
  test('holds the sets and cursors that were exported, counts as loaded, and swaps the index in once', async () => {
    const stored = await storedOf(full('a1', first), full('b1', second));
    const { refresh, hits, engine, log } = rig('a', 'b');
    expect(refresh.isReady).toBe(false);
    await refresh.restore(stored, 41);
    expect(refresh.isReady).toBe(true);
    expect([hits('198.51.100.7'), hits('203.0.113.9')]).toEqual([1, 1]);
    expect(engine.index.version.ordinal).toBe(42);
    expect(log.lines.filter(({ message }) => message === 'Index swapped')).toHaveLength(1);
    expect(refresh.status).toMatchObject([
      { name: 'a', loaded: true, indicators: 1, lastSuccessMs: null },
      { name: 'b', loaded: true, indicators: 1, lastSuccessMs: null },
    ]);
    expect(refresh.persisted()).toEqual([
      { name: 'a', cursor: 'a1', revision: 0 },
      { name: 'b', cursor: 'b1', revision: 0 },
    ]);
    await refresh.waitUntilReady(60_000, new AbortController().signal);
  });

  test('what was restored is exported as it was', async () => {
    const stored = await storedOf(full('a1', first, second), full('b1'));
    const after = rig('a', 'b');
    await after.refresh.restore(stored, 1);
    expect(await after.stored()).toEqual(stored);
  });

  test('each feed is polled at once and goes on from its cursor', async () => {
    const stored = await storedOf(full('a1', first), full('b1', second));
    const { refresh, feeds, clock, realTime, hits } = rig('a', 'b');
    await refresh.restore(stored, 1);
    feeds[0]!.answers.push(delta('a2', stixIndicator({ modified: '2026-01-02T00:00:00Z', revoked: true })));
    const stopping = new AbortController();
    const running = refresh.run(stopping.signal);
    await realTime.advance(0);
    stopping.abort();
    await running;
    expect([feeds[0]!.cursors[0], feeds[1]!.cursors[0]]).toEqual(['a1', 'b1']);
    expect(clock.sleeps[0]).toBe(refreshIntervalMs);
    expect([hits('198.51.100.7'), hits('203.0.113.9')]).toEqual([0, 1]);
  });

  test('a set that cannot be used is dropped with its cursor, and the feed is fetched whole', async () => {
    const [a, b] = await storedOf(full('a1', first), full('b1', second));
    const { refresh, feeds, poll, messages, hits } = rig('a', 'b');
    await refresh.restore([{ ...a!, bytes: a!.bytes.subarray(1) }, b!], 7);
    expect(messages('warn')).toEqual(['Fetching a feed whole as its set cannot be used']);
    expect(refresh.persisted().map(({ name }) => name)).toEqual(['b']);
    await poll(0, full('a9', first));
    expect(feeds[0]!.cursors).toEqual([null]);
    expect([hits('198.51.100.7'), hits('203.0.113.9')]).toEqual([1, 1]);
  });

  test('the set of a feed that is no longer configured is dropped', async () => {
    const stored = await storedOf(full('a1', first), full('b1', second));
    const { refresh, messages, hits } = rig('b');
    await refresh.restore(stored, 7);
    expect(messages('info')[0]).toBe('Dropping the set of a feed that is no longer configured');
    expect([hits('198.51.100.7'), hits('203.0.113.9')]).toEqual([0, 1]);
  });

  test('the index waits for a feed that has no set, until it loads', async () => {
    const [a] = await storedOf(full('a1', first));
    const { refresh, poll, hits, engine } = rig('a', 'b');
    await refresh.restore([a!], 7);
    expect([refresh.isReady, engine.index.version.ordinal, hits('198.51.100.7')]).toEqual([false, 0, 0]);
    await poll(1, full('b1', second));
    expect([refresh.isReady, engine.index.version.ordinal]).toEqual([true, 8]);
    expect([hits('198.51.100.7'), hits('203.0.113.9')]).toEqual([1, 1]);
  });

  test('the index waits for a feed that has no set, until the time to wait for it has passed', async () => {
    const [a] = await storedOf(full('a1', first));
    const { refresh, realTime, hits, engine, messages } = rig('a', 'b');
    await refresh.restore([a!], 7);
    const ready = refresh.waitUntilReady(60_000, new AbortController().signal);
    await realTime.advance(60_000);
    await ready;
    expect([refresh.isReady, engine.index.version.ordinal, hits('198.51.100.7')]).toEqual([true, 8, 1]);
    expect(messages('warn')).toEqual(['Starting to read without feeds that have not loaded in TI_START_TIMEOUT']);
  });

  test('a finding whose feed has not loaded is not closed, and is once the feed has loaded without its indicator', async () => {
    const before = rig('a', 'b');
    await before.poll(0, full('a1', first));
    await before.poll(1, full('b1', second));
    const taken = { origin: 'hub/0', sequenceNumber: 1, offset: '', enqueuedMs: now - 1, decoded: message([matching]) };
    before.engine.take(taken, now - 1, new Tally());
    expect(drain(before.engine)).toMatchObject([{ activity: 'create' }]);
    const [, b] = await before.stored();
    const { refresh, realTime, engine, poll } = rig('a', 'b');
    engine.state.restore(imageOf(before.engine));
    await refresh.restore([b!], 7);
    const ready = refresh.waitUntilReady(60_000, new AbortController().signal);
    await realTime.advance(60_000);
    await ready;
    engine.flush({ lagging: [] }, now);
    expect(drain(engine)).toEqual([]);
    await poll(0, full('a2'));
    engine.flush({ lagging: [] }, now);
    expect(drain(engine)).toMatchObject([{ activity: 'close', closeReason: 'indicator-deleted' }]);
  });

  test('versions follow the committed one also when no set is left and the feeds are empty', async () => {
    const { refresh, poll, engine } = rig('a');
    await refresh.restore([], 7);
    await poll(0, full('a1'));
    expect(engine.index.version.ordinal).toBe(8);
  });
});
