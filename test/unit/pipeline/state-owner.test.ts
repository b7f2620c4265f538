import { describe, expect, test } from 'vitest';
import { StateStoreError } from '../../../src/core/ports.ts';
import { stateVersion } from '../../../src/core/state/cut.ts';
import { encodeHead, type Head } from '../../../src/pipeline/manifest.ts';
import { deleteOrphans, newestState, readBlob, takeOwnership } from '../../../src/pipeline/state-owner.ts';
import { activity, minute, noon } from '../../support/engine-bench.ts';
import { memoryCodec } from '../../support/memory-codec.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { MemoryStateStore } from '../../support/memory-state-store.ts';
import { headOf, restorable, StateOwner } from '../../support/state-rig.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const take = (place: MemoryStateStore, owner: string, log = new MemoryLog()) =>
  takeOwnership(place, owner, memoryCodec, log);

/** A state of two commits, a base and a delta, whose contents are known. */
async function twoCommits(place: MemoryStateStore): Promise<{ head: Head; contents: unknown[] }> {
  const process = await StateOwner.start(place.open());
  const contents = [];
  for (let n = 1; n <= 20; n += 1) process.take(activity(noon + n * minute, { address: `198.51.100.${n}` }));
  await process.commit();
  contents.push(await restorable(place));
  process.take(activity(noon + 21 * minute));
  await process.commit();
  contents.push(await restorable(place));
  return { head: await headOf(place), contents };
}

describe('takeOwnership', () => {
  test('begins with epoch 1 where nothing is', async () => {
    const place = new MemoryStateStore();
    const { head } = await take(place, 'a');
    expect(head).toEqual({ epoch: 1, owner: 'a', current: null, previous: null });
    expect(await headOf(place)).toEqual(head);
  });

  test('keeps both states that the head names, under the next epoch and its own name', async () => {
    const place = new MemoryStateStore();
    const { head: before } = await twoCommits(place);
    const { head } = await take(place, 'b');
    expect(head).toEqual({ ...before, epoch: before.epoch + 1, owner: 'b' });
  });

  test('fails the next write of the owner before', async () => {
    const place = new MemoryStateStore();
    const old = await StateOwner.start(place.open());
    await take(place.open(), 'b');
    await expect(old.commit()).rejects.toThrow('written by another process');
  });

  test('gives every one of many takers at once an epoch of its own', async () => {
    const place = new MemoryStateStore();
    const names = ['a', 'b', 'c', 'd', 'e'];
    const owned = await Promise.all(names.map((name) => take(place.open(), name)));
    expect(owned.map(({ head }) => head.epoch).sort()).toEqual([1, 2, 3, 4, 5]);
    const last = owned.find(({ head }) => head.epoch === 5);
    expect(await headOf(place)).toEqual(last?.head);
  });

  test('goes on from its own write when the answer to that was lost', async () => {
    const place = new MemoryStateStore();
    await twoCommits(place);
    const store = place.open();
    store.failNext(1, { methods: ['writeHead'], applied: true });
    await expect(take(store, 'b')).rejects.toThrow(StateStoreError);
    const { head } = await take(store, 'b');
    expect(head.current?.generation).toBe(2);
    expect(await headOf(place)).toEqual(head);
  });

  test('takes an epoch above that of every blob when the head cannot be read, and says so', async () => {
    const place = new MemoryStateStore();
    await twoCommits(place);
    for (const name of ['9-4-base', '10-1-delta', 'other']) await place.put(name, bytesOf(name));
    place.corrupt('', 40);
    const log = new MemoryLog();
    const { head } = await take(place.open(), 'b', log);
    expect(head).toEqual({ epoch: 11, owner: 'b', current: null, previous: null });
    expect(log.lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'error: The head of the state cannot be read: the last LOOKBACK will be read again',
    ]);
  });

  test('says of a head of another form what it found and what follows', async () => {
    const place = new MemoryStateStore();
    await place.writeHead(bytesOf('tidewatch-head 9\nabc\n{}'), null);
    const log = new MemoryLog();
    await take(place.open(), 'b', log);
    const [line] = log.lines;
    expect(line?.message).toContain('the last LOOKBACK will be read again');
    expect(String(line?.fields['cause'])).toMatch(/"tidewatch-head 9".*tidewatch-head 1/);
  });

  test('is refused by a store that fails, with nothing changed', async () => {
    const place = new MemoryStateStore();
    const { head } = await twoCommits(place);
    for (const methods of [['readHead'], ['writeHead']] as const) {
      const store = place.open();
      store.failNext(1, { methods });
      await expect(take(store, 'b')).rejects.toThrow(StateStoreError);
      expect(await headOf(place)).toEqual(head);
    }
  });
});

