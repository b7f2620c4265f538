import { describe, expect, test } from 'vitest';
import { HeadConflictError, StateStoreError, type StateStore } from '../../src/core/ports.ts';

/** A place for state that outlives the stores opened on it. */
export interface StateStoreRig extends AsyncDisposable {
  /** Opens a store on the place, as another process or the next start does. */
  readonly open: () => StateStore;
  /** Makes the place unusable. */
  readonly breakPlace: () => Promise<void>;
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function textOf(bytes: Uint8Array | undefined | null): string | null {
  return bytes === undefined || bytes === null ? null : new TextDecoder().decode(bytes);
}

/** Outcomes of calls that run at the same time. */
async function outcomes<T>(calls: readonly Promise<T>[]): Promise<{ values: T[]; errors: unknown[] }> {
  const settled = await Promise.allSettled(calls);
  return {
    values: settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])),
    errors: settled.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : [])),
  };
}

/** What holds for every state store, wherever it keeps the state. */
export function stateStoreLaws(kind: string, make: () => Promise<StateStoreRig>): void {
  headLaws(kind, make);
  blobLaws(kind, make);
}

function headLaws(kind: string, make: () => Promise<StateStoreRig>): void {
  describe(`the head of a ${kind} state store`, () => {
    test('is absent at first', async () => {
      await using rig = await make();
      expect(await rig.open().readHead()).toBeNull();
    });

    test('is read as it was written last, by every process, under the tag that the write gave', async () => {
      await using rig = await make();
      const store = rig.open();
      let tag: string | null = null;
      for (const text of ['first', '', 'third']) {
        tag = await store.writeHead(bytesOf(text), tag);
        const head = await rig.open().readHead();
        expect([textOf(head?.bytes), head?.tag]).toEqual([text, tag]);
      }
    });

    test('is written by one of many that expect none', async () => {
      await using rig = await make();
      const writers = ['a', 'b', 'c', 'd', 'e', 'f'].map((text) => rig.open().writeHead(bytesOf(text), null));
      const { values, errors } = await outcomes(writers);
      expect(values).toHaveLength(1);
      expect(errors.every((error) => error instanceof HeadConflictError)).toBe(true);
      expect((await rig.open().readHead())?.tag).toBe(values[0]);
    });

    test('is written by one of many with the same tag, over and over, and holds what the one wrote', async () => {
      await using rig = await make();
      const stores = [rig.open(), rig.open(), rig.open(), rig.open()];
      let tag = await stores[0]!.writeHead(bytesOf('start'), null);
      for (let round = 0; round < 12; round++) {
        const texts = stores.map((_, index) => `round ${round}, writer ${index}`);
        const settled = await Promise.allSettled(
          stores.map((store, index) => store.writeHead(bytesOf(texts[index]!), tag)),
        );
        const winners = settled.flatMap((outcome, index) => (outcome.status === 'fulfilled' ? [index] : []));
        expect(winners).toHaveLength(1);
        const head = await rig.open().readHead();
        expect(textOf(head?.bytes)).toBe(texts[winners[0]!]);
        tag = head!.tag;
      }
    });

    test('is written by one of many that write the same bytes', async () => {
      await using rig = await make();
      const { values, errors } = await outcomes([0, 1, 2].map(() => rig.open().writeHead(bytesOf('same'), null)));
      expect(values).toHaveLength(1);
      expect(errors.every((error) => error instanceof HeadConflictError)).toBe(true);
    });

    test('is not written under a tag of the past, nor by one who expects none', async () => {
      await using rig = await make();
      const store = rig.open();
      const tags = [await store.writeHead(bytesOf('0'), null)];
      for (let number = 1; number < 12; number++) tags.push(await store.writeHead(bytesOf(`${number}`), tags.at(-1)!));
      for (const tag of [null, ...tags.slice(0, -1)]) {
        await expect(rig.open().writeHead(bytesOf('late'), tag)).rejects.toThrow(HeadConflictError);
      }
      expect(textOf((await store.readHead())?.bytes)).toBe('11');
    });

    test('is not written under a tag while there is none', async () => {
      await using origin = await make();
      const tag = await origin.open().writeHead(bytesOf('elsewhere'), null);
      await using rig = await make();
      await expect(rig.open().writeHead(bytesOf('here'), tag)).rejects.toThrow(HeadConflictError);
      expect(await rig.open().readHead()).toBeNull();
    });

    test('takes a write again that the same store made already', async () => {
      await using rig = await make();
      const store = rig.open();
      const first = await store.writeHead(bytesOf('first'), null);
      expect(await store.writeHead(bytesOf('first'), null)).toBe(first);
      const second = await store.writeHead(bytesOf('second'), first);
      expect(await store.writeHead(bytesOf('second'), first)).toBe(second);
      await expect(store.writeHead(bytesOf('first'), null)).rejects.toThrow(HeadConflictError);
      await expect(store.writeHead(bytesOf('other'), first)).rejects.toThrow(HeadConflictError);
      await expect(rig.open().writeHead(bytesOf('second'), first)).rejects.toThrow(HeadConflictError);
    });
  });
}

