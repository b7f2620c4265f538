import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MemoryStateStore } from '../../support/memory-state-store.ts';
import { playStory, shardStory } from '../../support/shard-story.ts';
import { contentNow, headOf, realCodec, restorable } from '../../support/state-rig.ts';

describe('A shard', () => {
  test('is after each commit what the next owner would restore', async () => {
    await fc.assert(
      fc.asyncProperty(shardStory, async (story) => {
        const place = new MemoryStateStore();
        const process = await playStory(place, story, { codec: realCodec });
        expect(await restorable(place, realCodec)).toEqual(await contentNow(process.engine));
      }),
      { numRuns: 20 },
    );
  });

  test('that was handed from owner to owner is the one that a single process would have', async () => {
    await fc.assert(
      fc.asyncProperty(shardStory, async (story) => {
        const [place, other] = [new MemoryStateStore(), new MemoryStateStore()];
        const process = await playStory(place, story);
        const twin = await playStory(other, story, { isOneProcess: true });
        expect(await contentNow(process.engine)).toEqual(await contentNow(twin.engine));
        const [head, wanted] = [await headOf(place), await headOf(other)];
        expect(head.current?.generation).toBe(wanted.current?.generation);
        expect(head.current?.feeds.map(({ blob }) => blob.sha256)).toEqual(
          wanted.current?.feeds.map(({ blob }) => blob.sha256),
        );
      }),
      { numRuns: 20 },
    );
  });
});
