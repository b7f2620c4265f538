import type { DecodedMessage } from './decode/decoded.ts';
import { observe, type ObservationRules } from './decode/observe.ts';
import type { Observation } from './observation.ts';
import type { AzureRecord } from './record.ts';
import type { Tally } from './tally.ts';

/** What a record tells the rule; null, and counted with its reason, when it tells nothing. */
export function qualify(
  record: AzureRecord,
  enqueuedMs: number,
  rules: ObservationRules,
  tally: Tally,
): Observation | null {
  const observed = observe(record, enqueuedMs, rules);
  if (typeof observed !== 'string') return observed;
  tally.record(record.stream, observed);
  if (observed === 'excluded') tally.lookup(record.stream, 'excluded');
  if (observed === 'address_invalid') tally.lookup(record.stream, 'invalid');
  return null;
}

/** Counts the records of a message that no rule reads, or nobody can. */
export function tallyUnwanted({ unwanted, unknown, noise, deadLetters }: DecodedMessage, tally: Tally): void {
  tally.record('other', 'unwanted', unwanted);
  tally.record('other', 'unknown', unknown.length);
  tally.record('other', 'malformed_noise', noise);
  tally.record('other', 'dead_letter', deadLetters.length);
  tally.unknownCategories.push(...unknown);
}
