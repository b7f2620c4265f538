import {
  aBound,
  aFeed,
  aSink,
  healthy,
  hour,
  hubError,
  minute,
  nowMs,
  testHealthRules,
} from '../../support/health-input.ts';

testHealthRules([
  ['nothing is wrong', {}, 'pass', null],

  ['the lease is lost', { lease: { state: 'lost', holder: null } }, 'fail', /The lease is lost/],
  ['the lease is held', { lease: { state: 'held', holder: null } }, 'pass', null],
  [
    'this process stands by, whatever else it would be told',
    { lease: { state: 'standby', holder: 'tidewatch-1' }, feeds: [], partitions: [], readingSinceMs: null },
    'pass',
    null,
  ],
  [
    'this process stands by and storage refuses it',
    { lease: { state: 'standby', holder: null }, sourceErrors: [hubError('storage_unauthorized')] },
    'fail',
    /refused/,
  ],
  [
    'storage is not open yet, whatever else is not there',
    { lease: null, feeds: [], partitions: [], readingSinceMs: null, startedMs: nowMs - minute / 2 },
    'warn',
    /Reading has not begun: it waits for the storage/,
  ],
  [
    'the state is being restored and no feed has loaded',
    { restoring: true, feeds: [aFeed({ loaded: false })], readingSinceMs: null },
    'pass',
    null,
  ],
  [
    'the state cannot be kept',
    { snapshot: { takenMs: nowMs - minute, error: 'storage answers 503' } },
    'warn',
    /State cannot be kept, the last is of 2026-03-01T11:59:00Z, alerts wait: storage answers 503/,
  ],
  ['the windows are warming', { warming: true }, 'warn', /Warming/],
  ['the snapshot is fresh', { snapshot: { takenMs: nowMs - minute, error: null } }, 'pass', null],
  [
    'the snapshot is old',
    { snapshot: { takenMs: nowMs - 6 * minute, error: null } },
    'warn',
    /snapshot is old: .*2026-03-01T11:54:00Z/,
  ],
  ['there is no snapshot', { snapshot: { takenMs: null, error: null } }, 'warn', /snapshot is old: none since start/],

  [
    'a record became a dead letter',
    { deadLetters: { count: 3, dropped: 1, lastMs: nowMs - minute, storeError: null } },
    'warn',
    /3 records could not be read, last at 2026-03-01T11:59:00Z, 1 dropped/,
  ],
  [
    'the last dead letter is older than the window',
    { deadLetters: { count: 3, dropped: 0, lastMs: nowMs - 25 * hour, storeError: null } },
    'pass',
    null,
  ],
  [
    'dead letters cannot be stored',
    { deadLetters: { count: 0, dropped: 0, lastMs: null, storeError: 'container is gone' } },
    'warn',
    /Dead letters cannot be stored, so their partitions wait: container is gone/,
  ],

  ['a bound is near', { bounds: [aBound({ used: 90 })] }, 'warn', /Bound CANDIDATE_MAX_BYTES is near: 90 of 100 bytes/],
  ['a bound is not near', { bounds: [aBound({ used: 89 })] }, 'pass', null],
  [
    'a bound was reached and something given up',
    { bounds: [aBound({ used: 80, givenUp: '12 addresses evicted' })] },
    'warn',
    /Bound CANDIDATE_MAX_BYTES was reached at 100 bytes: 12 addresses evicted/,
  ],
  [
    'the pinned bound is reached',
    { bounds: [aBound({ option: 'PINNED_MAX_BYTES', used: 100, failsWhenReached: true })] },
    'fail',
    /Bound PINNED_MAX_BYTES was reached/,
  ],
  ['a bound of zero holds nothing', { bounds: [aBound({ used: 0, limit: 0 })] }, 'pass', null],

  [
    'the last flush ran incomplete',
    { flush: { ...healthy.flush, lastComplete: false, lagging: ['insights-activity-logs/1'] } },
    'warn',
    /Flush 2026-03-01T11:00:00Z ran incomplete: behind were insights-activity-logs\/1/,
  ],
  [
    'a flush is overdue',
    { flush: { ...healthy.flush, overdueFromMs: nowMs - 1, waitingFor: ['insights-activity-logs/0'] } },
    'warn',
    /Flush 2026-03-01T12:00:00Z is overdue: it waits for insights-activity-logs\/0/,
  ],
  [
    'no flush has run yet',
    { flush: { ...healthy.flush, lastWindowEndMs: null, lastRanMs: null, lastComplete: false } },
    'pass',
    null,
  ],

  [
    'a sink fails',
    { outbox: [aSink({ waiting: 4, oldestMs: nowMs - minute, lastError: { message: 'disk is full', at: nowMs } })] },
    'warn',
    /Sink stdout: 4 alerts wait: disk is full/,
  ],
  ['unknown categories were seen', { unknownCategories: [{ name: 'NewLogs', count: 9 }] }, 'pass', null],
]);
