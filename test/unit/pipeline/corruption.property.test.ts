import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blobsOf, type Head } from '../../../src/pipeline/manifest.ts';
import { newestState, takeOwnership } from '../../../src/pipeline/state-owner.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { MemoryStateStore } from '../../support/memory-state-store.ts';
import { playStory, shardStory, type ShardStory } from '../../support/shard-story.ts';
import { contentOf, headOf, realCodec } from '../../support/state-rig.ts';

/** What is stored, to be put into as many places as there are damages. */
interface Stored {
  readonly head: Head;
  readonly headBytes: Uint8Array;
  readonly blobs: ReadonlyMap<string, Uint8Array>;
  readonly current: unknown;
  readonly previous: unknown;
}

type Damage = (bytes: Uint8Array) => Uint8Array;

const flip =
  (index: number, bit: number): Damage =>
  (bytes) =>
    bytes.with(index, (bytes[index] ?? 0) ^ (1 << bit));
const cut =
  (length: number): Damage =>
  (bytes) =>
    bytes.slice(0, length);

async function placeOf(stored: Stored, name: string | null, damage: Damage): Promise<MemoryStateStore> {
  const place = new MemoryStateStore();
  await place.writeHead(name === '' ? damage(stored.headBytes) : stored.headBytes, null);
  for (const [each, bytes] of stored.blobs) await place.put(each, each === name ? damage(bytes) : bytes);
  return place;
}

/** What an owner restores, null when nothing. */
async function restored(place: MemoryStateStore): Promise<unknown> {
  const log = new MemoryLog();
  const { head } = await takeOwnership(place, 'next', realCodec, log);
  const found = await newestState(place, head, realCodec, log);
  return found && contentOf(found.image);
}

async function storedOf(story: ShardStory): Promise<Stored> {
  const place = new MemoryStateStore();
  await playStory(place, story, { codec: realCodec });
  const head = await headOf(place, realCodec);
  const headBytes = (await place.readHead())?.bytes ?? new Uint8Array();
  const read = async (each: Head): Promise<unknown> => {
    const found = await newestState(place, each, realCodec, new MemoryLog());
    return found && contentOf(found.image);
  };
  return {
    head,
    headBytes,
    blobs: place.contents(),
    current: await read(head),
    previous: await read({ ...head, current: null }),
  };
}

/** What must be restored when one blob is damaged: the newest state that does not need it. */
function wanted({ head, current, previous }: Stored, name: string): unknown {
  const needs = (manifest: Head['current']): boolean =>
    blobsOf(manifest && { ...manifest, feeds: [] }).some((each) => each.name === name);
  if (name === '') return null;
  if (!needs(head.current)) return current;
  return needs(head.previous) ? null : previous;
}

describe('A damaged state', () => {
  test('gives the newest state that is whole or none, whichever bit is flipped and wherever it is cut', async () => {
    const damages = fc.array(
      fc.record({ blob: fc.nat(), at: fc.nat(), bit: fc.integer({ min: 0, max: 7 }), isCut: fc.boolean() }),
      { minLength: 20, maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(shardStory, damages, async (story, all) => {
        const stored = await storedOf(story);
        expect(stored.current).not.toBeNull();
        expect(await restored(await placeOf(stored, null, (bytes) => bytes))).toEqual(stored.current);
        const names = ['', ...stored.blobs.keys()];
        for (const { blob, at, bit, isCut } of all) {
          const name = names[blob % names.length] ?? '';
          const { length } = name === '' ? stored.headBytes : (stored.blobs.get(name) ?? new Uint8Array());
          const damage = isCut ? cut(at % length) : flip(at % length, bit);
          expect(await restored(await placeOf(stored, name, damage))).toEqual(wanted(stored, name));
        }
      }),
      { numRuns: 12 },
    );
  });

  test('is found out at every byte of every blob and of the head', async () => {
    const [story] = fc.sample(shardStory, { numRuns: 1, seed: 7 });
    if (story === undefined) throw new Error('Cannot go on without a story');
    const stored = await storedOf(story);
    const names = ['', ...stored.blobs.keys()];
    for (const name of names) {
      const { length } = name === '' ? stored.headBytes : (stored.blobs.get(name) ?? new Uint8Array());
      const expected = wanted(stored, name);
      const isSeen = async (damage: Damage): Promise<boolean> => {
        const found = await restored(await placeOf(stored, name, damage));
        return JSON.stringify(found, plain) === JSON.stringify(expected, plain);
      };
      for (let at = 0; at < length; at += 1) {
        expect([name, at, await isSeen(flip(at, at % 8))]).toEqual([name, at, true]);
        expect([name, at, await isSeen(cut(at))]).toEqual([name, at, true]);
      }
    }
  });

  test('of which a blob is gone gives the newest state that does not name it', async () => {
    await fc.assert(
      fc.asyncProperty(shardStory, async (story) => {
        const stored = await storedOf(story);
        for (const name of stored.blobs.keys()) {
          const place = await placeOf(stored, null, (bytes) => bytes);
          await place.delete(name);
          expect(await restored(place)).toEqual(wanted(stored, name));
        }
      }),
      { numRuns: 10 },
    );
  });
});

/** Maps and large numbers as JSON carries them. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Map) return [...(value as Map<unknown, unknown>)];
  return value instanceof Set ? [...(value as Set<unknown>)] : value;
}
