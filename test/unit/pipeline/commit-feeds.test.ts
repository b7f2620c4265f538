import { describe, expect, test } from 'vitest';
import { readBlob } from '../../../src/pipeline/state-owner.ts';
import { memoryCodec } from '../../support/memory-codec.ts';
import { MemoryStateStore } from '../../support/memory-state-store.ts';
import { headOf, MemoryFeeds, StateOwner } from '../../support/state-rig.ts';

const feedPuts = ({ store }: StateOwner): string[] =>
  store.calls.filter(({ method, name }) => method === 'put' && name.includes('feed')).map(({ name }) => name);

/** Each feed that the current state names, with its cursor and the text of its set. */
async function feedsIn(place: MemoryStateStore): Promise<[string, string | null, string][]> {
  const feeds = (await headOf(place)).current?.feeds ?? [];
  return Promise.all(
    feeds.map(async ({ name, cursor, blob }) => {
      const bytes = await readBlob(place.open(), blob, memoryCodec);
      return [name, cursor, new TextDecoder().decode(bytes)] as [string, string | null, string];
    }),
  );
}

describe('Committer writes the set of a feed', () => {
  test('only when its revision changed', async () => {
    const place = new MemoryStateStore();
    const process = await StateOwner.start(place.open());
    process.feeds.put('one', 'one 1', 1);
    process.feeds.put('two', 'two 1', 1);
    await process.commit();
    await process.commit();
    process.feeds.put('two', 'two 2', 2);
    await process.commit();
    await process.commit();
    expect(feedPuts(process)).toEqual(['1-1-feed-0', '1-1-feed-1', '1-3-feed-1']);
    expect(await feedsIn(place)).toEqual([
      ['one', 'cursor-1', 'one 1'],
      ['two', 'cursor-2', 'two 2'],
    ]);
  });

  test('not again when it was restored, and still names it', async () => {
    const place = new MemoryStateStore();
    const first = await StateOwner.start(place.open());
    first.feeds.put('one', 'one 7', 7);
    first.feeds.put('two', 'two 7', 7);
    await first.commit();
    const feeds = new MemoryFeeds();
    feeds.put('one', 'one 7', 0, 'cursor-7');
    feeds.put('two', 'two 7', 0, 'cursor-7');
    const next = await StateOwner.start(place.open(), { feeds });
    await next.commit();
    expect(feedPuts(next)).toEqual([]);
    feeds.put('two', 'two 8', 1, 'cursor-8');
    await next.commit();
    await next.commit();
    expect(feedPuts(next)).toEqual(['2-3-feed-1']);
    expect(await feedsIn(place)).toEqual([
      ['one', 'cursor-7', 'one 7'],
      ['two', 'cursor-8', 'two 8'],
    ]);
  });

  test('together with the cursor that belongs to it, also when a newer one comes while the commit is written', async () => {
    const place = new MemoryStateStore();
    const process = await StateOwner.start(place.open());
    process.feeds.put('one', 'one 1', 1);
    const putState = process.store.hold(['put']);
    const first = process.commit();
    process.feeds.put('one', 'one 2', 2);
    putState();
    await first;
    expect(await feedsIn(place)).toEqual([['one', 'cursor-2', 'one 2']]);
    const writeHead = process.store.hold(['writeHead']);
    const second = process.commit();
    await process.realTime.advance(1);
    process.feeds.put('one', 'one 3', 3);
    writeHead();
    await second;
    expect(await feedsIn(place)).toEqual([['one', 'cursor-2', 'one 2']]);
    await process.commit();
    expect(await feedsIn(place)).toEqual([['one', 'cursor-3', 'one 3']]);
  });

  test('no more when it is not held any more', async () => {
    const place = new MemoryStateStore();
    const process = await StateOwner.start(place.open());
    process.feeds.put('one', 'one 1', 1);
    await process.commit();
    process.feeds.exportFeed = () => Promise.resolve(null);
    process.feeds.put('one', 'one 2', 2);
    await process.commit();
    expect(await feedsIn(place)).toEqual([]);
  });

  test('beside the ordinal of the index', async () => {
    const place = new MemoryStateStore();
    const process = await StateOwner.start(place.open());
    process.feeds.indexOrdinal = 17;
    await process.commit();
    expect((await headOf(place)).current?.indexOrdinal).toBe(17);
  });
});
