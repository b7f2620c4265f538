import type { AlertActivity } from '../core/alert/alert.ts';
import type { SignInKind } from '../core/observation.ts';
import type { StateStore } from '../core/ports.ts';
import type { ShardImage } from '../core/state/shard-image.ts';
import { formatMs } from '../core/time.ts';
import type { AddressWindows } from '../core/window/address-windows.ts';
import type { Head, Manifest } from './manifest.ts';
import { readWithHead, stateBlobs, type ManifestName } from './snapshot-head.ts';
import { isUnusable, readImage, type StateCodec } from './state-owner.ts';

export interface BlobSummary {
  readonly name: string;
  readonly bytes: number;
}

export interface ManifestSummary {
  readonly generation: number;
  readonly takenAt: string;
  readonly base: BlobSummary;
  readonly deltas: readonly BlobSummary[];
  readonly feeds: readonly { readonly feed: string; readonly cursor: string | null; readonly blob: BlobSummary }[];
  readonly indexOrdinal: number;
}

export type PaneKind = 'activity' | 'overflow' | SignInKind;

/** What one state holds, as a process that goes on from it would. */
export interface StateSummary {
  readonly lookbackMs: number;
  readonly flushIntervalMs: number;
  /** The first boundary that has not been flushed. */
  readonly nextFlush: string;
  readonly firstFlush: string;
  /** Enqueued time up to which it only catches up, null when it has caught up. */
  readonly warmUntil: string | null;
  readonly positions: readonly {
    readonly origin: string;
    readonly sequenceNumber: number;
    readonly offset: string;
    readonly enqueuedAt: string;
  }[];
  readonly watermarks: readonly { readonly partition: string; readonly at: string }[];
  readonly addresses: { readonly all: number; readonly pinned: number; readonly candidates: number };
  /** Callers, counted once an address. */
  readonly pairs: number;
  readonly panes: Readonly<Record<PaneKind, number>>;
  readonly deferred: number;
  readonly findings: { readonly all: number; readonly open: number };
  readonly alerts: {
    readonly emitted: Readonly<Record<AlertActivity, number>>;
    readonly waiting: readonly { readonly sink: string; readonly alerts: number }[];
  };
  readonly evictionMarks: number;
  readonly expiredUses: number;
}

export interface SnapshotReport {
  /** Who owns the state; null when nothing is stored. */
  readonly head: { readonly epoch: number; readonly owner: string } | null;
  readonly current: ManifestSummary | null;
  readonly previous: ManifestSummary | null;
  /** Which of them `state` is of. */
  readonly manifest: ManifestName;
  /** Null when there is no such manifest, or its state cannot be used. */
  readonly state: StateSummary | null;
  /** Why the state cannot be used. */
  readonly problem: string | null;
}

function orNull(ms: number | null): string | null {
  return ms === null ? null : formatMs(ms);
}

function manifestSummary(manifest: Manifest | null): ManifestSummary | null {
  if (manifest === null) return null;
  const blob = ({ name, bytes }: BlobSummary): BlobSummary => ({ name, bytes });
  return {
    generation: manifest.generation,
    takenAt: formatMs(manifest.takenMs),
    base: blob(manifest.base),
    deltas: manifest.deltas.map(blob),
    feeds: manifest.feeds.map((feed) => ({ feed: feed.name, cursor: feed.cursor, blob: blob(feed.blob) })),
    indexOrdinal: manifest.indexOrdinal,
  };
}

/** Counts what lies in windows that a flush may still judge: what flushes dropped is in the cuts before them. */
class WindowCount {
  readonly panes: Record<PaneKind, number> = {
    activity: 0,
    overflow: 0,
    user: 0,
    'service-principal': 0,
    'non-interactive': 0,
    'managed-identity': 0,
  };
  pairs = 0;
  readonly addresses = { all: 0, pinned: 0, candidates: 0 };
  readonly #after: number;

  constructor(after: number) {
    this.#after = after;
  }

  add(windows: AddressWindows, isPinned: boolean): void {
    let panes = this.#count('overflow', windows.overflow);
    for (const caller of windows.callers.values()) {
      const ofCaller = this.#count('activity', caller);
      if (ofCaller > 0) this.pairs += 1;
      panes += ofCaller;
    }
    for (const [kind, signIns] of windows.signIns) panes += this.#count(kind, signIns);
    if (panes === 0) return;
    this.addresses.all += 1;
    this.addresses[isPinned ? 'pinned' : 'candidates'] += 1;
  }

  #count(kind: PaneKind, panes: ReadonlyMap<number, unknown>): number {
    const count = [...panes.keys()].filter((end) => end > this.#after).length;
    this.panes[kind] += count;
    return count;
  }
}

/** What an image holds. */
export function stateSummary(image: ShardImage): StateSummary {
  const { summary } = image;
  const { boundary, lookbackMs, lastAlert, taken } = summary;
  const windows = new WindowCount(boundary - lookbackMs);
  const findings = { all: 0, open: 0 };
  for (const { windows: packed, findings: own } of image.addresses.values()) {
    if (packed !== null) windows.add(packed.unpacked(), packed.isPinned);
    findings.all += own.length;
    findings.open += own.filter(({ memory }) => memory.isOpen).length;
  }
  return {
    lookbackMs,
    flushIntervalMs: summary.hopMs,
    nextFlush: formatMs(boundary),
    firstFlush: formatMs(summary.firstBoundary),
    warmUntil: orNull(summary.warmUntil),
    positions: summary.positions.map(({ origin, sequenceNumber, offset, enqueuedMs }) => ({
      origin,
      sequenceNumber,
      offset,
      enqueuedAt: formatMs(enqueuedMs),
    })),
    watermarks: summary.watermarks.map(([partition, ms]) => ({ partition, at: formatMs(ms) })),
    addresses: windows.addresses,
    pairs: windows.pairs,
    panes: windows.panes,
    deferred: image.deferred.length,
    findings,
    alerts: {
      emitted: summary.emitted,
      waiting: taken.map(([sink, number]) => ({ sink, alerts: lastAlert - number })),
    },
    evictionMarks: image.evicted.size,
    expiredUses: image.expired.size,
  };
}

/** What a head names, and what the state of one of its manifests holds or why that cannot be used. */
export function snapshotReport(
  head: Head | null,
  manifest: ManifestName,
  image: ShardImage | Error | null,
): SnapshotReport {
  const isUsable = image !== null && !(image instanceof Error);
  return {
    head: head && { epoch: head.epoch, owner: head.owner },
    current: manifestSummary(head?.current ?? null),
    previous: manifestSummary(head?.previous ?? null),
    manifest,
    state: isUsable ? stateSummary(image) : null,
    problem: image instanceof Error ? image.message : null,
  };
}

/**
 * Looks at what is stored, while its owner may go on writing; writes nothing. Throws HeadError for a head that cannot be
 * read, StateStoreError when the store fails.
 */
export function inspectSnapshot(store: StateStore, codec: StateCodec, name: ManifestName): Promise<SnapshotReport> {
  return readWithHead(store, codec.sha256, async (head) => {
    const manifest = head?.[name] ?? null;
    const image = manifest && (await imageOf(store, manifest, codec));
    const unreadable = image instanceof Error ? stateBlobs(manifest) : [];
    return { result: snapshotReport(head, name, image), unreadable };
  });
}

async function imageOf(store: StateStore, manifest: Manifest, codec: StateCodec): Promise<ShardImage | Error> {
  try {
    return await readImage(store, manifest, codec);
  } catch (error) {
    if (error instanceof Error && isUnusable(error)) return error;
    throw error;
  }
}
