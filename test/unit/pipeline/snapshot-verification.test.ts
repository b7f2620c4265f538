import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { StateStoreError } from '../../../src/core/ports.ts';
import { ByteWriter } from '../../../src/core/state/byte-writer.ts';
import { blobsOf, encodeHead, HeadError, type BlobReference, type Head } from '../../../src/pipeline/manifest.ts';
import { restartOf } from '../../../src/pipeline/snapshot-restart.ts';
import { namedBlobs, verifySnapshot, type Verification } from '../../../src/pipeline/snapshot-verification.ts';
import { newestState } from '../../../src/pipeline/state-owner.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { MemoryStateStore } from '../../support/memory-state-store.ts';
import { storedState } from '../../support/snapshot-rig.ts';
import { headOf, realCodec } from '../../support/state-rig.ts';

const verify = (store: MemoryStateStore): Promise<Verification> => verifySnapshot(store, realCodec);

const faulty = ({ blobs }: Verification): string[] =>
  blobs.filter(({ fault }) => fault !== null).map(({ reference }) => reference.name);

/** The generation that a process which starts goes on from, null when there is none. */
async function restoredGeneration(place: MemoryStateStore): Promise<number | null> {
  const head = await headOf(place, realCodec);
  return (await newestState(place.open(), head, realCodec, new MemoryLog()))?.manifest.generation ?? null;
}

function generationOf({ head, restart }: Verification): number | null {
  return (restart.from && head?.[restart.from]?.generation) ?? null;
}

/** A place with the same content, to spoil. */
async function copyOf(place: MemoryStateStore): Promise<MemoryStateStore> {
  const copy = new MemoryStateStore();
  for (const [name, bytes] of place.contents()) await copy.put(name, bytes);
  await copy.writeHead((await place.open().readHead())?.bytes ?? new Uint8Array(), null);
  return copy;
}

let place: MemoryStateStore;
let head: Head;

beforeAll(async () => {
  place = new MemoryStateStore();
  await storedState(place);
  head = await headOf(place, realCodec);
});

/** A copy in which the head says of a blob what bytes say that do not come from a commit. */
async function withBlob(part: 'base' | 'delta' | 'feed', bytes: Uint8Array): Promise<MemoryStateStore> {
  const blob: BlobReference = { name: 'other', bytes: bytes.length, sha256: realCodec.sha256(bytes) };
  const { current } = head;
  if (current === null) throw new Error('Cannot replace a blob as there is no state');
  const changed = {
    base: { base: blob },
    delta: { deltas: [blob] },
    feed: { feeds: current.feeds.map((feed) => ({ ...feed, blob })) },
  }[part];
  const copy = new MemoryStateStore();
  for (const [name, content] of place.contents()) await copy.put(name, content);
  await copy.put('other', bytes);
  await copy.writeHead(encodeHead({ ...head, current: { ...current, ...changed } }, realCodec.sha256), null);
  return copy;
}

