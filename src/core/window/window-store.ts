import { LRUCache } from 'lru-cache';
import type { Address } from '../address.ts';
import type { ChangeLog } from '../state/change-log.ts';
import { AddressWindows } from './address-windows.ts';

export interface StoreBounds {
  readonly candidateMaxBytes: number;
  readonly pinnedMaxBytes: number;
  readonly evictionMarksMax: number;
}

export interface StoreSizes {
  readonly candidates: number;
  readonly candidateBytes: number;
  readonly pinned: number;
  readonly pinnedBytes: number;
  readonly identityBytes: number;
  readonly evictionMarks: number;
  readonly evicted: number;
  readonly refused: number;
  /** Evicted addresses whose mark was given up. */
  readonly unmarked: number;
}

/** The windows of an address as a cut keeps them. */
export interface StoredWindows {
  readonly windows: AddressWindows;
  readonly isPinned: boolean;
}

/**
 * The windows of every address. Addresses that an indicator matches are pinned; the rest are candidates, bounded by
 * bytes, of which the least recently seen go first and leave a mark, so that a later match knows it is partial.
 */
export class WindowStore {
  readonly #pinned = new Map<Address, AddressWindows>();
  readonly #candidates = new Map<Address, AddressWindows>();
  /** Recency and bytes of each candidate. Numbers, since lru-cache reckons the size anew only when the value changes. */
  readonly #recency: LRUCache<Address, number>;
  readonly #marks = new Map<Address, number>();
  readonly #bounds: StoreBounds;
  readonly #changes: ChangeLog;
  #pinnedBytes = 0;
  #widePinnedBytes = 0;
  #identityBytes = 0;
  #evicted = 0;
  #refused = 0;
  #unmarked = 0;
  /** Boundary up to which any address may have been forgotten, for when marks themselves were given up. */
  #anyEvictedUpTo = Number.NEGATIVE_INFINITY;

