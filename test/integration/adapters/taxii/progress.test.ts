import { describe, expect, test } from 'vitest';
import { wholeOf } from '../../../support/feed-updates.ts';
import { idsOf, sampleIndicator, sampleIndicators } from '../../../support/stix-samples.ts';
import { COLLECTION, START_MS, TaxiiRig } from '../../../support/taxii-rig.ts';

const MINUTE = 60_000;

/** Dates of the collections in a cursor. */
function lastDates(cursor: string | null): unknown[] {
  const { places } = JSON.parse(cursor ?? '{}') as { places: Record<string, { end: { last: string } | null }> };
  return Object.values(places).map(({ end }) => end?.last);
}

describe('the cursor', () => {
  test('keeps the date of the last object to the last digit', async () => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(4) });
    expect(lastDates((await rig.poll()).cursor)).toEqual(['2024-05-01T12:00:00.000003Z']);
    rig.server.faults.add({ kind: 'date-headers', value: '2024-05-01T12:00:00.123456789Z' });
    expect(lastDates((await rig.poll()).cursor)).toEqual(['2024-05-01T12:00:00.123456789Z']);
  });

  test('asks from ten minutes before that date, with six digits and Z', async () => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(4) });
    const { cursor } = await rig.poll();
    await rig.poll(cursor);
    const asked = rig.pageRequests().map((query) => query.get('added_after'));
    expect(asked).toEqual([null, '2024-05-01T11:50:00.000003Z']);
  });

  test('asks from that date on once it is an hour old, so that a collection filled at once comes once', async () => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(40), limits: { knownVersions: 10 } });
    let update = await rig.poll();
    const given: number[] = [];
    for (const wait of [30, 30, 1, 300]) {
      rig.clock.advance(wait * MINUTE);
      update = await rig.poll(update.cursor);
      given.push(update.objects.length);
    }
    expect(given).toEqual([30, 30, 30, 0]);
    expect(rig.pageRequests().at(-1)?.get('added_after')).toBe('2024-05-01T12:00:00.000039Z');
    rig.server.collection(COLLECTION).add([sampleIndicator(99)]);
    expect(idsOf((await rig.poll(update.cursor)).objects)).toEqual(idsOf([sampleIndicator(99)]));
  });

  test('finds an object that a server stamped before it could be seen', async () => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(4) });
    const { cursor } = await rig.poll();
    rig.clock.advance(-5 * MINUTE);
    // A second server over the same data would stamp by its own clock: here a collection whose clock is behind.
    rig.server.removeCollection(COLLECTION);
    rig.server.addCollection({ id: COLLECTION, title: 'x', objects: [sampleIndicator(9), ...sampleIndicators(4)] });
    const update = await rig.poll(cursor);
    expect(idsOf(update.objects)).toEqual(idsOf([sampleIndicator(9)]));
    expect(update.full).toBe(false);
  });

  test('gives what lies in the overlap once more after a restart, and then no more', async () => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(4) });
    const { cursor } = await rig.poll();
    const feed = rig.reopened();
    const { signal } = new AbortController();
    const again = await wholeOf(feed.poll(cursor, signal));
    expect(again).toMatchObject({ cursor, full: false });
    expect(again.objects).toHaveLength(4);
    expect((await wholeOf(feed.poll(again.cursor, signal))).objects).toEqual([]);
  });

  test('leaves out of the overlap only what is the same to the letter', async () => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(4) });
    const { cursor } = await rig.poll();
    const rescored = sampleIndicator(2, { confidence: 10 });
    rig.server.collection(COLLECTION).replace([...sampleIndicators(2), rescored]);
    expect((await rig.poll(cursor)).objects).toEqual([rescored]);
  });

  test('comes to rest on a bulk insert larger than what is remembered', async () => {
    await using rig = await TaxiiRig.start({ limits: { knownVersions: 10 } });
    rig.server.collection(COLLECTION).add(sampleIndicators(50), { dates: 'one' });
    const { cursor } = await rig.poll();
    const update = await rig.poll(cursor);
    expect(update).toMatchObject({ full: false, cursor });
    expect(update.objects).toHaveLength(40);
  });

  test('stays where it was when a poll brings nothing', async () => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(4) });
    const { cursor } = await rig.poll();
    rig.server.collection(COLLECTION).replace([]);
    const update = await rig.poll(cursor);
    expect(lastDates(update.cursor)).toEqual(lastDates(cursor));
  });
});

