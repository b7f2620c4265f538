import { describe, expect, test, vi } from 'vitest';
import { IndicatorCatalogue } from '../../../src/core/intel/catalogue.ts';
import { source, stixIndicator } from '../core/intel/indicator-fixture.ts';
import { delta, first, full, now, refreshIntervalMs, rig, second } from './refresh-rig.ts';

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

describe('status', () => {
  test('tells of each feed its counts, its cursor and what it has not done yet', async () => {
    const { poll, refresh } = rig('a', 'b');
    const unsure = stixIndicator({ id: 'indicator--3', confidence: 10 });
    await poll(0, full('1', first, unsure));
    await poll(1, full('b1', second));
    expect(refresh.status).toMatchObject([
      { cursor: '1', indicators: 1, kinds: { ipv4: 1, ipv6: 0, range: 0 }, skipped: 1, loaded: true },
      { cursor: 'b1', indicators: 1, skipped: 0, loaded: true },
    ]);
    expect(refresh.status[0]?.skippedBy).toEqual(new Map([['low_confidence', 1]]));
    const [none] = rig('c').refresh.status;
    expect(none).toMatchObject({ loaded: false, indicators: 0, cursor: null, lastChangeMs: null, nextPollMs: null });
  });

  test('tells when a poll last brought a version that was not held, or deleted one', async () => {
    const { poll, refresh, clock } = rig('a');
    const changed: boolean[] = [];
    for (const update of [
      full('1'),
      full('2', first),
      delta('3'),
      delta('4', first),
      full('5', first),
      delta('6', stixIndicator({ modified: '2026-01-02T00:00:00.000Z' })),
      delta('7', first),
      delta('8', second),
      full('9', stixIndicator({ modified: '2026-01-02T00:00:00.000Z' })),
    ]) {
      clock.advance(1000);
      await poll(0, update);
      changed.push(refresh.status[0]?.lastChangeMs === clock.now());
    }
    expect(changed).toEqual([false, true, false, false, false, true, false, true, true]);
  });

  test('tells when the next poll is due, and nothing while one runs', async () => {
    const { feeds, refresh, clock, realTime } = rig('a');
    const stop = new AbortController();
    const due: (number | null | undefined)[] = [];
    feeds[0]!.answers.push(full('1', first));
    const poll = feeds[0]!.poll.bind(feeds[0]!);
    feeds[0]!.poll = (cursor) => {
      due.push(refresh.status[0]?.nextPollMs);
      return poll(cursor);
    };
    clock.sleepUntil = (at) => {
      due.push(refresh.status[0]?.nextPollMs);
      clock.advance(at - clock.now());
      return Promise.resolve();
    };
    const run = refresh.run(stop.signal);
    await vi.waitUntil(() => realTime.waiting === 1);
    // The second poll failed, and is tried again after two seconds.
    expect(due).toEqual([null, now + refreshIntervalMs, null]);
    expect(refresh.status[0]?.nextPollMs).toBe(now + refreshIntervalMs + 2000);
    stop.abort();
    await run;
  });
});
