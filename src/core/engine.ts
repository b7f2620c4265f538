import { Admission } from './admission.ts';
import { Findings } from './alert/findings.ts';
import type { Lookup } from './alert/lookup.ts';
import { Matcher, type ReasonGone } from './alert/matcher.ts';
import { momentAt, type Moment } from './alert/moment.ts';
import { Outbox } from './alert/outbox.ts';
import { Silences } from './alert/silences.ts';
import type { DecodedMessage } from './decode/decoded.ts';
import { streamOfKind } from './decode/observe.ts';
import type { EngineOptions, EngineStart } from './engine-options.ts';
import type { IndicatorIndex } from './intel/address-index.ts';
import type { AllowLists } from './intel/allow-lists.ts';
import type { Position } from './ports.ts';
import type { Progress } from './progress.ts';
import { qualify, tallyUnwanted } from './qualify.ts';
import type { RoutedObservation } from './route/routed-observation.ts';
import { ChangeLog } from './state/change-log.ts';
import { ShardState } from './state/shard-state.ts';
import type { Tally } from './tally.ts';
import { DeferredList } from './window/deferred.ts';
import { Marks } from './window/marks.ts';
import { Watermarks } from './window/watermarks.ts';
import { WindowStore } from './window/window-store.ts';

/** A message as it was taken from an origin. */
export interface TakenMessage {
  readonly origin: string;
  readonly sequenceNumber: number;
  readonly offset: string;
  readonly enqueuedMs: number;
  readonly decoded: DecodedMessage;
}

export interface DueFlush {
  readonly windowEnd: number;
  /** Partitions that are no longer waited for; empty for a complete flush. */
  readonly lagging: readonly string[];
}

export interface FlushResult extends DueFlush {
  readonly rows: number;
  readonly alerts: number;
}

/**
 * The shard: everything about the addresses that are routed to it. Synchronous, so any await outside it is a
 * consistent cut. Time is an argument everywhere.
 */
export class Engine {
  readonly store: WindowStore;
  readonly outbox: Outbox;
  readonly findings: Findings;
  readonly silences: Silences;
  readonly watermarks = new Watermarks();
  readonly state: ShardState;
  readonly #options: EngineOptions;
  readonly #progress: Progress;
  readonly #changes = new ChangeLog();
  readonly #matcher: Matcher;
  readonly #deferred = new DeferredList();
  readonly #marks = new Marks();
  readonly #admission: Admission;

