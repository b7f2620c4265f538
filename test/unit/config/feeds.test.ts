import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StixFileSettings } from '../../../src/adapters/stix-file/feed.ts';
import type { TaxiiSettings } from '../../../src/adapters/taxii/settings.ts';
import { type FeedSettings, readFeeds, secretsOfFeeds } from '../../../src/config/feeds.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'feeds-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

const defaultPolicy = { weight: 1, allowRevocation: true, decay: null, allowRedDescription: false };
const taxii = { type: 'taxii', name: 'one', url: 'https://taxii.example/taxii2/' };

function feedsOf(...feeds: readonly object[]): readonly FeedSettings[] {
  const read = readFeeds(JSON.stringify(feeds));
  expect(read.problems).toEqual([]);
  return read.feeds;
}

function problemsOf(...feeds: readonly unknown[]): readonly string[] {
  const read = readFeeds(JSON.stringify(feeds), {});
  expect(read.feeds).toEqual([]);
  return read.problems;
}

test('a TAXII feed needs a name and a URL, and the rest has defaults', () => {
  expect(feedsOf(taxii)).toEqual([
    {
      ...taxii,
      collection: null,
      auth: { type: 'none' },
      version: null,
      certificate: null,
      ca: null,
      limit: 1000,
      allowHttp: false,
      matchTypes: [],
      resyncMs: 86_400_000,
      sightings: null,
      defaultConfidence: null,
      tlp: '',
      maxAgeMs: null,
      useDstRef: false,
      ...defaultPolicy,
    },
  ]);
});

test('a file feed needs a name and a path', () => {
  expect(feedsOf({ type: 'file', name: 'disk', path: '/feeds/*.json' })).toEqual([
    {
      type: 'file',
      name: 'disk',
      path: '/feeds/*.json',
      defaultConfidence: null,
      tlp: '',
      maxAgeMs: null,
      useDstRef: false,
      ...defaultPolicy,
    },
  ]);
});

test('what is read of a feed is what its adapter takes', () => {
  const adapted = feedsOf(taxii, { type: 'file', name: 'disk', path: 'x' }).map(
    (feed): TaxiiSettings | StixFileSettings => feed,
  );
  expect(adapted.map(({ name }) => name)).toEqual(['one', 'disk']);
});

test.each<[string, unknown, unknown]>([
  ['defaultConfidence', 85, 85],
  ['defaultConfidence', null, null],
  ['tlp', 'TLP:amber+strict', 'AMBER+STRICT'],
  ['tlp', 'white', 'CLEAR'],
  ['useDstRef', true, true],
  ['weight', 0.35, 0.35],
  ['weight', 0, 0],
  ['allowRevocation', false, false],
  ['allowRedDescription', true, true],
  ['decay', null, null],
  ['decay', { model: 'opencti' }, { lifetimeMs: 47 * 86_400_000, speed: 0.55 * 3 }],
  ['decay', { model: 'opencti', lifetime: '30d', pound: 0.1 }, { lifetimeMs: 30 * 86_400_000, speed: 0.1 * 3 }],
  ['decay', { model: 'misp', lifetime: '120d', speed: 2 }, { lifetimeMs: 120 * 86_400_000, speed: 2 }],
  ['limit', 50, 50],
  ['version', '2.0', '2.0'],
  ['version', null, null],
  ['collection', 'High confidence', 'High confidence'],
  ['matchTypes', ['indicator', 'x-thing'], ['indicator', 'x-thing']],
])('%s %j is read as %j', (key, value, expected) => {
  expect(feedsOf({ ...taxii, [key]: value })[0]).toMatchObject({ [key]: expected });
});

test.each<[object, readonly string[]]>([
  [{ weight: 1.1 }, ['.weight as it must be a number from 0 to 1: current value is 1.1']],
  [{ weight: '0.5' }, ['.weight as it must be a number from 0 to 1: current value is "0.5"']],
  [{ allowRevocation: 'no' }, ['.allowRevocation as it must be true or false: current value is "no"']],
  [{ allowRedDescription: 1 }, ['.allowRedDescription as it must be true or false: current value is 1']],
  [{ decay: '47d' }, ['.decay as it must be an object with a model, or null: current value is a string']],
  [{ decay: {} }, ['.decay.model as it must be "opencti" or "misp": current value is nothing']],
  [
    { decay: { model: 'misp' } },
    [
      '.decay.lifetime as it must be a duration such as 120d: current value is nothing',
      '.decay.speed as it must be a number from 0.15 to 30: current value is nothing',
    ],
  ],
  [
    { decay: { model: 'misp', lifetime: '0s', speed: 0 } },
    [
      '.decay.lifetime as it must be a duration such as 47d: current value is "0s"',
      '.decay.speed as it must be a number from 0.15 to 30: current value is 0',
    ],
  ],
  [
    { decay: { model: 'opencti', pound: 0, speed: 2 } },
    [
      '.decay.pound as it must be a number from 0.05 to 10: current value is 0',
      '.decay as it has the unknown key "speed": known keys are lifetime, model, pound',
    ],
  ],
])('of %j it says what is wrong', (fields, problems) => {
  expect(problemsOf({ ...taxii, ...fields })).toEqual(problems.map((each) => `Cannot use TI_FEEDS[0] (one)${each}`));
});

