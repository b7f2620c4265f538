import type { DeadLetter } from '../ports.ts';
import type { Alert } from './alert.ts';

/** Why an alert was given up for a sink and kept as a dead letter instead. */
export type UndeliveredReason = 'refused' | 'too_large' | 'outbox_full';

const prefix = 'sink:';

/** An alert that a sink did not take, as a dead letter: its place is the sink and its id, its text the native document. */
export function undeliveredLetter(alert: Alert, sink: string, reason: UndeliveredReason): DeadLetter {
  return {
    stream: `${prefix}${sink}`,
    partition: alert.id,
    sequenceNumber: 0,
    index: 0,
    reason,
    enqueuedAt: alert.emittedAt,
    text: JSON.stringify(alert),
  };
}

/** Whether a dead letter holds an alert rather than a record. */
export function isUndelivered({ stream }: Pick<DeadLetter, 'stream'>): boolean {
  return stream.startsWith(prefix);
}
