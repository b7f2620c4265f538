import { duration } from './option.ts';

const durations = duration({ env: 'TI_FEEDS', group: '', description: '' });

/** Reads a duration of a feed such as 90d into milliseconds; undefined for what is none, and for none at all. */
export function readDuration(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? durations.read(value) : undefined;
  return ms === null || ms === 0 ? undefined : ms;
}
