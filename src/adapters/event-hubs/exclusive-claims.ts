import type { RealTime } from '../../core/ports.ts';

/** An ownership record as a listing shows it. */
export interface OwnershipRecord {
  readonly partitionId: string;
  /** "" for nobody. */
  readonly ownerId: string;
  readonly etag?: string | undefined;
}

interface Seen {
  readonly ownerId: string;
  readonly etag: string | undefined;
  /** True milliseconds at which the record was first seen as it is. */
  readonly at: number;
}

export interface ExclusiveClaimsOptions {
  /** Owner name of this process. */
  readonly identifier: string;
  /** How long ownership outlives its last renewal, in true milliseconds. */
  readonly leaseMs: number;
  readonly time: RealTime;
}

/**
 * Decides which partitions a process may take that is to have them all, as the holder of a lease is. Ownership of
 * others does not count: they are dead, or will find out that they lost the lease. But a process that took a partition
 * of ours has the lease now, and what it owns is left to it for as long as it renews it: one that was paused and wakes
 * up does not fight its successor.
 */
export class ExclusiveClaims {
  readonly #options: ExclusiveClaimsOptions;
  readonly #seen = new Map<string, Seen>();
  readonly #successors = new Set<string>();

  constructor(options: ExclusiveClaimsOptions) {
    this.#options = options;
  }

  /** Notes what a listing shows, or a claim of ours that was won. */
  saw({ partitionId, ownerId, etag }: OwnershipRecord): void {
    const { identifier, time } = this.#options;
    const before = this.#seen.get(partitionId);
    if (before?.ownerId === ownerId && before.etag === etag) return;
    if (before?.ownerId === identifier && ownerId !== identifier && ownerId !== '') this.#successors.add(ownerId);
    this.#seen.set(partitionId, { ownerId, etag, at: time.nowMs() });
  }

  /** Whether the partition may be claimed, as it was last seen. */
  mayClaim(partition: string): boolean {
    const { leaseMs, time } = this.#options;
    const seen = this.#seen.get(partition);
    if (seen === undefined || !this.#successors.has(seen.ownerId)) return true;
    return time.nowMs() - seen.at >= leaseMs;
  }
}
