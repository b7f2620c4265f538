import type { Alert, AlertActivity } from './alert.ts';

interface Queued {
  readonly number: number;
  readonly alert: Alert;
}

/**
 * Alerts that wait for their sinks. One list, and for each sink the number up to which it has taken them: a slow sink
 * holds back the list's tail, never another sink.
 */
export class Outbox {
  readonly #queue: Queued[] = [];
  readonly #taken = new Map<string, number>();
  readonly #recent: Alert[] = [];
  readonly #recentMax: number;
  /** Alerts emitted since the start, by activity. */
  readonly emitted: Record<AlertActivity, number> = { create: 0, update: 0, close: 0 };
  #last = 0;

  constructor(sinks: readonly string[], recentMax: number) {
    for (const sink of sinks) this.#taken.set(sink, 0);
    this.#recentMax = recentMax;
  }

  get size(): number {
    return this.#queue.length;
  }

  get recentCount(): number {
    return this.#recent.length;
  }

  append(alert: Alert): void {
    this.#last += 1;
    this.emitted[alert.activity] += 1;
    if (this.#taken.size > 0) this.#queue.push({ number: this.#last, alert });
    this.#recent.push(alert);
    if (this.#recent.length > this.#recentMax) this.#recent.shift();
  }

  /** The next alerts a sink has not taken, oldest first. */
  waiting(sink: string, limit: number): readonly Alert[] {
    const taken = this.#taken.get(sink) ?? 0;
    const start = Math.max(0, taken - (this.#queue[0]?.number ?? 0) + 1);
    return this.#queue.slice(start, start + limit).map(({ alert }) => alert);
  }

  waitingCount(sink: string): number {
    return this.#last - (this.#taken.get(sink) ?? this.#last);
  }

  /** Remembers that a sink has taken the next `count` alerts. */
  delivered(sink: string, count: number): void {
    this.#taken.set(sink, (this.#taken.get(sink) ?? 0) + count);
    const least = Math.min(...this.#taken.values());
    let done = 0;
    while (done < this.#queue.length && (this.#queue[done]?.number ?? 0) <= least) done += 1;
    this.#queue.splice(0, done);
  }

  /** When the oldest alert that a sink has not taken was emitted; null when it has taken all. */
  oldestWaiting(sink: string): string | null {
    return this.waiting(sink, 1)[0]?.emittedAt ?? null;
  }

  /** The newest alerts, newest first. */
  recent(limit: number): readonly Alert[] {
    return this.#recent.slice(-limit).reverse();
  }
}
