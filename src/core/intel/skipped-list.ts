import { Shortlist } from '../shortlist.ts';
import { admit, type AdmissionRule } from './admission.ts';
import type { HeldFeed } from './feed-indicators.ts';
import type { Indicator, SkipReason } from './indicator.ts';
import { compareText } from './stix-time.ts';

/** Where a page ended: its last indicator. Pages stay whole while indicators come and go. */
export interface SkippedCursor {
  readonly source: string;
  readonly id: string;
}

export interface SkippedQuery {
  /** Null is any. */
  readonly feed: string | null;
  readonly reason: SkipReason | null;
  readonly limit: number;
  readonly cursor: SkippedCursor | null;
}

/** An indicator that is not in the index, or not with all of its pattern. */
export interface SkippedIndicator {
  readonly indicator: Indicator;
  readonly reasons: readonly SkipReason[];
}

export interface SkippedPage {
  /** In the order of feed and id. */
  readonly items: readonly SkippedIndicator[];
  readonly nextCursor: SkippedCursor | null;
}

/** Indicators passed between two pauses. */
const stride = 64;

function compareCursor(a: SkippedCursor, b: SkippedCursor): number {
  return compareText(a.source, b.source) || compareText(a.id, b.id);
}

function compareSkipped(a: SkippedIndicator, b: SkippedIndicator): number {
  return compareCursor(a.indicator, b.indicator);
}

/**
 * A page of what is held and not indexed, or not whole: what the build of the index counts, one by one. In slices.
 */
export function* listSkipped(
  feeds: readonly HeldFeed[],
  rule: AdmissionRule,
  { feed, reason, limit, cursor }: SkippedQuery,
): Generator<undefined, SkippedPage> {
  const shown = new Shortlist(limit, compareSkipped);
  let work = 0;
  for (const { content } of feeds) {
    if (feed !== null && content.settings.name !== feed) continue;
    for (const { indicator } of content.held) {
      work += Math.max(1, indicator.observables.length);
      if (work >= stride) {
        yield;
        work = 0;
      }
      if (cursor !== null && compareCursor(indicator, cursor) <= 0) continue;
      const reasons = admit(indicator, rule).skipped;
      if (reasons.length > 0 && (reason === null || reasons.includes(reason))) shown.add({ indicator, reasons });
    }
  }
  const items = shown.list();
  const last = items.at(-1)?.indicator;
  const isLast = last === undefined || shown.total <= items.length;
  return { items, nextCursor: isLast ? null : { source: last.source, id: last.id } };
}
