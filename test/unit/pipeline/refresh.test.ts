import { describe, expect, test } from 'vitest';
import { RangeSet } from '../../../src/core/address-range.ts';
import { parseAddress } from '../../../src/core/address.ts';
import { Engine } from '../../../src/core/engine.ts';
import { FeedError } from '../../../src/core/feed-error.ts';
import { IndicatorCatalogue } from '../../../src/core/intel/catalogue.ts';
import type { SourceSettings } from '../../../src/core/intel/indicator-reader.ts';
import type { StixObject } from '../../../src/core/intel/stix-object.ts';
import type { FeedUpdate, IndicatorFeed } from '../../../src/core/ports.ts';
import { ShardImage } from '../../../src/core/state/shard-image.ts';
import { Tally } from '../../../src/core/tally.ts';
import { Refresh, type StoredFeed } from '../../../src/pipeline/refresh.ts';
import { activity } from '../../support/engine-bench.ts';
import { drain, engineOptions, message, usualSetting } from '../../support/engine-builder.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { SteppingClock } from '../../support/stepping-clock.ts';
import { SteppingRealTime } from '../../support/stepping-real-time.ts';
import { source, stixIndicator } from '../core/intel/indicator-fixture.ts';

const now = Date.UTC(2026, 2, 2, 12);
const refreshIntervalMs = 900_000;

/** Gives out what it was told to, one answer a poll, and remembers the cursors it was asked with. */
class ScriptedFeed implements IndicatorFeed {
  readonly name: string;
  readonly settings: SourceSettings;
  readonly cursors: (string | null)[] = [];
  readonly answers: (FeedUpdate | FeedError)[] = [];

  constructor(name: string) {
    this.name = name;
    this.settings = { ...source, name };
  }

  poll(cursor: string | null): Promise<FeedUpdate> {
    this.cursors.push(cursor);
    const answer = this.answers.shift();
    if (answer === undefined) return Promise.reject(new FeedError('unreachable', `${this.name} has no more answers`));
    return answer instanceof FeedError ? Promise.reject(answer) : Promise.resolve(answer);
  }
}

const full = (cursor: string | null, ...objects: StixObject[]): FeedUpdate => ({ objects, cursor, full: true });
const delta = (cursor: string | null, ...objects: StixObject[]): FeedUpdate => ({ objects, cursor, full: false });
const first = stixIndicator();
const second = stixIndicator({ id: 'indicator--2', pattern: "[ipv4-addr:value = '203.0.113.9']" });

function rig(...names: string[]) {
  const feeds = names.map((name) => new ScriptedFeed(name));
  const log = new MemoryLog();
  const clock = new SteppingClock(now);
  const realTime = new SteppingRealTime();
  const catalogue = new IndicatorCatalogue(1_000);
  const options = engineOptions({ ...usualSetting, excludedRanges: [] });
  const engine = new Engine(options, { firstBoundary: now, warmUntil: null });
  const turns = { count: 0 };
  const refresh = new Refresh({
    feeds: feeds.map((feed) => ({ feed, settings: feed.settings })),
    catalogue,
    engine,
    minConfidence: 75,
    excluded: new RangeSet([]),
    refreshIntervalMs,
    clock,
    realTime,
    yieldTurn: () => {
      turns.count += 1;
      return Promise.resolve();
    },
    log,
    onFailure: () => undefined,
  });
  const poll = (at: number, answer: FeedUpdate): Promise<FeedError | null> => {
    const feed = feeds[at]!;
    feed.answers.push(answer);
    return refresh.poll(feed, feed.settings, new AbortController().signal);
  };
  const hits = (text: string): number => engine.index.lookup(parseAddress(text)!).length;
  const stored = async (): Promise<StoredFeed[]> => {
    const exported: StoredFeed[] = [];
    for (const { name, cursor } of refresh.persisted())
      exported.push({ name, cursor, bytes: (await refresh.exportFeed(name))! });
    return exported;
  };
  const messages = (level: string): string[] =>
    log.lines.filter((line) => line.level === level).map(({ message }) => message);
  return { feeds, log, clock, realTime, catalogue, engine, refresh, poll, hits, stored, messages, turns };
}

const matching = activity(now - 60_000, { address: '198.51.100.7' });

function imageOf({ state }: Engine): ShardImage {
  const cut = state.beginCut('base');
  cut.advance(Number.POSITIVE_INFINITY);
  const image = new ShardImage();
  image.apply(cut.bytes());
  state.endCut();
  return image;
}

async function storedOf(...updates: FeedUpdate[]): Promise<StoredFeed[]> {
  const before = rig('a', 'b');
  for (const [at, update] of updates.entries()) await before.poll(at, update);
  return before.stored();
}