describe('verifySnapshot', () => {
  test('finds nothing wrong with what a commit wrote, and names each blob once', async () => {
    const verification = await verify(place.open());
    expect(faulty(verification)).toEqual([]);
    expect(verification.restart).toMatchObject({ from: 'current' });
    const names = verification.blobs.map(({ reference }) => reference.name);
    expect(names.toSorted()).toEqual([...place.contents().keys()].toSorted());
    expect(new Set(blobsOf(head.current).map(({ name }) => name)).size).toBe(3);
  });

  test('says of a blob that both manifests name what it is in each', () => {
    const base = namedBlobs(head).find(({ kind }) => kind === 'base');
    expect(base?.parts).toEqual(['current base', 'previous base']);
    expect(namedBlobs(head).flatMap(({ parts }) => parts)).toEqual([
      'current base',
      'previous base',
      'current delta 1',
      'current feed feed',
      'previous feed feed',
    ]);
  });

  test('finds any flipped bit of any blob, names that blob alone, and tells what a restart does', async () => {
    const blobs = [...place.contents()];
    const flips = fc.constantFrom(...blobs).chain(([name, bytes]) =>
      fc.record({
        name: fc.constant(name),
        index: fc.nat(bytes.length - 1),
        mask: fc.nat(7).map((bit) => 1 << bit),
      }),
    );
    await fc.assert(
      fc.asyncProperty(flips, async ({ name, index, mask }) => {
        const spoilt = await copyOf(place);
        spoilt.corrupt(name, index, mask);
        const verification = await verify(spoilt);
        expect(faulty(verification)).toEqual([name]);
        expect(generationOf(verification)).toBe(await restoredGeneration(spoilt));
      }),
      { numRuns: 200 },
    );
  });

  test('finds every byte of a blob that is missing at its end', async () => {
    const name = head.current?.deltas[0]?.name ?? '';
    const length = place.contents().get(name)?.length ?? 0;
    for (const left of [0, 1, Math.floor(length / 2), length - 1]) {
      const spoilt = await copyOf(place);
      spoilt.truncate(name, left);
      const found = (await verify(spoilt)).blobs.find(({ reference }) => reference.name === name);
      expect(found?.fault).toContain(`its length is ${left} bytes, its manifest says ${length}`);
    }
  });

  test('finds any flipped bit of the head', async () => {
    const length = (await place.open().readHead())?.bytes.length ?? 0;
    const flips = fc.record({ index: fc.nat(length - 1), bit: fc.nat(7) });
    await fc.assert(
      fc.asyncProperty(flips, async ({ index, bit }) => {
        const spoilt = await copyOf(place);
        spoilt.corrupt('', index, 1 << bit);
        await expect(verify(spoilt)).rejects.toThrow(HeadError);
      }),
    );
  });

  test.each(['base', 'delta', 'feed'] as const)(
    'finds a %s that cannot be unpacked or decoded though its digest is right, as a restart does',
    async (part) => {
      const writer = new ByteWriter();
      writer.text('something else');
      const other = await realCodec.compress(writer.bytes());
      for (const [bytes, fault] of [
        [writer.bytes(), /it cannot be unpacked/],
        [other, part === 'feed' ? /these are other bytes/ : /does not begin as one/],
      ] as const) {
        const spoilt = await withBlob(part, bytes);
        const verification = await verify(spoilt);
        expect(faulty(verification)).toEqual(['other']);
        expect(verification.blobs.find(({ reference }) => reference.name === 'other')?.fault).toMatch(fault);
        expect(generationOf(verification)).toBe(await restoredGeneration(spoilt));
      }
    },
  );

  test('finds a base in place of a delta, and a delta in place of a base', async () => {
    const bytesOf = (name = ''): Uint8Array => place.contents().get(name) ?? new Uint8Array();
    for (const [part, bytes] of [
      ['delta', bytesOf(head.current?.base.name)],
      ['base', bytesOf(head.current?.deltas[0]?.name)],
    ] as const)
      expect(faulty(await verify(await withBlob(part, bytes)))).toEqual(['other']);
  });

  test('finds every damaged blob at once, also a delta upon a base that is damaged too', async () => {
    const names = [head.current?.base.name ?? '', head.current?.feeds[0]?.blob.name ?? ''];
    const spoilt = await copyOf(place);
    for (const name of names) spoilt.corrupt(name, 12);
    const verification = await verify(spoilt);
    expect(faulty(verification)).toEqual(names);
    expect(verification.restart.from).toBeNull();
    const delta = await withBlob('delta', await realCodec.compress(new Uint8Array([1, 2, 3])));
    delta.corrupt(names[0] ?? '', 12);
    expect(faulty(await verify(delta))).toEqual([names[0], 'other']);
  });

  test('writes nothing, and reads each blob once', async () => {
    const store = place.open();
    await verify(store);
    const reads = store.calls.filter(({ method }) => method === 'get').map(({ name }) => name);
    expect(new Set(reads).size).toBe(reads.length);
    expect(new Set(store.calls.map(({ method }) => method))).toEqual(new Set(['readHead', 'get']));
  });

  test('takes no blob for damaged that its owner deleted meanwhile', async () => {
    const moving = new MemoryStateStore();
    const owner = await storedState(moving);
    const store = moving.open();
    let commits = 0;
    store.before = async ({ method }) => {
      if (method !== 'get' || commits >= 8) return;
      owner.changeFeed();
      owner.fill(30, 100 * (commits += 1));
      await owner.commit();
    };
    const verification = await verify(store);
    expect(commits).toBe(8);
    expect(store.calls.filter(({ method }) => method === 'readHead').length).toBeGreaterThan(1);
    expect(faulty(verification)).toEqual([]);
    expect(verification.head).toEqual(await headOf(moving, realCodec));
  });

  test('fails with the store, and takes that for no damage', async () => {
    const store = place.open();
    store.failNext(1, { methods: ['get'] });
    await expect(verify(store)).rejects.toThrow(StateStoreError);
  });

  test('of a place without state finds nothing to read', async () => {
    const verification = await verify(new MemoryStateStore());
    expect(verification).toMatchObject({ head: null, blobs: [] });
    expect(verification.restart.summary).toBe('begins without state and reads the last LOOKBACK');
  });
});

