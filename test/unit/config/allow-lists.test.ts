import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig, loadRuleConfig } from '../../../src/config/config.ts';

const needed = {
  EVENTHUB_NAMESPACE: 'name.servicebus.windows.net',
  STORAGE_ACCOUNT_URL: 'https://name.blob.core.windows.net',
  TI_FEEDS: '[]',
};

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'allow-lists-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const listsOf = (text: string) => loadConfig({ ...needed, ALLOW_LISTS: text });

function problemsOf(...lists: readonly unknown[]): readonly string[] {
  const { config, problems } = listsOf(JSON.stringify(lists));
  expect(config).toBeNull();
  return problems;
}

test('there are none by default, nor in an empty variable', () => {
  expect([loadConfig(needed).config?.allowLists, listsOf('').config?.allowLists]).toEqual([null, null]);
});

test('a list lowers by default and drops if told so', () => {
  const { config, problems } = listsOf('[{"name":"azure","path":"a.json"},{"name":"own","path":"b","action":"drop"}]');
  expect(problems).toEqual([]);
  expect(config?.allowLists).toEqual([
    { name: 'azure', path: 'a.json', action: 'lower' },
    { name: 'own', path: 'b', action: 'drop' },
  ]);
});

test('@FILE holds the lists, and a replay reads them too', () => {
  const file = join(folder, 'lists.json');
  writeFileSync(file, '\uFEFF[{"name":"azure","path":"a.json"}]');
  expect(loadRuleConfig({ ALLOW_LISTS: `@${file}` }).config?.allowLists).toHaveLength(1);
  expect(listsOf('@/nowhere/lists.json').problems).toEqual([
    expect.stringMatching(
      /^Cannot read ALLOW_LISTS file \/nowhere\/lists.json: ENOENT.*: a JSON list or @FILE is wanted$/,
    ),
  ]);
});

test('every problem is told at once, each with its place, and with those of other options', () => {
  const lists = [{ name: '/', path: '' }, { name: 'azure', path: 'a', action: 'deny', color: 'red' }, 'azure'];
  const { problems } = loadConfig({ ...needed, LOOKBACK: 'a day', ALLOW_LISTS: JSON.stringify(lists) });
  expect(problems).toEqual([
    'Cannot use ALLOW_LISTS[0] (/).name as it must be a name of at most 64 letters, digits, blanks, ".", "_" or "-": current value is "/"',
    'Cannot use ALLOW_LISTS[0] (/).path as it must be a file, a folder or a glob of allow lists: current value is ""',
    'Cannot use ALLOW_LISTS[1] (azure).action as it must be one of lower, drop: current value is "deny"',
    'Cannot use ALLOW_LISTS[1] (azure) as it has the unknown key "color": known keys are action, name, path',
    'Cannot use ALLOW_LISTS[2] as it must be an object: current value is a string',
    'Cannot use LOOKBACK as it is not a duration such as 30s, 15m, 24h or 365d: current value is "a day"',
  ]);
});

test('names are unique without regard to case', () => {
  expect(problemsOf({ name: 'Azure', path: 'a' }, { name: 'azure', path: 'b' })).toEqual([
    'Cannot use ALLOW_LISTS[1].name as it must be unique: azure is also ALLOW_LISTS[0]',
  ]);
});

test.each<[string, RegExp]>([
  ['{}', /^Cannot use ALLOW_LISTS as it must be a JSON list: current value is an object$/],
  ['azure.json', /^Cannot read ALLOW_LISTS: .*: a JSON list or @FILE is wanted$/],
])('%s is no list', (text, expected) => {
  expect(listsOf(text).problems).toEqual([expect.stringMatching(expected)]);
});
