import type { ReceivedRecord } from '../../../src/core/record.ts';
import { HOUR_MS } from '../../../src/core/time.ts';
import { expectedRows, type SaidRow } from '../e2e/flush-rows.ts';
import { addressOf, type Counting, countingOf } from '../simulation/evidence.ts';
import type { CommittedFlush } from './flush-law.ts';
import type { IndexTimeline } from './index-timeline.ts';
import { judgedBy } from './setting.ts';

/** Everything that was published, as a flush has to see it. */
export class Tide {
  readonly #received: readonly ReceivedRecord[];
  readonly #timeline: IndexTimeline;
  readonly #countings: readonly (Counting & { readonly enqueuedMs: number })[];

  constructor(received: readonly ReceivedRecord[], timeline: IndexTimeline) {
    const world = { options: judgedBy, startMs: 0, endMs: 0, logs: [], intelligence: [] };
    this.#received = received;
    this.#timeline = timeline;
    this.#countings = received.flatMap(({ record, enqueuedMs, place }) => {
      const counting = countingOf(record, enqueuedMs, place, world);
      return counting === null ? [] : [{ ...counting, enqueuedMs }];
    });
  }

  /** What the rule says of a window, with the indicators held at an instant. */
  rows(windowEnd: number, heldMs: number): readonly SaidRow[] {
    return expectedRows(this.#received, this.#timeline.at(heldMs), windowEnd, judgedBy);
  }

  /** Names of everything about a pair that lies in the window of a boundary and counts for it. */
  evidence(pair: string, windowEnd: number): ReadonlySet<string> {
    const ip = addressOf(pair);
    const within = this.#countings.filter(
      (each) =>
        each.paneEnd > windowEnd - judgedBy.lookbackMs &&
        each.paneEnd <= windowEnd &&
        each.firstFlush <= windowEnd &&
        (each.pair === null ? each.ip === ip : each.pair === pair),
    );
    return new Set(within.flatMap(({ adds }) => adds));
  }

  /** Whether a flush finds nothing of a pair, in its window or ahead of it; null where it may have read ahead or not. */
  isEmpty(pair: string, { windowEnd, ranMs }: CommittedFlush): boolean | null {
    const here = this.#countings.filter(
      (each) => each.pair === pair && each.paneEnd > windowEnd - judgedBy.lookbackMs && each.enqueuedMs <= ranMs,
    );
    if (here.some(({ paneEnd, firstFlush }) => paneEnd <= windowEnd && firstFlush <= windowEnd)) return false;
    return here.some(({ paneEnd }) => paneEnd > windowEnd) ? null : true;
  }

  /** Whether an indicator names the address of a pair when a flush runs. */
  isMatched(pair: string, { ranMs }: CommittedFlush): boolean {
    return this.#timeline.names(addressOf(pair), ranMs);
  }

  /** Pairs and panes of activity for which no flush came in time, of those that were due by the last one. */
  expired(lastEnd: number): ReadonlySet<string> {
    return new Set(
      this.#countings
        .filter(({ firstFlush }) => firstFlush <= lastEnd + HOUR_MS)
        .filter(({ pair, paneEnd, firstFlush }) => pair !== null && paneEnd <= firstFlush - judgedBy.lookbackMs)
        .map(({ pair, paneEnd }) => `${pair ?? ''} ${paneEnd}`),
    );
  }
}
