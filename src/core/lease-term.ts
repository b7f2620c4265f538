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

  /** Whether a renewal should begin: a third of the duration after the last one, or soon after one that failed. */
  isDue(nowMs: number): boolean {
    return nowMs >= this.#dueMs;
  }

  /** Milliseconds until isDue() or isOver(), whichever comes first. */
  pauseMs(nowMs: number): number {
    return Math.min(Math.max(0, this.#dueMs - nowMs), this.leftMs(nowMs));
  }

  /** Milliseconds until the lease can no longer be believed in. */
  leftMs(nowMs: number): number {
    return this.#over ? 0 : Math.max(0, this.#renewedMs + this.#durationMs - nowMs);
  }

  /** A renewal that began at `startedMs` succeeded. */
  renewed(startedMs: number): void {
    this.#renewedMs = Math.max(this.#renewedMs, startedMs);
    this.#dueMs = this.#renewedMs + this.#durationMs / 3;
  }

  /** A renewal failed in a way that leaves open whether the lease is still held. */
  failed(nowMs: number): void {
    this.#dueMs = nowMs + Math.min(retryMs, this.#durationMs / 10);
  }
}
