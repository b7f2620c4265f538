import type { StixObject } from '../../../src/core/intel/stix-object.ts';
import type { ReceivedRecord } from '../../../src/core/record.ts';
import type { FlushRecord } from '../../../src/pipeline/views.ts';
import type { ShoreSink } from './shore.ts';
import type { FeedChange } from './world-addresses.ts';

/** A stretch of the clock. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a run left behind, to be judged by whoever did not see it. */
export interface Evidence {
  /** Every record that the broker holds. */
  readonly received: readonly ReceivedRecord[];
  readonly initial: readonly StixObject[];
  readonly changes: readonly FeedChange[];
  /** Every run of a flush, in the order in which they may have been committed. */
  readonly flushes: readonly FlushRecord[];
  /** Every line of the sink. */
  readonly delivered: readonly string[];
  /** What each process last said in its metrics. */
  readonly expositions: readonly string[];
  /** Whether every flush sends every row. */
  readonly repeats: boolean;
  /** Stretches whose committed state was damaged: what was sent in them may be sent anew with other content. */
  readonly damaged: readonly Stretch[];
  /** Every document that the other sinks took, as often as they took it; none where the run had no others. */
  readonly arrivals: ReadonlyMap<ShoreSink, readonly string[]>;
}
