import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSinks } from '../../../src/config/sinks.ts';

const read = (value: unknown): ReturnType<typeof readSinks> =>
  readSinks(typeof value === 'string' ? value : JSON.stringify(value), {});
const stdout = { type: 'stdout', name: 'stdout', format: 'native', silenced: 'send' };

describe('SINKS', () => {
  test('a list of names stands for sinks with the usual settings', () => {
    expect(read('stdout, file:/var/alerts.ndjson')).toEqual({
      sinks: [
        stdout,
        {
          type: 'file',
          name: 'file:/var/alerts.ndjson',
          format: 'native',
          silenced: 'send',
          path: '/var/alerts.ndjson',
          rotateBytes: null,
          keep: 5,
          fsync: true,
        },
      ],
      problems: [],
      variables: [],
    });
  });

  test('what calls people skips what is silenced and what keeps alerts is sent it, unless a sink says otherwise', () => {
    const url = 'https://hooks.example.com/';
    const silenced = (sink: Record<string, unknown>): unknown => read([sink]).sinks[0]?.silenced;
    expect(
      [
        { type: 'stdout' },
        { type: 'file', path: 'a' },
        { type: 'event-hubs', hub: 'alerts' },
        { type: 'blob' },
        { type: 'sentinel', endpoint: 'https://a.ingest.monitor.azure.com', ruleId: `dcr-${'0'.repeat(32)}` },
      ].map(silenced),
    ).toEqual(Array<string>(5).fill('send'));
    expect(
      [
        { type: 'webhook', url, secrets: [] },
        { type: 'slack', url },
        { type: 'teams', url },
        { type: 'pagerduty', routingKey: 'k3y' },
        { type: 'alertmanager', url },
      ].map(silenced),
    ).toEqual(Array<string>(5).fill('skip'));
    expect([
      silenced({ type: 'stdout', silenced: 'skip' }),
      silenced({ type: 'slack', url, silenced: 'send' }),
    ]).toEqual(['skip', 'send']);
    expect(read([{ type: 'stdout', silenced: 'drop' }]).problems).toEqual([
      'Cannot use SINKS[0].silenced as it must be one of send, skip: current value is "drop"',
    ]);
  });

  test('a JSON list sets what each sink has', () => {
    const file = { type: 'file', name: 'archive', path: 'a', rotateAt: '64MiB', keep: 9, fsync: false };
    expect(read([{ type: 'stdout' }, file]).sinks).toMatchObject([
      stdout,
      { name: 'archive', path: 'a', rotateBytes: 64 * 1024 ** 2, keep: 9, fsync: false },
    ]);
  });

  test.each(['native', 'ocsf', 'ecs', 'cloudevents'])('a sink may want the format %s', (format) => {
    expect(read([{ type: 'stdout', format }])).toMatchObject({ sinks: [{ format }], problems: [] });
  });

  test('a file holds the list', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tidewatch-'));
    const path = join(folder, 'sinks.json');
    writeFileSync(path, '\uFEFF[{"type":"stdout"}]');
    expect(read(`@${path}`).sinks).toEqual([stdout]);
    rmSync(folder, { recursive: true });
  });

  test('several problems are told at once', () => {
    expect(
      read([
        { type: 'stdout', format: 'xml' },
        { type: 'file', keep: -1 },
      ]).problems,
    ).toHaveLength(3);
  });

  test.each<[unknown, RegExp]>([
    [',', /SINKS as it is empty: name at least one of stdout, file:PATH/],
    ['stdout,syslog', /SINKS as each must be stdout, file:PATH, .*: current value is "syslog"/],
    ['file:', /SINKS as each must be stdout, file:PATH, .*: current value is "file:"/],
    ['stdout,stdout', /SINKS\[1\].name as it must be unique: "stdout" is also SINKS\[0\]/],
    ['file:a,file:./b/../a', /SINKS\[1\].path as it must be unique: ".\/b\/..\/a" is also SINKS\[0\]/],
    ['[', /Cannot read SINKS: it is no JSON/],
    ['[]', /SINKS as it must be a JSON list of at least one sink: current value is an empty list/],
    ['@/nowhere/sinks.json', /Cannot read SINKS file \/nowhere\/sinks.json: ENOENT/],
    [[7], /SINKS\[0\] as it must be an object: current value is a number/],
    [[{ type: 'fax' }], /SINKS\[0\].type as it must be one of stdout, file.*: current value is "fax"/],
    [[{ type: 'stdout', path: 'a' }], /SINKS\[0\] as it has the unknown key "path"/],
    [[{ type: 'file' }], /SINKS\[0\].path as it must be the path of a file: current value is nothing/],
    [[{ type: 'stdout', name: '' }], /SINKS\[0\] \(\).name as it must be a text of at most 256/],
    [
      [{ type: 'stdout', name: 'sightings:isac' }],
      /SINKS\[0\] \(sightings:isac\).name .* does not begin with sightings:/,
    ],
    [[{ type: 'stdout', format: 'xml' }], /SINKS\[0\].format as it must be one of native.*: current value is "xml"/],
    [[{ type: 'file', path: 'a', rotateAt: '0B' }], /SINKS\[0\].rotateAt as it must be a size such as 64MiB or null/],
  ])('%j is one problem', (value, expected) => {
    expect(read(value)).toMatchObject({ sinks: [], problems: [expect.stringMatching(expected)] });
  });
});
