import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig, loadRuleConfig, loadStateConfig } from '../../../src/config/config.ts';

const local = 'Endpoint=sb://127.0.0.1;SharedAccessKeyName=n;SharedAccessKey=s3cret;UseDevelopmentEmulator=true';
const cloud = 'Endpoint=sb://name.servicebus.windows.net;SharedAccessKeyName=n;SharedAccessKey=s3cret';

const needed = {
  EVENTHUB_NAMESPACE: 'name.servicebus.windows.net',
  STORAGE_ACCOUNT_URL: 'https://name.blob.core.windows.net',
  TI_FEEDS: '[]',
};

type Environment = Readonly<Record<string, string | undefined>>;

function problemsOf(changes: Environment): readonly string[] {
  const { config, problems } = loadConfig({ ...needed, ...changes });
  expect(config === null).toBe(problems.length > 0);
  return problems;
}

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'config-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(text: string): string {
  const file = path.join(folder, 'value');
  writeFileSync(file, text);
  return file;
}

test('with what is needed, everything else has a value or is null', () => {
  expect(loadConfig(needed)).toMatchObject({
    problems: [],
    unknown: [],
    feedsText: '[]',
    config: { lookback: 86_400_000, activityHub: 'insights-activity-logs', opsPort: null, sinks: 'stdout' },
  });
});

test('blanks around a value are dropped, and an empty one without a fallback is unset', () => {
  expect(loadConfig({ ...needed, LOOKBACK: ' 12h ', OPS_PORT: '', NON_INTERACTIVE_HUB: ' ' }).config).toMatchObject({
    lookback: 43_200_000,
    opsPort: null,
    nonInteractiveHub: null,
  });
});

test('NAME_FILE names a file that holds the value, without its line end', () => {
  const { config, problems } = loadConfig({ ...needed, EVENTHUB_CONNECTION_STRING_FILE: fileOf(`${cloud}\n`) });
  expect(problems).toEqual([]);
  expect(config?.eventHubConnectionString).toBe(cloud);
});

test('NAME_FILE holds for every kind of option', () => {
  expect(loadConfig({ ...needed, MIN_CONFIDENCE_FILE: fileOf('80\n') }).config?.minConfidence).toBe(80);
});

test('an empty NAME or NAME_FILE gives way to the other', () => {
  expect(loadConfig({ ...needed, LOOKBACK: '2h', LOOKBACK_FILE: '' }).config?.lookback).toBe(7_200_000);
  expect(loadConfig({ ...needed, LOOKBACK: '', LOOKBACK_FILE: fileOf('3h') }).config?.lookback).toBe(10_800_000);
});

test('NAME and NAME_FILE together are a problem, and so is a file that cannot be read', () => {
  const file = fileOf(cloud);
  expect(problemsOf({ EVENTHUB_CONNECTION_STRING: cloud, EVENTHUB_CONNECTION_STRING_FILE: file })).toEqual([
    'Cannot read EVENTHUB_CONNECTION_STRING as EVENTHUB_CONNECTION_STRING_FILE is set too: set one of them',
  ]);
  expect(problemsOf({ STORAGE_CONNECTION_STRING_FILE: '/nowhere/key' })).toEqual([
    expect.stringMatching(/^Cannot read STORAGE_CONNECTION_STRING_FILE: \/nowhere\/key: ENOENT/),
  ]);
});

test('a value that cannot be read is one problem with the value seen and the value wanted', () => {
  expect(problemsOf({ LOOKBACK: 'a day' })).toEqual([
    'Cannot use LOOKBACK as it is not a duration such as 30s, 15m, 24h or 365d: current value is "a day"',
  ]);
});

test('every problem is reported at once: of options alone, of options together, and of what is missing', () => {
  const { config, problems } = loadConfig({ FLUSH_INTERVAL: '7m', MIN_CONFIDENCE: '101' });
  expect(config).toBeNull();
  const starts = ['MIN_CONFIDENCE', 'Event Hubs', 'Blob storage', 'anything', 'FLUSH_INTERVAL', 'LOOKBACK'];
  expect(problems).toEqual(
    starts.map((start): unknown => expect.stringMatching(`^Cannot (use|reach|match) ${start} `)),
  );
});

