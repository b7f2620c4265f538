import { formatAddress, type Address } from '../core/address.ts';
import type { Corroboration } from '../core/alert/alert.ts';
import { mergeSignIns, signInEvidence } from '../core/alert/corroborate.ts';
import { describeIndicators, judge, type JudgedWindow } from '../core/alert/judge.ts';
import type { EngineOptions } from '../core/engine-options.ts';
import type { Engine } from '../core/engine.ts';
import { fold } from '../core/observation.ts';
import { formatMs } from '../core/time.ts';
import type { AddressWindows } from '../core/window/address-windows.ts';
import type { AddressView, PaneCounts, WindowItem, WindowsPage, WindowsQuery } from './views.ts';
import { windowPage, type WindowSummary } from './window-page.ts';

/** The window the API shows: it ends at the next boundary, or at the first that has not been flushed. */
function shownWindow(engine: Engine, nowMs: number): JudgedWindow {
  return windowAt(nowMs, engine.options, engine.boundary);
}

/** The window that ends at the next boundary, or at the first that has not been flushed where that is later. */
export function windowAt(
  nowMs: number,
  { hopMs, lookbackMs }: Pick<EngineOptions, 'hopMs' | 'lookbackMs'>,
  boundary = Number.NEGATIVE_INFINITY,
): JudgedWindow {
  const windowEnd = Math.max(boundary, Math.ceil(nowMs / hopMs) * hopMs);
  return { windowStart: windowEnd - lookbackMs, windowEnd };
}

/** A window as texts, and when it was looked at. */
export function describeWindow(
  { windowStart, windowEnd }: JudgedWindow,
  nowMs: number,
): Pick<WindowsPage, 'windowStart' | 'windowEnd' | 'asOf'> {
  return {
    windowStart: formatMs(windowStart),
    windowEnd: formatMs(windowEnd),
    asOf: formatMs(Math.round(nowMs)),
  };
}

function paneCounts(windows: AddressWindows, caller: string, { windowStart, windowEnd }: JudgedWindow): PaneCounts[] {
  const panes = windows.callers.get(caller) ?? new Map<number, never>();
  const users = windows.signIns.get('user');
  const servicePrincipals = windows.signIns.get('service-principal');
  const ends = new Set([...panes.keys(), ...(users?.keys() ?? []), ...(servicePrincipals?.keys() ?? [])]);
  return [...ends]
    .filter((end) => end > windowStart && end <= windowEnd)
    .sort((a, b) => a - b)
    .map((end) => ({
      hour: formatMs(end),
      operations: panes.get(end)?.count ?? 0,
      userSignins: users?.get(end)?.count ?? 0,
      spSignins: servicePrincipals?.get(end)?.count ?? 0,
    }));
}

function isInside(end: number, { windowStart, windowEnd }: JudgedWindow): boolean {
  return end > windowStart && end <= windowEnd;
}

function isCorroborated(windows: AddressWindows, window: JudgedWindow): boolean {
  const series = [windows.signIns.get('user'), windows.signIns.get('service-principal')];
  return series.some((panes) => [...(panes?.keys() ?? [])].some((end) => isInside(end, window)));
}

/** The windows of an engine that a query may want, in no order. */
export function* windowsOf(
  engine: Engine,
  query: Pick<WindowsQuery, 'candidates'>,
  nowMs: number,
): Generator<WindowSummary> {
  const window = shownWindow(engine, nowMs);
  yield* summariesOf(engine, engine.store.pinned(), window, nowMs);
  const isMatched = (address: Address): boolean => engine.lookup.isMatchedAt(address, nowMs);
  if (query.candidates) yield* summariesOf(engine, engine.store.candidates(), window, nowMs);
  else if (engine.findings.size > 0) yield* summariesOf(engine, engine.store.candidates(isMatched), window, nowMs);
}

