import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileDeadLetterStore } from '../../../../src/adapters/file/dead-letter-store.ts';
import { deadLetterStoreLaws, sampleLetter } from '../../../contract/dead-letter-store.ts';

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'tidewatch-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

deadLetterStoreLaws('file', async () => {
  const folder = await temporaryFolder();
  const path = join(folder.path, 'letters');
  return {
    open: (maxBytes) => new FileDeadLetterStore(path, maxBytes),
    breakPlace: () => writeFile(path, 'a file where the folder should be'),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
});

test('files that are no segments, and lines that a crash cut, are left alone', async () => {
  await using folder = await temporaryFolder();
  await new FileDeadLetterStore(folder.path, 1000).append([sampleLetter(1)]);
  await writeFile(join(folder.path, 'notes.txt'), 'mine');
  await writeFile(join(folder.path, '000000000007-2-abc.ndjson.draft'), 'cut');
  await writeFile(join(folder.path, '000000000008-2-abc.ndjson'), `${JSON.stringify(sampleLetter(8))}\n{"stream":"x`);
  const store = new FileDeadLetterStore(folder.path, 1);
  expect(await store.recent(10)).toEqual([sampleLetter(8), sampleLetter(1)]);
  await store.append([sampleLetter(9)]);
  expect(await store.recent(10)).toEqual([sampleLetter(9)]);
  expect(await readdir(folder.path)).toContain('notes.txt');
});
