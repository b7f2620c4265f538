/** Longest pause after a renewal that failed, milliseconds. */
const retryMs = 1000;

/**
 * How long a lease may be believed in. It is good for its duration from the *start* of the last renewal that succeeded:
 * the service counts from a later moment, so whoever believes no longer than this never believes too long. Times are
 * milliseconds on a clock that only runs forward, and goes on while the process is stopped.
 */
export class LeaseTerm {
  readonly #durationMs: number;
  #renewedMs: number;
  #dueMs: number;
  #over = false;

  /** `startedMs` is when the request that took the lease began. */
  constructor(durationMs: number, startedMs: number) {
    this.#durationMs = durationMs;
    this.#renewedMs = startedMs;
    this.#dueMs = startedMs + durationMs / 3;
  }

  /** Whether the lease can no longer be believed in. Once over, a term stays over. */
  isOver(nowMs: number): boolean {
    this.#over ||= nowMs - this.#renewedMs >= this.#durationMs;
    return this.#over;
  }

  /** Milliseconds until a renewal should begin: a third of the duration after the last one, or soon after a failed one. */
  pauseMs(nowMs: number): number {
    return Math.min(Math.max(0, this.#dueMs - nowMs), this.leftMs(nowMs));
  }

  /** Milliseconds until the lease can no longer be believed in. */
  leftMs(nowMs: number): number {
    return this.#over ? 0 : Math.max(0, this.#renewedMs + this.#durationMs - nowMs);
  }

  /**
   * A renewal that began at `startedMs` was found to have succeeded at `nowMs`. It counts only if that was before the end
   * of the term it renews: a store without a clock of its own hands the lease on at that instant.
   */
  renewed(startedMs: number, nowMs: number): void {
    if (this.isOver(nowMs)) return;
    this.#renewedMs = Math.max(this.#renewedMs, startedMs);
    this.#dueMs = this.#renewedMs + this.#durationMs / 3;
  }

  /** A renewal failed in a way that leaves open whether the lease is still held. */
  failed(nowMs: number): void {
    this.#dueMs = nowMs + Math.min(retryMs, this.#durationMs / 10);
  }
}
