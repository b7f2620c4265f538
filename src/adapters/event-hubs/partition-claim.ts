import type { Log, Origin, Position, RealTime } from '../../core/ports.ts';
import type { SharedSourceListener } from '../../core/shared-event-source.ts';

export interface PartitionClaimOptions {
  readonly origin: Origin;
  readonly listener: SharedSourceListener;
  /** The checkpoint of the partition, null when there is none. Rejections are handled by whoever reads it. */
  readonly checkpoint: () => Promise<Position | null>;
  /** Begins to read behind a position. */
  readonly open: (position: Position | null, signal: AbortSignal) => Promise<void>;
  /** Ends reading; resolves when no handler of the partition runs any more. */
  readonly end: () => Promise<void>;
  /** The end of the claim before this one. */
  readonly after: Promise<void>;
  /** Pause after a claim that failed, in true milliseconds. */
  readonly pauseMs: number;
  readonly time: RealTime;
  readonly log: Log;
}

/** One process's hold on a partition, from the moment it came to own it until it was lost. */
export class PartitionClaim {
  readonly origin: Origin;
  /** Resolves when the claim was lost and nothing of it runs any more. */
  readonly done: Promise<void>;
  readonly #options: PartitionClaimOptions;
  readonly #lost = new AbortController();
  #ended: Promise<void> = Promise.resolve();
  #held = false;

  constructor(options: PartitionClaimOptions) {
    this.#options = options;
    this.origin = options.origin;
    const lost = Promise.withResolvers<undefined>();
    this.#lost.signal.addEventListener('abort', () => lost.resolve(undefined), { once: true });
    this.done = Promise.all([this.#begin(), lost.promise]).then(() => this.#ended);
  }

  get isLost(): boolean {
    return this.#lost.signal.aborted;
  }

  /** Whether the listener answered and was not told of a loss. */
  get isHeld(): boolean {
    return this.#held;
  }

  /** The partition is no longer ours; the listener is told before this returns, if it had answered. */
  lose(): void {
    if (this.isLost) return;
    this.#lost.abort();
    this.#ended = this.#options.end();
    this.#tellLoss();
  }

  #tellLoss(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#options.listener.onLost(this.origin);
  }

  async #begin(): Promise<void> {
    const { after, time, pauseMs, log } = this.#options;
    const { signal } = this.#lost;
    await after;
    while (!signal.aborted) {
      try {
        await this.#ask();
        return;
      } catch (error) {
        if (this.isLost) return;
        const { hub, partition } = this.origin;
        const reason = error instanceof Error ? error.message : String(error);
        log.warn('A partition cannot be taken up yet', { hub, partition, reason });
        await time.delay(pauseMs, signal);
      }
    }
  }

  async #ask(): Promise<void> {
    const { listener, checkpoint, open } = this.#options;
    const { signal } = this.#lost;
    const known = await checkpoint();
    if (this.isLost) return;
    const position = await listener.onClaimed(this.origin, known, signal);
    this.#held = true;
    if (signal.aborted) this.#tellLoss();
    else await open(position, signal);
  }
}
