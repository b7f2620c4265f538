import { LRUCache } from 'lru-cache';
import type { Address } from '../address.ts';
import type { ChangeLog } from '../state/change-log.ts';
import { AddressWindows } from './address-windows.ts';
import { leastRecentFirst } from './last-seen.ts';
import { PackedWindows } from './packed-windows.ts';

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

/**
 * The windows of every address. Addresses that an indicator matches are pinned; the rest are candidates, bounded by
 * bytes, of which the least recently seen go first and leave a mark, so that a later match knows it is partial. Candidates
 * that a cut has copied are kept as its bytes until they are asked for.
 */
export class WindowStore {
  readonly #pinned = new Map<Address, AddressWindows>();
  readonly #candidates = new Map<Address, AddressWindows | PackedWindows>();
  /** Recency of the candidates. Bytes are reckoned here, since lru-cache takes a new size only for what was seen now. */
  readonly #recency = new LRUCache<Address, Address>({ maxSize: Number.MAX_SAFE_INTEGER, sizeCalculation: () => 1 });
  readonly #marks = new Map<Address, number>();
  readonly #bounds: StoreBounds;
  readonly #changes: ChangeLog;
  /** Candidates of another process, the least recent first; those not seen since are less recent than all others. */
  readonly #restored: Address[] = [];
  #restoredGone = 0;
  #seenByOther = 0;
  #candidateBytes = 0;
  #pinnedBytes = 0;
  #widePinnedBytes = 0;
  #identityBytes = 0;
  #evicted = 0;
  #refused = 0;
  #unmarked = 0;
  #lastSeen = 0;
  /** Boundary up to which any address may have been forgotten, for when marks themselves were given up. */
  #anyEvictedUpTo = Number.NEGATIVE_INFINITY;

  constructor(bounds: StoreBounds, changes: ChangeLog) {
    this.#bounds = bounds;
    this.#changes = changes;
  }

