import type { Address } from '../address.ts';
import { buildAddressIndex, type IndicatorIndex } from '../intel/address-index.ts';
import { type AllowLists, noAllowLists } from '../intel/allow-lists.ts';
import type { Sighting } from '../intel/indicator.ts';
import { fold, type ActivityObservation } from '../observation.ts';
import { formatMs } from '../time.ts';
import { AddressWindows } from '../window/address-windows.ts';
import type { WindowStore } from '../window/window-store.ts';
import type { Alert, AlertIndicator, AlertSlot, CloseReason } from './alert.ts';
import type { Finding } from './finding.ts';
import type { Circumstances, Findings } from './findings.ts';
import { judge, type JudgedWindow, type Judgement } from './judge.ts';
import { Lookup } from './lookup.ts';
import type { Moment } from './moment.ts';
import { rate, type RatedJudgement } from './rating.ts';
import type { SeverityPolicy } from './severity.ts';

/**
 * Why an indicator that matched no longer does; asked of what holds all indicators. Null while that cannot be said, as
 * its feed has not loaded yet.
 */
export type ReasonGone = (source: string, id: string, nowMs: number) => CloseReason | null;

export interface FlushCount {
  readonly rows: number;
  readonly alerts: number;
}

export interface MatcherOptions {
  readonly lookbackMs: number;
  readonly hopMs: number;
  readonly severityPolicy: SeverityPolicy;
}

/** Meets the windows with the indicators: first matches, flushes, withdrawals. */
export class Matcher {
  readonly #store: WindowStore;
  readonly #findings: Findings;
  readonly #options: MatcherOptions;
  #lookup = new Lookup(buildAddressIndex([], 0), noAllowLists);
  /** Whether there was an index; before it nothing is said of what was restored. */
  #hasIndex = false;
  #reasonGone: ReasonGone = () => 'indicator-deleted';
  #nextTransition = Number.POSITIVE_INFINITY;
  #reconciledAt = Number.NEGATIVE_INFINITY;
  /** Candidates that a new index has not been asked about yet. */
  #unprobed: Iterator<Address> | null = null;

  constructor(store: WindowStore, findings: Findings, options: MatcherOptions) {
    this.#store = store;
    this.#findings = findings;
    this.#options = options;
  }

  get lookup(): Lookup {
    return this.#lookup;
  }