describe('restartOf', () => {
  const after = (...damaged: (string | undefined)[]): ReturnType<typeof restartOf> =>
    restartOf(head, new Set(damaged.map((name) => name ?? 'none')));
  const current = (): NonNullable<Head['current']> => head.current!;
  const previous = (): NonNullable<Head['previous']> => head.previous!;

  test('goes on from the current state when that is whole', () => {
    const { from, summary } = after();
    expect(from).toBe('current');
    expect(summary).toMatch(
      new RegExp(`^goes on from the current state, generation ${current().generation} of 2026-03-02T12:00:00Z$`),
    );
  });

  test('goes on from the previous state when the current one is damaged', () => {
    const delta = current().deltas[0]?.name ?? '';
    const { from, summary, consequenceOf } = after(delta);
    expect(from).toBe('previous');
    expect(summary).toMatch(new RegExp(`^goes on from the previous state, generation ${previous().generation} of `));
    expect(consequenceOf(delta)).toBe(summary);
  });

  test('reads LOOKBACK again when both are damaged', () => {
    const { from, summary, consequenceOf } = after(current().base.name);
    expect(from).toBeNull();
    expect(summary).toBe('reads the last LOOKBACK again and fetches every feed whole');
    expect(consequenceOf(current().base.name)).toBe(summary);
  });

  test('fetches a feed whole when its set is damaged in the state that it goes on from', () => {
    const set = current().feeds[0]?.blob.name ?? '';
    const { from, summary, consequenceOf } = after(set);
    expect(from).toBe('current');
    expect(summary).toMatch(/, and fetches whole: feed$/);
    expect(consequenceOf(set)).toBe('fetches feed feed whole');
  });

  test('does not need a set of the state that it does not go on from', () => {
    const set = previous().feeds[0]?.blob.name ?? '';
    expect(after(set).consequenceOf(set)).toBe('does not need it');
    const both = after(current().deltas[0]?.name, current().feeds[0]?.blob.name);
    expect(both.from).toBe('previous');
    expect(both.consequenceOf(current().feeds[0]?.blob.name ?? '')).toBe('does not need it');
    expect(both.summary).not.toContain('fetches');
  });

  test('does not need the previous state when the current one is whole', () => {
    const own = { ...previous(), base: { ...previous().base, name: 'own' } };
    const { from, consequenceOf } = restartOf({ ...head, previous: own }, new Set(['own']));
    expect([from, consequenceOf('own')]).toEqual(['current', 'does not need it']);
  });
});
