import type { Position } from '../../core/ports.ts';
import type { PartitionRead } from './lag.ts';

/** Events that the hub deleted before they were read. */
export interface Loss {
  readonly events: number;
  /** Least and greatest sequence number among them. */
  readonly from: number;
  readonly to: number;
}

/** Numbers that were passed over by the events that came. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  /** Enqueued time of the event that came behind them. */
  readonly nextMs: number;
}

/**
 * Finds what retention cut from a partition before it was read. A gap in the numbers alone is no proof, as markers of
 * transactions take numbers too; a read that started behind it and shows that the oldest event held lies behind the
 * gap is one.
 */
export class Losses {
  #total: Loss | null = null;
  #seesSinceMs: number | null = null;
  #gaps: readonly Gap[] = [];
  /** Numbers up to here are accounted for. */
  #settledTo = -1;
  #awaitsEvent = false;

  get total(): Loss | null {
    return this.#total;
  }

  /** Enqueued time from which on nothing is missing, null when nothing was lost. */
  get seesSinceMs(): number | null {
    return this.#seesSinceMs;
  }

  /** Gaps that a read which starts now can judge. */
  get gaps(): readonly Gap[] {
    return this.#gaps;
  }

  /** Compares the position that reading goes on from with what is held; tells whether events between them are lost. */
  resume(position: Position, read: PartitionRead, nowMs: number): boolean {
    const oldest = oldestHeld(read);
    if (oldest <= position.sequenceNumber + 1) return false;
    this.#add(position.sequenceNumber + 1, oldest - 1);
    if (read.isEmpty) this.#seesSinceMs = nowMs;
    else this.#awaitsEvent = true;
    return true;
  }

  /** Notes the first event of a batch behind the last one that was handed over. */
  follow(handed: Position | null, next: Pick<Position, 'sequenceNumber' | 'enqueuedMs'>): void {
    if (this.#awaitsEvent) this.#seesSinceMs = next.enqueuedMs;
    this.#awaitsEvent = false;
    if (handed === null) return;
    const from = Math.max(handed.sequenceNumber, this.#settledTo) + 1;
    const to = next.sequenceNumber - 1;
    if (to < from) return;
    this.#gaps = [...this.#gaps, { from, to, nextMs: next.enqueuedMs }];
    this.#settledTo = to;
  }

  /** Judges gaps by a read that started after they were found; tells whether one was a loss. */
  judge(gaps: readonly Gap[], read: PartitionRead): boolean {
    if (gaps.length === 0) return false;
    this.#gaps = this.#gaps.filter((gap) => !gaps.includes(gap));
    const lost = gaps.filter(({ to }) => to < oldestHeld(read));
    for (const { from, to, nextMs } of lost) {
      this.#add(from, to);
      this.#seesSinceMs = Math.max(this.#seesSinceMs ?? nextMs, nextMs);
    }
    return lost.length > 0;
  }

  #add(from: number, to: number): void {
    const { events, ...range } = this.#total ?? { events: 0, from, to };
    this.#total = {
      events: events + to - from + 1,
      from: Math.min(range.from, from),
      to: Math.max(range.to, to),
    };
    this.#settledTo = Math.max(this.#settledTo, to);
  }
}

function oldestHeld(read: PartitionRead): number {
  return read.isEmpty ? read.lastSequenceNumber + 1 : read.firstSequenceNumber;
}