test('a rule over options that cannot be read adds no problem', () => {
  expect(problemsOf({ FLUSH_INTERVAL: 'soon', LOOKBACK: '25h', FLUSH_DELAY: '2h' })).toHaveLength(1);
  expect(problemsOf({ EVENTHUB_NAMESPACE: '', EVENTHUB_CONNECTION_STRING_FILE: '/nowhere/key' })).toHaveLength(1);
});

test.each<[Environment, RegExp]>([
  [{ STORAGE_ACCOUNT_URL: undefined }, /Blob storage as neither STORAGE_CONNECTION_STRING nor STORAGE_ACCOUNT_URL/],
  [{ STORAGE_ACCOUNT_URL: 'name' }, /STORAGE_ACCOUNT_URL as it is no URL .* current value is "name"/],
  [{ TI_FEEDS: undefined }, /TI_FEEDS is not set: set it to a JSON list of feeds or @FILE/],
  [{ FLUSH_INTERVAL: '7m', LOOKBACK: '7m' }, /FLUSH_INTERVAL as it must divide a day .* is 420000 ms/],
  [{ FLUSH_INTERVAL: '30s', LOOKBACK: '30s', FLUSH_DELAY: '1s' }, /FLUSH_INTERVAL .* at least 1m: .* is 30000 ms/],
  [{ LOOKBACK: '90m' }, /LOOKBACK as it must be a multiple of FLUSH_INTERVAL: current values are 5400000 ms and/],
  [{ LOOKBACK: '0h' }, /LOOKBACK as it must be a multiple of FLUSH_INTERVAL/],
  [{ FLUSH_DELAY: '1h' }, /FLUSH_DELAY as it must be less than FLUSH_INTERVAL: current values are 3600000 ms/],
  [{ TI_REFRESH_INTERVAL: '0s' }, /TI_REFRESH_INTERVAL as it must be at least 1s: current value is 0 ms/],
  [{ LEASE_DURATION: '14s' }, /LEASE_DURATION as with STATE on blobs it must be 15s to 60s .* value is 14000 ms/],
  [{ LEASE_DURATION: '61s' }, /LEASE_DURATION as with STATE on blobs .* current value is 61000 ms/],
  [{ LEASE_DURATION: '15.5s' }, /LEASE_DURATION as with STATE on blobs .* whole seconds: current value is 15500 ms/],
  [{ STATE: 'file:s', LEASE_DURATION: '1999ms' }, /LEASE_DURATION as it must be at least 2s: .* is 1999 ms/],
  [{ INDICATOR_MAX_AGE: '0d' }, /INDICATOR_MAX_AGE as it must be at least 1s/],
  [{ EXCLUDED_RANGES: ' ' }, /EXCLUDED_RANGES as it is empty/],
  [{ EXCLUDED_RANGES: '10.0.0.0/8,10.0.0.0/33' }, /EXCLUDED_RANGES as "10.0.0.0\/33" is no CIDR range/],
  [{ EXCLUDED_RANGES: '010.0.0.0/8' }, /EXCLUDED_RANGES as "010.0.0.0\/8" is no CIDR range/],
  [{ ACTIVITY_STATUSES: ',' }, /ACTIVITY_STATUSES as it is empty/],
  [{ DEAD_LETTERS: 'blob:' }, /DEAD_LETTERS as it must be blob:PREFIX or file:FOLDER: current value is "blob:"/],
  [{ DEAD_LETTERS: '/var/letters' }, /DEAD_LETTERS as it must be blob:PREFIX or file:FOLDER/],
  ...['blob', 'state/', 'file:', 'blob:state', 'blob:a/b', 'Blob:state/', '/var/state', 'file', ':', 'disk:state/'].map(
    (place): [Environment, RegExp] => [
      { STATE: place },
      new RegExp(`STATE as it must be blob:PREFIX, .* ends in /, or file:FOLDER: current value is "${place}"`),
    ],
  ),
  [
    { DEAD_LETTERS: 'blob:state/' },
    /DEAD_LETTERS as it lies in the same folder as STATE: .* "blob:state\/" and "blob:/,
  ],
  [{ DEAD_LETTERS: 'blob:state/letters-' }, /DEAD_LETTERS as it lies in the same folder as STATE/],
  [{ STATE: 'blob:', DEAD_LETTERS: 'blob:letters' }, /DEAD_LETTERS as it lies in the same folder as STATE/],
  [{ STATE: 'file:a', DEAD_LETTERS: 'file:./b/../a/' }, /DEAD_LETTERS as it lies in the same folder as STATE/],
  [{ OPS_PORT: '8080' }, /OPS_PORT as it must be another port than HTTP_PORT: current value of both is 8080/],
])('%j is one problem', (changes, expected) => {
  expect(problemsOf(changes)).toEqual([expect.stringMatching(expected)]);
});

