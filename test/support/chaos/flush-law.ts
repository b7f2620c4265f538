import { formatMs, HOUR_MS } from '../../../src/core/time.ts';
import type { FlushRecord } from '../../../src/pipeline/views.ts';

/** A flush as it was committed: the last run of its boundary. */
export interface CommittedFlush {
  readonly windowEnd: number;
  readonly ranMs: number;
}

/** The flushes of a run, by boundary; says where one is missing or incomplete. */
export function committedFlushes(runs: readonly FlushRecord[]): {
  readonly flushes: readonly CommittedFlush[];
  readonly problems: readonly string[];
} {
  const byEnd = new Map<number, FlushRecord>();
  for (const run of runs) byEnd.set(Date.parse(run.windowEnd), run);
  const ends = [...byEnd.keys()].sort((a, b) => a - b);
  const first = ends[0] ?? 0;
  const problems = ends.flatMap((windowEnd, index) => {
    const run = byEnd.get(windowEnd);
    const skipped =
      windowEnd === first + index * HOUR_MS ? [] : [`flush ${formatMs(windowEnd)} comes where another was due`];
    return run?.complete === true ? skipped : [...skipped, `flush ${formatMs(windowEnd)} is not complete`];
  });
  if (ends.length === 0) problems.push('no flush ran');
  const flushes = ends.map((windowEnd) => ({ windowEnd, ranMs: Date.parse(byEnd.get(windowEnd)?.ranAt ?? '') }));
  return { flushes, problems };
}
