import { randomInt } from 'node:crypto';

const range = 2 ** 32;

/** A number from 0 (inclusive) to 1 (exclusive), another each time: for jitter. */
export function random(): number {
  return randomInt(range) / range;
}
