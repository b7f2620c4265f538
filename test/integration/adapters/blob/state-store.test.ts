import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openContainer } from '../../../../src/adapters/blob/container.ts';
import { BlobStateStore } from '../../../../src/adapters/blob/state-store.ts';
import { HeadConflictError } from '../../../../src/core/ports.ts';
import { startAzurite, type Azurite } from '../../../../src/dev/azurite.ts';
import { bytesOf, stateStoreLaws } from '../../../contract/state-store.ts';
import { newContainer } from '../../../support/event-hub-rig.ts';
import { startLossyProxy, type Fate, type LossyProxy } from '../../../support/lossy-proxy.ts';
import { SteppingClock } from '../../../support/stepping-clock.ts';

let azurite: Azurite;

beforeAll(async () => {
  azurite = await startAzurite();
});

afterAll(async () => {
  await azurite.stop();
});

stateStoreLaws('blob', async () => {
  const container = await newContainer(azurite.connectionString);
  return {
    open: () => new BlobStateStore(container, 'state/'),
    breakPlace: async () => {
      await container.delete();
    },
    [Symbol.asyncDispose]: async () => {
      await container.deleteIfExists();
    },
  };
});

/** A store whose requests go by way of a proxy, with the client's own settings. */
async function lossyStore(): Promise<AsyncDisposable & { readonly store: BlobStateStore; readonly proxy: LossyProxy }> {
  const proxy = await startLossyProxy(azurite.connectionString);
  const opened = await openContainer(
    { connectionString: proxy.connectionString },
    `c-${randomUUID()}`,
    new SteppingClock(0),
  );
  if (!opened.ok) throw new Error(opened.error.message);
  const store = new BlobStateStore(opened.container, 'state/');
  return { store, proxy, [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose]() };
}

/** The fate for the first `count` requests that the method and path match. */
function fateOf(count: number, match: RegExp, fate: Fate): LossyProxy['fate'] {
  let left = count;
  return (method, url) => (match.test(`${method} ${url}`) && left-- > 0 ? fate : 'pass');
}

describe('an answer that is lost', () => {
  test('does not make a conflict of a head that this store wrote', async () => {
    await using rig = await lossyStore();
    rig.proxy.fate = fateOf(1, /^PUT .*state\/head/, 'lose answer');
    const first = await rig.store.writeHead(bytesOf('first'), null);
    expect((await rig.store.readHead())?.tag).toBe(first);
    // Past the client's own attempts: the caller tries again.
    rig.proxy.fate = fateOf(2, /^PUT .*state\/head/, 'lose answer');
    await expect(rig.store.writeHead(bytesOf('second'), first)).rejects.toMatchObject({ code: 'unavailable' });
    const second = await rig.store.writeHead(bytesOf('second'), first);
    expect((await rig.store.readHead())?.tag).toBe(second);
  });

  test('does not let a head pass that another wrote with the same bytes', async () => {
    await using rig = await lossyStore();
    const tag = await rig.store.writeHead(bytesOf('start'), null);
    rig.proxy.fate = fateOf(2, /^PUT .*state\/head/, { status: 500, code: 'InternalError' });
    await expect(rig.store.writeHead(bytesOf('next'), tag)).rejects.toMatchObject({ code: 'unavailable' });
    await using other = await lossyStoreOn(rig.proxy);
    await other.store.writeHead(bytesOf('next'), tag);
    await expect(rig.store.writeHead(bytesOf('next'), tag)).rejects.toThrow(HeadConflictError);
  });

  test('does not fail a blob, small or in parts', async () => {
    await using rig = await lossyStore();
    const large = new Uint8Array(3 * 1024 ** 2).fill(7);
    rig.proxy.fate = fateOf(1, /^PUT .*state\/small/, 'lose answer');
    await rig.store.put('small', bytesOf('small'));
    rig.proxy.fate = fateOf(1, /^PUT .*comp=blocklist/, 'lose answer');
    await rig.store.put('large', large);
    expect(await rig.store.get('small')).toEqual(Buffer.from('small'));
    expect(Buffer.from(large).equals((await rig.store.get('large'))!)).toBe(true);
  });
});

describe('a storage', () => {
  test('that falls silent ends a call instead of holding it', async () => {
    await using rig = await lossyStore();
    const tag = await rig.store.writeHead(bytesOf('start'), null);
    rig.proxy.fate = () => 'silence';
    const calls = [rig.store.writeHead(bytesOf('next'), tag), rig.store.put('a', bytesOf('a')), rig.store.list()];
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    rig.proxy.fate = () => 'pass';
    await rig.store.writeHead(bytesOf('next'), tag);
  });

  test('that fails within a blob leaves none, and the next attempt writes it', async () => {
    await using rig = await lossyStore();
    const large = new Uint8Array(3 * 1024 ** 2).fill(7);
    rig.proxy.fate = fateOf(2, /^PUT .*comp=blocklist/, { status: 503, code: 'ServerBusy' });
    await expect(rig.store.put('large', large)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await rig.store.get('large')).toBeNull();
    await rig.store.put('large', large);
    expect((await rig.store.get('large'))?.length).toBe(large.length);
  });

  test.each([
    [403, 'AuthenticationFailed', 'unauthorized', 'STORAGE_CONNECTION_STRING'],
    [404, 'ContainerNotFound', 'unavailable', 'STORAGE_CONTAINER'],
    [403, 'AccountQuotaExceeded', 'full', 'the storage is full'],
    [507, 'InsufficientStorage', 'full', 'the storage is full'],
    [503, 'ServerBusy', 'unavailable', 'STORAGE_CONNECTION_STRING'],
    [409, 'BlobImmutableDueToPolicy', 'unknown', 'BlobImmutableDueToPolicy'],
  ] as const)('that answers %i %s is told as %s', async (status, code, means, text) => {
    await using rig = await lossyStore();
    rig.proxy.fate = () => ({ status, code });
    const calls = [rig.store.readHead(), rig.store.writeHead(bytesOf('x'), null), rig.store.put('a', bytesOf('a'))];
    for (const outcome of await Promise.allSettled([...calls, rig.store.get('a'), rig.store.delete('a')])) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'StateStoreError', code: means } });
      const { message } = (outcome as PromiseRejectedResult).reason as Error;
      expect(message).toMatch(/^Cannot (read|write|delete) /);
      expect(message).toContain(text);
    }
  });
});

/** A second store on the container that the proxy saw last. */
async function lossyStoreOn(proxy: LossyProxy): Promise<AsyncDisposable & { readonly store: BlobStateStore }> {
  const name = /\/(c-[0-9a-f-]+)\//.exec(proxy.seen.at(-1) ?? '')?.[1] ?? '';
  const opened = await openContainer({ connectionString: azurite.connectionString }, name, new SteppingClock(0));
  if (!opened.ok) throw new Error(opened.error.message);
  return {
    store: new BlobStateStore(opened.container, 'state/'),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
