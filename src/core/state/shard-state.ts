import type { Findings } from '../alert/findings.ts';
import type { Outbox } from '../alert/outbox.ts';
import type { Silences } from '../alert/silences.ts';
import type { Positions } from '../ports.ts';
import type { Progress } from '../progress.ts';
import type { DeferredList } from '../window/deferred.ts';
import type { Marks } from '../window/marks.ts';
import type { Watermarks } from '../window/watermarks.ts';
import type { WindowStore } from '../window/window-store.ts';
import type { ChangeLog } from './change-log.ts';
import { Cut, type CutKind } from './cut.ts';
import { type ShardImage, StateMismatchError } from './shard-image.ts';
import type { ShardSummary } from './shard-summary.ts';

/** Everything a shard holds, but for the index. */
export interface ShardParts {
  readonly lookbackMs: number;
  readonly hopMs: number;
  readonly progress: Progress;
  readonly store: WindowStore;
  readonly findings: Findings;
  readonly outbox: Outbox;
  readonly silences: Silences;
  readonly watermarks: Watermarks;
  readonly marks: Marks;
  readonly deferred: DeferredList;
  readonly changes: ChangeLog;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Takes a shard's state apart into cuts and puts it together again. */
export class ShardState {
  readonly #parts: ShardParts;
  #cut: Cut | null = null;
  #cutBoundary: number;

  constructor(parts: ShardParts) {
    this.#parts = parts;
    this.#cutBoundary = parts.progress.boundary;
  }

  /** Position of the last message taken from each origin. */
  positions(): Positions {
    const positions = new Map<string, { sequenceNumber: number; offset: string; enqueuedMs: number }>();
    for (const [origin, { sequenceNumber, offset, enqueuedMs }] of this.#parts.marks.all())
      positions.set(origin, { sequenceNumber, offset, enqueuedMs });
    return positions;
  }

  /** Whether alerts were emitted, silences changed or a flush has run since the last cut: somebody waits for a commit. */
  get wantsCommit(): boolean {
    const { outbox, silences } = this.#parts;
    return outbox.hasUncut || silences.hasUncut || this.#parts.progress.boundary !== this.#cutBoundary;
  }

  /** Begins a cut as of now. Whoever asks for it advances it and calls endCut() when it has its bytes. */
  beginCut(kind: CutKind): Cut {
    if (this.#cut !== null) throw new RangeError('Cannot begin a cut as another one is being written');
    const { store, findings, outbox, deferred, changes, progress } = this.#parts;
    const isBase = kind === 'base';
    let cut: Cut | null = null;
    const changed = changes.take((address) => cut?.beforeChange(address));
    cut = new Cut(
      {
        kind,
        number: changes.cuts,
        summary: this.#summary(isBase),
        alerts: outbox.takeForCut(isBase),
        deferred: isBase ? [...deferred.all()] : changed.deferred,
        expired: isBase ? findings.expiredUses : changed.expired,
        evicted: isBase ? store.evictions.marks : changed.evicted,
        addresses: isBase ? findings.addresses() : changed.addresses,
      },
      {
        held: (address) => store.held(address),
        all: () => store.all(),
        isPinned: (address) => store.isPinned(address),
        findings: (address) => findings.at(address),
        pack: (windows) => store.pack(windows),
      },
    );
    this.#cut = cut;
    this.#cutBoundary = progress.boundary;
    return cut;
  }

  /** Copies the findings that the cut being written still needs: before a flush lets them forget. */
  copyFindings(): void {
    for (const address of this.#parts.findings.addresses()) this.#cut?.beforeChange(address);
  }

  /** Says that a cut is kept, so that sinks may have its alerts and its silences count as kept. */
  commit({ lastAlert, silenceRevision = 0 }: ShardSummary): void {
    this.#parts.outbox.commitUpTo(lastAlert);
    this.#parts.silences.commitUpTo(silenceRevision);
  }

  endCut(): void {
    this.#cut = null;
    this.#parts.changes.endCut();
  }

  /** Begins without any state: the first boundary after now is the first to be flushed, all before is caught up with. */
  begin(now: number): void {
    const { progress, hopMs } = this.#parts;
    const firstBoundary = Math.floor(now / hopMs) * hopMs + hopMs;
    Object.assign(progress, { boundary: firstBoundary, firstBoundary, warmUntil: now });
    this.#cutBoundary = firstBoundary;
  }

  /** Throws StateMismatchError for an image that was made with another lookback or hop. */
  checkFits({ summary }: ShardImage): void {
    const { lookbackMs, hopMs } = this.#parts;
    if (summary.lookbackMs !== lookbackMs || summary.hopMs !== hopMs)
      throw new StateMismatchError(
        `Cannot use state made with LOOKBACK ${summary.lookbackMs} ms and FLUSH_INTERVAL ${summary.hopMs} ms: current values are ${lookbackMs} ms and ${hopMs} ms`,
      );
  }

  /** Goes on where an image ends, once. Throws as checkFits() does, with nothing changed. */
  restore(image: ShardImage): void {
    this.checkFits(image);
    const { store, findings, outbox, silences, watermarks, marks, deferred, progress, lookbackMs } = this.#parts;
    const { summary } = image;
    const { boundary, firstBoundary, warmUntil, additions, overflowed, inexact } = summary;
    const seesSince = summary.seesSince ?? Number.NEGATIVE_INFINITY;
    Object.assign(progress, { boundary, firstBoundary, warmUntil, additions, overflowed, inexact, seesSince });
    this.#cutBoundary = boundary;
    for (const { origin, ...mark } of summary.positions) marks.advance(origin, mark);
    watermarks.restore(summary.watermarks);
    outbox.restore(summary, image.alerts);
    silences.restore(summary);
    for (const each of image.deferred) deferred.add(each);
    const windows = [...image.addresses.values()].map((each) => each.windows).filter((each) => each !== null);
    store.restore(windows, image.evicted, summary.anyEvictedUpTo ?? Number.NEGATIVE_INFINITY);
    for (const [address, each] of image.addresses)
      for (const finding of each.findings) findings.restore(address, finding);
    findings.restoreExpired(image.expired);
    // Panes that a flush dropped are in the cuts before it.
    const upTo = boundary - lookbackMs;
    store.forget(upTo);
    for (const finding of findings.all()) finding.forget(upTo);
  }

  #summary(isBase: boolean): ShardSummary {
    const { lookbackMs, hopMs, progress, store, marks, watermarks, outbox, silences } = this.#parts;
    return {
      lookbackMs,
      hopMs,
      ...progress,
      seesSince: finite(progress.seesSince),
      anyEvictedUpTo: finite(store.evictions.anyUpTo),
      positions: [...marks.all()].map(([origin, mark]) => ({ origin, ...mark })),
      watermarks: [...watermarks.all()],
      ...outbox.summary,
      ...silences.takeForCut(isBase),
    };
  }
}
