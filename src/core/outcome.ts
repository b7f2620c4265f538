import type { Stream } from './record.ts';

/**
 * What became of a raw record. Each record has exactly one outcome, so their counts sum up to the records delivered.
 * Closed: metrics carry it.
 */
export const recordOutcomes = [
  'counted',
  'duplicate',
  'late',
  'early',
  'undated',
  'deferred',
  'expired',
  'replayed',
  'unsuccessful',
  'address_invalid',
  'excluded',
  'disabled',
  'unwanted',
  'unknown',
  'malformed_noise',
  'dead_letter',
] as const;
export type RecordOutcome = (typeof recordOutcomes)[number];

/** Stream of a record for counting: `other` for what belongs to none. */
export type RecordStream = Stream | 'other';
export const recordStreams = [
  'activity',
  'sign_in',
  'service_principal',
  'non_interactive',
  'managed_identity',
  'other',
] as const satisfies readonly RecordStream[];

/** What looking up a record's address in the indicator index came to. Closed: metrics carry it. */
export const lookupResults = ['hit', 'miss', 'excluded', 'invalid'] as const;
export type LookupResult = (typeof lookupResults)[number];

/** Why state was given up before its window ended. Closed: metrics carry it. */
export const evictionReasons = ['candidate_bound', 'pinned_bound', 'deduplicate_bound', 'marks_bound'] as const;
