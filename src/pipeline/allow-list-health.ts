import { formatMs } from '../core/time.ts';
import type { AllowListStatus } from './allow-list-refresh.ts';
import type { Finding } from './health-report.ts';

function consequence({ lastReadMs }: AllowListStatus): string {
  if (lastReadMs === null) return 'it covers nothing until it can be read';
  return `as it was read at ${formatMs(Math.round(lastReadMs))} it stays in force`;
}

/** One check a list: what of it is in force, and why it cannot be read anew. */
export function allowListChecks(lists: readonly AllowListStatus[]): Finding[] {
  return lists.map((list) => {
    const { name, action, entries, skipped, lastReadMs, lastError } = list;
    return {
      componentId: name,
      status: lastError === null ? 'pass' : 'warn',
      observedValue: entries,
      observedUnit: 'entries',
      ...(lastError === null ? {} : { output: `${lastError.message}; ${consequence(list)}` }),
      details: {
        action,
        skipped,
        lastRead: lastReadMs === null ? null : formatMs(Math.round(lastReadMs)),
        lastError: lastError === null ? null : { message: lastError.message, at: formatMs(Math.round(lastError.at)) },
      },
    };
  });
}
