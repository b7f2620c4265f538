import fc from 'fast-check';
import { HOUR_MS } from '../../src/core/time.ts';
import type { StateCodec } from '../../src/pipeline/state-owner.ts';
import { scenario, type Scenario } from './arbitraries.ts';
import { memoryCodec } from './memory-codec.ts';
import type { MemoryStateStore } from './memory-state-store.ts';
import { MemoryFeeds, StateOwner } from './state-rig.ts';

/** What happens to a shard, in one order. */
export type ShardStep =
  | { readonly do: 'take'; readonly record: number }
  | { readonly do: 'index'; readonly objects: number }
  | { readonly do: 'feed'; readonly size: number }
  | { readonly do: 'flush' | 'commit' | 'restart' };

/** Records, indicators and what happens with them. */
export interface ShardStory {
  readonly given: Scenario;
  readonly steps: readonly ShardStep[];
}

const step: fc.Arbitrary<ShardStep> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ do: fc.constant('take' as const), record: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('index' as const), objects: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('feed' as const), size: fc.nat({ max: 200 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('flush' as const, 'restart' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('commit' as const) }) },
);

/** A shard's life of at least two commits. */
export const shardStory: fc.Arbitrary<ShardStory> = fc
  .tuple(
    scenario(),
    fc.array(step, { maxLength: 40 }),
    fc.array(step, { minLength: 1, maxLength: 12 }),
    fc.array(step, { minLength: 1, maxLength: 6 }),
  )
  .map(([given, ...parts]) => ({ given, steps: parts.flatMap((part) => [...part, { do: 'commit' as const }]) }));

/** Plays a story on a store. With `isOneProcess` nothing is ever restored: the twin of the shard that is. */
export async function playStory(
  place: MemoryStateStore,
  { given, steps }: ShardStory,
  { codec = memoryCodec, isOneProcess = false }: { codec?: StateCodec; isOneProcess?: boolean } = {},
): Promise<StateOwner> {
  const { options, lookbackMs, at, received } = given;
  const setting = { ...options, lookbackMs, flushDelayMs: options.flushDelayMs ?? 240 * HOUR_MS };
  let objects = given.objects.length;
  let revision = 0;
  let feeds = new MemoryFeeds();
  const indicators = (): Scenario['objects'] => given.objects.slice(0, objects);
  const begin = (): Promise<StateOwner> =>
    StateOwner.start(place.open(), {
      codec,
      setting,
      feeds,
      indicators: indicators(),
      firstBoundary: at - 2 * HOUR_MS,
    });
  let process = await begin();
  for (const each of steps) {
    if (each.do === 'take') {
      const taken = received[each.record % Math.max(1, received.length)];
      if (taken !== undefined) process.take(taken.record, taken.enqueuedMs);
    } else if (each.do === 'index') {
      objects = each.objects % (given.objects.length + 1);
      process.index(indicators());
    } else if (each.do === 'feed') {
      revision += 1;
      feeds.put('feed', 'x'.repeat(each.size), revision);
    } else if (each.do === 'flush') process.flush();
    else {
      await process.commit();
      if (each.do === 'restart' && !isOneProcess) {
        feeds = feeds.restored();
        process = await begin();
      } else if (each.do === 'restart') process.index(indicators());
    }
  }
  return process;
}
