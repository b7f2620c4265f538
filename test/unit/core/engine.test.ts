import { beforeEach, describe, expect, test } from 'vitest';
import type { Alert } from '../../../src/core/alert/alert.ts';
import { Engine } from '../../../src/core/engine.ts';
import type { StixObject } from '../../../src/core/intel/stix-object.ts';
import type { AzureRecord } from '../../../src/core/record.ts';
import { Tally } from '../../../src/core/tally.ts';
import { eventTime, HOUR_MS } from '../../../src/core/time.ts';
import { buildIndex, drain, engineOptions, message, sha256, type EngineSetting } from '../../support/engine-builder.ts';

/*  noon                boundary T            T + delay
    |------- pane T -------]  flush waits ...... |  cut  */
const noon = Date.UTC(2026, 2, 2, 12);
const boundary = noon + HOUR_MS;
const minute = 60_000;
const ip = '203.0.113.9';

const setting: EngineSetting = {
  minConfidence: 75,
  lookbackMs: 24 * HOUR_MS,
  flushDelayMs: 5 * minute,
  excludedRanges: ['10.0.0.0/8'],
  statuses: ['Success'],
  deduplicate: true,
  optionalStreams: [],
  repeats: false,
};
const source = {
  name: 'feed',
  defaultConfidence: null,
  tlp: '' as const,
  maxAgeMs: 365 * 24 * HOUR_MS,
  useDstRef: false,
};

function indicator(fields: Record<string, unknown> = {}): StixObject {
  return {
    type: 'indicator',
    id: 'indicator--1',
    pattern_type: 'stix',
    pattern: `[ipv4-addr:value = '${ip}']`,
    created: '2026-01-01T00:00:00Z',
    modified: '2026-01-01T00:00:00Z',
    valid_from: '2026-01-01T00:00:00Z',
    confidence: 80,
    ...fields,
  };
}

let place = 0;
function activity(ms: number, fields: Partial<AzureRecord> = {}): AzureRecord {
  place += 1;
  return {
    stream: 'activity',
    index: 0,
    category: 'Administrative',
    time: eventTime(ms),
    address: ip,
    resultType: 'Success',
    caller: 'Ann@contoso.com',
    objectId: 'oid-ann',
    operation: `OP/${place}`,
    resourceId: '/SUBSCRIPTIONS/S/RESOURCEGROUPS/G/PROVIDERS/P',
    subscriptionId: 'S',
    resourceGroup: 'G',
    correlationId: `c-${place}`,
    ...fields,
  } as AzureRecord;
}

function signIn(ms: number, fields: Partial<AzureRecord> = {}): AzureRecord {
  place += 1;
  return {
    stream: 'sign_in',
    index: 0,
    category: 'SignInLogs',
    time: eventTime(ms),
    address: ip,
    resultType: '0',
    id: `s-${place}`,
    principal: 'ann@contoso.com',
    objectId: 'oid-ann',
    app: 'Azure Portal',
    risk: 'low',
    ...fields,
  } as AzureRecord;
}

class Bench {
  readonly engine: Engine;
  readonly tally = new Tally();
  #sequenceNumber = 0;

  constructor(changes: Partial<EngineSetting> = {}, warmUntil: number | null = null) {
    this.engine = new Engine(engineOptions({ ...setting, ...changes }), { firstBoundary: boundary, warmUntil });
    this.engine.watermarks.expect(['hub/0'], noon);
  }

  index(objects: readonly StixObject[], now: number): Alert[] {
    const { index, catalogue } = buildIndex(
      objects.map((object) => ({ source, object })),
      setting,
    );
    this.engine.setIndex(index, (feed, id, at) => catalogue.reasonGone(feed, id, at, setting.minConfidence), now);
    return drain(this.engine);
  }

  take(record: AzureRecord, enqueuedMs: number, now = enqueuedMs): Alert[] {
    this.#sequenceNumber += 1;
    const sequenceNumber = this.#sequenceNumber;
    this.engine.take({ origin: 'hub/0', sequenceNumber, offset: '', enqueuedMs, decoded: message([record]) }, now, this.tally);
    return drain(this.engine);
  }