describe('newestState', () => {
  const newest = (place: MemoryStateStore, head: Head, log = new MemoryLog()) =>
    newestState(place.open(), head, memoryCodec, log);

  test('is the current state when that is whole, and nothing is said', async () => {
    const place = new MemoryStateStore();
    const { head } = await twoCommits(place);
    const log = new MemoryLog();
    expect((await newest(place, head, log))?.manifest).toEqual(head.current);
    expect(log.lines).toEqual([]);
  });

  test.each([
    ['missing', 'it is not there', (place: MemoryStateStore, name: string) => void place.delete(name)],
    ['cut', 'it is damaged', (place: MemoryStateStore, name: string) => place.truncate(name, 10)],
    ['altered', 'it is damaged', (place: MemoryStateStore, name: string) => place.corrupt(name, 10)],
  ])('is the state before when a blob of the current one is %s, and the log says both', async (_how, found, spoil) => {
    const place = new MemoryStateStore();
    const { head } = await twoCommits(place);
    const delta = head.current?.deltas[0]?.name ?? '';
    spoil(place, delta);
    const log = new MemoryLog();
    expect((await newest(place, head, log))?.manifest).toEqual(head.previous);
    expect(log.lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'error: State of generation 2 cannot be used: the state before it will be read',
    ]);
    expect(String(log.lines[0]?.fields['cause'])).toContain(found);
    expect(String(log.lines[0]?.fields['cause'])).toContain(delta);
  });

  test('is none when a blob of both is damaged, and the log says that the lookback will be read', async () => {
    const place = new MemoryStateStore();
    const { head } = await twoCommits(place);
    place.corrupt(head.current?.base.name ?? '', 0);
    const log = new MemoryLog();
    expect(await newest(place, head, log)).toBeNull();
    expect(log.lines.map(({ message }) => message)).toEqual([
      'State of generation 2 cannot be used: the state before it will be read',
      'State of generation 1 cannot be used: the last LOOKBACK will be read',
    ]);
  });

  test('fails with the store, and never takes a store that fails for a state that is not there', async () => {
    const place = new MemoryStateStore();
    const { head } = await twoCommits(place);
    const store = place.open();
    store.failNext(1, { methods: ['get'] });
    await expect(newestState(store, head, memoryCodec, new MemoryLog())).rejects.toThrow(StateStoreError);
  });

  test('of another version says what was found and what follows', async () => {
    const place = new MemoryStateStore();
    const { head } = await twoCommits(place);
    const { current } = head;
    if (current === null) throw new Error('Cannot go on without a state');
    const bytes = (await readBlob(place, current.base, memoryCodec)).slice();
    // Magic as the first text: number 0, form 0, four bytes of length, fifteen of text; then the version.
    expect(bytes[21]).toBe(stateVersion);
    bytes[21] = 99;
    await place.put('other', bytes);
    const base = { name: 'other', bytes: bytes.length, sha256: memoryCodec.sha256(bytes) };
    const log = new MemoryLog();
    expect(await newest(place, { ...head, current: { ...current, base }, previous: null }, log)).toBeNull();
    expect(log.lines[0]?.message).toBe('State of generation 2 cannot be used: the last LOOKBACK will be read');
    expect(String(log.lines[0]?.fields['cause'])).toContain(`version 99: this version reads ${stateVersion}`);
  });
});

describe('deleteOrphans', () => {
  test('deletes what earlier epochs left and no manifest names, and nothing else', async () => {
    const place = new MemoryStateStore();
    const { head: before } = await twoCommits(place);
    const named = [...place.contents().keys()];
    const others = ['1-9-base', '1-9-feed-0', '2-1-base', '3-1-delta', 'unknown', 'x-1-base'];
    for (const name of others) await place.put(name, bytesOf(name));
    const head = { ...before, epoch: 2 };
    expect(await deleteOrphans(place.open(), head)).toBe(2);
    expect([...place.contents().keys()].sort()).toEqual(
      [...named, '2-1-base', '3-1-delta', 'unknown', 'x-1-base'].sort(),
    );
  });

  test('of a fenced owner leaves what its successor named', async () => {
    const place = new MemoryStateStore();
    await twoCommits(place);
    const fenced = await StateOwner.start(place.open());
    const next = await StateOwner.start(place.open());
    next.take(activity(noon + 30 * minute));
    await next.commit();
    const content = await restorable(place);
    await deleteOrphans(fenced.store, fenced.owned.head);
    expect(await restorable(place)).toEqual(content);
  });
});

test('a head that another wrote with a right digest and no state is taken as it is', async () => {
  const place = new MemoryStateStore();
  await place.writeHead(encodeHead({ epoch: 7, owner: 'x', current: null, previous: null }, memoryCodec.sha256), null);
  expect((await take(place.open(), 'b')).head.epoch).toBe(8);
});