test.each<Environment>([
  { DEAD_LETTERS: 'file:letters' },
  { STATE: 'blob:' },
  { STATE: 'blob:a/b/' },
  { STATE: 'file:state', LEASE_DURATION: '2s' },
  { STATE: 'file:state', LEASE_DURATION: '2.5s' },
  { LEASE_DURATION: '60s' },
  { STATE: 'blob:', DEAD_LETTERS: 'blob:letters/' },
  { DEAD_LETTERS: 'blob:state/letters/' },
  { DEAD_LETTERS: 'blob:state' },
  { DEAD_LETTERS: 'file:state/' },
  { STATE: 'file:a', DEAD_LETTERS: 'file:a/letters' },
  { EXCLUDED_RANGES: '10.0.0.0/8, ::1, 192.0.2.1' },
  { HTTP_PORT: '0', OPS_PORT: '0' },
  { FLUSH_INTERVAL: '5m', FLUSH_DELAY: '1m', LOOKBACK: '1h' },
])('%j is good', (changes) => {
  expect(problemsOf(changes)).toEqual([]);
});

const own = {
  EVENTHUB_NAMESPACE: undefined,
  ACTIVITY_CONNECTION_STRING: local,
  SIGN_IN_CONNECTION_STRING: local,
  SERVICE_PRINCIPAL_CONNECTION_STRING: local,
};

test('no namespace of all is needed when each stream has its own', () => {
  expect(problemsOf({ ...own, SIGN_IN_CONNECTION_STRING: undefined, SIGN_IN_NAMESPACE: 'a.servicebus' })).toEqual([]);
});

test('a stream that has neither a namespace of its own nor one of all is named with its hubs', () => {
  expect(problemsOf({ ...own, SIGN_IN_CONNECTION_STRING: undefined, NON_INTERACTIVE_HUB: 'quiet' })).toEqual([
    'Cannot reach hub insights-logs-signinlogs of SIGN_IN_HUB, quiet of NON_INTERACTIVE_HUB as neither EVENTHUB_CONNECTION_STRING nor EVENTHUB_NAMESPACE is set: set one of them, or SIGN_IN_CONNECTION_STRING or SIGN_IN_NAMESPACE',
  ]);
});

const fast = { SPEED: '60', SPEED_ORIGIN: '2026-03-01T12:00:00Z' };

test.each<[string, Environment, boolean]>([
  ['a local broker', { EVENTHUB_CONNECTION_STRING: local }, true],
  ['a local broker for each stream', own, true],
  ['a local broker for each stream, whatever that of all is', { ...own, EVENTHUB_CONNECTION_STRING: cloud }, true],
  ['a namespace', {}, false],
  ['a cloud namespace', { EVENTHUB_CONNECTION_STRING: cloud }, false],
  [
    'a local broker and a cloud one for one stream',
    { EVENTHUB_CONNECTION_STRING: local, SIGN_IN_CONNECTION_STRING: cloud },
    false,
  ],
  [
    'a local broker and a namespace for one stream',
    { EVENTHUB_CONNECTION_STRING: local, SIGN_IN_NAMESPACE: 'name' },
    false,
  ],
  [
    'a string that says the opposite',
    { EVENTHUB_CONNECTION_STRING: local.replace('Emulator=true', 'Emulator=false') },
    false,
  ],
])('SPEED with %s is taken: %3$s', (_, connections, taken) => {
  const refused = expect.stringMatching(
    /^Cannot use SPEED and SPEED_ORIGIN as Event Hubs is not a development endpoint/,
  ) as string;
  expect(problemsOf({ ...connections, ...fast })).toEqual(taken ? [] : [refused]);
});

