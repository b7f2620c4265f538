/** Partitions that have not delivered everything enqueued by a cut, and whether waiting for them goes on. */
export interface Lag {
  readonly lagging: readonly string[];
  /** True while a lagging partition may still make progress within the wait allowed. */
  readonly waits: boolean;
}

interface PartitionWatermark {
  ms: number;
  progressAt: number;
}

/**
 * The watermark of each partition: the enqueued time up to which everything has been delivered. Monotone. A partition
 * that is expected and has not reported has none, so nothing that waits for it is complete.
 */
export class Watermarks {
  readonly #partitions = new Map<string, PartitionWatermark>();
  readonly #restored = new Map<string, number>();

  get isEmpty(): boolean {
    return this.#partitions.size === 0;
  }

  /** Watermarks of other processes' time, for partitions that are named later. */
  restore(watermarks: readonly (readonly [string, number])[]): void {
    for (const [key, ms] of watermarks) this.#restored.set(key, ms);
  }

  /** Every watermark there is, also of restored partitions that nobody has named yet. */
  *all(): Generator<[string, number]> {
    for (const [key, { ms }] of this.#partitions) if (ms !== Number.NEGATIVE_INFINITY) yield [key, ms];
    for (const [key, ms] of this.#restored) if (!this.#partitions.has(key)) yield [key, ms];
  }

  /** Names the partitions that are waited for. Watermarks of those already known are kept, others forgotten. */
  expect(keys: readonly string[], now: number): void {
    const expected = new Set(keys);
    for (const key of this.#partitions.keys()) if (!expected.has(key)) this.#partitions.delete(key);
    for (const key of expected)
      if (!this.#partitions.has(key))
        this.#partitions.set(key, { ms: this.#restored.get(key) ?? Number.NEGATIVE_INFINITY, progressAt: now });
    // What was restored and is not named now is no partition any more.
    this.#restored.clear();
  }

  /** Moves a watermark forward; a lower value changes nothing. */
  advance(key: string, ms: number, now: number): void {
    const partition = this.#partitions.get(key);
    if (partition === undefined || ms <= partition.ms) return;
    partition.ms = ms;
    partition.progressAt = now;
  }

  /** Takes a time in which this process did not run off what partitions are blamed for: they could make no progress. */
  forgive(ms: number, now: number): void {
    for (const partition of this.#partitions.values()) partition.progressAt = Math.min(now, partition.progressAt + ms);
  }

  of(key: string): number | null {
    const ms = this.#partitions.get(key)?.ms ?? Number.NEGATIVE_INFINITY;
    return ms === Number.NEGATIVE_INFINITY ? null : ms;
  }

  /** The least watermark of all expected partitions; null when one has none or none is expected. */
  least(): number | null {
    let least = Number.POSITIVE_INFINITY;
    for (const { ms } of this.#partitions.values()) least = Math.min(least, ms);
    return Number.isFinite(least) ? least : null;
  }

  /** Which partitions have not passed a cut. One without progress for `maxWaitMs` since the cut is no longer waited for. */
  lag(cut: number, now: number, maxWaitMs: number): Lag {
    const lagging: string[] = [];
    let waits = false;
    for (const [key, { ms, progressAt }] of this.#partitions) {
      if (ms >= cut) continue;
      lagging.push(key);
      if (now - Math.max(progressAt, cut) < maxWaitMs) waits = true;
    }
    return { lagging: lagging.sort(), waits };
  }
}
