import type { AzureRecord } from '../../src/core/record.ts';
import { decodeMessage } from '../../src/core/decode/message.ts';
import { observe } from '../../src/core/decode/observe.ts';
import type { ObservationRules } from '../../src/core/decode/observe.ts';
import { parseCidr, RangeSet } from '../../src/core/address-range.ts';

/** How often each thing happened to a raw record. */
export type Outcomes = Record<'observed' | 'rejected' | 'unwanted' | 'unknown' | 'noise' | 'dead_letter', number>;

export function noOutcomes(): Outcomes {
  return { observed: 0, rejected: 0, unwanted: 0, unknown: 0, noise: 0, dead_letter: 0 };
}

const rules: ObservationRules = {
  excluded: new RangeSet([parseCidr('10.0.0.0/8')].filter((range) => range !== null)),
  statuses: new Set(['success']),
  streams: new Set(['activity', 'sign_in', 'service_principal', 'non_interactive', 'managed_identity']),
};

/**
 * Decodes a body and throws when a law is broken: every raw record is counted in exactly one place, indices grow and
 * stay below the total, a dead letter is no longer than allowed, and what comes out is no larger than what went in.
 */
export function checkDecoding(body: Uint8Array, outcomes: Outcomes): void {
  const { records, unwanted, unknown, noise, deadLetters, total } = decodeMessage(body);
  const counted = records.length + unwanted + unknown.length + noise + deadLetters.length;
  if (counted !== total) throw new Error(`Cannot account for every record: total is ${total}, counted are ${counted}`);
  if (total > body.length) throw new Error(`Cannot trust the total: ${total} records in ${body.length} bytes`);
  checkIndices(records, total);
  checkIndices(deadLetters, total);
  for (const { text } of deadLetters) {
    if (Buffer.byteLength(text) > 65_536)
      throw new Error(`Cannot keep the dead letter: it has ${text.length} characters`);
  }
  for (const record of records) {
    const seen = observe(record, 0, rules);
    outcomes[typeof seen === 'string' ? 'rejected' : 'observed']++;
    checkTexts(record, body.length);
  }
  outcomes.unwanted += unwanted;
  outcomes.unknown += unknown.length;
  outcomes.noise += noise;
  outcomes.dead_letter += deadLetters.length;
}

function checkIndices(items: readonly { readonly index: number }[], total: number): void {
  let last = -1;
  for (const { index } of items) {
    if (index <= last || index >= total)
      throw new Error(`Cannot order the records: ${index} of ${total} follows ${last}`);
    last = index;
  }
}

/** Every field is text of the message, or the number that a time is. */
function checkTexts(record: AzureRecord, most: number): void {
  for (const value of Object.values(record)) {
    if (typeof value === 'string' && value.length > most + 32) {
      throw new Error(`Cannot take the field: it has ${value.length} characters, the message ${most} bytes`);
    }
  }
}
