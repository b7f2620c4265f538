import { LeaseTerm } from '../core/lease-term.ts';
import type { HeldLease, Lease, LeaseAnswer, LeaseRecord, Log, RealTime } from '../core/ports.ts';
import { KeptHold } from './kept-hold.ts';

export interface LeaseOptions {
  /** How long the service keeps the lease after it was taken or renewed; Azure allows 15 000 to 60 000. */
  readonly durationMs: number;
  readonly realTime: RealTime;
  readonly log: Log;
  /**
   * How long the holder is waited for, milliseconds; then the lease is taken from it. For a lease on what the holder has
   * already lost by another way: it only gives it time to let go. Unlimited when absent.
   */
  readonly seizeAfterMs?: number;
}

/** Milliseconds between two attempts, so that a standby takes over within 2 s after a clean stop. */
const pollMs = 500;

/** The same for a lease whose holder is expected to let go. */
const shortPollMs = 200;

/** Takes a lease, waits for it, and keeps it by renewing it. One acquire() at a time, and none while it is held. */
export class KeptLease implements Lease {
  readonly #record: LeaseRecord;
  readonly #options: LeaseOptions;
  #warned = '';

  constructor(record: LeaseRecord, options: LeaseOptions) {
    this.#record = record;
    this.#options = options;
  }

  /** Goes on trying while the service fails, and logs why. */
  async acquire(signal: AbortSignal, onWait: (holder: string) => void): Promise<HeldLease | null> {
    const { durationMs, realTime, seizeAfterMs = Number.POSITIVE_INFINITY } = this.#options;
    const beganMs = realTime.nowMs();
    let told = false;
    let mayHold = false;
    while (!isAborted(signal)) {
      const startedMs = realTime.nowMs();
      const answer = await this.#take();
      mayHold = answer?.taken ?? true;
      if (answer?.taken === true) {
        const term = new LeaseTerm(durationMs, startedMs);
        if (!isAborted(signal) && !term.isOver(realTime.nowMs()))
          return new KeptHold(this.#record, term, this.#options);
      } else {
        if (answer !== null && !told) {
          told = true;
          onWait(answer.holder);
        }
        if (realTime.nowMs() - beganMs >= seizeAfterMs && (await this.#break())) continue;
        await realTime.delay(seizeAfterMs === Number.POSITIVE_INFINITY ? pollMs : shortPollMs, signal);
      }
    }
    if (mayHold) await this.#record.free().catch(() => undefined); // It ends by itself.
    return null;
  }

  /** Whether the lease was taken from its holder. */
  async #break(): Promise<boolean> {
    if (this.#record.break === undefined) return false;
    try {
      await this.#record.break();
      this.#options.log.info('Lease broken: its holder did not let go of what it had lost');
      return true;
    } catch (error) {
      this.#options.log.warn('Lease not broken, trying again', { reason: String(error) });
      return false;
    }
  }

  /** Null when the service failed. */
  async #take(): Promise<LeaseAnswer | null> {
    try {
      const answer = await this.#record.take();
      this.#warned = '';
      return answer;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== this.#warned) this.#options.log.warn('Lease not taken, trying again', { reason });
      this.#warned = reason;
      return null;
    }
  }
}

/** Asked through a function, as the signal changes while the caller waits. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
