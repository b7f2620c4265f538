import type { Position } from '../../core/ports.ts';

/** What a management read told of a partition. */
export interface PartitionRead {
  /** Sequence number of the oldest event held. */
  readonly firstSequenceNumber: number;
  /** Sequence number of the newest event ever enqueued, −1 for none. */
  readonly lastSequenceNumber: number;
  readonly lastEnqueuedMs: number;
  /** Whether the partition holds no event, none having come or retention having taken them all. */
  readonly isEmpty: boolean;
}

/** Where reading of a partition began: at what was enqueued after an instant, or at the oldest event. */
export type ReadingStart = { readonly afterMs: number } | 'oldest';

function holdsUnread(read: PartitionRead, start: ReadingStart): boolean {
  if (read.isEmpty || read.lastSequenceNumber < 0) return false;
  return start === 'oldest' || read.lastEnqueuedMs > start.afterMs;
}

/**
 * Whether everything that was enqueued before the read started has been taken. `position` is that of the last event
 * whose handler is done, null when none was taken since reading began at `start`.
 */
export function isCaughtUp(read: PartitionRead, position: Position | null, start: ReadingStart): boolean {
  if (position === null) return !holdsUnread(read, start);
  return read.lastSequenceNumber <= position.sequenceNumber;
}

export interface Lag {
  readonly events: number;
  readonly seconds: number;
}

/**
 * How far behind the newest event the position is. Before the first event has been taken the number of events that
 * reading will find is not known: it is then what the partition holds.
 */
export function lagOf(
  read: Pick<PartitionRead, 'firstSequenceNumber' | 'lastSequenceNumber' | 'lastEnqueuedMs' | 'isEmpty'>,
  position: Position | null,
  start: ReadingStart,
): Lag {
  if (isCaughtUp(read, position, start)) return { events: 0, seconds: 0 };
  if (position !== null) {
    const ms = Math.max(0, read.lastEnqueuedMs - position.enqueuedMs);
    return { events: read.lastSequenceNumber - position.sequenceNumber, seconds: ms / 1000 };
  }
  const since = start === 'oldest' ? read.lastEnqueuedMs : start.afterMs;
  return {
    events: read.lastSequenceNumber - read.firstSequenceNumber + 1,
    seconds: Math.max(0, read.lastEnqueuedMs - since) / 1000,
  };
}

/**
 * Since when a partition is seen, when retention had cut what the lookback wanted: null when nothing was cut. The first
 * event delivered tells: an older one that was held and not wanted lies before the whole lookback.
 */
export function seesSince(
  atStart: PartitionRead,
  start: ReadingStart,
  first: Pick<Position, 'sequenceNumber' | 'enqueuedMs'>,
): number | null {
  if (start === 'oldest' || atStart.firstSequenceNumber <= 0) return null;
  return first.sequenceNumber <= atStart.firstSequenceNumber ? first.enqueuedMs : null;
}

/**
 * Whether a read shows a hub whose numbers started again: its newest event is older than one taken before the read
 * started. A position of −1 or none proves nothing.
 */
export function contradicts(read: PartitionRead, handedBefore: Position | null): boolean {
  return handedBefore !== null && read.lastSequenceNumber < handedBefore.sequenceNumber;
}
