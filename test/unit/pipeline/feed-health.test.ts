import { aFeed, feedError, minute, nowMs, testHealthRules } from '../../support/health-input.ts';

testHealthRules([
  [
    'no feed has ever loaded',
    { feeds: [aFeed({ loaded: false, indicators: 0, skipped: 0, lastSuccessMs: null })] },
    'fail',
    /No feed has ever loaded/,
  ],
  [
    'the only feed refused its password from the start',
    { feeds: [aFeed({ loaded: false, indicators: 0, lastSuccessMs: null, lastError: feedError })] },
    'fail',
    /Feed partner: answered 401: mend its password in TI_FEEDS/,
  ],
  [
    'one feed refuses its password while another one serves',
    { feeds: [aFeed(), aFeed({ name: 'other', loaded: false, lastError: feedError })] },
    'warn',
    /Feed other: answered 401/,
  ],
  ['a loaded feed fails', { feeds: [aFeed({ lastError: feedError })] }, 'warn', /Feed partner: answered 401/],
  [
    'a feed has gone without an answer for more than three intervals',
    { feeds: [aFeed({ lastSuccessMs: nowMs - 46 * minute })] },
    'warn',
    /Feed partner: is stale: no answer for 2760 s, since 2026-03-01T11:14:00Z/,
  ],
  ['a feed is within three intervals', { feeds: [aFeed({ lastSuccessMs: nowMs - 44 * minute })] }, 'pass', null],
  [
    'a restored set is held and its feed has not answered since start',
    { feeds: [aFeed({ lastSuccessMs: null })] },
    'warn',
    /Feed partner: is stale: .* since start/,
  ],
  [
    'the only feed is empty',
    { feeds: [aFeed({ indicators: 0, skipped: 0 })] },
    'warn',
    /Feed partner: loaded and is empty: it holds no indicator/,
  ],
  [
    'all indicators of a feed are skipped while another feed has some',
    { feeds: [aFeed(), aFeed({ name: 'other', indicators: 0, skipped: 4 })] },
    'warn',
    /Feed other: loaded and holds no indicator that can match: 4 skipped/,
  ],
]);
