import { rule, type AlertSlot } from './alert.ts';

/** SHA-256 of a text, as lower-case hex. Passed in, since the core has no platform of its own. */
export type Digest = (text: string) => string;

/** Names a finding: the same for every alert about one caller and address. */
export function findingKey(digest: Digest, caller: string, ip: string): string {
  return digest(JSON.stringify([rule.name, caller, ip])).slice(0, 32);
}

/** Names one emission: a finding, the window it speaks of and its slot. */
export function alertId(digest: Digest, key: string, windowEnd: string, slot: AlertSlot): string {
  return digest(JSON.stringify([key, windowEnd, slot])).slice(0, 32);
}
