import { describe, expect, test } from 'vitest';
import type { StixObject } from '../../src/core/intel/stix-object.ts';
import type { IndicatorFeed } from '../../src/core/ports.ts';
import { wholeOf } from '../support/feed-updates.ts';
import { idsOf, sampleIndicator, sampleIndicators } from '../support/stix-samples.ts';
import { feedErrorOf } from '../support/taxii-rig.ts';

/** A feed and a hand on what it reads from. */
export interface FeedRig extends AsyncDisposable {
  readonly feed: IndicatorFeed;
  /** Makes the source hold these objects besides what it held. */
  readonly add: (objects: readonly StixObject[]) => Promise<void>;
  /** Takes the source away, so that no poll can succeed. */
  readonly breakSource: () => Promise<void>;
  readonly mendSource: () => Promise<void>;
}

/** What holds for every feed, whatever it reads from. */
export function indicatorFeedLaws(kind: string, open: (objects: readonly StixObject[]) => Promise<FeedRig>): void {
  const { signal } = new AbortController();

  describe(`a ${kind} feed`, () => {
    test('gives everything, as full, when the cursor is null', async () => {
      await using rig = await open(sampleIndicators(250));
      const update = await wholeOf(rig.feed.poll(null, signal));
      expect(update.full).toBe(true);
      expect(new Set(idsOf(update.objects))).toEqual(new Set(idsOf(sampleIndicators(250))));
      expect(update.objects).toContainEqual(sampleIndicator(7));
      expect(await wholeOf(rig.feed.poll(null, signal))).toEqual(update);
    });

    test('counts as loaded when it is empty', async () => {
      await using rig = await open([]);
      const update = await wholeOf(rig.feed.poll(null, signal));
      expect(update).toMatchObject({ objects: [], full: true });
      expect(update.cursor).not.toBeNull();
    });

    test('gives nothing when nothing changed', async () => {
      await using rig = await open(sampleIndicators(5));
      const { cursor } = await wholeOf(rig.feed.poll(null, signal));
      const update = await wholeOf(rig.feed.poll(cursor, signal));
      expect(update).toEqual({ objects: [], cursor, full: false });
    });

    test('gives what was added to an empty source', async () => {
      await using rig = await open([]);
      const { cursor } = await wholeOf(rig.feed.poll(null, signal));
      await rig.add([sampleIndicator(1)]);
      expect(idsOf((await wholeOf(rig.feed.poll(cursor, signal))).objects)).toEqual(idsOf([sampleIndicator(1)]));
    });

    test('gives additions and newer versions, and then a cursor past them', async () => {
      await using rig = await open(sampleIndicators(3));
      const first = await wholeOf(rig.feed.poll(null, signal));
      const revoked = sampleIndicator(1, { modified: '2024-02-01T00:00:00.000Z', revoked: true });
      await rig.add([sampleIndicator(9), revoked]);
      const second = await wholeOf(rig.feed.poll(first.cursor, signal));
      expect(second.objects).toEqual(expect.arrayContaining([sampleIndicator(9), revoked]));
      expect(second.cursor).not.toBe(first.cursor);
      expect(await wholeOf(rig.feed.poll(second.cursor, signal))).toMatchObject({ objects: [], full: false });
    });

    test('gives a change again to whoever comes with the cursor from before it', async () => {
      await using rig = await open(sampleIndicators(3));
      const { cursor } = await wholeOf(rig.feed.poll(null, signal));
      await rig.add([sampleIndicator(9)]);
      const lost = await wholeOf(rig.feed.poll(cursor, signal));
      const again = await wholeOf(rig.feed.poll(cursor, signal));
      expect(again.objects).toContainEqual(sampleIndicator(9));
      expect(again.cursor).toBe(lost.cursor);
    });

    test('gives everything to a cursor it does not know', async () => {
      await using rig = await open(sampleIndicators(3));
      const update = await wholeOf(rig.feed.poll('{"from":"elsewhere"}', signal));
      expect(update).toMatchObject({ full: true });
      expect(update.objects).toHaveLength(3);
    });

    test('throws a FeedError that names it while its source is gone, and goes on from the old cursor after', async () => {
      await using rig = await open(sampleIndicators(3));
      const { cursor } = await wholeOf(rig.feed.poll(null, signal));
      await rig.breakSource();
      const error = await feedErrorOf(wholeOf(rig.feed.poll(cursor, signal)));
      expect(error.message).toContain(`feed ${rig.feed.name}`);
      expect(error.message.endsWith('.')).toBe(false);
      await rig.mendSource();
      await rig.add([sampleIndicator(9)]);
      expect((await wholeOf(rig.feed.poll(cursor, signal))).objects).toContainEqual(sampleIndicator(9));
    });

    test('throws a FeedError when it is told to stop', async () => {
      await using rig = await open(sampleIndicators(3));
      const error = await feedErrorOf(wholeOf(rig.feed.poll(null, AbortSignal.abort())));
      expect(error).toMatchObject({ code: 'unreachable', retryable: true });
    });
  });
}