  /** Pins an address that an indicator may still match: one that ended before the last flush cannot. */
  pinIfMatched(address: Address, moment: Moment): void {
    const { boundary } = moment;
    // What it did before is told first, as if probe() had come by.
    if (this.#unprobed !== null && !this.#store.isPinned(address)) this.#probe(address, moment);
    if (this.#lookup.mayMatch(address, boundary - this.#options.hopMs)) this.#pin(address);
  }

  #probe(address: Address, moment: Moment): void {
    if (!this.#lookup.mayMatch(address, moment.boundary - this.#options.hopMs)) return;
    if (this.#store.held(address) === undefined) return;
    this.#pin(address);
    const windows = this.#store.get(address);
    if (windows !== undefined) this.#matchCallers(windows, moment);
  }

  #pin(address: Address): void {
    this.#store.pin(address, this.#lookup.index.isWide(address));
  }

  /**
   * Swaps the index whole: what no longer matches is withdrawn at once, and so does alert what was pinned already. The
   * candidates, of which there may be millions, are looked up by probe(); before the next flush, at the latest by it.
   */
  setIndex(index: IndicatorIndex, reasonGone: ReasonGone, moment: Moment): void {
    this.#lookup = new Lookup(index, this.#lookup.allowLists);
    this.#hasIndex = true;
    this.#reasonGone = reasonGone;
    this.#lookAgain(moment);
  }

  /** Swaps the allow lists, as setIndex() the index: what a list drops now is closed, what none drops any more matches. */
  setAllowLists(allowLists: AllowLists, moment: Moment): void {
    this.#lookup = new Lookup(this.#lookup.index, allowLists);
    if (this.#hasIndex) this.#lookAgain(moment);
  }

  #lookAgain(moment: Moment): void {
    const since = moment.boundary - this.#options.hopMs;
    for (const { address } of [...this.#store.pinned()])
      if (!this.#lookup.mayMatch(address, since)) this.#store.unpin(address);
    this.#reconcile(moment);
    this.#unprobed = this.#store.candidateAddresses();
  }

  /** Looks up to `limit` candidates up in a new index, and emits for those it matches. True when all have been. */
  probe(limit: number, moment: Moment): boolean {
    for (let left = limit; this.#unprobed !== null; left -= 1) {
      if (left <= 0) return false;
      const next = this.#unprobed.next();
      if (next.done === true) this.#unprobed = null;
      else this.#probe(next.value, moment);
    }
    return true;
  }

  /** Lets indicators begin and end at their time; cheap until the next one does, or the clock is set back. */
  tick(moment: Moment): void {
    if (moment.now >= this.#nextTransition || moment.now < this.#reconciledAt) this.#reconcile(moment);
  }

  /** Emits the first match of a pair; one that was withdrawn waits for the flush. True when an alert was emitted. */
  matchFirst(observation: ActivityObservation, paneEnd: number, late: boolean, moment: Moment): boolean {
    const caller = fold(observation.caller);
    if (this.#findings.get(observation.address, caller)?.last != null) return false;
    return this.#match(observation.address, caller, Math.max(moment.boundary, paneEnd), late, moment);
  }

  /** Reports a match that is older than every window still to be flushed. */
  reportExpired(observation: ActivityObservation, paneEnd: number, moment: Moment): void {
    const { address } = observation;
    const sightings = this.#lookup.validAt(address, moment.now);
    if (sightings.length === 0) return;
    const alone = new AddressWindows(address);
    const window = this.#windowAt(paneEnd);
    const counting = { number: 1, late: true, identity: null, inexact: false };
    alone.addActivity(observation, { paneEnd, firstWindow: window, ...counting });
    const caller = fold(observation.caller);
    const judgement = this.#judge(alone, caller, sightings, window);
    if (judgement === null) return;
    this.#findings.expired(address, caller, judgement, window, this.#circumstances(address, window, moment, true));
  }

  /** Judges every matched pair at a boundary and closes what has ended. */
  flush(windowEnd: number, incomplete: Alert['incomplete'], moment: Moment): FlushCount {
    this.probe(Number.POSITIVE_INFINITY, moment);
    const window = this.#windowAt(windowEnd);
    const rowed = new Set<Finding>();
    let alerts = 0;
    const pinned = [...this.#store.pinned()].map(({ address }) => address);
    for (const address of new Set([...pinned, ...this.#findings.addresses()])) {
      const windows = this.#store.get(address);
      const sightings = this.#lookup.validAt(address, windowEnd);
      if (windows === undefined || sightings.length === 0) continue;
      const isValidNow = this.#lookup.isMatchedAt(address, moment.now);
      const at = { ...this.#circumstances(address, window, moment, false), incomplete };
      for (const caller of windows.callers.keys()) {
        const judgement = this.#judge(windows, caller, sightings, window);
        if (judgement === null) continue;
        const { finding, emitted } = this.#findings.flush(windows, caller, judgement, window, at, isValidNow);
        rowed.add(finding);
        if (emitted) alerts += 1;
      }
    }
    return { rows: rowed.size, alerts: alerts + this.#closeEnded(window, rowed, incomplete, moment) };
  }

  #windowAt(windowEnd: number): JudgedWindow {
    return { windowStart: windowEnd - this.#options.lookbackMs, windowEnd };
  }

  #match(address: Address, caller: string, windowEnd: number, late: boolean, moment: Moment): boolean {
    const windows = this.#store.get(address);
    const sightings = this.#lookup.validAt(address, moment.now);
    if (windows === undefined || sightings.length === 0) return false;
    const window = this.#windowAt(windowEnd);
    const judgement = this.#judge(windows, caller, sightings, window);
    if (judgement === null) return false;
    this.#findings.match(windows, caller, judgement, window, this.#circumstances(address, window, moment, late));
    return true;
  }

  /** Emits for pairs that match and have not said so, closes those that no longer match. */
  #reconcile(moment: Moment): void {
    const { now, boundary } = moment;
    this.#reconciledAt = now;
    this.#nextTransition = this.#lookup.index.nextTransition(now) ?? Number.POSITIVE_INFINITY;
    for (const finding of [...this.#findings.all()]) {
      const { address, caller } = finding;
      if (!finding.isOpen || this.#lookup.isMatchedAt(address, now)) continue;
      const reason = this.#closeReason(finding, now);
      if (reason === null) continue;
      const window = this.#windowAt(Math.max(boundary, newestEnd(this.#store.get(address), caller)));
      const at = this.#circumstances(address, window, moment, false);
      this.#close(finding, 'withdraw', reason, window, at);
    }
    for (const windows of [...this.#store.pinned()]) this.#matchCallers(windows, moment);
  }

  /** Emits for the callers of an address that match and have not said so. */
  #matchCallers(windows: AddressWindows, moment: Moment): void {
    const { address, callers } = windows;
    if (!this.#lookup.isMatchedAt(address, moment.now)) return;
    for (const caller of callers.keys()) {
      if (this.#findings.get(address, caller)?.last != null) continue;
      this.#match(address, caller, Math.max(moment.boundary, newestEnd(windows, caller)), false, moment);
    }
  }

  /** Closes findings whose window is empty or whose indicators are gone, and forgets those without any pane. */
  #closeEnded(
    window: JudgedWindow,
    rowed: ReadonlySet<Finding>,
    incomplete: Alert['incomplete'],
    moment: Moment,
  ): number {
    let closed = 0;
    for (const finding of [...this.#findings.all()]) {
      if (rowed.has(finding)) continue;
      const { address, caller } = finding;
      const windows = this.#store.get(address);
      // What was read ahead belongs to a later window: a flush says the same however late it runs.
      const isEmpty = !hasPaneIn(windows, caller, window) && !finding.isToldAfter(window.windowEnd);
      const isGone =
        !this.#lookup.isMatchedAt(address, window.windowEnd) && !this.#lookup.isMatchedAt(address, moment.now);
      const reason = isEmpty ? 'window-empty' : isGone ? this.#closeReason(finding, moment.now) : null;
      if (finding.isOpen && reason !== null) {
        const at = { ...this.#circumstances(address, window, moment, false), incomplete };
        if (this.#close(finding, 'flush', reason, window, at)) closed += 1;
      }
      if (newestEnd(windows, caller) <= window.windowStart) this.#findings.delete(finding);
    }
    return closed;
  }

  /** Closes with what was last said, under the lists as they are now: here a severity that fell is told too. */
  #close(
    finding: Finding,
    slot: AlertSlot,
    closeReason: CloseReason,
    window: JudgedWindow,
    at: Circumstances,
  ): boolean {
    if (finding.last === null) return false;
    const judgement = this.#rate(finding.address, finding.last);
    return this.#findings.close(finding, { slot, closeReason, window, judgement }, at);
  }

  #judge(
    windows: AddressWindows,
    caller: string,
    sightings: readonly Sighting[],
    window: JudgedWindow,
  ): RatedJudgement | null {
    const judgement = judge(windows, caller, sightings, window);
    return judgement === null ? null : this.#rate(windows.address, judgement);
  }

  #rate(address: Address, judgement: Judgement): RatedJudgement {
    return rate(judgement, this.#lookup.allowListsOf(address), this.#options.severityPolicy);
  }

  #closeReason(finding: Finding, now: number): CloseReason | null {
    if (this.#lookup.allowLists.drops(finding.address)) return 'allow-listed';
    const best: AlertIndicator | undefined = finding.last?.indicators[0];
    return best === undefined ? 'indicator-deleted' : this.#reasonGone(best.source, best.id, now);
  }

  #circumstances(address: Address, window: JudgedWindow, moment: Moment, late: boolean): Circumstances {
    const before = Math.max(this.#store.evictedUpTo(address) ?? Number.NEGATIVE_INFINITY, moment.seesSince);
    return {
      now: moment.now,
      indexVersion: this.#lookup.index.version,
      late,
      backfill: moment.warming,
      partial: before > window.windowStart ? { before: formatMs(before) } : null,
      incomplete: null,
    };
  }
}

/** The boundary of a caller's newest pane, −∞ when it has none. */
function newestEnd(windows: AddressWindows | undefined, caller: string): number {
  let newest = Number.NEGATIVE_INFINITY;
  for (const end of windows?.callers.get(caller)?.keys() ?? []) newest = Math.max(newest, end);
  return newest;
}

function hasPaneIn(windows: AddressWindows | undefined, caller: string, window: JudgedWindow): boolean {
  for (const end of windows?.callers.get(caller)?.keys() ?? [])
    if (end > window.windowStart && end <= window.windowEnd) return true;
  return false;
}
