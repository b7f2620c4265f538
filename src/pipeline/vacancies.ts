/** Since when nobody holds a shard, as far as this process saw, on a clock that only runs forward. */
export class Vacancies {
  readonly #sinceMs = new Map<string, number>();

  /** Takes what is seen now: the shards that nobody holds. */
  note(vacant: readonly string[], atMs: number): void {
    const now = new Set(vacant);
    for (const shard of this.#sinceMs.keys()) if (!now.has(shard)) this.#sinceMs.delete(shard);
    for (const shard of now) if (!this.#sinceMs.has(shard)) this.#sinceMs.set(shard, atMs);
  }

  /** How long nobody has held a shard; null while somebody does. */
  lasts(shard: string, atMs: number): number | null {
    const sinceMs = this.#sinceMs.get(shard);
    return sinceMs === undefined ? null : atMs - sinceMs;
  }
}
