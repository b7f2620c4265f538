import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Alert } from '../../../src/core/alert/alert.ts';
import { rowColumns } from '../../../src/core/alert/row.ts';
import type { ComparedRow } from '../../../src/core/kql/compare.ts';
import { HOUR_MS } from '../../../src/core/time.ts';
import { scriptedIncidents } from '../../../src/dev/traffic/incidents.ts';
import { createPopulation } from '../../../src/dev/traffic/population.ts';
import { writeBodies, writeBundle } from '../../../src/dev/traffic/record-file.ts';
import { threatIntelligence } from '../../../src/dev/traffic/threat-intelligence.ts';
import { Traffic } from '../../../src/dev/traffic/traffic.ts';

const startMs = Date.UTC(2026, 2, 2, 8, 12);
const at = '2026-03-02T12:00:00Z';

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function replay(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env['PATH'] ?? '', ...env }, maxBuffer: 64 * 1024 ** 2 };
    const child = execFile(process.execPath, ['src/main.ts', 'replay', ...args], options, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

function documents<Document>({ stdout }: Ran): Document[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Document);
}

describe('tidewatch replay', () => {
  let folder = '';
  let indicators = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidewatch-replay-'));
    indicators = join(folder, 'bundle.json');
    const population = createPopulation(1);
    const incidents = scriptedIncidents(population);
    const traffic = new Traffic({ seed: 1, startMs: startMs - HOUR_MS, scale: 0.01, population });
    for (const incident of incidents) traffic.schedule(incident.messages(startMs));
    const messages = traffic.next(startMs - HOUR_MS, startMs + 3.5 * HOUR_MS);
    await writeBodies(join(folder, 'plain'), messages);
    await writeBodies(join(folder, 'packed'), messages, { compress: true });
    await writeBundle(indicators, [
      ...threatIntelligence({ seed: 1, atMs: startMs, count: 100 }),
      ...incidents.flatMap((incident) => incident.intelligence(startMs).flatMap(({ objects }) => objects)),
    ]);
    await archive(join(folder, 'plain'), join(folder, 'archive'));
  });

  afterAll(() => rm(folder, { recursive: true }));

  /** The same records as a Storage archive has them: one pretty-printed document deep in folders, and a list. */
  async function archive(from: string, to: string): Promise<void> {
    const hour = join(to, 'resourceId=', 'y=2026', 'm=03');
    await mkdir(hour, { recursive: true });
    for (const hub of [
      'insights-activity-logs',
      'insights-logs-signinlogs',
      'insights-logs-serviceprincipalsigninlogs',
    ]) {
      const lines = (await readFile(join(from, `${hub}.ndjson`), 'utf8')).trim().split('\n');
      const records = lines.flatMap((line) => readable(line));
      await writeFile(join(hour, `${hub}.json`), JSON.stringify(hub.endsWith('logs') ? records : { records }, null, 2));
    }
  }

  function readable(line: string): readonly unknown[] {
    try {
      return (JSON.parse(line) as { records: readonly unknown[] }).records;
    } catch {
      return [];
    }
  }

  function records(...paths: string[]): string[] {
    return ['--records', ...paths.map((path) => join(folder, path)), '--indicators', indicators];
  }

  test('prints the same alerts for a folder, its files packed, a glob and an archive of pretty documents', async () => {
    const runs = await Promise.all([
      replay([...records('plain'), '--at', at]),
      replay([...records('packed'), '--at', at]),
    ]);
    runs.push(
      ...(await Promise.all([
        replay([...records('plain/*.ndjson', 'plain/insights-activity-logs.ndjson'), '--at', at]),
        replay([...records('archive'), '--at', at]),
      ])),
    );
    const [first] = runs;
    const alerts = documents<Alert>(first);
    expect(alerts.length).toBeGreaterThanOrEqual(4);
    for (const alert of alerts) {
      expect(Object.keys(alert.row)).toEqual(rowColumns);
      expect(alert).toMatchObject({ activity: 'create', windowEnd: at, emittedAt: at });
    }
    for (const run of runs) {
      expect(run.stdout).toBe(first.stdout);
      expect(run.stderr).toMatch(/Read \d+ records, \d+ of them to replay/);
    }
  });

  test('prints what the service would have emitted hour by hour, versions as of then when asked', async () => {
    const [all, asOf] = await Promise.all([
      replay(records('plain')),
      replay([...records('plain'), '--indicators-as-of'], { TI_REFRESH_INTERVAL: '1m' }),
    ]);
    const golden = ['stolen-service-principal', 'retroactive-match', 'revoked-midway'].map(
      async (name) => JSON.parse(await readFile(`test/golden/${name}.json`, 'utf8')) as readonly Alert[],
    );
    const expected = (await Promise.all(golden)).flat().filter(({ closeReason }) => closeReason !== 'window-empty');
    const ids = documents<Alert>(asOf).map(({ id }) => id);
    expect(expected.map(({ id }) => id).filter((id) => !ids.includes(id))).toEqual([]);
    // With every version known from the start, what was revoked later never matched.
    expect(documents<Alert>(all).some(({ closeReason }) => closeReason === 'indicator-revoked')).toBe(false);
    expect(documents<Alert>(asOf).some(({ closeReason }) => closeReason === 'indicator-revoked')).toBe(true);
  });

  test('reads allow lists and the severity policy from the environment, and compares without them', async () => {
    const list = join(folder, 'everybody.txt');
    await writeFile(list, '0.0.0.0/0\n::/0\nnobody\n');
    const lists = (action: string, path = list): string => JSON.stringify([{ name: 'all', path, action }]);
    const evaluation = [...records('packed'), '--at', at];
    const [plain, lowered, dropped, absent, ...compared] = await Promise.all([
      replay(evaluation),
      replay(evaluation, {
        ALLOW_LISTS: lists('lower'),
        SEVERITY_POLICY: '[{"when":{"allowListed":true},"change":-1}]',
      }),
      replay(evaluation, { ALLOW_LISTS: lists('drop') }),
      replay(evaluation, { ALLOW_LISTS: lists('drop', `${list}.gone`) }),
      replay([...evaluation, '--compare']),
      replay([...evaluation, '--compare'], { ALLOW_LISTS: lists('drop') }),
    ]);
    const alerts = documents<Alert>(plain);
    expect(documents<Alert>(lowered)).toEqual(
      alerts.map((alert) => ({ ...alert, severity: 'Medium', allowLists: ['all'] })),
    );
    expect(lowered.stderr).toContain('Skipped 1 entries of allow list all');
    expect([dropped.code, dropped.stdout]).toEqual([plain.code, '']);
    expect([absent.code, documents<Alert>(absent)]).toEqual([65, alerts]);
    expect(absent.stderr).toMatch(/Cannot read allow list all from .*gone: ENOENT/);
    expect(compared[1].stdout).toBe(compared[0].stdout);
  });

  test('prints the letter and the comparison, in which no difference is unexplained', async () => {
    const [letter, comparison, table] = await Promise.all([
      replay([...records('packed'), '--at', at, '--semantics', 'kql']),
      replay([...records('packed'), '--at', at, '--compare']),
      replay([...records('packed'), '--at', at, '--compare', '--format', 'table']),
    ]);
    const rows = documents<{ windowEnd: string; row: Alert['row'] }>(letter);
    expect(rows.length).toBeGreaterThan(0);
    for (const { windowEnd, row } of rows) expect([windowEnd, ...Object.keys(row)]).toEqual([at, ...rowColumns]);
    const compared = documents<ComparedRow>(comparison);
    expect(compared.filter(({ side }) => side !== 'repaired')).toHaveLength(rows.length);
    expect(compared.flatMap(({ reasons }) => reasons)).toContain('range');
    expect(compared.flatMap(({ reasons }) => reasons)).not.toContain('unknown');
    expect(table.stdout).toMatch(/^CALLER +ADDRESS +RESULT +COLUMN +KQL +REPAIRED +REASONS\n/);
    expect(table.stdout).toMatch(/^range: KQL compares texts/m);
  });

  test('names what it cannot read by file, line and reason, does the rest, and answers 65', async () => {
    const { stdout: whole } = await replay([...records('packed'), '--at', at]);
    const activity = await readFile(join(folder, 'plain', 'insights-activity-logs.ndjson'), 'utf8');
    const lines = activity.trim().split('\n');
    const broken = join(folder, 'broken.ndjson');
    await writeFile(
      broken,
      [...lines.slice(0, 3), '{"category":"SignInLogs","time":"20', ...lines.slice(3), ''].join('\n'),
    );
    const cut = join(folder, 'cut.json.gz');
    await writeFile(cut, gzipSync(`${lines[0]!}\n`).subarray(0, -12));
    const ran = await replay([
      ...['--records', broken, cut, join(folder, 'gone.json')],
      ...[join(folder, 'plain', 'insights-logs-s*.ndjson'), '--indicators', indicators, '--at', at],
    ]);
    expect(ran.code).toBe(65);
    expect(ran.stdout).toBe(whole);
    expect(ran.stderr).toContain(`Cannot read record 1 of ${broken} line 4 as its end is missing\n`);
    expect(ran.stderr).toContain(`Cannot read ${cut} on from line 1: unexpected end of file\n`);
    expect(ran.stderr).toMatch(/Cannot read .*gone\.json: ENOENT/);
  });

  test('decodes dead letters again', async () => {
    const record = {
      time: '2026-03-02T10:00:00Z',
      category: 'Administrative',
      resultType: 'Success',
      callerIpAddress: '203.0.113.77',
      caller: 'from-a-dead-letter',
    };
    const letter = { stream: 'h', partition: '0', sequenceNumber: 1, index: 0, reason: 'invalid_json', enqueuedAt: at };
    const dead = join(folder, 'dead.ndjson');
    await writeFile(dead, `${JSON.stringify({ ...letter, text: JSON.stringify(record) })}\n`);
    const ran = await replay(['--dead-letters', dead, '--indicators', indicators, '--at', at]);
    expect(documents<Alert>(ran).map(({ caller }) => caller)).toEqual(['from-a-dead-letter']);
    expect(ran.code).toBe(0);
  });

  test('answers 64 to a wrong command line and 78 to a wrong configuration, with every problem', async () => {
    const [usage, configuration] = await Promise.all([
      replay(['--semantics', 'kql', '--colour']),
      replay(records('plain'), { LOOKBACK: '90m', MIN_CONFIDENCE: 'high' }),
    ]);
    expect(usage).toMatchObject({ code: 64, stdout: '' });
    expect(usage.stderr).toMatch(
      /no such option[\s\S]*--indicators is missing[\s\S]*without --at[\s\S]*Usage: tidewatch/,
    );
    expect(configuration).toMatchObject({ code: 78, stdout: '' });
    expect(configuration.stderr).toContain('Cannot use MIN_CONFIDENCE');
    expect(configuration.stderr).toContain('Cannot use LOOKBACK');
  });

  test('takes the rule from the environment, and needs no connection of it', async () => {
    const [strict, short] = await Promise.all([
      replay([...records('packed'), '--at', at], { MIN_CONFIDENCE: '100' }),
      replay([...records('packed'), '--at', '2026-03-02T11:00:00Z'], { LOOKBACK: '1h', FLUSH_INTERVAL: '30m' }),
    ]);
    expect(strict.stdout).toBe('');
    expect(documents<Alert>(short).map(({ windowStart }) => windowStart)).toEqual(['2026-03-02T10:00:00Z']);
  });
});
