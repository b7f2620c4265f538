import type { Address } from '../core/address.ts';
import { fold } from '../core/observation.ts';
import type { WindowCursor, WindowItem, WindowsPage, WindowsQuery, WindowSortKey } from './views.ts';

/** What windows are chosen and ordered by. Cheap to make for every window; a page describes only the ones it shows. */
export interface WindowSummary {
  readonly caller: string;
  readonly address: Address;
  /** Canonical text of the address. */
  readonly ip: string;
  readonly operations: number;
  /** 0 for a candidate. */
  readonly confidence: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly matched: boolean;
  readonly corroborated: boolean;
}

interface Place {
  readonly value: string | number;
  readonly caller: string;
  readonly ip: string;
}

const sortValues: Readonly<Record<WindowSortKey, (summary: WindowSummary) => string | number>> = {
  lastSeen: ({ lastSeenMs }) => lastSeenMs,
  firstSeen: ({ firstSeenMs }) => firstSeenMs,
  operations: ({ operations }) => operations,
  confidence: ({ confidence }) => confidence,
  caller: ({ caller }) => fold(caller),
  ip: ({ address }) => addressOrder(address),
};

/** Text that orders as addresses do, IPv4 before IPv6. */
function addressOrder(address: Address): string {
  return typeof address === 'number'
    ? `4${address.toString(16).padStart(8, '0')}`
    : `6${address.toString(16).padStart(32, '0')}`;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareValues(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : compareTexts(String(a), String(b));
}

/** A total order of windows: by the sort value, then caller, then address. */
function comparePlaces(a: Place, b: Place, descending: boolean): number {
  const byValue = compareValues(a.value, b.value);
  return (descending ? -byValue : byValue) || compareTexts(a.caller, b.caller) || compareTexts(a.ip, b.ip);
}

function isWanted(summary: WindowSummary, query: WindowsQuery): boolean {
  const { caller, ip, matched, corroborated, candidates } = query;
  if (!candidates && !summary.matched) return false;
  if (matched !== null && summary.matched !== matched) return false;
  if (corroborated !== null && summary.corroborated !== corroborated) return false;
  if (caller !== null && fold(summary.caller) !== fold(caller)) return false;
  return (
    ip === null ||
    (typeof ip.first === typeof summary.address && summary.address >= ip.first && summary.address <= ip.last)
  );
}

/** The index at which a place belongs among sorted places. */
function insertionIndex(sorted: readonly Place[], place: Place, descending: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = sorted[middle];
    if (other !== undefined && comparePlaces(other, place, descending) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The windows of a page, in its order, and where it ended. */
interface ChosenWindows<Summary extends WindowSummary> {
  readonly shown: readonly Summary[];
  readonly nextCursor: WindowCursor | null;
}

/**
 * Chooses the windows that a query wants, in its order, after its cursor. Keeps only `limit` + 1 windows while it walks,
 * so a page over a million windows does not sort them all.
 */
export function chooseWindows<Summary extends WindowSummary>(
  windows: Iterable<Summary>,
  query: WindowsQuery,
): ChosenWindows<Summary> {
  const { sort, limit, cursor } = query;
  const valueOf = sortValues[sort.key];
  const kept: (Place & { readonly summary: Summary })[] = [];
  for (const summary of windows) {
    if (!isWanted(summary, query)) continue;
    const place = { value: valueOf(summary), caller: summary.caller, ip: summary.ip, summary };
    if (cursor !== null && comparePlaces(place, cursor, sort.descending) <= 0) continue;
    const index = insertionIndex(kept, place, sort.descending);
    if (index > limit) continue;
    kept.splice(index, 0, place);
    if (kept.length > limit + 1) kept.pop();
  }
  const shown = kept.slice(0, limit);
  const last = shown.at(-1);
  return {
    shown: shown.map(({ summary }) => summary),
    nextCursor: kept.length > limit && last !== undefined ? cursorAfter(last, sort) : null,
  };
}

/** One page of the windows that a query wants. Describes only the ones it shows. */
export function windowPage(
  windows: Iterable<WindowSummary>,
  query: WindowsQuery,
  describe: (summary: WindowSummary) => WindowItem,
): Pick<WindowsPage, 'items' | 'nextCursor'> {
  const { shown, nextCursor } = chooseWindows(windows, query);
  return { items: shown.map((summary) => describe(summary)), nextCursor };
}

function cursorAfter({ value, caller, ip }: Place, sort: WindowsQuery['sort']): WindowCursor {
  return { sort, value, caller, ip };
}
