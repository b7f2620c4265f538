import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createStixFileFeed, probeStixFileFeed } from '../../../../src/adapters/stix-file/feed.ts';
import { wholeOf, type WholeUpdate } from '../../../support/feed-updates.ts';
import { idsOf, sampleIndicator, sampleIndicators } from '../../../support/stix-samples.ts';
import { feedErrorOf } from '../../../support/taxii-rig.ts';

const { signal } = new AbortController();
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stix-file-'));
});

afterEach(() => rm(folder, { recursive: true }));

function poll(path: string, cursor: string | null = null): Promise<WholeUpdate> {
  return wholeOf(createStixFileFeed({ name: 'disk', path: join(folder, path) }).poll(cursor, signal));
}

async function write(name: string, content: unknown): Promise<void> {
  const bytes = typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content);
  await writeFile(join(folder, name), bytes);
}

const bundle = (objects: unknown): object => ({ type: 'bundle', id: 'bundle--1', objects });

describe('a path', () => {
  beforeEach(async () => {
    await write('b.json', bundle(sampleIndicators(1, 2)));
    await write('a.json', bundle(sampleIndicators(1, 1)));
    await write('c.json.gz', gzipSync(JSON.stringify(bundle(sampleIndicators(1, 3)))));
    await write('notes.txt', 'not a bundle');
    await mkdir(join(folder, 'inner.json'));
    await mkdir(join(folder, 'deep'));
    await write('deep/d.json', bundle(sampleIndicators(1, 4)));
  });

  test.each<[string, number[]]>([
    ['a.json', [1]],
    ['c.json.gz', [3]],
    ['.', [1, 2, 3]],
    ['[ab].json', [1, 2]],
    ['{b,c}.json*', [2, 3]],
    ['deep/*.json', [4]],
    ['**/[bd].json', [2, 4]],
  ])('%s finds its files in the order of their names', async (path, numbers) => {
    expect(idsOf((await poll(path)).objects)).toEqual(idsOf(numbers.map((number) => sampleIndicator(number))));
  });

  test('that is a file by that name is no glob', async () => {
    await write('[ab].json', bundle(sampleIndicators(1, 9)));
    expect(idsOf((await poll('[ab].json')).objects)).toEqual(idsOf([sampleIndicator(9)]));
  });

  test.each(['none.json', 'none/*.json', '*.xml'])('%s that finds nothing is an error', async (path) => {
    const error = await feedErrorOf(poll(path));
    expect(error).toMatchObject({ code: 'not_found', retryable: false });
    expect(error.message).toContain('check path of feed disk in TI_FEEDS');
  });
});

test('an empty folder is a feed of nothing', async () => {
  const update = await poll('.');
  expect(update).toMatchObject({ objects: [], full: true });
  expect(await poll('.', update.cursor)).toEqual({ objects: [], cursor: update.cursor, full: false });
});

test.each<[string, unknown, number]>([
  ['a bundle', bundle(sampleIndicators(2)), 2],
  ['a bundle without objects', { type: 'bundle', id: 'bundle--1' }, 0],
  ['an envelope', { objects: sampleIndicators(2) }, 2],
  ['a list', sampleIndicators(2), 2],
  ['one object', sampleIndicator(1), 1],
  ['a bundle after a byte order mark', `\uFEFF${JSON.stringify(bundle(sampleIndicators(2)))}`, 2],
  ['a bundle with members that are no objects', bundle([7, null, 'x', [], sampleIndicator(1)]), 1],
  ['gzip under a plain name', gzipSync(JSON.stringify(sampleIndicators(2))), 2],
])('%s is read', async (_, content, count) => {
  await write('x.json', content);
  expect((await poll('x.json')).objects).toHaveLength(count);
});

test.each<[string, unknown, boolean, string]>([
  ['half a file', '{"type":"bundle","objects":[', true, 'is no JSON'],
  ['an empty file', '', true, 'is no JSON'],
  ['half of a gzip', gzipSync(JSON.stringify(sampleIndicators(50))).subarray(0, 60), true, 'its gzip data is broken'],
  ['another document', { indicators: [] }, false, 'is no STIX bundle'],
  ['objects that are no list', bundle({}), false, 'is no STIX bundle'],
  ['null', 'null', false, 'is no STIX bundle: current value is null'],
])('%s fails the whole poll with an error that names the file', async (_, content, retryable, expected) => {
  await write('a.json', bundle(sampleIndicators(2)));
  await write('bad.json', content);
  const error = await feedErrorOf(poll('.'));
  expect(error).toMatchObject({ code: 'invalid_answer', retryable });
  expect(error.message).toContain(join(folder, 'bad.json'));
  expect(error.message).toContain(expected);
});

test('a change of content, of name and of the number of files is a change', async () => {
  await write('a.json', bundle(sampleIndicators(2)));
  const cursors = [(await poll('.')).cursor];
  await write('b.json', bundle([]));
  cursors.push((await poll('.')).cursor);
  await rm(join(folder, 'b.json'));
  await write('a.json', bundle(sampleIndicators(2, 1)));
  cursors.push((await poll('.')).cursor);
  await rename(join(folder, 'a.json'), join(folder, 'c.json'));
  cursors.push((await poll('.')).cursor);
  expect(new Set(cursors).size).toBe(4);
});

test('an object that left its file is gone from the next set', async () => {
  await write('a.json', bundle(sampleIndicators(3)));
  const { cursor } = await poll('a.json');
  await write('a.json', bundle(sampleIndicators(2)));
  const update = await poll('a.json', cursor);
  expect(update).toMatchObject({ full: true });
  expect(update.objects).toHaveLength(2);
});

test('probeStixFileFeed() counts, or tells the error', async () => {
  await write('a.json', bundle(sampleIndicators(3)));
  const probe = (path: string): Promise<unknown> => probeStixFileFeed({ name: 'disk', path }, signal);
  expect(await probe(folder)).toEqual({ ok: true, detail: '3 objects in 1 files', objects: 3 });
  expect(await probe(join(folder, 'none'))).toMatchObject({ ok: false, error: { code: 'not_found' } });
});
