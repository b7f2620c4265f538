import type { Observation } from '../observation.ts';

/** The place of a raw record in its origin, and when Event Hubs took its message, milliseconds since 1970. */
export interface OriginMark {
  readonly sequenceNumber: number;
  /** Counted before anything is filtered. */
  readonly index: number;
  readonly enqueuedMs: number;
}

/** An observation on its way to the shard of its address. */
export interface RoutedObservation {
  /** originKey() of the source partition it was read from. */
  readonly origin: string;
  readonly mark: OriginMark;
  readonly observation: Observation;
}
