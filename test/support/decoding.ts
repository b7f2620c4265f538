import { expect } from 'vitest';
import type { DecodedMessage } from '../../src/core/decode/decoded.ts';
import { decodeMessage } from '../../src/core/decode/message.ts';
import type { AzureRecord } from '../../src/core/record.ts';
import type { Json } from './azure-bodies.ts';
import { compact, utf8 } from './azure-envelopes.ts';

/** Decodes a body and holds it to the law that each raw record is counted in exactly one place. */
export function decode(text: string): DecodedMessage {
  const message = decodeMessage(utf8(text));
  const { records, unwanted, unknown, noise, deadLetters, total } = message;
  expect(records.length + unwanted + unknown.length + noise + deadLetters.length).toBe(total);
  return message;
}

/** The one record that a message with this record holds. */
export function decodeRecord(record: Json): AzureRecord {
  const { records, total } = decode(compact(record));
  const [found] = records;
  if (found === undefined || total !== 1)
    throw new Error(`Cannot decode one wanted record: the message holds ${total}`);
  return found;
}

export function streamsOf(text: string): string[] {
  return decode(text).records.map(({ stream }) => stream);
}
