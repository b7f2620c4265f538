import type { AzureRecord } from '../record.ts';

/** Why a record that may have been wanted could not be read. Closed: metrics and dead letters carry it. */
export const deadLetterReasons = ['invalid_json', 'truncated', 'not_an_object', 'too_deep'] as const;
export type DeadLetterReason = (typeof deadLetterReasons)[number];

/** Text of a record that contains a wanted category and cannot be read. */
export interface UnreadableRecord {
  readonly index: number;
  readonly reason: DeadLetterReason;
  /** At most 64 KiB of the raw text. */
  readonly text: string;
}

/**
 * What one message body holds. Each raw record is in exactly one place, so `total` is the sum of `records`, `unwanted`,
 * `unknown`, `noise` and `deadLetters`.
 */
export interface DecodedMessage {
  /** Wanted records in the order of the message. */
  readonly records: readonly AzureRecord[];
  /** Readable records of known categories that no rule reads. */
  readonly unwanted: number;
  /** Category names of readable records of unknown category, "" for those without one. */
  readonly unknown: readonly string[];
  /** Unreadable records that name no wanted category. */
  readonly noise: number;
  readonly deadLetters: readonly UnreadableRecord[];
  readonly total: number;
}