function* summariesOf(
  engine: Engine,
  all: Iterable<AddressWindows>,
  window: JudgedWindow,
  nowMs: number,
): Generator<WindowSummary> {
  for (const windows of all) {
    const [best] = engine.lookup.validAt(windows.address, nowMs);
    const corroborated = isCorroborated(windows, window);
    const ip = formatAddress(windows.address);
    for (const panes of windows.callers.values()) {
      let operations = 0;
      let firstSeenMs = Number.POSITIVE_INFINITY;
      let lastSeenMs = Number.NEGATIVE_INFINITY;
      let caller = '';
      for (const [end, pane] of panes) {
        if (!isInside(end, window)) continue;
        operations += pane.count;
        caller = pane.caller?.form ?? caller;
        firstSeenMs = Math.min(firstSeenMs, pane.first?.ms ?? firstSeenMs);
        lastSeenMs = Math.max(lastSeenMs, pane.last?.ms ?? lastSeenMs);
      }
      if (operations === 0) continue;
      const confidence = best?.indicator.confidence ?? 0;
      const matched = best !== undefined;
      const { address } = windows;
      yield { caller, address, ip, operations, confidence, firstSeenMs, lastSeenMs, matched, corroborated };
    }
  }
}

const nothing: Corroboration = { grade: 'none', evidence: [] };

function itemOf(
  windows: AddressWindows,
  caller: string,
  engine: Engine,
  window: JudgedWindow,
  nowMs: number,
): WindowItem | null {
  const sightings = engine.lookup.validAt(windows.address, nowMs);
  const judgement = judge(windows, caller, sightings, window);
  if (judgement === null) return null;
  const { row, indicators, corroboration, truncated } = judgement;
  const { Operations: operations } = row;
  const hasMoreOperations = truncated.includes('Operations');
  const matter = { caller, address: windows.address, operations, hasMoreOperations };
  const silenced = engine.silences.covering(matter, nowMs);
  const panes = paneCounts(windows, caller, window);
  return { caller: row.Caller, ip: row.TI_IP, row, indicators, corroboration, silenced, panes };
}

/** A window of windowsOf(), judged by the indicators valid now; null when it is gone. */
export function windowItem(engine: Engine, { address, caller }: WindowSummary, nowMs: number): WindowItem | null {
  const windows = engine.store.get(address);
  return windows === undefined ? null : itemOf(windows, fold(caller), engine, shownWindow(engine, nowMs), nowMs);
}

/** As windowItem(), of a window that was listed in the same turn and so is there. */
export function listedItem(engine: Engine, summary: WindowSummary, nowMs: number): WindowItem {
  const item = windowItem(engine, summary, nowMs);
  if (item === null) throw new TypeError(`Cannot describe the window of ${summary.ip} as it is gone`);
  return item;
}

/** One page of windows, judged by the indicators valid now. */
export function windowsPage(engine: Engine, query: WindowsQuery, nowMs: number): WindowsPage {
  const page = windowPage(windowsOf(engine, query, nowMs), query, (summary) => listedItem(engine, summary, nowMs));
  return { ...describeWindow(shownWindow(engine, nowMs), nowMs), ...page };
}

/** Everything about one address. */
export function addressView(engine: Engine, address: Address, nowMs: number): AddressView {
  const window = shownWindow(engine, nowMs);
  const windows = engine.store.get(address);
  const evictedUpTo = engine.store.evictedUpTo(address);
  const callers = windows === undefined ? [] : [...windows.callers.keys()];
  const items = callers.map((caller) =>
    windows === undefined ? null : itemOf(windows, caller, engine, window, nowMs),
  );
  const signIns =
    windows === undefined
      ? nothing.evidence
      : signInEvidence(mergeSignIns(windows, window.windowStart, window.windowEnd));
  return {
    ip: formatAddress(address),
    ...describeWindow(window, nowMs),
    excluded: engine.options.observation.excluded.contains(address),
    indicators: describeIndicators(engine.lookup.validAt(address, nowMs)),
    windows: items.filter((item) => item !== null),
    signIns,
    partial: evictedUpTo !== null && evictedUpTo > window.windowStart ? { before: formatMs(evictedUpTo) } : null,
  };
}