function blobLaws(kind: string, make: () => Promise<StateStoreRig>): void {
  describe(`a blob of a ${kind} state store`, () => {
    test('is absent until it is put', async () => {
      await using rig = await make();
      const store = rig.open();
      expect(await store.get('1-1-base')).toBeNull();
      expect(await store.list()).toEqual([]);
    });

    test('is read by every process exactly as it was put', async () => {
      await using rig = await make();
      const everyByte = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
      // Past one request, and not a whole number of them.
      const large = Uint8Array.from({ length: 5 * 1024 ** 2 + 17 }, (_, index) => (index ^ (index >> 11)) & 0xff);
      const blobs = { empty: new Uint8Array(0), 'every-byte': everyByte.subarray(3), large };
      for (const [name, bytes] of Object.entries(blobs)) await rig.open().put(name, bytes);
      for (const [name, bytes] of Object.entries(blobs)) {
        const read = await rig.open().get(name);
        expect(read !== null && Buffer.from(bytes).equals(read), name).toBe(true);
      }
    });

    test('is put again with the same bytes, and never changes', async () => {
      await using rig = await make();
      await rig.open().put('1-1-base', bytesOf('first'));
      await rig.open().put('1-1-base', bytesOf('first'));
      for (const other of ['other', 'firs', '']) {
        const error: unknown = await rig
          .open()
          .put('1-1-base', bytesOf(other))
          .catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(StateStoreError);
        expect(error).toMatchObject({ code: 'name_taken', retryable: false });
      }
      expect(textOf(await rig.open().get('1-1-base'))).toBe('first');
    });

    test('holds the bytes of one of many who put it at the same moment, whole', async () => {
      await using rig = await make();
      const contents = [1, 2, 3, 4].map((fill) => new Uint8Array(3 * 1024 ** 2).fill(fill));
      const { values, errors } = await outcomes(contents.map((bytes) => rig.open().put('1-1-base', bytes)));
      expect(values).toHaveLength(1);
      expect(errors.every((error) => error instanceof StateStoreError && error.code === 'name_taken')).toBe(true);
      const read = await rig.open().get('1-1-base');
      expect(contents.filter((bytes) => Buffer.from(bytes).equals(read!))).toHaveLength(1);
    });

    test('is deleted, more than once, and may then be put anew', async () => {
      await using rig = await make();
      const store = rig.open();
      await store.delete('1-1-base');
      await store.put('1-1-base', bytesOf('first'));
      await store.delete('1-1-base');
      await store.delete('1-1-base');
      expect(await store.get('1-1-base')).toBeNull();
      await store.put('1-1-base', bytesOf('second'));
      expect(textOf(await store.get('1-1-base'))).toBe('second');
    });

    test('is listed by name until it is deleted, and the head is not', async () => {
      await using rig = await make();
      const store = rig.open();
      await store.writeHead(bytesOf('head'), await store.writeHead(bytesOf('head'), null));
      const names = ['1-1-base', '1-10-delta', '1-2-delta', '1-2-feed-0', 'headless', '2.x_y'].sort();
      for (const name of names) await store.put(name, bytesOf(name));
      expect(await rig.open().list()).toEqual(names);
      await store.delete('1-2-delta');
      expect(await rig.open().list()).toEqual(names.filter((name) => name !== '1-2-delta'));
    });

    test('has a name that every store can keep, and never that of the head or the lease', async () => {
      await using rig = await make();
      for (const name of ['head', 'head.1', 'lease', 'lease.1', '', '../up', 'a/b', '.hidden', 'Upper', 'x.draft']) {
        await expect(rig.open().put(name, bytesOf('x')), name).rejects.toThrow(TypeError);
      }
      expect(await rig.open().list()).toEqual([]);
    });
  });

  test(`a ${kind} state store whose place is unusable says so in every method`, async () => {
    await using rig = await make();
    const store = rig.open();
    const tag = await store.writeHead(bytesOf('head'), null);
    await store.put('1-1-base', bytesOf('base'));
    await rig.breakPlace();
    const calls = [
      store.readHead(),
      store.writeHead(bytesOf('next'), tag),
      store.put('1-2-delta', bytesOf('delta')),
      store.get('1-1-base'),
      store.delete('1-1-base'),
      store.list(),
    ];
    const { values, errors } = await outcomes<unknown>(calls);
    expect(values).toEqual([]);
    for (const error of errors) expect(error).toBeInstanceOf(StateStoreError);
  });
}
