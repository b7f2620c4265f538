import { describe, expect, test } from 'vitest';
import { healthLimits } from '../../../src/pipeline/health-input.ts';
import { healthReport, lookupReadiness, readiness } from '../../../src/pipeline/health.ts';
import {
  aFeed,
  aHealthyInput,
  aPartition,
  feedError,
  hour,
  hubError,
  minute,
  nowMs,
  second,
} from '../../support/health-input.ts';

describe('healthReport()', () => {
  test('an empty feed has words of its own', () => {
    const { notes } = healthReport(aHealthyInput({ feeds: [aFeed({ indicators: 0, skipped: 0 })] }));
    expect(notes).toContain('Feed partner: loaded and is empty: it holds no indicator');
    expect(notes).toContain('No indicator is held: nothing can match');
  });

  test('is as bad as its worst check and tells the worst first', () => {
    const { status, notes } = healthReport(aHealthyInput({ warming: true, lease: { state: 'lost', holder: null } }));
    expect(status).toBe('fail');
    expect(notes).toEqual([expect.stringMatching(/lease/), expect.stringMatching(/Warming/)]);
  });

  test('has a check per partition with owner, lag and last progress', () => {
    const { checks } = healthReport(
      aHealthyInput({ partitions: [aPartition({ lagEvents: 4, lagSeconds: 2, lastProgressMs: nowMs - 3 * second })] }),
    );
    expect(checks['partition:lag']).toEqual([
      expect.objectContaining({
        componentId: 'insights-activity-logs/0',
        componentType: 'datastore',
        status: 'pass',
        observedValue: 2,
        observedUnit: 's',
        time: '2026-03-01T12:00:00Z',
        details: expect.objectContaining({
          owner: 'me',
          owned: true,
          lagEvents: 4,
          lagSeconds: 2,
          sequenceNumber: 41,
          lastProgress: '2026-03-01T11:59:57Z',
        }) as unknown,
      }),
    ]);
  });

  test('has a check per feed with its age, its counts and where its polls stand', () => {
    const { checks } = healthReport(aHealthyInput({ feeds: [aFeed({ lastError: feedError })] }));
    expect(checks['feed:age']).toEqual([
      expect.objectContaining({
        componentId: 'partner',
        status: 'warn',
        observedValue: 60,
        observedUnit: 's',
        details: {
          loaded: true,
          indicators: 12,
          kinds: { ipv4: 9, ipv6: 2, range: 1 },
          skipped: 3,
          skippedBy: { low_confidence: 3 },
          cursor: 'page-7',
          lastSuccess: '2026-03-01T11:59:00Z',
          lastChange: '2026-03-01T10:00:00Z',
          nextPoll: '2026-03-01T12:14:00Z',
          lastError: { code: 'unauthorized', message: feedError.message, at: '2026-03-01T12:00:00Z' },
        },
      }),
    ]);
  });

  test('shows what is not known of a feed as null, and of a long cursor its ends', () => {
    const unknown = { lastSuccessMs: null, lastChangeMs: null, nextPollMs: null };
    const details = (cursor: string | null): unknown =>
      healthReport(aHealthyInput({ feeds: [aFeed({ ...unknown, cursor })] })).checks['feed:age']?.[0]?.details;
    expect(details(null)).toMatchObject({ lastSuccess: null, lastChange: null, nextPoll: null, cursor: null });
    expect(details('a'.repeat(160))).toMatchObject({ cursor: 'a'.repeat(160) });
    expect(details(`${'a'.repeat(48)}b${'c'.repeat(112)}`)).toMatchObject({
      cursor: `${'a'.repeat(48)}…${'c'.repeat(112)}`,
    });
  });

  test('shows windows, bounds, flush, dead letters, unknown categories and sinks', () => {
    const { checks } = healthReport(aHealthyInput({ unknownCategories: [{ name: 'NewLogs', count: 9 }] }));
    expect(checks['windows:count']?.[0]).toMatchObject({ observedValue: 7, details: { pinned: 2, candidates: 5 } });
    expect(checks['bound:used']?.[0]).toMatchObject({ componentId: 'CANDIDATE_MAX_BYTES', observedValue: 10 });
    expect(checks['flush:last']?.[0]).toMatchObject({ observedValue: '2026-03-01T11:00:00Z' });
    expect(checks['deadLetters:count']?.[0]).toMatchObject({ observedValue: 0 });
    expect(checks['categories:unknown']?.[0]).toMatchObject({ details: { top: [{ name: 'NewLogs', count: 9 }] } });
    expect(checks['outbox:waiting']?.[0]).toMatchObject({ componentId: 'stdout', observedValue: 0 });
  });

  test('gives reading true seconds on a fast clock', () => {
    const limits = healthLimits({ lookback: 24 * hour, flushDelay: 5 * minute, speed: 60 });
    const partitions = [aPartition({ lastReadMs: nowMs - 10 * minute })];
    expect(healthReport(aHealthyInput({ partitions, limits })).status).toBe('pass');
  });
});

describe('readiness()', () => {
  test.each([
    [{ restoring: true, indexReady: true, lease: null }, false, /restored/],
    [{ restoring: false, indexReady: false, lease: null }, false, /No index yet/],
    [{ restoring: false, indexReady: true, lease: null }, true, /^ready$/],
    [{ restoring: false, indexReady: false, lease: { state: 'standby', holder: 'b' } as const }, false, /Standing by/],
  ])('of %o is %s', (input, ready, reason) => {
    const expected = { ready, reason: expect.stringMatching(reason) as unknown };
    expect(readiness({ ...input, indexSize: 1 })).toEqual(expected);
    expect(lookupReadiness(input)).toEqual(expected);
  });

  test('lacks with an empty index, though addresses are looked up', () => {
    const input = { restoring: false, indexReady: true, lease: null };
    const reason = 'The index holds no indicator: nothing can match until a feed brings one';
    expect(readiness({ ...input, indexSize: 0 })).toEqual({ ready: false, reason });
    expect(readiness({ ...input, indexReady: false, indexSize: 0 }).reason).toMatch(/No index yet/);
    expect(lookupReadiness(input).ready).toBe(true);
  });

  test('does not depend on health', () => {
    const input = aHealthyInput({ lease: { state: 'lost', holder: null }, sourceErrors: [hubError('unauthorized')] });
    expect(healthReport(input).status).toBe('fail');
    expect(readiness({ ...input, indexSize: 1 }).ready).toBe(true);
  });
});
