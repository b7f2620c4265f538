import type { Matcher } from './alert/matcher.ts';
import { momentAt } from './alert/moment.ts';
import { observe } from './decode/observe.ts';
import { isEarly } from './early.ts';
import type { EngineOptions } from './engine-options.ts';
import { fold, type Observation } from './observation.ts';
import type { RecordOutcome } from './outcome.ts';
import type { Progress } from './progress.ts';
import type { AzureRecord } from './record.ts';
import type { ChangeLog } from './state/change-log.ts';
import type { Tally } from './tally.ts';
import { eventTime, paneEnd } from './time.ts';
import type { Addition, AddressWindows } from './window/address-windows.ts';
import type { DeferredList } from './window/deferred.ts';
import type { WindowStore } from './window/window-store.ts';

/** What of a shard a record goes through on its way into its pane. */
export interface AdmissionParts {
  readonly options: EngineOptions;
  readonly progress: Progress;
  readonly store: WindowStore;
  readonly matcher: Matcher;
  readonly deferred: DeferredList;
  readonly changes: ChangeLog;
}

/** Lets records into their panes: now, after the flush that must not contain them, or never. */
export class Admission {
  readonly #options: EngineOptions;
  readonly #progress: Progress;
  readonly #store: WindowStore;
  readonly #matcher: Matcher;
  readonly #deferred: DeferredList;
  readonly #changes: ChangeLog;

  constructor({ options, progress, store, matcher, deferred, changes }: AdmissionParts) {
    this.#options = options;
    this.#progress = progress;
    this.#store = store;
    this.#matcher = matcher;
    this.#deferred = deferred;
    this.#changes = changes;
  }

  /** Takes a record of a message that is new, and tells its one outcome. */
  take(record: AzureRecord, enqueuedMs: number, now: number, tally: Tally): void {
    const { stream } = record;
    const observed = observe(record, enqueuedMs, this.#options.observation);
    if (typeof observed === 'string') {
      tally.record(stream, observed);
      if (observed === 'excluded') tally.lookup(stream, 'excluded');
      if (observed === 'address_invalid') tally.lookup(stream, 'invalid');
      return;
    }
    this.#matcher.lookup.count(stream, observed.address, now, tally);
    if (observed.identity === null) tally.noteUnidentified(stream);
    const early = isEarly(observed.time, enqueuedMs);
    const observation = {
      ...observed,
      time: early ? eventTime(enqueuedMs) : observed.time,
      identity: this.#options.deduplicate ? observed.identity : null,
    };
    const end = paneEnd(observation.time, this.#options.hopMs);
    const dueAt = this.#dueAt(end, enqueuedMs);
    if (end > this.#progress.boundary - this.#options.lookbackMs && dueAt > Math.max(this.#progress.boundary, end)) {
      tally.record(stream, 'deferred');
      this.#deferred.add({ observation, dueAt });
      this.#changes.defer({ observation, dueAt });
      return;
    }
    const missedFlush = end < this.#progress.boundary && end >= this.#progress.firstBoundary;
    const late = missedFlush || enqueuedMs > end + this.#options.flushDelayMs;
    const admitted = this.admit(observation, late, now, tally);
    if (admitted !== 'counted') tally.record(stream, admitted);
    else tally.record(stream, early ? 'early' : observed.undated ? 'undated' : late ? 'late' : 'counted');
  }

  /** Counts an observation in its pane, or reports it when it is older than every window. */
  admit(observation: Observation, late: boolean, now: number, tally: Tally | null): RecordOutcome {
    const end = paneEnd(observation.time, this.#options.hopMs);
    const moment = momentAt(this.#progress, now);
    if (end <= this.#progress.boundary - this.#options.lookbackMs) {
      if (observation.kind === 'activity' && !moment.warming) this.#matcher.reportExpired(observation, end, moment);
      return 'expired';
    }
    this.#matcher.pinIfMatched(observation.address, moment);
    const addition = this.#addition(observation, end, late);
    const isNew = this.#store.update(observation.address, (windows) => this.#addTo(windows, observation, addition));
    if (observation.kind === 'activity' && this.#matcher.matchFirst(observation, end, late, moment) && !moment.warming)
      tally?.eventToAlertMs.push(now - observation.time.ms);
    return isNew ? 'counted' : 'duplicate';
  }

  /** The first flush that may contain a record: the first unflushed one of its pane whose cut it was enqueued before. */
  #dueAt(end: number, enqueuedMs: number): number {
    const { hopMs, flushDelayMs } = this.#options;
    return Math.max(this.#progress.boundary, end, Math.ceil((enqueuedMs - flushDelayMs) / hopMs) * hopMs);
  }

  #addition({ identity }: Observation, paneEnd: number, late: boolean): Addition {
    this.#progress.additions += 1;
    const inexact = identity !== null && this.#store.identityBytes >= this.#options.bounds.deduplicateMaxBytes;
    if (inexact) this.#progress.inexact += 1;
    const windowEnd = Math.max(paneEnd, this.#progress.boundary);
    return {
      paneEnd,
      firstWindow: { windowStart: windowEnd - this.#options.lookbackMs, windowEnd },
      number: this.#progress.additions,
      late,
      identity: inexact ? null : identity,
      inexact,
    };
  }

  #addTo(windows: AddressWindows, observation: Observation, addition: Addition): boolean {
    if (observation.kind !== 'activity') return windows.addSignIn(observation, addition);
    const isBeyondBound =
      this.#store.isPinned(windows.address) &&
      !this.#store.pinnedHasRoom &&
      !windows.callers.has(fold(observation.caller));
    if (!isBeyondBound) return windows.addActivity(observation, addition);
    this.#progress.overflowed += 1;
    return windows.addOverflow(observation, addition);
  }
}
