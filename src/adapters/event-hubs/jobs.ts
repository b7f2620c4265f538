/** Work that recurs, each kind by its name: never twice at once, and never more often than its pace allows. */
export class Jobs {
  readonly #startedAt = new Map<string, number>();
  readonly #running = new Set<string>();

  /** Starts the work when it is due; its errors are its own to handle. */
  run(name: string, everyMs: number, now: number, work: () => Promise<void>): void {
    const startedAt = this.#startedAt.get(name) ?? Number.NEGATIVE_INFINITY;
    if (this.#running.has(name) || now - startedAt < everyMs) return;
    this.#startedAt.set(name, now);
    this.#running.add(name);
    void work().finally(() => this.#running.delete(name));
  }
}
