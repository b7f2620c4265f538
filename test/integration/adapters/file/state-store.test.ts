import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileStateStore } from '../../../../src/adapters/file/state-store.ts';
import { bytesOf, stateStoreLaws } from '../../../contract/state-store.ts';

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'tidewatch-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

stateStoreLaws('file', async () => {
  const folder = await temporaryFolder();
  const path = join(folder.path, 'state');
  return {
    open: () => new FileStateStore(path),
    breakPlace: async () => {
      await rm(path, { recursive: true });
      await writeFile(path, 'a file where the folder should be');
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
});

test('drafts that a crash left behind are no blobs, and the next owner deletes them', async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, '1-abc-1.draft'), 'cut');
  const store = new FileStateStore(folder.path);
  expect(await store.list()).toEqual([]);
  await store.writeHead(bytesOf('head'), null);
  expect(await readdir(folder.path)).toEqual(['head.1']);
});

test('few heads of the past are kept', async () => {
  await using folder = await temporaryFolder();
  const store = new FileStateStore(folder.path);
  let tag: string | null = null;
  for (let number = 0; number < 100; number++) tag = await store.writeHead(bytesOf(`${number}`), tag);
  expect((await readdir(folder.path)).length).toBeLessThan(12);
});

test('a writer that was stopped before it created its version, which is gone by then, does not win', async () => {
  await using folder = await temporaryFolder();
  const store = new FileStateStore(folder.path);
  let tag = await store.writeHead(bytesOf('0'), null);
  const late = new FileStateStore(folder.path).writeHead(bytesOf('late'), tag);
  const racer = async (): Promise<void> => {
    for (let number = 1; number < 40; number++) tag = await store.writeHead(bytesOf(`${number}`), tag);
  };
  const [first, second] = await Promise.allSettled([late, racer()]);
  // Either it wrote version 2 and the other was fenced, or the other went on and it was.
  expect([first.status, second.status].sort()).toEqual(['fulfilled', 'rejected']);
});
