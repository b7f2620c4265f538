import { formatAddress, parseAddress, type Address } from '../core/address.ts';
import { describeIndicators } from '../core/alert/judge.ts';
import type { Lookup } from '../core/alert/lookup.ts';
import type { EngineOptions } from '../core/engine-options.ts';
import { formatMs } from '../core/time.ts';
import { shardAt, type FleetMoment } from './fleet-moment.ts';
import type { FleetSummary, SummarizedWindow } from './fleet-summary.ts';
import { subjectIn, type IntelSubject } from './intel-views.ts';
import type { WindowItem, WindowsPage, WindowsQuery } from './views.ts';
import { chooseWindows, type WindowSummary } from './window-page.ts';
import { describeWindow, listedItem, windowAt, windowsOf } from './window-views.ts';

/** What a replica knows beside the shards: its rule, and the indicators that it holds itself. */
export interface OwnRule {
  readonly engine: Pick<EngineOptions, 'hopMs' | 'lookbackMs' | 'observation'>;
  readonly lookup: Lookup;
}

/** A window that another replica judged. */
interface ToldWindow extends WindowSummary {
  readonly told: SummarizedWindow;
}

/** Read once from each summary, as a page is asked for more often than one is written. */
const toldWindows = new WeakMap<FleetSummary, readonly ToldWindow[]>();

function toldBy(summary: FleetSummary): readonly ToldWindow[] {
  const known = toldWindows.get(summary);
  if (known !== undefined) return known;
  const windows = summary.windows.flatMap((told): ToldWindow[] => {
    const { operations, confidence, firstSeenMs, lastSeenMs, corroborated, item } = told;
    const { caller, ip } = item;
    const address = parseAddress(ip);
    const facts = { operations, confidence, firstSeenMs, lastSeenMs, corroborated, matched: true };
    return address === null ? [] : [{ ...facts, caller, ip, address, told }];
  });
  toldWindows.set(summary, windows);
  return windows;
}

/** Windows of all shards: those held here as they are, of the others what they told and is not past. */
function* allWindows(
  { held, stored, nowMs }: FleetMoment,
  query: WindowsQuery,
  pastMs: number,
): Generator<WindowSummary | ToldWindow> {
  for (const { shard } of held.values()) yield* windowsOf(shard.engine, query, nowMs);
  for (const { summary } of stored.values())
    if (summary !== null) yield* toldBy(summary).filter(({ lastSeenMs }) => lastSeenMs > pastMs);
}

/** One page over the windows of all shards, in one order. */
export function fleetWindows(fleet: FleetMoment, query: WindowsQuery, rule: OwnRule): WindowsPage {
  const { nowMs, shards, held } = fleet;
  const window = windowAt(nowMs, rule.engine);
  const { shown, nextCursor } = chooseWindows(allWindows(fleet, query, window.windowStart), query);
  const itemOf = (listed: WindowSummary | ToldWindow): WindowItem => {
    if ('told' in listed) return listed.told.item;
    const own = held.get(shardAt(fleet, listed.address) ?? '');
    if (own === undefined)
      throw new TypeError(`Cannot describe the window of ${listed.ip} as its shard is not held here`);
    return listedItem(own.shard.engine, listed, nowMs);
  };
  const untold = shards.filter(({ shard }) => !held.has(shard)).map(({ shard }) => shard);
  return {
    ...describeWindow(window, nowMs),
    items: shown.map(itemOf),
    nextCursor,
    shards,
    ...(query.candidates ? { withoutCandidates: untold } : {}),
  };
}

/** An address as its shard shows it, or, where that is held elsewhere, as it was told and as own indicators see it. */
export function fleetSubject(fleet: FleetMoment, address: Address, rule: OwnRule): IntelSubject {
  const place = shardAt(fleet, address);
  const shards = fleet.shards.filter(({ shard }) => shard === place);
  const own = fleet.held.get(place ?? '');
  if (own !== undefined) {
    const subject = subjectIn(own.shard.engine, address, fleet.nowMs);
    return { ...subject, view: { ...subject.view, shards } };
  }
  const { view, ...rest } = subjectElsewhere(fleet, address, rule, fleet.stored.get(place ?? '')?.summary ?? null);
  return { ...rest, view: { ...view, shards } };
}

function subjectElsewhere(
  { nowMs }: FleetMoment,
  address: Address,
  { engine, lookup }: OwnRule,
  summary: FleetSummary | null,
): IntelSubject {
  const window = windowAt(nowMs, engine);
  const listed = summary === null ? [] : toldBy(summary).filter((each) => each.address === address);
  const told = listed.filter(({ lastSeenMs }) => lastSeenMs > window.windowStart).map((each) => each.told);
  const [first] = told;
  const known = describeIndicators(lookup.validAt(address, nowMs));
  const evictedUpToMs = first?.evictedUpToMs ?? null;
  const view = {
    ip: formatAddress(address),
    ...describeWindow(window, nowMs),
    excluded: engine.observation.excluded.contains(address),
    // A replica that only routes holds none of its own.
    indicators: lookup.index.size > 0 ? known : (first?.item.indicators ?? []),
    windows: told.map(({ item }) => item),
    signIns: first?.item.corroboration.evidence ?? [],
    partial: evictedUpToMs !== null && evictedUpToMs > window.windowStart ? { before: formatMs(evictedUpToMs) } : null,
  };
  return { view, lookup, standing: told.length > 0 ? 'pinned' : 'unknown' };
}