describe('a server without usable date headers', () => {
  test.each([
    null,
    'undefined',
    'Thu Feb 20 2020 12:00:00 GMT+0000 (Coordinated Universal Time)',
    '9999-01-01T00:00:00Z',
  ])('that sends %j is followed by its own clock', async (value) => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(4) });
    rig.server.faults.add({ kind: 'date-headers', value });
    const first = await rig.poll();
    expect(lastDates(first.cursor)).toEqual(['2024-05-01T12:00:00.000000Z']);
    rig.clock.advance(30 * MINUTE);
    rig.server.collection(COLLECTION).add([sampleIndicator(9)]);
    const second = await rig.poll(first.cursor);
    expect(idsOf(second.objects)).toEqual(idsOf([sampleIndicator(9)]));
    expect(rig.pageRequests().at(-1)?.get('added_after')).toBe('2024-05-01T11:50:00.000000Z');
    expect(lastDates(second.cursor)).toEqual(['2024-05-01T12:30:00.000000Z']);
  });
});

describe('full fetches', () => {
  test('come back on their schedule and then tell what a server dropped', async () => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(4) });
    const first = await rig.poll();
    rig.server.collection(COLLECTION).remove([String(sampleIndicator(0)['id'])]);
    rig.clock.advance(24 * 60 * MINUTE - 1);
    expect(await rig.poll(first.cursor)).toMatchObject({ full: false, objects: [] });
    rig.clock.advance(1);
    const full = await rig.poll(first.cursor);
    expect(full.full).toBe(true);
    expect(idsOf(full.objects)).toEqual(idsOf(sampleIndicators(3, 1)));
    expect(await rig.poll(full.cursor)).toMatchObject({ full: false, objects: [] });
  });

  test('follow a change of what the feed is', async () => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(4) });
    const { cursor } = await rig.poll();
    const { signal } = new AbortController();
    expect(await wholeOf(rig.reopened({ matchTypes: ['indicator'] }).poll(cursor, signal))).toMatchObject({
      full: true,
    });
    expect(await wholeOf(rig.reopened({ collection: null }).poll(cursor, signal))).toMatchObject({ full: true });
    expect(await wholeOf(rig.reopened({ limit: 3 }).poll(cursor, signal))).toMatchObject({ full: false });
  });
});

describe('several collections in one feed', () => {
  const collections = [
    { id: 'one', title: 'One', objects: sampleIndicators(3) },
    { id: 'two', title: 'Two', objects: sampleIndicators(3, 10) },
    { id: 'shut', title: 'Shut', objects: sampleIndicators(3, 20), canRead: false },
  ];
  const options = { server: { collections }, settings: { collection: null } };

  test('are read whole, each with its own place', async () => {
    await using rig = await TaxiiRig.start(options);
    const first = await rig.poll();
    expect(idsOf(first.objects)).toEqual(idsOf([...sampleIndicators(3), ...sampleIndicators(3, 10)]));
    rig.clock.advance(MINUTE);
    rig.server.collection('two').add([sampleIndicator(99)]);
    const second = await rig.poll(first.cursor);
    expect(idsOf(second.objects)).toEqual(idsOf([sampleIndicator(99)]));
    expect(lastDates(second.cursor)).toEqual(['2024-05-01T12:00:00.000002Z', '2024-05-01T12:01:00.000000Z']);
  });

  test('give no part of a poll when one of them fails', async () => {
    await using rig = await TaxiiRig.start(options);
    rig.server.faults.add({ kind: 'status', status: 403, on: 'objects', skip: 1 });
    expect(await rig.failure()).toMatchObject({ code: 'unauthorized' });
    rig.server.faults.clear();
    expect((await rig.poll()).objects).toHaveLength(6);
  });

  test('one that is new is read from its beginning, one that is gone leads to a full fetch', async () => {
    await using rig = await TaxiiRig.start(options);
    const first = await rig.poll();
    rig.server.addCollection({ id: 'three', title: 'Three', objects: sampleIndicators(2, 30) });
    rig.clock.advance(61 * MINUTE);
    const second = await rig.poll(first.cursor);
    expect(second.full).toBe(false);
    expect(idsOf(second.objects)).toEqual(idsOf(sampleIndicators(2, 30)));
    rig.server.removeCollection('one');
    rig.clock.advance(61 * MINUTE);
    const third = await rig.poll(second.cursor);
    expect(third.full).toBe(true);
    expect(idsOf(third.objects)).toEqual(idsOf([...sampleIndicators(3, 10), ...sampleIndicators(2, 30)]));
  });
});

test('revoked objects and older states are handed on as they are', async () => {
  const revoked = sampleIndicator(1, { modified: '2024-02-01T00:00:00.000Z', revoked: true });
  const cleared = sampleIndicator(1, { modified: '2024-03-01T00:00:00.000Z', revoked: false });
  await using rig = await TaxiiRig.start({ objects: [revoked] });
  const first = await rig.poll();
  rig.server.collection(COLLECTION).add([cleared]);
  expect([first.objects, (await rig.poll(first.cursor)).objects]).toEqual([[revoked], [cleared]]);
  expect(rig.clock.now()).toBe(START_MS);
});
