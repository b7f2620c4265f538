import type { LeaseTerm } from '../core/lease-term.ts';
import type { HeldLease, LeaseRecord, Log, RealTime } from '../core/ports.ts';

/**
 * Longest sleep of the watch on the term, milliseconds. Timers of a process that was stopped are due at its first turn
 * after, so it learns then that its lease is over; short sleeps do the same where a machine was.
 */
const tickMs = 500;

/** A lease that is held: renews it, and says so as soon as it can no longer be believed in. */
export class KeptHold implements HeldLease {
  readonly #record: LeaseRecord;
  readonly #term: LeaseTerm;
  readonly #realTime: RealTime;
  readonly #log: Log;
  readonly #lost = new AbortController();
  /** Aborts when there is nothing left to keep: the lease was lost or released. */
  readonly #ended = new AbortController();
  #released: Promise<void> | null = null;

  constructor(record: LeaseRecord, term: LeaseTerm, options: { readonly realTime: RealTime; readonly log: Log }) {
    this.#record = record;
    this.#term = term;
    this.#realTime = options.realTime;
    this.#log = options.log;
    void this.#watch();
    void this.#keep();
  }

  /** Looks at the time before it answers: right also before the first timer of a process that was stopped. */
  get lost(): AbortSignal {
    this.#check();
    return this.#lost.signal;
  }

  /** Frees the lease, so that another takes it at once. What was released is not lost. Never rejects. */
  release(): Promise<void> {
    this.#released ??= this.#release();
    return this.#released;
  }

  async #release(): Promise<void> {
    if (this.#isEnded()) return;
    this.#ended.abort();
    try {
      await this.#record.free();
    } catch (error) {
      this.#log.warn('Lease not released, it ends by itself', { reason: reasonOf(error) });
    }
  }

  async #watch(): Promise<void> {
    while (!this.#isEnded()) {
      await this.#realTime.delay(Math.min(tickMs, this.#term.leftMs(this.#realTime.nowMs())), this.#ended.signal);
      this.#check();
    }
  }

  async #keep(): Promise<void> {
    for (;;) {
      await this.#realTime.delay(this.#term.pauseMs(this.#realTime.nowMs()), this.#ended.signal);
      this.#check();
      if (this.#isEnded()) return;
      await this.#renew();
    }
  }

  async #renew(): Promise<void> {
    const startedMs = this.#realTime.nowMs();
    try {
      const held = await this.#record.renew();
      if (held) this.#term.renewed(startedMs, this.#realTime.nowMs());
      else this.#lose('Cannot go on as the active process: the lease is no longer held by this process');
    } catch (error) {
      this.#term.failed(this.#realTime.nowMs());
      if (!this.#isEnded()) this.#log.warn('Lease not renewed, trying again', { reason: reasonOf(error) });
    }
  }

  #check(): void {
    if (!this.#term.isOver(this.#realTime.nowMs())) return;
    this.#lose('Cannot go on as the active process: the lease was not renewed within its duration');
  }

  #lose(message: string): void {
    if (this.#isEnded()) return;
    this.#ended.abort();
    this.#lost.abort(new Error(message));
  }

  /** Asked through a method, as it changes while a caller waits. */
  #isEnded(): boolean {
    return this.#ended.signal.aborted;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
