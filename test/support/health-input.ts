import { expect, test } from 'vitest';
import type { PartitionStatus } from '../../src/core/ports.ts';
import type { SourceErrorCode } from '../../src/core/source-error-code.ts';
import type { FeedStatus } from '../../src/pipeline/feed-status.ts';
import type { BoundStatus, FlushStatus, HealthInput, SinkStatus } from '../../src/pipeline/health-input.ts';
import { healthLimits } from '../../src/pipeline/health-input.ts';
import type { HealthStatus } from '../../src/pipeline/health-report.ts';
import { healthReport } from '../../src/pipeline/health.ts';

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const nowMs = Date.UTC(2026, 2, 1, 12);

export function aPartition(changes: Partial<PartitionStatus> = {}, partition = '0'): PartitionStatus {
  return {
    origin: { namespace: 'ns', hub: 'insights-activity-logs', partition, incarnation: 1 },
    owner: 'me',
    owned: true,
    position: { sequenceNumber: 41, offset: 'opaque', enqueuedMs: nowMs - second },
    lagEvents: 0,
    lagSeconds: 0,
    lastProgressMs: nowMs - second,
    lastReadMs: nowMs - second,
    seesSinceMs: null,
    error: null,
    ...changes,
  };
}

export function aFeed(changes: Partial<FeedStatus> = {}): FeedStatus {
  return {
    name: 'partner',
    loaded: true,
    indicators: 12,
    skipped: 3,
    kinds: { ipv4: 9, ipv6: 2, range: 1 },
    skippedBy: new Map([['low_confidence', 3]]),
    cursor: 'page-7',
    lastSuccessMs: nowMs - minute,
    lastChangeMs: nowMs - 2 * hour,
    nextPollMs: nowMs + 14 * minute,
    lastError: null,
    refreshIntervalMs: 15 * minute,
    ...changes,
  };
}

export function aBound(changes: Partial<BoundStatus> = {}): BoundStatus {
  return {
    option: 'CANDIDATE_MAX_BYTES',
    used: 10,
    limit: 100,
    unit: 'bytes',
    givenUp: null,
    failsWhenReached: false,
    ...changes,
  };
}

export function aSink(changes: Partial<SinkStatus> = {}): SinkStatus {
  return { name: 'stdout', waiting: 0, oldestMs: null, lastError: null, circuit: 'closed', undelivered: 0, ...changes };
}

const aFlush: FlushStatus = {
  lastWindowEndMs: nowMs - hour,
  lastRanMs: nowMs - 55 * minute,
  lastComplete: true,
  lagging: [],
  nextWindowEndMs: nowMs,
  overdueFromMs: nowMs + 20 * minute,
  waitingFor: [],
};

/** A service that has run for a day and has nothing to say. */
export function aHealthyInput(changes: Partial<HealthInput> = {}): HealthInput {
  return {
    version: '0.1.0',
    nowMs,
    startedMs: nowMs - 24 * hour,
    restoring: false,
    indexReady: true,
    readingSinceMs: nowMs - 24 * hour,
    warming: false,
    partitions: [aPartition(), aPartition({}, '1')],
    sourceErrors: [],
    feeds: [aFeed()],
    allowLists: [],
    windows: { pinned: 2, candidates: 5 },
    bounds: [aBound()],
    flush: aFlush,
    deadLetters: { count: 0, dropped: 0, lastMs: null, storeError: null },
    unknownCategories: [],
    silences: { api: 0, file: 0, fileStatus: null },
    outbox: [aSink()],
    snapshot: null,
    lease: { state: 'held', holder: null },
    limits: healthLimits({ lookback: 24 * hour, flushDelay: 5 * minute, speed: 1 }),
    ...changes,
  };
}

export const healthy = { ...aHealthyInput(), flush: aFlush };

export function sourceError(code: SourceErrorCode, at = nowMs): { code: SourceErrorCode; message: string; at: number } {
  return { code, message: `refused with 401 (${code}): mend EVENTHUB_CONNECTION_STRING`, at };
}

export function hubError(code: SourceErrorCode, at = nowMs): HealthInput['sourceErrors'][number] {
  return { ...sourceError(code, at), hub: 'insights-activity-logs' };
}

export const feedError = {
  code: 'unauthorized',
  message: 'answered 401: mend its password in TI_FEEDS',
  at: nowMs,
} as const;
export const silent = { lastReadMs: nowMs - 61 * second };

/** What changes, the status it makes, and the words that have to stand in the document's output; null for none. */
export type HealthRule = readonly [string, Partial<HealthInput>, HealthStatus, RegExp | null];

/** One test a rule: the change alone makes the status and the words. */
export function testHealthRules(rules: readonly HealthRule[]): void {
  test.each(rules)('healthReport() when %s', (_name, changes, status, output) => {
    const report = healthReport(aHealthyInput(changes));
    expect(report.status).toBe(status);
    if (output === null) expect(report.output).toBeUndefined();
    else expect(report.output).toMatch(output);
  });
}
