import { expect, test } from 'vitest';
import { FeedError } from '../../../src/core/feed-error.ts';
import type { StixObject } from '../../../src/core/intel/stix-object.ts';
import type { FeedPage, FeedUpdate } from '../../../src/core/ports.ts';
import { pagesOf } from '../../support/feed-updates.ts';
import { stixIndicator } from '../core/intel/indicator-fixture.ts';
import { delta, first, full, rig, second } from './refresh-rig.ts';

const page = (...objects: StixObject[]): FeedPage => ({ objects, again: false });
const again: FeedPage = { objects: [], again: true };
const third = stixIndicator({ id: 'indicator--3', pattern: "[ipv4-addr:value = '203.0.113.10']" });

function poll(isFull: boolean, pages: Iterable<FeedPage>, end: string | Error): FeedUpdate {
  return { full: isFull, pages: pagesOf(pages, end) };
}

test('A poll that fails between pages leaves the set and the cursor as they were', async () => {
  const { poll: take, refresh, feeds, hits, catalogue } = rig('a');
  await take(0, full('1', first));
  const held = catalogue.export('a');
  const lost = new FeedError('unreachable', 'the test ordered it');
  const revoked = stixIndicator({ modified: '2026-01-02T00:00:00Z', revoked: true });
  for (const isFull of [true, false])
    expect(await take(0, poll(isFull, [page(revoked), page(second)], lost))).toBe(lost);
  expect(refresh.persisted()).toEqual([{ name: 'a', cursor: '1', revision: 1 }]);
  expect(catalogue.export('a')).toEqual(held);
  await take(0, delta('2'));
  expect(feeds[0]!.cursors).toEqual([null, '1', '1', '1']);
  expect([hits('198.51.100.7'), hits('203.0.113.9')]).toEqual([1, 0]);
});

test('What comes before a page that begins again is void', async () => {
  const { poll: take, refresh, hits, log } = rig('a');
  await take(0, poll(true, [page(first), page(second), again, page(second), page(third)], '1'));
  expect(['198.51.100.7', '203.0.113.9', '203.0.113.10'].map(hits)).toEqual([0, 1, 1]);
  expect(refresh.persisted()).toEqual([{ name: 'a', cursor: '1', revision: 1 }]);
  expect(log.lines.find(({ message }) => message === 'Feed loaded')?.fields).toEqual({ feed: 'a', objects: 2 });
});

test('A full set in pages deletes what no page names', async () => {
  const { poll: take, hits } = rig('a');
  await take(0, full('1', first, second));
  await take(0, poll(true, [page(third), page(second)], '2'));
  expect(['198.51.100.7', '203.0.113.9', '203.0.113.10'].map(hits)).toEqual([0, 1, 1]);
});

test('A page is read before the next one is asked for, and none is once the feed is sure to hold too much', async () => {
  const { poll: take, catalogue, refresh } = rig('a');
  const asked: number[] = [];
  let closed = false;
  async function* endless(): AsyncGenerator<FeedPage, string, undefined> {
    try {
      for (let number = 0; ; number += 1) {
        asked.push(number);
        yield page(...Array.from({ length: 400 }, (_, at) => stixIndicator({ id: `indicator--${number}-${at}` })));
        await Promise.resolve();
      }
    } finally {
      closed = true;
    }
  }
  expect(await take(0, { full: true, pages: endless() })).toMatchObject({ code: 'too_large', retryable: false });
  expect(asked).toEqual([0, 1, 2]);
  expect(closed).toBe(true);
  expect(catalogue.export('a')).toBeNull();
  expect(refresh.persisted()).toEqual([]);
});
