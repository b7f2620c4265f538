import type { NumberedAlert, ShardSummary } from '../state/shard-summary.ts';
import type { Alert, AlertActivity } from './alert.ts';

/**
 * Alerts that wait for their sinks. One list, and for each sink the number up to which it has taken them: a slow sink
 * holds back the list's tail, never another sink.
 */
export class Outbox {
  readonly #queue: NumberedAlert[] = [];
  readonly #taken = new Map<string, number>();
  readonly #recent: Alert[] = [];
  readonly #recentMax: number;
  /** Alerts emitted since the start, by activity. */
  readonly emitted: Record<AlertActivity, number> = { create: 0, update: 0, close: 0 };
  /** Of them those that a silence covered. */
  readonly silenced: Record<AlertActivity, number> = { create: 0, update: 0, close: 0 };
  #last = 0;
  #lastCut = 0;
  #committed: number;

  /** With `isDurable` nothing is handed to a sink before commitUpTo() said that it is kept. */
  constructor(sinks: readonly string[], recentMax: number, isDurable: boolean) {
    for (const sink of sinks) this.#taken.set(sink, 0);
    this.#recentMax = recentMax;
    this.#committed = isDurable ? 0 : Number.POSITIVE_INFINITY;
  }

  /** Number of the last alert emitted. */
  get last(): number {
    return this.#last;
  }

  /** Whether alerts were emitted that no cut has taken. */
  get hasUncut(): boolean {
    return this.#last > this.#lastCut;
  }

  /** What a cut keeps of it. */
  get summary(): Pick<ShardSummary, 'lastAlert' | 'taken' | 'emitted' | 'silenced'> {
    const { emitted, silenced } = this;
    return { lastAlert: this.#last, taken: [...this.#taken], emitted: { ...emitted }, silenced: { ...silenced } };
  }

  /** Alerts for a cut: those since the last one, or for a base all that wait. */
  takeForCut(all: boolean): readonly NumberedAlert[] {
    const alerts = all ? [...this.#queue] : this.#queue.filter(({ number }) => number > this.#lastCut);
    this.#lastCut = this.#last;
    return alerts;
  }

  /** Says that the alerts up to a number are kept, so that sinks may have them. */
  commitUpTo(number: number): void {
    this.#committed = Math.max(this.#committed, number);
  }

  /** Goes on where another process ended. A sink that is new begins with the next alert. */
  restore({ lastAlert, taken, emitted, silenced }: ShardSummary, alerts: readonly NumberedAlert[]): void {
    const known = new Map(taken);
    this.#last = lastAlert;
    this.#lastCut = lastAlert;
    this.commitUpTo(lastAlert);
    for (const sink of this.#taken.keys()) this.#taken.set(sink, known.get(sink) ?? lastAlert);
    Object.assign(this.emitted, emitted);
    Object.assign(this.silenced, silenced);
    this.#queue.push(...alerts);
    this.#dropTaken();
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
    if (alert.silenced !== null) this.silenced[alert.activity] += 1;
    if (this.#taken.size > 0) this.#queue.push({ number: this.#last, alert });
    this.#recent.push(alert);
    if (this.#recent.length > this.#recentMax) this.#recent.shift();
  }

  /** The next alerts a sink has not taken, oldest first. */
  waiting(sink: string, limit: number): readonly Alert[] {
    const taken = this.#taken.get(sink) ?? 0;
    const start = Math.max(0, taken - (this.#queue[0]?.number ?? 0) + 1);
    return this.#queue
      .slice(start, start + limit)
      .filter(({ number }) => number <= this.#committed)
      .map(({ alert }) => alert);
  }

  waitingCount(sink: string): number {
    return this.#last - (this.#taken.get(sink) ?? this.#last);
  }

  /** Remembers that a sink has taken the next `count` alerts. */
  delivered(sink: string, count: number): void {
    this.#taken.set(sink, (this.#taken.get(sink) ?? 0) + count);
    this.#dropTaken();
  }

  #dropTaken(): void {
    const least = Math.min(...this.#taken.values());
    let done = 0;
    while (done < this.#queue.length && (this.#queue[done]?.number ?? 0) <= least) done += 1;
    this.#queue.splice(0, done);
  }

  /** When the oldest alert that a sink has not taken was emitted; null when it has taken all. */
  oldestWaiting(sink: string): string | null {
    const taken = this.#taken.get(sink) ?? 0;
    return this.#queue.find(({ number }) => number > taken)?.alert.emittedAt ?? null;
  }

  /** The newest alerts, newest first. */
  recent(limit: number): readonly Alert[] {
    return this.#recent.slice(-limit).reverse();
  }
}