  tick(now: number): Alert[] {
    this.engine.tick(now);
    return drain(this.engine);
  }

  flush(now = this.engine.boundary + 6 * minute): Alert[] {
    this.engine.flush({ lagging: [] }, now);
    return drain(this.engine);
  }

  outcome(name: string): number {
    return this.tally
      .records()
      .filter(([, outcome]) => outcome === name)
      .reduce((sum, [, , count]) => sum + count, 0);
  }
}

const idOf = (alert: Alert, slot: string): string =>
  sha256(JSON.stringify([alert.findingKey, alert.windowEnd, slot])).slice(0, 32);

describe('Engine', () => {
  let bench: Bench;
  beforeEach(() => {
    place = 0;
    bench = new Bench();
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
    bench = new Bench({ repeats: true });
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

  test('a record enqueued after the cut waits for the next flush, and is late there', () => {
    bench.index([indicator()], noon);
    bench.take(activity(noon + minute), noon + minute);
    expect(bench.take(activity(boundary - minute), boundary + 6 * minute)).toEqual([]);
    expect(bench.outcome('deferred')).toBe(1);
    expect(bench.flush()).toEqual([]);
    expect(bench.flush()).toMatchObject([{ activity: 'update', late: true, row: { OperationCount: 2 } }]);
  });

  test('a record of a flushed pane counts from the next flush on, and is late', () => {
    bench.index([indicator()], noon);
    bench.flush();
    const [match] = bench.take(activity(noon + minute), boundary + 20 * minute);
    expect(match).toMatchObject({ activity: 'create', late: true, windowEnd: '2026-03-02T14:00:00Z' });
    expect(bench.outcome('late')).toBe(1);
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
    bench = new Bench({}, noon);
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
    bench = new Bench({ bounds: { candidateMaxBytes: 5000 } });
    bench.take(activity(noon + minute), noon + minute);
    for (let other = 1; other <= 5; other += 1)
      bench.take(activity(noon + 2 * minute, { address: `198.51.100.${other}` }), noon + 2 * minute);
    bench.index([indicator()], noon + 3 * minute);
    expect(bench.take(activity(noon + 4 * minute), noon + 4 * minute)).toMatchObject([
      { partial: { before: '2026-03-02T13:00:00Z' }, row: { OperationCount: 1 } },
    ]);
  });

  test('when identities have no room, records count each time and the row says so', () => {
    bench = new Bench({ bounds: { deduplicateMaxBytes: 72 } });
    bench.index([indicator()], noon);
    const record = activity(noon + minute);
    for (const enqueued of [1, 2, 3])
      bench.take({ ...record, correlationId: `c${enqueued}` } as AzureRecord, noon + enqueued * minute);
    bench.take({ ...record, correlationId: 'c3' } as AzureRecord, noon + 5 * minute);
    expect(bench.flush()).toMatchObject([{ row: { OperationCount: 4 }, truncated: ['OperationCount'] }]);
    expect(bench.engine.inexact).toBe(3);
  });

  test('when the pinned bound is met, new callers are counted without their sets', () => {
    bench = new Bench({ bounds: { pinnedMaxBytes: 3000 } });
    bench.index([indicator()], noon);
    for (const caller of ['a', 'b', 'c', 'd']) bench.take(activity(noon + minute, { caller }), noon + minute);
    expect(bench.engine.overflowed).toBeGreaterThan(0);
    const windows = [...bench.engine.store.pinned()][0]!;
    const overflow = [...windows.overflow.values()].reduce((sum, pane) => sum + pane.count, 0);
    expect(overflow).toBe(bench.engine.overflowed);
  });

  test('accepts is false while the deferred list or the outbox is full', () => {
    bench = new Bench({ bounds: { deferredMax: 1 } });
    bench.take(activity(boundary - minute), boundary + 6 * minute);
    expect(bench.engine.accepts).toBe(false);
    bench.flush();
    expect(bench.engine.accepts).toBe(true);
  });
});
