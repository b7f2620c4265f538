import { createHash } from 'node:crypto';
import { yieldTurn } from './clock.ts';

/** SHA-256 of a text's UTF-8 bytes, as lower-case hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** SHA-256 of bytes, as lower-case hex. */
export function sha256Bytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes hashed between two turns of the event loop: less than a millisecond's work. */
const turnBytes = 512 * 1024;

/** As sha256Bytes(), with turns of the event loop in between. */
export async function digest(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  for (let start = 0; start < bytes.length; start += turnBytes) {
    if (start > 0) await yieldTurn();
    hash.update(bytes.subarray(start, start + turnBytes));
  }
  return hash.digest('hex');
}
