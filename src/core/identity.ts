import { murmur3x86128 } from './murmur3.ts';
import type { Identity } from './observation.ts';
import { fold } from './observation.ts';
import type { AzureRecord } from './record.ts';
import { formatTime } from './time.ts';

const separator = '\u0000';
const encoder = new TextEncoder();
const words = new Uint32Array(4);
let scratch = new Uint8Array(2048);

/**
 * Names a record, so that its copies count once: Event Hubs redelivers, diagnostic settings overlap, and Entra
 * publishes a sign-in again when its risk changes. A sign-in is named by its category and `properties.id`; an activity
 * record, which has no id of its own, by caller, correlation, operation, resource, result and instant. All without
 * regard to case.
 *
 * 128 bits of a non-cryptographic hash as eight UTF-16 units. Null for a sign-in without an id and an activity record
 * without a correlation id: each counts whenever it arrives.
 */
export function identityOf(record: AzureRecord): Identity | null {
  if (record.stream !== 'activity') {
    const id = record.id.trim();
    return id === '' ? null : hash(fold(`${record.category.trim()}${separator}${id}`));
  }
  const correlationId = record.correlationId.trim();
  if (correlationId === '') return null;
  const { caller, operation, resourceId, resultType, time } = record;
  const instant = time === null ? '' : formatTime(time);
  return hash(fold([caller, correlationId, operation, resourceId, resultType, instant].join(separator)));
}

function hash(text: string): Identity {
  if (scratch.length < text.length * 3) scratch = new Uint8Array(text.length * 3);
  const { written } = encoder.encodeInto(text, scratch);
  murmur3x86128(scratch, written, 0, words);
  const [a = 0, b = 0, c = 0, d = 0] = words;
  return String.fromCharCode(a >>> 16, a, b >>> 16, b, c >>> 16, c, d >>> 16, d);
}
