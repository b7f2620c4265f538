import { beforeEach, describe, expect, test } from 'vitest';
import type { Alert } from '../../../src/core/alert/alert.ts';
import type { AzureRecord } from '../../../src/core/record.ts';
import { eventTime, HOUR_MS } from '../../../src/core/time.ts';
import { activity, boundary, EngineBench, indicator, minute, noon, signIn } from '../../support/engine-bench.ts';
import { drain, message, sha256 } from '../../support/engine-builder.ts';

const idOf = (alert: Alert, slot: string): string =>
  sha256(JSON.stringify([alert.findingKey, alert.windowEnd, slot])).slice(0, 32);

describe('Engine', () => {
  let bench: EngineBench;
  beforeEach(() => {
    bench = new EngineBench();
  });

  test('a record enqueued after the cut waits for the next flush, and is late there', () => {
    bench.index([indicator()], noon);
    bench.take(activity(noon + minute), noon + minute);
    expect(bench.take(activity(boundary - minute), boundary + 6 * minute)).toEqual([]);
    expect(bench.outcome('deferred')).toBe(1);
    expect(bench.flush()).toEqual([]);
    expect(bench.flush()).toMatchObject([{ activity: 'update', late: true, row: { OperationCount: 2 } }]);
  });

  test('a flush waits for every message enqueued at its cut, of which one partition may have several', () => {
    bench.index([indicator()], noon);
    const cut = boundary + 5 * minute;
    bench.take(activity(boundary - minute), cut);
    expect(bench.engine.dueFlush(cut)).toBeNull();
    bench.take(activity(boundary - minute), cut);
    expect(bench.outcome('deferred')).toBe(0);
    bench.take(activity(boundary + minute), cut + 1);
    expect(bench.engine.dueFlush(cut + 1)).not.toBeNull();
  });

  test('a record of a flushed pane counts from the next flush on, and is late', () => {
    bench.index([indicator()], noon);
    bench.flush();
    const [match] = bench.take(activity(noon + minute), boundary + 20 * minute);
    expect(match).toMatchObject({ activity: 'create', late: true, windowEnd: '2026-03-02T14:00:00Z' });
    expect(bench.outcome('late')).toBe(1);
  });

  test('a late flush closes a finding whose window is empty, whatever was read ahead of it', () => {
    bench.index([indicator()], noon);
    bench.take(activity(noon + minute), noon + minute);
    for (let hour = 0; hour < 24; hour += 1) bench.flush();
    const ahead = bench.engine.boundary + minute;
    expect(bench.take(activity(ahead), ahead)).toEqual([]);
    expect(bench.flush()).toMatchObject([{ activity: 'close', closeReason: 'window-empty' }]);
    expect(bench.flush()).toMatchObject([{ activity: 'create', row: { OperationCount: 1 } }]);
  });

  test('a flush closes no finding that was opened for a later window', () => {
    bench.index([indicator()], noon);
    const [match] = bench.take(activity(boundary + minute), boundary + minute);
    expect(match).toMatchObject({ activity: 'create', windowEnd: '2026-03-02T14:00:00Z' });
    expect(bench.flush()).toEqual([]);
    expect(bench.flush()).toEqual([]);
  });

  test('a flush closes a finding that was only withdrawn in a later window', () => {
    bench.index([indicator()], noon);
    bench.take(activity(noon + minute), noon + minute);
    for (let hour = 0; hour < 23; hour += 1) bench.flush();
    const ahead = bench.engine.boundary + HOUR_MS + minute;
    bench.take(activity(ahead), ahead);
    expect(bench.index([], ahead)).toMatchObject([{ activity: 'close', windowEnd: '2026-03-03T14:00:00Z' }]);
    expect(bench.index([indicator()], ahead)).toEqual([]);
    expect(bench.flush(ahead)).toMatchObject([{ activity: 'create', windowEnd: '2026-03-03T12:00:00Z' }]);
    expect(bench.flush()).toMatchObject([{ activity: 'close', closeReason: 'window-empty' }]);
    expect(bench.flush()).toMatchObject([{ activity: 'create', windowEnd: '2026-03-03T14:00:00Z' }]);
  });

  test('a record older than every window raises an alert of its own when it matches, once a window end', () => {
    bench.index([indicator()], noon);
    const old = noon - 30 * HOUR_MS;
    const [alert, ...others] = bench.take(activity(old), noon);
    expect(others).toEqual([]);
    expect(alert).toMatchObject({ activity: 'create', late: true, windowEnd: '2026-03-01T06:00:00Z' });
    expect(alert!.id).toBe(idOf(alert!, 'expired'));
    expect(bench.take(activity(old - 1000), noon)).toEqual([]);
    expect(bench.take(activity(old - HOUR_MS, { address: '198.51.100.1' }), noon)).toEqual([]);
    expect(bench.outcome('expired')).toBe(3);
  });

  test('while warming an expired record raises nothing and a first match is backfill', () => {
    bench = new EngineBench({}, noon);
    bench.index([indicator()], noon);
    expect(bench.engine.warming).toBe(true);
    expect(bench.take(activity(noon - 30 * HOUR_MS), noon - 30 * HOUR_MS)).toEqual([]);
    expect(bench.take(activity(noon - HOUR_MS), noon - HOUR_MS)).toMatchObject([{ backfill: true, late: false }]);
    bench.engine.advanceWatermark('hub/0', noon, noon);
    expect(bench.engine.warming).toBe(false);
  });

  test('a record far ahead of its enqueued time counts at its enqueued time', () => {
    bench.index([indicator()], noon);
    const [alert] = bench.take(activity(noon + 40 * HOUR_MS), noon + minute);
    expect(alert!.row.FirstSeen).toBe('2026-03-02T12:01:00Z');
    expect(bench.outcome('early')).toBe(1);
  });

  test('a copy of a record is no news and is counted as a duplicate', () => {
    bench.index([indicator()], noon);
    const record = activity(noon + minute);
    bench.take(record, noon + minute);
    expect(bench.take(record, noon + 2 * minute)).toEqual([]);
    expect(bench.outcome('duplicate')).toBe(1);
    expect(bench.flush()).toEqual([]);
  });

  test('a sign-in published again with a higher risk is news though its count stays', () => {
    bench.index([indicator()], noon);
    bench.take(activity(noon + minute), noon + minute);
    const first = signIn(noon + 2 * minute);
    bench.take(first, noon + 3 * minute);
    bench.flush();
    bench.take({ ...first, time: eventTime(boundary + minute), risk: 'high' } as AzureRecord, boundary + minute);
    expect(bench.flush()).toMatchObject([{ activity: 'update', row: { UserSigninCount: 1, MaxUserRisk: 'high' } }]);
  });

  test('a flush that did not wait names its partitions', () => {
    bench.index([indicator()], noon);
    bench.take(activity(noon + minute), noon + minute);
    bench.take(activity(noon + 2 * minute), noon + 2 * minute);
    bench.engine.flush({ lagging: ['hub/0'] }, boundary + 20 * minute);
    expect(drain(bench.engine)).toMatchObject([{ incomplete: { partitions: ['hub/0'] } }]);
  });

  test('dueFlush() waits for the watermark, then for progress no longer than the wait', () => {
    expect(bench.engine.dueFlush(boundary + 6 * minute)).toBeNull();
    bench.engine.advanceWatermark('hub/0', boundary + 4 * minute, boundary + 4 * minute);
    expect(bench.engine.dueFlush(boundary + 19 * minute)).toBeNull();
    expect(bench.engine.dueFlush(boundary + 20 * minute)).toEqual({ windowEnd: boundary, lagging: ['hub/0'] });
    bench.engine.advanceWatermark('hub/0', boundary + 5 * minute, boundary + 20 * minute);
    expect(bench.engine.dueFlush(boundary + 20 * minute)).toEqual({ windowEnd: boundary, lagging: [] });
  });

  test('an address that was evicted and then matches has a partial row', () => {
    bench = new EngineBench({ bounds: { candidateMaxBytes: 5000 } });
    bench.take(activity(noon + minute), noon + minute);
    for (let other = 1; other <= 5; other += 1)
      bench.take(activity(noon + 2 * minute, { address: `198.51.100.${other}` }), noon + 2 * minute);
    bench.index([indicator()], noon + 3 * minute);
    expect(bench.take(activity(noon + 4 * minute), noon + 4 * minute)).toMatchObject([
      { partial: { before: '2026-03-02T13:00:00Z' }, row: { OperationCount: 1 } },
    ]);
  });

  test('a row that reaches further back than the hubs held records is partial', () => {
    bench.index([indicator()], noon);
    bench.engine.setSeesSince(noon - HOUR_MS);
    expect(bench.take(activity(noon + minute), noon + minute)).toMatchObject([
      { partial: { before: '2026-03-02T11:00:00Z' } },
    ]);
    bench.engine.setSeesSince(noon - 24 * HOUR_MS);
    expect(bench.take(activity(noon + minute, { caller: 'bob' }), noon + minute)).toMatchObject([{ partial: null }]);
  });

  test('when identities have no room, records count each time and the row says so', () => {
    bench = new EngineBench({ bounds: { deduplicateMaxBytes: 72 } });
    bench.index([indicator()], noon);
    const record = activity(noon + minute);
    for (const enqueued of [1, 2, 3])
      bench.take({ ...record, correlationId: `c${enqueued}` } as AzureRecord, noon + enqueued * minute);
    bench.take({ ...record, correlationId: 'c3' } as AzureRecord, noon + 5 * minute);
    expect(bench.flush()).toMatchObject([{ row: { OperationCount: 4 }, truncated: ['OperationCount'] }]);
    expect(bench.engine.inexact).toBe(3);
  });

  test('when the pinned bound is met, new callers are counted without their sets', () => {
    bench = new EngineBench({ bounds: { pinnedMaxBytes: 3000 } });
    bench.index([indicator()], noon);
    for (const caller of ['a', 'b', 'c', 'd']) bench.take(activity(noon + minute, { caller }), noon + minute);
    expect(bench.engine.overflowed).toBeGreaterThan(0);
    const windows = [...bench.engine.store.pinned()][0]!;
    const overflow = [...windows.overflow.values()].reduce((sum, pane) => sum + pane.count, 0);
    expect(overflow).toBe(bench.engine.overflowed);
  });

  test('accepts() holds back what comes after the cut of the next flush while the deferred list is full', () => {
    bench = new EngineBench({ bounds: { deferredMax: 1 } });
    bench.take(activity(boundary - minute), boundary + 6 * minute);
    expect(bench.engine.accepts(boundary + 5 * minute)).toBe(true);
    expect(bench.engine.accepts(boundary + 5 * minute + 1)).toBe(false);
    bench.flush();
    expect(bench.engine.accepts(boundary + 5 * minute + 1)).toBe(true);
  });

  test('accepts() holds everything back once twice as many alerts wait as the outbox is to hold', () => {
    bench = new EngineBench({ bounds: { outboxMax: 1 } });
    bench.index([indicator()], noon);
    expect(bench.engine.accepts(noon)).toBe(true);
    const taken = {
      origin: 'hub/0',
      sequenceNumber: 1,
      offset: '',
      enqueuedMs: noon,
      decoded: message([activity(noon)]),
    };
    bench.engine.take(taken, noon, bench.tally);
    expect(bench.engine.accepts(noon)).toBe(true);
    const other = message([activity(noon, { caller: 'bob@contoso.com' })]);
    bench.engine.take({ ...taken, sequenceNumber: 2, decoded: other }, noon, bench.tally);
    expect(bench.engine.accepts(noon)).toBe(false);
    drain(bench.engine);
    expect(bench.engine.accepts(noon)).toBe(true);
  });
});