describe('persisted()', () => {
  test('names the feeds that have loaded, each with its cursor', async () => {
    const { refresh, poll } = rig('a', 'b');
    expect(refresh.persisted()).toEqual([]);
    await poll(1, full('b1', first));
    expect(refresh.persisted()).toEqual([{ name: 'b', cursor: 'b1', revision: 1 }]);
  });

  test('changes the revision with every change of set or cursor, and with nothing else', async () => {
    const { refresh, poll, feeds } = rig('a');
    const revision = (): number | undefined => refresh.persisted()[0]?.revision;
    const seen: (number | undefined)[] = [];
    for (const update of [
      full('1'),
      delta('1'),
      delta('2'),
      delta('2', first),
      delta('2'),
      full('2', first),
      delta(null),
    ]) {
      await poll(0, update);
      seen.push(revision());
    }
    await refresh.poll(feeds[0]!, feeds[0]!.settings, new AbortController().signal);
    expect([...seen, revision()]).toEqual([1, 1, 2, 3, 3, 4, 5, 5]);
  });

  test('a set that is refused changes neither cursor nor revision', async () => {
    const { refresh, poll } = rig('a');
    await poll(0, full('1', first));
    const many = Array.from({ length: 1_001 }, (_, at) => stixIndicator({ id: `indicator--${at}` }));
    expect(await poll(0, full('2', ...many))).toMatchObject({ code: 'too_large' });
    expect(refresh.persisted()).toEqual([{ name: 'a', cursor: '1', revision: 1 }]);
  });
});

describe('exportFeed()', () => {
  test('gives the set that belongs to the cursor told before, whatever a poll brings in between', async () => {
    const { refresh, poll } = rig('a');
    await poll(0, full('1', first));
    const [told] = refresh.persisted();
    await poll(0, delta('2', stixIndicator({ modified: '2026-01-02T00:00:00Z', revoked: true }), second));
    const bytes = await refresh.exportFeed('a');
    const restored = new IndicatorCatalogue(10);
    expect(restored.restore({ ...source, name: 'a' }, bytes!)).toEqual({ restored: true });
    expect(told?.cursor).toBe('1');
    expect(restored.indicator('a', String(first['id']))?.revoked).toBe(false);
    expect(restored.indicator('a', 'indicator--2')).toBeUndefined();
  });

  test('gives nothing of a feed that has not loaded or is unknown, and the set as it is now when not told', async () => {
    const { refresh, poll } = rig('a', 'b');
    await poll(0, full('1', first));
    expect(await refresh.exportFeed('b')).toBeNull();
    expect(await refresh.exportFeed('c')).toBeNull();
    refresh.persisted();
    const told = await refresh.exportFeed('a');
    expect(await refresh.exportFeed('a')).toEqual(told);
    await poll(0, delta('2', second));
    expect(await refresh.exportFeed('a')).not.toEqual(told);
  });

  test('lets the event loop go on between slices', async () => {
    const { refresh, poll, turns, realTime } = rig('a');
    let readMs = 0;
    realTime.nowMs = () => (readMs += 1); // Time passes as work is done.
    const many = Array.from({ length: 1_000 }, (_, at) => stixIndicator({ id: `indicator--${at}` }));
    await poll(0, full('1', ...many));
    await refresh.exportFeed('a');
    expect(turns.count).toBeGreaterThanOrEqual(2);
  });
});

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

describe('poll()', () => {
  test('an empty delta keeps its cursor and builds no index', async () => {
    const { poll, feeds, catalogue, refresh } = rig('a');
    await poll(0, full('1', first));
    const built = catalogue.counts();
    await poll(0, delta('2'));
    expect(catalogue.counts()).toBe(built);
    await poll(0, delta('2', second));
    expect(catalogue.counts()).not.toBe(built);
    expect(feeds[0]!.cursors).toEqual([null, '1', '2']);
    expect(refresh.status[0]?.lastSuccessMs).toBe(now);
  });

  test('a first delta counts as loaded, also an empty one', async () => {
    const { poll, refresh, engine } = rig('a');
    await poll(0, delta('1'));
    expect([refresh.isReady, engine.index.version.ordinal]).toEqual([true, 1]);
  });

  test('swaps the index only when its content changed', async () => {
    const { poll, engine } = rig('a');
    await poll(0, full('1', first));
    await poll(0, full('2', first));
    expect(engine.index.version.ordinal).toBe(1);
    await poll(0, full('3', first, second));
    expect(engine.index.version.ordinal).toBe(2);
  });
});
