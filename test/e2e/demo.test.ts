import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Incident } from '../../src/dev/traffic/incident.ts';
import { scriptedIncidents } from '../../src/dev/traffic/incidents.ts';
import { Traffic } from '../../src/dev/traffic/traffic.ts';
import { NodeProcess } from '../support/e2e/node-process.ts';

/** The incidents of the seed that the demo takes when it is told none. */
const incidents = scriptedIncidents(new Traffic({ seed: 1, scale: 0.1, startMs: 0 }).population);

/** Its address enters the feed when the demo has run for most of a minute: longer than this one does. */
const latest = 'retroactive-match';
/** Begins five minutes of the demo's clock before its start, so that its operations are seen to arrive. */
const live = 'address-in-range';

interface AlertLine {
  readonly seconds: number;
  readonly activity: string;
  readonly caller: string;
  readonly ip: string;
}

function alertLines(output: readonly string[]): AlertLine[] {
  return output.flatMap((line) => {
    const [, seconds, activity, caller, ip] = /^ *([\d.]+)s {2}(create|update|close) +(\S+) +(\S+) /.exec(line) ?? [];
    if (activity === undefined || caller === undefined || ip === undefined) return [];
    return [{ seconds: Number(seconds), activity, caller, ip }];
  });
}

function pairsOf({ expectation }: Incident): string[] {
  return expectation.quiet ? [] : expectation.findings.map(({ caller, ip }) => `${caller.toLowerCase()} ${ip}`);
}

function pairOf({ caller, ip }: AlertLine): string {
  return `${caller.toLowerCase()} ${ip}`;
}

describe('npm run demo', () => {
  let demo: NodeProcess;
  let lines: readonly AlertLine[];
  let code: number | null;

  beforeAll(async () => {
    const startedMs = performance.now();
    demo = new NodeProcess(['src/dev/main.ts', 'demo', '--seconds', '45']);
    const first = await demo.eventually('the first alert', () => alertLines(demo.stdout)[0]);
    const seconds = (performance.now() - startedMs) / 1000;
    console.log(`First alert of the demo after ${seconds.toFixed(1)} s, ${first.caller} from ${first.ip}`);
    code = await demo.ended();
    lines = alertLines(demo.stdout);
  }, 240_000);

  afterAll(() => demo.stop());

  test.each(incidents.filter(({ name }) => name !== latest && name !== 'noisy-shared-exit').map((each) => [each.name]))(
    'shows the alerts of %s as they arrive',
    (name) => {
      const created = lines.filter(({ activity }) => activity === 'create').map(pairOf);
      const wanted = pairsOf(incidents.find((each) => each.name === name)!);
      expect(wanted).not.toHaveLength(0);
      for (const pair of wanted) expect(created, demo.report()).toContain(pair);
    },
  );

  test('shows what began before it at once, and what happens meanwhile after it', () => {
    const pairs = (name: string): string[] => pairsOf(incidents.find((each) => each.name === name)!);
    const created = lines.filter(({ activity }) => activity === 'create').map(pairOf);
    const firstLive = created.findIndex((pair) => pairs(live).includes(pair));
    expect(firstLive).toBeGreaterThan(0);
    const after = [...pairs(live), ...pairs(latest)];
    for (const pair of created.slice(firstLive)) expect(after, demo.report()).toContain(pair);
    const seconds = lines.map((line) => line.seconds);
    expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
  });

  test('raises nothing for the quiet incident, nor for any pair that no story tells of', () => {
    const known = incidents.flatMap(pairsOf);
    for (const line of lines) expect(known, demo.report()).toContain(pairOf(line));
    const quiet = incidents.flatMap(({ expectation }) => (expectation.quiet ? expectation.addresses : []));
    expect(quiet).not.toHaveLength(0);
    for (const { ip } of lines) expect(quiet).not.toContain(ip);
  });

  test('tells the stories and where to look before the first alert, and ends by itself with code 0', () => {
    const summary = demo.stdout.findIndex((line) => line.includes('/health'));
    const firstAlert = demo.stdout.findIndex((line) => alertLines([line]).length > 0);
    expect(summary).toBeGreaterThan(0);
    expect(firstAlert).toBeGreaterThan(summary);
    for (const { name } of incidents) expect(demo.stdout.some((line) => line.includes(name))).toBe(true);
    expect(demo.stdout.at(-1)).toBe('Stopping');
    expect(code, demo.report()).toBe(0);
  });
});