  get sizes(): StoreSizes {
    return {
      candidates: this.#candidates.size,
      candidateBytes: this.#candidateBytes,
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

  /** The windows of an address to look at; only update() may change them. */
  get(address: Address): AddressWindows | undefined {
    return this.#pinned.get(address) ?? this.#candidate(address);
  }

  pinned(): Iterable<AddressWindows> {
    return this.#pinned.values();
  }

  /** The windows of the candidates whose address is wanted, unpacked one by one. */
  *candidates(isWanted: (address: Address) => boolean = () => true): Generator<AddressWindows> {
    for (const held of this.#candidates.values())
      if (isWanted(held.address)) yield held instanceof PackedWindows ? held.unpacked() : held;
  }

  /** The candidates; what comes or goes while they are walked may be among them or not. */
  candidateAddresses(): Iterator<Address> {
    return this.#candidates.keys();
  }

  /** Changes the windows of an address, made if absent, and accounts for what the change added. */
  update<Result>(address: Address, change: (windows: AddressWindows) => Result): Result {
    this.#changes.touch(address);
    const pinned = this.#pinned.get(address);
    const known = pinned ?? this.#candidate(address);
    const windows = known ?? this.#made(address);
    const bytesBefore = known?.bytes ?? 0;
    const identitiesBefore = windows.identityBytes;
    const result = change(windows);
    this.#see(windows);
    this.#identityBytes += windows.identityBytes - identitiesBefore;
    if (pinned === undefined) this.#keepCandidate(windows, windows.bytes - bytesBefore);
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
    const windows = this.#candidate(address) ?? this.#made(address);
    this.#dropCandidate(windows);
    windows.isWide = isWide;
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
    this.#see(windows);
    this.#keepCandidate(windows, windows.bytes);
  }

  /** What is held, as it is held; what comes or goes meanwhile may be among it or not. */
  *all(): Generator<AddressWindows | PackedWindows, undefined> {
    yield* this.#candidates.values();
    yield* this.#pinned.values();
  }

  held(address: Address): AddressWindows | PackedWindows | undefined {
    return this.#pinned.get(address) ?? this.#candidates.get(address);
  }

  /** Keeps a candidate as the bytes that a cut has of it as it is now. */
  pack(windows: PackedWindows): void {
    if (this.#candidates.has(windows.address)) this.#candidates.set(windows.address, windows);
  }

  /** What a base keeps of evictions. */
  get evictions(): { readonly marks: ReadonlyMap<Address, number>; readonly anyUpTo: number } {
    return { marks: this.#marks, anyUpTo: this.#anyEvictedUpTo };
  }

  /** Takes what another process held. What was pinned is so until the index says otherwise: it had room. */
  restore(all: readonly PackedWindows[], marks: ReadonlyMap<Address, number>, anyUpTo: number): void {
    for (const packed of leastRecentFirst(all)) {
      this.#identityBytes += packed.identityBytes;
      this.#lastSeen = Math.max(this.#lastSeen, packed.seen);
      if (!packed.isPinned) {
        this.#candidates.set(packed.address, packed);
        this.#candidateBytes += packed.bytes;
        this.#restored.push(packed.address);
        continue;
      }
      const windows = packed.unpacked();
      this.#pinned.set(windows.address, windows);
      this.#addPinned(windows, windows.bytes);
    }
    this.#seenByOther = this.#lastSeen;
    this.#evictBeyondBound();
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
    for (const windows of this.#pinned.values()) {
      if (windows.oldestPaneEnd > upTo) continue;
      const before = windows.bytes;
      if (this.#isEmptyAfter(windows, upTo)) {
        this.#pinned.delete(windows.address);
        this.#addPinned(windows, -before);
      } else this.#addPinned(windows, windows.bytes - before);
    }
    for (const windows of this.#candidates.values()) {
      if (windows.oldestPaneEnd > upTo) continue;
      const before = windows.bytes;
      const isEmpty = this.#isEmptyAfter(windows, upTo);
      this.#candidateBytes += windows.bytes - before;
      if (isEmpty) this.#dropCandidate(windows);
    }
    for (const [address, end] of this.#marks) if (end <= upTo) this.#marks.delete(address);
    if (this.#anyEvictedUpTo <= upTo) this.#anyEvictedUpTo = Number.NEGATIVE_INFINITY;
  }

  #addPinned(windows: AddressWindows, bytes: number): void {
    this.#pinnedBytes += bytes;
    if (windows.isWide) this.#widePinnedBytes += bytes;
  }

  /** Lets windows forget, when a cut has what it needs of them; true when nothing is left. */
  #isEmptyAfter(windows: AddressWindows | PackedWindows, upTo: number): boolean {
    this.#changes.keep(windows.address);
    const before = windows.identityBytes;
    const isEmpty = windows.forget(upTo);
    this.#identityBytes += windows.identityBytes - before;
    return isEmpty;
  }

  #made(address: Address): AddressWindows {
    const windows = new AddressWindows(address);
    windows.copiedIn = this.#changes.cuts;
    return windows;
  }

  #see(windows: AddressWindows): void {
    this.#lastSeen += 1;
    windows.seen = this.#lastSeen;
  }

  /** The windows of a candidate, which from now on are kept unpacked. */
  #candidate(address: Address): AddressWindows | undefined {
    const held = this.#candidates.get(address);
    if (!(held instanceof PackedWindows)) return held;
    const windows = held.unpacked();
    this.#candidates.set(address, windows);
    return windows;
  }

  #keepCandidate(windows: AddressWindows | PackedWindows, added: number): void {
    const { address } = windows;
    const { candidateMaxBytes } = this.#bounds;
    this.#candidates.set(address, windows);
    this.#recency.set(address, address);
    this.#candidateBytes += added;
    if (windows.bytes > candidateMaxBytes) this.#evict(windows);
    this.#evictBeyondBound();
  }

  #evictBeyondBound(): void {
    while (this.#candidateBytes > this.#bounds.candidateMaxBytes) this.#evict(this.#leastRecent());
  }

  #leastRecent(): AddressWindows | PackedWindows {
    for (; this.#restoredGone < this.#restored.length; this.#restoredGone += 1) {
      const windows = this.#candidates.get(this.#restored[this.#restoredGone] ?? 0);
      if (windows !== undefined && windows.seen <= this.#seenByOther) return windows;
    }
    for (const address of this.#recency.rkeys()) {
      const windows = this.#candidates.get(address);
      if (windows !== undefined) return windows;
    }
    throw new RangeError('Cannot evict a candidate as there is none');
  }

  #dropCandidate(windows: AddressWindows | PackedWindows): void {
    if (this.#candidates.delete(windows.address)) this.#candidateBytes -= windows.bytes;
    this.#recency.delete(windows.address);
  }

  #evict(windows: AddressWindows | PackedWindows): void {
    const { address } = windows;
    const upTo = windows.newestPaneEnd();
    this.#changes.touch(address);
    this.#dropCandidate(windows);
    this.#evicted += 1;
    this.#identityBytes -= windows.identityBytes;
    if (this.#marks.has(address) || this.#marks.size < this.#bounds.evictionMarksMax) {
      const mark = Math.max(upTo, this.#marks.get(address) ?? upTo);
      this.#marks.set(address, mark);
      this.#changes.mark(address, mark);
      return;
    }
    this.#unmarked += 1;
    this.#anyEvictedUpTo = Math.max(this.#anyEvictedUpTo, upTo);
  }
}