  constructor(bounds: StoreBounds, changes: ChangeLog) {
    this.#bounds = bounds;
    this.#changes = changes;
    this.#recency = new LRUCache({
      maxSize: Math.max(1, bounds.candidateMaxBytes),
      sizeCalculation: (bytes) => bytes,
      dispose: (_bytes, address, reason) => {
        if (reason === 'evict') this.#evict(address);
      },
    });
  }

  get sizes(): StoreSizes {
    return {
      candidates: this.#candidates.size,
      candidateBytes: this.#recency.calculatedSize,
      pinned: this.#pinned.size,
      pinnedBytes: this.#pinnedBytes,
      identityBytes: this.#identityBytes,
      evictionMarks: this.#marks.size,
      evicted: this.#evicted,
      refused: this.#refused,
      unmarked: this.#unmarked,
    };
  }

  get identityBytes(): number {
    return this.#identityBytes;
  }

  /** Whether the pinned bound leaves room for new callers and addresses. */
  get pinnedHasRoom(): boolean {
    return this.#pinnedBytes < this.#bounds.pinnedMaxBytes;
  }

  isPinned(address: Address): boolean {
    return this.#pinned.has(address);
  }

  get(address: Address): AddressWindows | undefined {
    return this.#pinned.get(address) ?? this.#candidates.get(address);
  }

  pinned(): Iterable<AddressWindows> {
    return this.#pinned.values();
  }

  candidates(): Iterable<AddressWindows> {
    return this.#candidates.values();
  }

  /** Changes the windows of an address, made if absent, and accounts for what the change added. */
  update<Result>(address: Address, change: (windows: AddressWindows) => Result): Result {
    this.#changes.touch(address);
    const pinned = this.#pinned.get(address);
    const windows = pinned ?? this.#candidates.get(address) ?? new AddressWindows(address);
    const isNew = pinned === undefined && !this.#candidates.has(address);
    const bytesBefore = isNew ? 0 : windows.bytes;
    const identitiesBefore = windows.identityBytes;
    const result = change(windows);
    this.#identityBytes += windows.identityBytes - identitiesBefore;
    if (pinned === undefined) this.#keepCandidate(windows);
    else this.#addPinned(windows, windows.bytes - bytesBefore);
    return result;
  }

  /** Pins a candidate. False when the bound has no room, or its tenth for wide ranges; it then stays a candidate. */
  pin(address: Address, isWide: boolean): boolean {
    if (this.#pinned.has(address)) return true;
    if (!this.pinnedHasRoom || (isWide && this.#widePinnedBytes >= this.#bounds.pinnedMaxBytes / 10)) {
      this.#refused += 1;
      return false;
    }
    this.#changes.touch(address);
    const windows = this.#candidates.get(address) ?? new AddressWindows(address);
    windows.isWide = isWide;
    this.#dropCandidate(address);
    this.#pinned.set(address, windows);
    this.#addPinned(windows, windows.bytes);
    return true;
  }

  unpin(address: Address): void {
    const windows = this.#pinned.get(address);
    if (windows === undefined) return;
    this.#changes.touch(address);
    this.#pinned.delete(address);
    this.#addPinned(windows, -windows.bytes);
    this.#keepCandidate(windows);
  }

  /** Every address that is held, the least recently seen candidates first. */
  *addresses(): Generator<Address> {
    yield* this.#recency.rkeys();
    yield* this.#pinned.keys();
  }

  /** What a base keeps of evictions. */
  get evictions(): { readonly marks: ReadonlyMap<Address, number>; readonly anyUpTo: number } {
    return { marks: this.#marks, anyUpTo: this.#anyEvictedUpTo };
  }

  /** Takes what another process held. What was pinned is so until the index says otherwise: it had room. */
  restore(all: Iterable<StoredWindows>, marks: ReadonlyMap<Address, number>, anyUpTo: number): void {
    for (const { windows, isPinned } of all) {
      this.#identityBytes += windows.identityBytes;
      if (!isPinned) this.#keepCandidate(windows);
      else {
        this.#pinned.set(windows.address, windows);
        this.#addPinned(windows, windows.bytes);
      }
    }
    for (const [address, upTo] of marks) this.#marks.set(address, upTo);
    this.#anyEvictedUpTo = Math.max(this.#anyEvictedUpTo, anyUpTo);
  }

  /** The boundary up to which panes of an address were evicted, null when all it had are there. */
  evictedUpTo(address: Address): number | null {
    const upTo = Math.max(this.#marks.get(address) ?? Number.NEGATIVE_INFINITY, this.#anyEvictedUpTo);
    return upTo === Number.NEGATIVE_INFINITY ? null : upTo;
  }

  /** Forgets panes that closed at or before a boundary, and marks that speak only of those. */
  forget(upTo: number): void {
    for (const [address, windows] of this.#pinned) {
      const bytes = windows.bytes;
      const identities = windows.identityBytes;
      const empty = windows.forget(upTo);
      this.#identityBytes += windows.identityBytes - identities;
      this.#addPinned(windows, windows.bytes - bytes);
      if (!empty) continue;
      this.#pinned.delete(address);
      this.#addPinned(windows, -windows.bytes);
    }
    // Oldest first, so that keeping each again leaves their recency as it was.
    for (const address of [...this.#recency.rkeys()]) {
      const windows = this.#candidates.get(address);
      if (windows === undefined) continue;
      const identities = windows.identityBytes;
      const empty = windows.forget(upTo);
      this.#identityBytes += windows.identityBytes - identities;
      if (empty) this.#dropCandidate(address);
      else this.#recency.set(address, windows.bytes);
    }
    for (const [address, end] of this.#marks) if (end <= upTo) this.#marks.delete(address);
    if (this.#anyEvictedUpTo <= upTo) this.#anyEvictedUpTo = Number.NEGATIVE_INFINITY;
  }

  #addPinned(windows: AddressWindows, bytes: number): void {
    this.#pinnedBytes += bytes;
    if (windows.isWide) this.#widePinnedBytes += bytes;
  }

  #keepCandidate(windows: AddressWindows): void {
    const { address } = windows;
    this.#candidates.set(address, windows);
    if (windows.bytes <= this.#bounds.candidateMaxBytes) {
      this.#recency.set(address, windows.bytes);
      return;
    }
    this.#recency.delete(address);
    this.#evict(address);
  }

  #dropCandidate(address: Address): void {
    this.#candidates.delete(address);
    this.#recency.delete(address);
  }

  #evict(address: Address): void {
    const windows = this.#candidates.get(address);
    if (windows === undefined) return;
    const upTo = windows.newestPaneEnd();
    this.#changes.evict(address, upTo);
    this.#candidates.delete(address);
    this.#evicted += 1;
    this.#identityBytes -= windows.identityBytes;
    if (this.#marks.has(address) || this.#marks.size < this.#bounds.evictionMarksMax) {
      this.#marks.set(address, Math.max(upTo, this.#marks.get(address) ?? upTo));
      return;
    }
    this.#unmarked += 1;
    this.#anyEvictedUpTo = Math.max(this.#anyEvictedUpTo, upTo);
  }
}