test('SPEED_ORIGIN needs a development endpoint as SPEED does', () => {
  expect(problemsOf({ SPEED_ORIGIN: fast.SPEED_ORIGIN })).toEqual([
    expect.stringMatching(/^Cannot use SPEED_ORIGIN as Event Hubs/),
  ]);
});

test.each(['yesterday', '2026-03-01', '2026-03-01T12:00:00', '2026-13-01T12:00:00Z', '1767225600000'])(
  'SPEED_ORIGIN %j is no instant',
  (text) => {
    expect(problemsOf({ EVENTHUB_CONNECTION_STRING: local, SPEED: '2', SPEED_ORIGIN: text })).toEqual([
      expect.stringContaining('Cannot use SPEED_ORIGIN as it is no instant'),
    ]);
  },
);

test('feeds are handed on whatever else is wrong', () => {
  expect(loadConfig({ ...needed, LOOKBACK: 'x' }).feedsText).toBe('[]');
  expect(loadConfig({ TI_FEEDS_FILE: fileOf('[{"type":"file"}]\n') }).feedsText).toBe('[{"type":"file"}]');
  expect(loadConfig({}).feedsText).toBeNull();
});

test('no problem shows a secret', () => {
  const { problems } = loadConfig({
    EVENTHUB_CONNECTION_STRING: cloud,
    STORAGE_CONNECTION_STRING: ' ',
    TI_FEEDS: '[{"auth":{"bearer":"s3cret"}}]',
    SPEED: '2',
    LOOKBACK: 'x',
  });
  expect(problems.length).toBeGreaterThan(1);
  expect(problems.join('\n')).not.toContain('s3cret');
});

test('loadRuleConfig() reads and judges the options of the rule alone', () => {
  expect(loadRuleConfig({ SINKS: 'syslog', SPEED: '9', HTTP_PORT: 'x' })).toMatchObject({
    problems: [],
    config: { lookback: 86_400_000, minConfidence: 75 },
  });
  expect(loadRuleConfig({ LOOKBACK: '90m', EXCLUDED_RANGES: 'x' })).toMatchObject({
    config: null,
    problems: [expect.stringContaining('LOOKBACK'), expect.stringContaining('EXCLUDED_RANGES')],
  });
});

test('loadStateConfig() reads and judges where the state is kept alone', () => {
  const { STORAGE_ACCOUNT_URL } = needed;
  const config = {
    state: 'blob:state/',
    storageConnectionString: null,
    storageAccountUrl: STORAGE_ACCOUNT_URL,
    storageContainer: 'tidewatch',
  };
  expect(loadStateConfig({ STORAGE_ACCOUNT_URL, SINKS: 'syslog', LEASE_DURATION: '1s', LOOKBACK: 'x' })).toEqual({
    config,
    problems: [],
    unknown: [],
  });
  expect(loadStateConfig({ STATE: 'nowhere' })).toMatchObject({
    config: null,
    problems: [expect.stringContaining('Cannot reach Blob storage'), expect.stringContaining('Cannot use STATE')],
  });
});

test('loadStateConfig() wants no storage account for a folder, and takes nothing from one', () => {
  const config = { state: 'file:s', storageConnectionString: null, storageAccountUrl: null, storageContainer: '' };
  expect(loadStateConfig({ STATE: 'file:s' })).toMatchObject({ config, problems: [] });
  const elsewhere = { STORAGE_ACCOUNT_URL: 'name', STORAGE_CONNECTION_STRING_FILE: '/nowhere/key' };
  expect(loadStateConfig({ STATE: 'file:s', ...elsewhere })).toMatchObject({ config, problems: [] });
  expect(loadStateConfig({ STATE: 'file:' })).toMatchObject({
    config: null,
    problems: [expect.stringContaining('Cannot use STATE')],
  });
});
