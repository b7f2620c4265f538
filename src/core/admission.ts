import type { Matcher } from './alert/matcher.ts';
import type { Moment } from './alert/moment.ts';
import { streamOfKind } from './decode/observe.ts';
import { isEarly } from './early.ts';
import type { EngineOptions } from './engine-options.ts';
import { fold, type Observation } from './observation.ts';
import type { RecordOutcome } from './outcome.ts';
import type { Progress } from './progress.ts';
import type { ChangeLog } from './state/change-log.ts';
import type { Tally } from './tally.ts';
import { eventTime, paneEnd } from './time.ts';
import type { Addition, AddressWindows } from './window/address-windows.ts';
import type { DeferredList } from './window/deferred.ts';
import type { WindowStore } from './window/window-store.ts';

/** What observations are admitted into; the engine's own. */
export interface AdmissionParts {
  readonly options: EngineOptions;
  readonly progress: Progress;
  readonly store: WindowStore;
  readonly matcher: Matcher;
  readonly deferred: DeferredList;
  readonly changes: ChangeLog;
}

/** Takes observations into the windows: at once, or behind the flush that must not contain them. */
export class Admission {
  readonly #parts: AdmissionParts;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  /** Takes an observation that Event Hubs enqueued at a time, and counts what became of it. */
  admit(observed: Observation, enqueuedMs: number, moment: Moment, tally: Tally): void {
    const { options, progress, matcher, deferred, changes } = this.#parts;
    const stream = streamOfKind[observed.kind];
    matcher.lookup.count(stream, observed.address, moment.now, tally);
    if (observed.identity === null) tally.noteUnidentified(stream);
    const early = isEarly(observed.time, enqueuedMs);
    const observation = {
      ...observed,
      time: early ? eventTime(enqueuedMs) : observed.time,
      identity: options.deduplicate ? observed.identity : null,
    };
    const end = paneEnd(observation.time, options.hopMs);
    const dueAt = this.#dueAt(end, enqueuedMs);
    if (end > progress.boundary - options.lookbackMs && dueAt > Math.max(progress.boundary, end)) {
      tally.record(stream, 'deferred');
      deferred.add({ observation, dueAt });
      changes.defer({ observation, dueAt });
      return;
    }
    const missedFlush = end < progress.boundary && end >= progress.firstBoundary;
    const late = missedFlush || enqueuedMs > end + options.flushDelayMs;
    const admitted = this.#place(observation, late, moment, tally);
    if (admitted !== 'counted') tally.record(stream, admitted);
    else tally.record(stream, early ? 'early' : observed.undated ? 'undated' : late ? 'late' : 'counted');
  }

  /** Takes what waited for the flush that has just run. */
  admitDue(moment: Moment): void {
    const { deferred, progress } = this.#parts;
    for (const observation of deferred.takeDue(progress.boundary)) this.#place(observation, true, moment, null);
  }

  /** The first flush that may contain a record: the first unflushed one of its pane whose cut it was enqueued before. */
  #dueAt(end: number, enqueuedMs: number): number {
    const { options, progress } = this.#parts;
    const { hopMs, flushDelayMs } = options;
    return Math.max(progress.boundary, end, Math.ceil((enqueuedMs - flushDelayMs) / hopMs) * hopMs);
  }

  /** Counts an observation in its pane, or reports it when it is older than every window. */
  #place(observation: Observation, late: boolean, moment: Moment, tally: Tally | null): RecordOutcome {
    const { options, progress, store, matcher } = this.#parts;
    const end = paneEnd(observation.time, options.hopMs);
    if (end <= progress.boundary - options.lookbackMs) {
      if (observation.kind === 'activity' && !moment.warming) matcher.reportExpired(observation, end, moment);
      return 'expired';
    }
    matcher.pinIfMatched(observation.address, moment);
    const addition = this.#addition(observation, end, late);
    const isNew = store.update(observation.address, (windows) => this.#addTo(windows, observation, addition));
    if (observation.kind === 'activity' && matcher.matchFirst(observation, end, late, moment) && !moment.warming)
      tally?.eventToAlertMs.push(moment.now - observation.time.ms);
    return isNew ? 'counted' : 'duplicate';
  }

  #addition({ identity }: Observation, paneEnd: number, late: boolean): Addition {
    const { options, progress, store } = this.#parts;
    progress.additions += 1;
    const inexact = identity !== null && store.identityBytes >= options.bounds.deduplicateMaxBytes;
    if (inexact) progress.inexact += 1;
    const windowEnd = Math.max(paneEnd, progress.boundary);
    return {
      paneEnd,
      firstWindow: { windowStart: windowEnd - options.lookbackMs, windowEnd },
      number: progress.additions,
      late,
      identity: inexact ? null : identity,
      inexact,
    };
  }

  #addTo(windows: AddressWindows, observation: Observation, addition: Addition): boolean {
    if (observation.kind !== 'activity') return windows.addSignIn(observation, addition);
    const { progress, store } = this.#parts;
    const isBeyondBound =
      store.isPinned(windows.address) && !store.pinnedHasRoom && !windows.callers.has(fold(observation.caller));
    if (!isBeyondBound) return windows.addActivity(observation, addition);
    progress.overflowed += 1;
    return windows.addOverflow(observation, addition);
  }
}