test('durations are read as milliseconds', () => {
  expect(feedsOf({ ...taxii, maxAge: '90d', resync: '12h' })[0]).toMatchObject({
    maxAgeMs: 90 * 86_400_000,
    resyncMs: 43_200_000,
  });
});

test.each<[string, unknown, unknown]>([
  ['basic', { username: 'u', password: 'p' }, { type: 'basic', username: 'u', password: 'p' }],
  ['basic', { username: 'key', password: '' }, { type: 'basic', username: 'key', password: '' }],
  ['bearer', 't', { type: 'bearer', token: 't' }],
  ['header', { name: 'x-api-key', value: 'v' }, { type: 'header', name: 'x-api-key', value: 'v' }],
])('auth by %s is read', (kind, value, expected) => {
  expect(feedsOf({ ...taxii, auth: { [kind]: value } })[0]).toMatchObject({ auth: expected });
});

test('secrets are read from files, without their last line end, and from the environment', () => {
  const file = join(folder, 'password');
  writeFileSync(file, 'from file\n');
  const auth = { basic: { username: { env: 'FEED_USER' }, password: { file } } };
  const { feeds, problems } = readFeeds(JSON.stringify([{ ...taxii, auth }]), { FEED_USER: 'from environment' });
  expect(problems).toEqual([]);
  expect(feeds[0]).toMatchObject({ auth: { username: 'from environment', password: 'from file' } });
});

test('secretsOfFeeds() names every secret of every feed', () => {
  const feeds = feedsOf(
    { ...taxii, auth: { bearer: 'token-1' } },
    { ...taxii, name: 'two', auth: { basic: { username: 'user-2', password: 'word-2' } } },
    { ...taxii, name: 'three', auth: { header: { name: 'x', value: 'value-3' } } },
    { ...taxii, name: 'four' },
    { ...taxii, name: 'five', auth: { header: { name: 'Authorization', value: 'Token key-5' } } },
  );
  const secrets = ['token-1', 'word-2', 'user-2:word-2', 'value-3', 'Token key-5', 'key-5'];
  expect(secretsOfFeeds(feeds)).toEqual(secrets);
});

test('@FILE holds the list, with a byte order mark or without', () => {
  const file = join(folder, 'feeds.json');
  writeFileSync(file, `\uFEFF${JSON.stringify([taxii])}`);
  expect(readFeeds(`@${file}`).feeds.map(({ name }) => name)).toEqual(['one']);
});

test.each([
  ['https://taxii.example/', false, true],
  ['http://127.0.0.1:9000/taxii2/', false, true],
  ['http://localhost/taxii2/', false, true],
  ['http://[::1]:80/taxii2/', false, true],
  ['http://taxii.example/taxii2/', true, true],
  ['http://taxii.example/taxii2/', false, false],
  ['http://127.0.0.1.example/', false, false],
  ['ftp://taxii.example/', true, false],
  ['taxii.example', true, false],
])('the URL %s with allowHttp %s is good: %s', (url, allowHttp, good) => {
  expect(readFeeds(JSON.stringify([{ ...taxii, url, allowHttp }])).problems.length === 0).toBe(good);
});

