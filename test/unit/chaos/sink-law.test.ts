import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../src/core/alert/alert.ts';
import { formatAlertmanager, remindAlertmanager } from '../../../src/core/alert/preset/alertmanager.ts';
import { formatPagerduty } from '../../../src/core/alert/preset/pagerduty.ts';
import { formatNative } from '../../../src/core/alert/format/alert-format.ts';
import { sinkProblems } from '../../support/chaos/sink-law.ts';
import type { ShoreSink } from '../../support/chaos/shore.ts';
import { anAlert } from '../../support/sample-alert.ts';

const alerts: readonly Alert[] = [
  anAlert({ id: 'a'.repeat(32) }),
  anAlert({ id: 'b'.repeat(32), activity: 'update', emittedAt: '2026-03-01T11:40:00Z' }),
];
const [first, second] = alerts;

function problemsOf(sink: ShoreSink, ...texts: readonly string[]): string[] {
  return sinkProblems(alerts, new Map([[sink, texts]]), []);
}

describe('The law of the sinks', () => {
  test('takes each alert, in any order and oftener than once', () => {
    const texts = alerts.map(formatNative);
    expect(problemsOf('webhook', ...texts.toReversed(), ...texts)).toEqual([]);
  });

  test('misses an alert that did not arrive', () => {
    expect(problemsOf('webhook', formatNative(first!))).toEqual([
      expect.stringMatching(`^webhook was not given .*${second!.id}`),
    ]);
  });

  test('misses one of two alerts that read the same', () => {
    const same = [anAlert({ id: 'a'.repeat(32) }), anAlert({ id: 'b'.repeat(32) })];
    const event = { routing_key: 'key', ...(JSON.parse(formatPagerduty(same[0]!)) as object) };
    const arrived = (times: number): string[] => Array.from({ length: times }, () => JSON.stringify(event));
    expect(sinkProblems(same, new Map([['pagerduty', arrived(2)]]), [])).toEqual([]);
    expect(sinkProblems(same, new Map([['pagerduty', arrived(1)]]), [])).toHaveLength(1);
  });

  test('sees an alert that came under another id, or with another content', () => {
    const strange = formatNative(anAlert({ id: 'c'.repeat(32) }));
    expect(problemsOf('blob', ...alerts.map(formatNative), strange)).toEqual([
      expect.stringMatching(/^blob was given what nobody told: .*cccc/),
    ]);
  });

  test('lets Alertmanager be reminded, and misses an alert that was only reminded of', () => {
    const reminder = remindAlertmanager(first!, Date.parse(first!.emittedAt) + 60_000);
    expect(problemsOf('alertmanager', ...alerts.map(formatAlertmanager), reminder)).toEqual([]);
    expect(problemsOf('alertmanager', formatAlertmanager(second!), reminder)).not.toEqual([]);
  });

  test('holds nothing against alerts of a state that was damaged', () => {
    const ms = Date.parse(second!.emittedAt);
    const damaged = [{ fromMs: ms - 1, toMs: ms + 1 }];
    expect(sinkProblems(alerts, new Map([['stdout', [formatNative(first!)]]]), damaged)).toEqual([]);
    expect(sinkProblems(alerts, new Map([['stdout', []]]), damaged)).toHaveLength(1);
  });
});
