import type { RealTime } from '../../core/ports.ts';

/** An ownership record as a listing shows it. */
interface Listed {
  readonly partitionId: string;
  readonly etag?: string | undefined;
}

/**
 * How long ownership records have stood unchanged before this process's own eyes, so that no clock but one counts: the
 * storage's stamps are of another clock, and whole seconds. After a time in which nothing was listed, as when the storage
 * was away or this process stood still, every record gets its full time again: its owner could not renew it either.
 */
export class OwnershipAges {
  readonly #time: RealTime;
  readonly #gapMs: number;
  readonly #seen = new Map<string, { readonly etag: string | undefined; readonly at: number }>();
  #listedAt = Number.NEGATIVE_INFINITY;

  /** `gapMs` is the distance of two listings past which they are held to be interrupted. */
  constructor(time: RealTime, gapMs: number) {
    this.#time = time;
    this.#gapMs = gapMs;
  }

  /** Notes a whole listing. */
  saw(listed: readonly Listed[]): void {
    const now = this.#time.nowMs();
    if (now - this.#listedAt > this.#gapMs) this.#seen.clear();
    this.#listedAt = now;
    for (const { partitionId, etag } of listed) {
      if (this.#seen.get(partitionId)?.etag !== etag || !this.#seen.has(partitionId)) {
        this.#seen.set(partitionId, { etag, at: now });
      }
    }
  }

  /** True milliseconds since the record was first seen as it is; 0 for one that was not. */
  of(partition: string): number {
    const seen = this.#seen.get(partition);
    return seen === undefined ? 0 : this.#time.nowMs() - seen.at;
  }
}
