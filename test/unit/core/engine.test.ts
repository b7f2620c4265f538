import { beforeEach, describe, expect, test } from 'vitest';
import type { Alert } from '../../../src/core/alert/alert.ts';

import { activity, boundary, EngineBench, indicator, ip, minute, noon, signIn } from '../../support/engine-bench.ts';
import { HOUR_MS } from '../../../src/core/time.ts';
import { sha256 } from '../../support/engine-builder.ts';

const idOf = (alert: Alert, slot: string): string =>
  sha256(JSON.stringify([alert.findingKey, alert.windowEnd, slot])).slice(0, 32);

describe('Engine', () => {
  let bench: EngineBench;
  beforeEach(() => {
    bench = new EngineBench();
  });

  test('a first match goes out at once, for the window that ends at the next boundary', () => {
    bench.index([indicator()], noon);
    const [alert, ...others] = bench.take(activity(noon + minute), noon + 2 * minute);
    expect(others).toEqual([]);
    expect(alert).toMatchObject({
      activity: 'create',
      caller: 'Ann@contoso.com',
      ip,
      windowStart: '2026-03-01T13:00:00Z',
      windowEnd: '2026-03-02T13:00:00Z',
      emittedAt: '2026-03-02T12:02:00Z',
      late: false,
      backfill: false,
      partial: null,
      incomplete: null,
    });
    expect(alert!.findingKey).toBe(
      sha256(
        JSON.stringify([
          'Azure - Threat Intelligence Match on Management Plane Caller IP (STIX)',
          'ann@contoso.com',
          ip,
        ]),
      ).slice(0, 32),
    );
    expect(alert!.id).toBe(idOf(alert!, 'match'));
  });

  test('the flush says nothing of a pair that has no news, and updates one that has', () => {
    bench.index([indicator()], noon);
    bench.take(activity(noon + minute), noon + 2 * minute);
    expect(bench.flush()).toEqual([]);
    expect(bench.take(activity(boundary + minute), boundary + minute)).toEqual([]);
    const [update] = bench.flush();
    expect(update).toMatchObject({ activity: 'update', windowEnd: '2026-03-02T14:00:00Z', row: { OperationCount: 2 } });
    expect(update!.id).toBe(idOf(update!, 'flush'));
    expect(bench.flush()).toEqual([]);
  });

  test('a sign-in is news, and so is a higher confidence, and a window that only shrinks is none', () => {
    bench.index([indicator()], noon);
    bench.take(activity(noon + minute), noon + minute);
    bench.take(signIn(noon + 2 * minute), noon + 3 * minute);
    expect(bench.flush()).toMatchObject([{ activity: 'update', corroboration: { grade: 'same-principal' } }]);
    bench.index([indicator({ confidence: 95, modified: '2026-03-02T13:10:00Z' })], boundary + 10 * minute);
    expect(bench.flush()).toMatchObject([{ activity: 'update', row: { ConfidenceScore: 95 } }]);
    bench.index([indicator({ confidence: 80, modified: '2026-03-02T14:10:00Z' })], boundary + 70 * minute);
    expect(bench.flush()).toEqual([]);
  });

  test('every-flush emits each row at each flush', () => {
    bench = new EngineBench({ repeats: true });
    bench.index([indicator()], noon);
    bench.take(activity(noon + minute), noon + minute);
    expect(bench.flush().map(({ activity: what }) => what)).toEqual(['update']);
    expect(bench.flush().map(({ activity: what }) => what)).toEqual(['update']);
  });

  test('a finding closes once its window is empty, and a later match opens it anew', () => {
    bench.index([indicator()], noon);
    bench.take(activity(noon + minute), noon + minute);
    const said: Alert[] = [];
    for (let hour = 0; hour < 26; hour += 1) said.push(...bench.flush());
    expect(said).toMatchObject([
      { activity: 'close', closeReason: 'window-empty', windowEnd: '2026-03-03T13:00:00Z', row: { OperationCount: 1 } },
    ]);
    const later = bench.engine.boundary - minute;
    expect(bench.take(activity(later), later)).toMatchObject([{ activity: 'create' }]);
    expect(bench.engine.findings.size).toBe(1);
  });

  test('an indicator that arrives later matches the activity of the window at once', () => {
    bench.take(activity(noon + minute), noon + minute);
    expect(bench.index([indicator()], noon + 30 * minute)).toMatchObject([
      { activity: 'create', windowEnd: '2026-03-02T13:00:00Z', emittedAt: '2026-03-02T12:30:00Z' },
    ]);
  });

  test('a revoked indicator withdraws the finding; un-revoked, it comes back with the flush', () => {
    bench.index([indicator()], noon);
    bench.take(activity(noon + minute), noon + minute);
    const revoked = indicator({ revoked: true, modified: '2026-03-02T12:20:00Z' });
    const [close] = bench.index([revoked], noon + 20 * minute);
    expect(close).toMatchObject({
      activity: 'close',
      closeReason: 'indicator-revoked',
      windowEnd: '2026-03-02T13:00:00Z',
    });
    expect(close!.id).toBe(idOf(close!, 'withdraw'));
    expect(bench.index([indicator({ modified: '2026-03-02T12:30:00Z' })], noon + 30 * minute)).toEqual([]);
    const [again] = bench.flush();
    expect(again).toMatchObject({ activity: 'create', windowEnd: '2026-03-02T13:00:00Z' });
    expect(again!.id).toBe(idOf(again!, 'flush'));
  });

  test('the withdraw slot serves once a window end, anew for the next', () => {
    bench.index([indicator()], noon);
    bench.take(activity(noon + minute), noon + minute);
    bench.flush();
    bench.index([], boundary + 10 * minute);
    bench.index([indicator()], boundary + 20 * minute);
    expect(bench.flush()).toMatchObject([{ activity: 'create', windowEnd: '2026-03-02T14:00:00Z' }]);
    expect(bench.index([], boundary + 80 * minute)).toMatchObject([
      { activity: 'close', windowEnd: '2026-03-02T15:00:00Z' },
    ]);
    expect(bench.flush()).toEqual([]);
  });

  test('an indicator begins and ends at its time, without a refresh', () => {
    bench.index([indicator({ valid_from: '2026-03-02T12:30:00Z', valid_until: '2026-03-02T12:40:00Z' })], noon);
    expect(bench.take(activity(noon + minute), noon + minute)).toEqual([]);
    expect(bench.tick(noon + 29 * minute)).toEqual([]);
    expect(bench.tick(noon + 30 * minute)).toMatchObject([{ activity: 'create' }]);
    expect(bench.tick(noon + 40 * minute)).toMatchObject([{ activity: 'close', closeReason: 'indicator-expired' }]);
  });

  test('an indicator that decays closes as lowered when it has too little confidence, without a refresh', () => {
    const decay = { lifetimeMs: 90 * minute, speed: 1 };
    const fresh = indicator({ confidence: 90, modified: '2026-03-02T12:00:00Z' });
    bench.index([fresh], noon, { decay });
    const [created] = bench.take(activity(noon + 10 * minute), noon + 10 * minute);
    expect(created).toMatchObject({ row: { ConfidenceScore: 80 }, indicators: [{ confidence: 80 }] });
    expect(bench.tick(noon + 15.5 * minute)).toEqual([]);
    expect(bench.tick(noon + 15.5 * minute + 1)).toMatchObject([
      { activity: 'close', closeReason: 'indicator-lowered', row: { ConfidenceScore: 80 } },
    ]);
  });

  test('a confidence that falls is no news; one that rises above what was said is', () => {
    const decay = { lifetimeMs: 40 * HOUR_MS, speed: 1 };
    const fresh = indicator({ confidence: 100, modified: '2026-03-02T12:00:00Z' });
    bench.index([fresh], noon, { decay });
    expect(bench.take(activity(noon + minute), noon + minute)).toMatchObject([{ row: { ConfidenceScore: 100 } }]);
    for (let hour = 0; hour < 3; hour += 1) expect(bench.flush()).toEqual([]);
    bench.take(activity(bench.engine.boundary - minute), bench.engine.boundary - minute);
    expect(bench.flush()).toMatchObject([{ activity: 'update', row: { ConfidenceScore: 90 } }]);
    const { boundary: next } = bench.engine;
    bench.index([indicator({ confidence: 100, modified: new Date(next).toISOString() })], next, { decay });
    expect(bench.flush()).toMatchObject([{ activity: 'update', row: { ConfidenceScore: 100 } }]);
  });

  test('TLP:RED keeps description and pattern out of alerts, unless the feed may show them', () => {
    const secret = indicator({ description: 'Seen by a friend' });
    bench.index([secret], noon, { tlp: 'RED' });
    const [alert] = bench.take(activity(noon + minute), noon + minute);
    expect(alert).toMatchObject({
      row: { TI_Description: 'Withheld (TLP:RED)', TLPLevel: 'RED', ThreatType: '' },
      indicators: [{ pattern: '', value: '', tlp: 'RED' }],
    });
    expect(JSON.stringify(alert)).not.toMatch(/friend|ipv4-addr/);
    const open = new EngineBench();
    open.index([secret], noon, { tlp: 'RED', allowRedDescription: true });
    expect(open.take(activity(noon + minute), noon + minute)).toMatchObject([
      { row: { TI_Description: 'Seen by a friend' }, indicators: [{ value: ip }] },
    ]);
    const silent = new EngineBench();
    silent.index([indicator()], noon, { tlp: 'RED' });
    expect(silent.take(activity(noon + minute), noon + minute)).toMatchObject([{ row: { TI_Description: '' } }]);
  });

  test('an indicator begins and ends again on a clock that was set back', () => {
    bench.index([indicator({ valid_from: '2026-03-02T12:30:00Z', valid_until: '2026-03-02T12:40:00Z' })], noon);
    expect(bench.tick(noon + 50 * minute)).toEqual([]);
    expect(bench.tick(noon + 10 * minute)).toEqual([]);
    expect(bench.take(activity(noon + minute), noon + 11 * minute)).toEqual([]);
    expect(bench.tick(noon + 30 * minute)).toMatchObject([{ activity: 'create' }]);
    expect(bench.tick(noon + 40 * minute)).toMatchObject([{ activity: 'close', closeReason: 'indicator-expired' }]);
  });
});