  constructor(options: EngineOptions, start: EngineStart) {
    this.#options = options;
    const counts = { additions: 0, overflowed: 0, inexact: 0, seesSince: Number.NEGATIVE_INFINITY };
    this.#progress = { boundary: start.firstBoundary, ...start, ...counts };
    this.store = new WindowStore(options.bounds, this.#changes);
    this.outbox = new Outbox(options.sinks, options.recentAlertsMax, options.isDurable);
    this.silences = new Silences(options.bounds.silencesMax, options.isDurable);
    this.findings = new Findings({ ...options, outbox: this.outbox, silences: this.silences, changes: this.#changes });
    this.#matcher = new Matcher(this.store, this.findings, options);
    this.#admission = new Admission({
      options,
      progress: this.#progress,
      store: this.store,
      matcher: this.#matcher,
      deferred: this.#deferred,
      changes: this.#changes,
    });
    this.state = new ShardState({
      lookbackMs: options.lookbackMs,
      hopMs: options.hopMs,
      progress: this.#progress,
      store: this.store,
      findings: this.findings,
      outbox: this.outbox,
      silences: this.silences,
      watermarks: this.watermarks,
      marks: this.#marks,
      deferred: this.#deferred,
      changes: this.#changes,
    });
  }

  get options(): EngineOptions {
    return this.#options;
  }

  /** The first boundary that has not been flushed. */
  get boundary(): number {
    return this.#progress.boundary;
  }

  get index(): IndicatorIndex {
    return this.lookup.index;
  }

  /** The indicators under the allow lists. */
  get lookup(): Lookup {
    return this.#matcher.lookup;
  }

  /** Records that wait for the flush they arrived after. */
  get deferred(): number {
    return this.#deferred.size;
  }

  /** Records counted without their sets because the pinned bound was met. */
  get overflowed(): number {
    return this.#progress.overflowed;
  }

  /** Records counted without an identity because the bound on identities was met. */
  get inexact(): number {
    return this.#progress.inexact;
  }

  /** Whether it still catches up with what was enqueued before it began. */
  get warming(): boolean {
    return this.#progress.warmUntil !== null;
  }

  /**
   * Whether a message enqueued at a time may be taken now; one that may not waits. A full list of deferred records holds
   * back only what comes after the cut of the next flush: what that flush waits for must pass, or both would wait forever.
   * The outbox holds back only when alerts beyond its bound can neither be delivered nor be kept as dead letters.
   */
  accepts(enqueuedMs: number): boolean {
    const { deferredMax, outboxMax } = this.#options.bounds;
    if (this.outbox.size >= 2 * outboxMax) return false;
    return this.#deferred.size < deferredMax || enqueuedMs <= this.#progress.boundary + this.#options.flushDelayMs;
  }

  /** Since when the sources hold records, told when that is less than the lookback: rows that reach further are partial. */
  setSeesSince(ms: number): void {
    this.#progress.seesSince = ms;
  }

  /** Swaps the index and looks every address up in it, in one go. */
  setIndex(index: IndicatorIndex, reasonGone: ReasonGone, now: number): void {
    this.swapIndex(index, reasonGone, now);
    this.probeIndex(Number.POSITIVE_INFINITY, now);
  }

  /** Swaps the index. Call probeIndex() until it has looked up what was held before. */
  swapIndex(index: IndicatorIndex, reasonGone: ReasonGone, now: number): void {
    this.#matcher.setIndex(index, reasonGone, this.#moment(now));
  }

  /** Swaps the allow lists; otherwise as swapIndex(). */
  swapAllowLists(lists: AllowLists, now: number): void {
    this.#matcher.setAllowLists(lists, this.#moment(now));
  }

  /** Looks up to `limit` addresses up in what was swapped in. True when none is left. */
  probeIndex(limit: number, now: number): boolean {
    return this.#matcher.probe(limit, this.#moment(now));
  }

  /** Lets indicators begin and end at their time. Call it often; it is cheap until one does. */
  tick(now: number): void {
    this.#matcher.tick(this.#moment(now));
  }

  /** Says that everything an origin enqueued by a time has been taken. */
  advanceWatermark(origin: string, ms: number, now: number): void {
    this.watermarks.advance(origin, ms, now);
    const least = this.watermarks.least();
    if (this.#progress.warmUntil !== null && least !== null && least >= this.#progress.warmUntil)
      this.#progress.warmUntil = null;
  }

  /** Takes a message: counts each of its records once, and emits first matches. */
  take(message: TakenMessage, now: number, tally: Tally): void {
    const { origin, sequenceNumber, offset, decoded, enqueuedMs } = message;
    if (this.#marks.isReplayed(origin, sequenceNumber, decoded.total - 1)) {
      for (const { stream } of decoded.records) tally.record(stream, 'replayed');
      tally.record('other', 'replayed', decoded.total - decoded.records.length);
      return;
    }
    for (const record of decoded.records) {
      if (this.#marks.isReplayed(origin, sequenceNumber, record.index)) {
        tally.record(record.stream, 'replayed');
        continue;
      }
      const observed = qualify(record, enqueuedMs, this.#options.observation, tally);
      if (observed !== null) this.#admission.admit(observed, enqueuedMs, this.#moment(now), tally);
    }
    tallyUnwanted(decoded, tally);
    this.#marks.advance(origin, { sequenceNumber, offset, enqueuedMs, index: decoded.total - 1 });
    // The next message may have been enqueued in the same millisecond.
    this.advanceWatermark(origin, enqueuedMs - 1, now);
  }

  /** Takes an observation that a router sent, once: of each origin they arrive in order and without a gap. */
  takeRouted({ origin, mark, observation }: RoutedObservation, now: number, tally: Tally): void {
    if (this.#marks.isReplayed(origin, mark.sequenceNumber, mark.index)) {
      tally.record(streamOfKind[observation.kind], 'replayed');
      return;
    }
    this.#admission.admit(observation, mark.enqueuedMs, this.#moment(now), tally);
    this.#marks.advance(origin, { ...mark, offset: '' });
  }

  /** Whether an event of the correlation hub was taken whole before. */
  hasTaken(origin: string, sequenceNumber: number): boolean {
    return this.#marks.isReplayed(origin, sequenceNumber, 0);
  }

  /** Notes that an event of the correlation hub was taken whole. */
  noteTaken(origin: string, position: Position): void {
    this.#marks.advance(origin, { ...position, index: 0 });
  }

  /** The flush that may run now, if any: complete once every partition passed its cut, incomplete past the wait. */
  dueFlush(now: number): DueFlush | null {
    if (this.watermarks.isEmpty) return null;
    const cut = this.#progress.boundary + this.#options.flushDelayMs;
    const { lagging, waits } = this.watermarks.lag(cut, now, this.#options.flushMaxWaitMs);
    return waits ? null : { windowEnd: this.#progress.boundary, lagging };
  }

  /** Judges the windows at the next boundary, emits what has news, and moves on to the boundary after it. */
  flush({ lagging }: Pick<DueFlush, 'lagging'>, now: number): FlushResult {
    // What a flush lets findings forget, the cut before it must still show; windows see to that themselves.
    this.state.copyFindings();
    const windowEnd = this.#progress.boundary;
    const incomplete = lagging.length === 0 ? null : { partitions: lagging };
    const { rows, alerts } = this.#matcher.flush(windowEnd, incomplete, this.#moment(now));
    this.#progress.boundary = windowEnd + this.#options.hopMs;
    const upTo = this.#progress.boundary - this.#options.lookbackMs;
    this.store.forget(upTo);
    for (const finding of this.findings.all()) finding.forget(upTo);
    this.#admission.admitDue(this.#moment(now));
    return { windowEnd, lagging, rows, alerts };
  }

  #moment(now: number): Moment {
    return momentAt(this.#progress, now);
  }
}
