import { mkdir, mkdtemp, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAllowListSource } from '../../../../src/adapters/allow-list-file/source.ts';
import { AllowListError } from '../../../../src/core/intel/allow-list-reader.ts';
import type { AllowListReading } from '../../../../src/core/intel/allow-list-source.ts';
import { allowListProbe } from '../../../../src/pipeline/allow-list-probe.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allow-list-'));
});

afterEach(() => rm(folder, { recursive: true }));

const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
const sourceAt = (path: string) => createAllowListSource({ name: 'azure', path: join(folder, path), action: 'lower' });
const read = (path: string, known: string | null = null): Promise<AllowListReading> => sourceAt(path).read(known);

async function textsOf(path: string): Promise<string[] | undefined> {
  const { documents } = await read(path);
  return documents?.map(({ text }) => text);
}

describe('a path', () => {
  beforeEach(async () => {
    for (const name of ['b.txt', 'a.json', 'c.netset', 'd.cidr', 'notes.md', 'other']) await write(name, name);
    await mkdir(join(folder, 'inner.txt'));
  });

  test.each([
    ['other', ['other']],
    ['.', ['a.json', 'b.txt', 'c.netset', 'd.cidr']],
    ['*.t*', ['b.txt']],
    ['{b,inner,notes}.*', ['b.txt', 'notes.md']],
  ])('%s means %j', async (path, texts) => {
    expect(await textsOf(path)).toEqual(texts);
  });

  test.each([
    [
      'absent.txt',
      /^Cannot read allow list azure from .*absent.txt: ENOENT.*: check path of allow list azure in ALLOW_LISTS$/,
    ],
    ['inner.txt', /: the folder holds no file named .json, .txt, .cidr or .netset: check path of/],
    ['*.csv', /: it finds no file: check path of/],
  ])('%s finds nothing', async (path, message) => {
    const failure: unknown = await read(path).catch((cause: unknown) => cause);
    expect(failure).toBeInstanceOf(AllowListError);
    expect((failure as Error).message).toMatch(message);
  });
});

describe('a reading', () => {
  test('gives the documents only when their content or their names changed', async () => {
    await write('a.txt', '192.0.2.1');
    const { fingerprint } = await read('.');
    await utimes(join(folder, 'a.txt'), 1, 1);
    expect(await read('.', fingerprint)).toEqual({ fingerprint, documents: null });
    await write('a.txt', '192.0.2.2');
    await utimes(join(folder, 'a.txt'), 1, 1);
    const second = await read('.', fingerprint);
    expect(second.documents).toMatchObject([{ text: '192.0.2.2' }]);
    await write('b.txt', '');
    expect((await read('.', second.fingerprint)).documents).toHaveLength(2);
  });

  test('fails whole for a file that is too large', async () => {
    await write('a.txt', '192.0.2.1');
    await write('b.txt', '');
    await truncate(join(folder, 'b.txt'), 64 * 1024 ** 2 + 1);
    await expect(read('.')).rejects.toThrow(/at most 67108864 bytes: current size of .*b.txt is 67108865 bytes/);
  });
});

describe('check', () => {
  test.each<[string, string, RegExp]>([
    ['192.0.2.0/24\n2001:db8::/32', 'ok', /^2 entries$/],
    ['192.0.2.0/24\n\nhost', 'warn', /^1 entries, 1 skipped as no CIDR .*: the first is "host" at .*list.txt:3$/],
    ['{"type":"regex","list":[]}', 'fail', /list.txt of allow list azure as its type must be "cidr": .* "regex"$/],
  ])('of %j is %s', async (text, status, detail) => {
    await write('list.txt', text);
    const probe = allowListProbe(sourceAt('list.txt'));
    expect(probe.name).toBe('allow list azure');
    expect(await probe.run()).toEqual({ status, detail: expect.stringMatching(detail) as string });
  });

  test('of a list that is not there fails and says where to look', async () => {
    const outcome = await allowListProbe(sourceAt('absent.txt')).run();
    expect(outcome).toEqual({ status: 'fail', detail: expect.stringMatching(/in ALLOW_LISTS$/) as string });
  });
});
