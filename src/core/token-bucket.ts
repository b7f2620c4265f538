/**
 * Bounds a rate on time that is passed in. It holds at most a minute's worth, so that after silence a minute's worth may
 * go at once; what is taken beyond it is owed, and waited for.
 */
export class TokenBucket {
  readonly #perMinute: number;
  #tokens: number;
  #atMs: number;

  constructor(perMinute: number, nowMs: number) {
    this.#perMinute = perMinute;
    this.#tokens = perMinute;
    this.#atMs = nowMs;
  }

  /** Takes `count` tokens. The milliseconds to wait before they may be used. */
  take(count: number, nowMs: number): number {
    const perMs = this.#perMinute / 60_000;
    this.#tokens = Math.min(this.#perMinute, this.#tokens + Math.max(0, nowMs - this.#atMs) * perMs) - count;
    this.#atMs = Math.max(this.#atMs, nowMs);
    return this.#tokens >= 0 ? 0 : Math.ceil(-this.#tokens / perMs);
  }
}