test.each<[string, object, string]>([
  [
    'an unknown key',
    { apikey: 'k' },
    'Cannot use TI_FEEDS[0] (one) as it has the unknown key "apikey": known keys are',
  ],
  ['a bad limit', { limit: 0 }, '.limit as it must be a whole number from 1 to 100000: current value is 0'],
  ['a bad confidence', { defaultConfidence: 101 }, '.defaultConfidence as it must be a number from 0 to 100 or null'],
  ['a bad marking', { tlp: 'PURPLE' }, '.tlp as it must be one of RED, AMBER+STRICT, AMBER, GREEN, CLEAR'],
  ['a bad duration', { maxAge: 90 }, '.maxAge as it must be a duration such as 90d: current value is 90'],
  ['an endless resync', { resync: '0h' }, '.resync as it must be a duration such as 24h: current value is "0h"'],
  ['a bad version', { version: 2.1 }, '.version as it must be "2.0", "2.1" or null: current value is 2.1'],
  ['a bad flag', { useDstRef: 'yes' }, '.useDstRef as it must be true or false: current value is "yes"'],
  ['a bad type list', { matchTypes: ['Indicator!'] }, '.matchTypes as it must be a list of STIX types'],
  ['an empty collection', { collection: '' }, '.collection as it must be the id, alias or title of a collection'],
  ['no name', { name: undefined }, 'TI_FEEDS[0].name as it must be a name of at most 64'],
  ['a bad type', { type: 'csv' }, '.type as it must be "taxii" or "file": current value is "csv"'],
])('%s is a problem that names place, value and want', (_, change, expected) => {
  expect(problemsOf({ ...taxii, ...change })).toEqual([expect.stringContaining(expected)]);
});

test.each<[string, unknown, string]>([
  ['a text', 's3cret', 'TI_FEEDS[0] (one).auth as it must be {"basic"'],
  ['no kind', { bear: 's3cret' }, 'current value is an object with 0 of them'],
  ['two kinds', { bearer: 's3cret', basic: { username: 'u', password: 's3cret' } }, 'an object with 2 of them'],
  ['an empty token', { bearer: '' }, '.auth.bearer as it must not be empty'],
  ['a token with a line end', { bearer: 's3cret\nx' }, '.auth.bearer as it must hold no control characters'],
  [
    'a number',
    { bearer: 7 },
    '.auth.bearer as it must be a text, {"file": PATH} or {"env": NAME}: current value is a number',
  ],
  ['a missing variable', { bearer: { env: 'NOPE' } }, 'the variable NOPE, which is not set'],
  ['a missing file', { bearer: { file: '/nowhere/x' } }, 'a file that cannot be read: ENOENT'],
  [
    'a bad header name',
    { header: { name: 'x y', value: 's3cret' } },
    '.auth.header.name as it must be the name of an HTTP',
  ],
  ['a token beyond ASCII', { bearer: 's3cret-ж' }, '.auth.bearer as it must hold only ASCII characters'],
  [
    'a header value beyond ASCII',
    { header: { name: 'x', value: 's3cret-ж' } },
    '.auth.header.value as it must hold only ASCII characters',
  ],
  ['a colon in the user name', { basic: { username: 'a:b', password: 's3cret' } }, 'must hold no colon'],
])('auth with %s is a problem that shows no secret', (_, auth, expected) => {
  const problems = problemsOf({ ...taxii, auth });
  expect(problems).toEqual(expect.arrayContaining([expect.stringContaining(expected)]));
  expect(problems.join('\n')).not.toContain('s3cret');
});

test('credentials in a URL are a problem that does not show them', () => {
  for (const url of ['https://user:s3cret@taxii.example/', 'https://taxii.example/?key=s3cret']) {
    const problems = problemsOf({ ...taxii, url });
    expect(problems).toHaveLength(1);
    expect(problems.join()).not.toContain('s3cret');
  }
});

test('names are unique without regard to case', () => {
  expect(problemsOf(taxii, { ...taxii, name: 'ONE' })).toEqual([
    'Cannot use TI_FEEDS[1].name as it must be unique: ONE is also TI_FEEDS[0]',
  ]);
});

test('all problems of all feeds are reported at once', () => {
  const problems = problemsOf({ ...taxii, limit: 'x', tlp: 7 }, 'text', { type: 'file', name: 'two' }, { type: 'no' });
  expect(problems.map((problem) => /TI_FEEDS\[\d\](?: \(\w+\))?(?:\.\w+)?/.exec(problem)?.[0])).toEqual([
    'TI_FEEDS[0] (one).tlp',
    'TI_FEEDS[0] (one).limit',
    'TI_FEEDS[1]',
    'TI_FEEDS[2] (two).path',
    'TI_FEEDS[3].type',
  ]);
});

test.each(['', '{', '[]', '{}', '"x"', 'null', '@/nowhere/feeds.json'])('the text %j is one problem', (text) => {
  const { feeds, problems } = readFeeds(text);
  expect(feeds).toEqual([]);
  expect(problems).toHaveLength(1);
});

test('a text that is no JSON is not quoted, since it may hold a secret', () => {
  expect(readFeeds('[{"auth":{"bearer":"s3cret"}').problems.join()).not.toContain('s3cret');
});
