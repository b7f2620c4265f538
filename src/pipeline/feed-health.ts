import { formatMs } from '../core/time.ts';
import type { FeedStatus } from './feed-status.ts';
import type { Finding, HealthStatus } from './health-report.ts';
import type { HealthInput } from './health-input.ts';

function problemOf(feed: FeedStatus, input: HealthInput): string | null {
  if (feed.lastError !== null) return feed.lastError.message;
  if (!feed.loaded) return 'has not loaded yet';
  const ageMs = input.nowMs - (feed.lastSuccessMs ?? input.startedMs);
  if (ageMs <= feed.refreshIntervalMs * input.limits.feedIntervals) {
    return feed.indicators === 0 ? emptyText(feed) : null;
  }
  const since = feed.lastSuccessMs === null ? 'since start' : `since ${formatMs(feed.lastSuccessMs)}`;
  return `is stale: no answer for ${Math.round(ageMs / 1000)} s, ${since}`;
}

function emptyText(feed: FeedStatus): string {
  if (feed.skipped === 0) return 'loaded and is empty: it holds no indicator';
  return `loaded and holds no indicator that can match: ${feed.skipped} skipped`;
}

const cursorHead = 48;
const cursorTail = 112;

/** A cursor is opaque and may be long; those of TAXII begin with their source and end with their dates. */
function shortCursor(cursor: string | null): string | null {
  if (cursor === null || cursor.length <= cursorHead + cursorTail) return cursor;
  return `${cursor.slice(0, cursorHead)}…${cursor.slice(-cursorTail)}`;
}

function timeOf(ms: number | null): string | null {
  return ms === null ? null : formatMs(Math.round(ms));
}

function detailsOf(feed: FeedStatus): Record<string, unknown> {
  const { loaded, indicators, kinds, skipped, skippedBy, cursor, lastError } = feed;
  return {
    loaded,
    indicators,
    kinds,
    skipped,
    skippedBy: Object.fromEntries(skippedBy),
    cursor: shortCursor(cursor),
    lastSuccess: timeOf(feed.lastSuccessMs),
    lastChange: timeOf(feed.lastChangeMs),
    nextPoll: timeOf(feed.nextPollMs),
    lastError: lastError === null ? null : { ...lastError, at: timeOf(lastError.at) },
  };
}

/** One check a feed: its age, where its polls stand, its counts, its last error. */
export function feedChecks(input: HealthInput): Finding[] {
  const failing: HealthStatus = input.feeds.some((feed) => feed.loaded) ? 'warn' : 'fail';
  return input.feeds.map((feed) => {
    const problem = problemOf(feed, input);
    const { name, lastSuccessMs } = feed;
    return {
      componentId: name,
      status: problem === null ? 'pass' : failing,
      observedValue: lastSuccessMs === null ? null : Math.round((input.nowMs - lastSuccessMs) / 1000),
      observedUnit: 's',
      ...(problem === null ? {} : { output: `Feed ${name}: ${problem}` }),
      details: detailsOf(feed),
    };
  });
}

/** Whether there is anything to match against. */
export function indicatorCheck(input: HealthInput): Finding {
  const count = input.feeds.reduce((sum, feed) => sum + feed.indicators, 0);
  const base = { componentId: 'index', observedValue: count, observedUnit: 'indicators' };
  if (!input.feeds.some((feed) => feed.loaded)) {
    return { ...base, status: 'fail', output: 'No feed has ever loaded: nothing can match' };
  }
  if (count === 0) return { ...base, status: 'warn', output: 'No indicator is held: nothing can match' };
  return { ...base, status: 'pass' };
}
