import { sumOf } from '../../verify/exposition.ts';

/**
 * What the counters of each process say, held against what was published: nothing is lost and given up on, and no record
 * is counted twice by one process, as whatever it takes again is counted as replayed.
 */
export function counterProblems(expositions: readonly string[], published: number): readonly string[] {
  return expositions.flatMap((text, life) => {
    const total = sumOf(text, 'tidewatch_records_total');
    const fresh = total - sumOf(text, 'tidewatch_records_total', { outcome: 'replayed' });
    const given: readonly [string, number][] = [
      ['events reported lost', sumOf(text, 'tidewatch_source_errors', { code: 'events_lost' })],
      ['evictions', sumOf(text, 'tidewatch_evictions_total')],
      ['dead letters', sumOf(text, 'tidewatch_dead_letters_total')],
      ['incomplete flushes', sumOf(text, 'tidewatch_flushes_total', { complete: 'false' })],
      ['records counted beyond those published', Math.max(0, fresh - published)],
    ];
    return given.filter(([, count]) => count > 0).map(([what, count]) => `process ${life + 1}: ${count} ${what}`);
  });
}
