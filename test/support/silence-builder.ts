import type { Silence } from '../../src/core/alert/silence.ts';
import { formatMs } from '../../src/core/time.ts';

/** A silence of the API; by default of every address of 203.0.113.0/24. */
export function aSilence(untilMs: number, changes: Partial<Silence> = {}): Silence {
  return {
    id: 's1',
    caller: null,
    ip: '203.0.113.0/24',
    operations: [],
    until: formatMs(untilMs),
    author: 'ann',
    reason: 'known scanner',
    createdAt: formatMs(untilMs - 1),
    origin: 'api',
    ...changes,
  };
}
