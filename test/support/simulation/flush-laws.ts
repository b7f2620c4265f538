import { expect } from 'vitest';
import { originKey } from '../../../src/core/ports.ts';
import type { ReceivedRecord } from '../../../src/core/record.ts';
import { formatMs, HOUR_MS } from '../../../src/core/time.ts';
import { referenceRepaired, type ReferenceRow } from '../reference/reference-repaired.ts';
import type { FlushStep, Step } from './recorder.ts';
import type { Simulation } from './simulation.ts';

/** A row with what an alert says beside it, its indicators without order. */
interface SaidRow extends Omit<ReferenceRow, 'indicators'> {
  readonly indicators: readonly string[];
}

function sorted(rows: readonly SaidRow[]): readonly SaidRow[] {
  const keyOf = ({ row }: SaidRow): string => `${row.TI_IP} ${row.Caller.toLowerCase()}`;
  return [...rows].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** The rows that a flush emitted. Every row, when the simulation repeats. */
export function rowsOf({ emissions }: FlushStep): readonly SaidRow[] {
  return sorted(
    emissions
      .filter(({ slot, alert }) => slot === 'flush' && alert.activity !== 'close')
      .map(({ alert: { row, corroboration, truncated, indicators } }) => ({
        row,
        grade: corroboration.grade,
        truncated,
        indicators: indicators.map(({ source, id }) => `${source} ${id}`).sort(),
      })),
  );
}

/** The rows of the reference evaluator at the boundary of a flush, with what the feeds had brought when it ran. */
export function referenceRows(
  received: readonly ReceivedRecord[],
  flush: FlushStep,
  { options }: Simulation['world'],
): readonly SaidRow[] {
  return sorted(
    referenceRepaired(received, flush.held, flush.result.windowEnd, options).map((row) => ({
      ...row,
      indicators: row.indicators.map(([source, id]) => `${source} ${id}`).sort(),
    })),
  );
}

/** The records that the engine had been given before a step, each once. */
export function takenBefore({ recorder }: Simulation, until: Step): readonly ReceivedRecord[] {
  const taken = new Map<string, ReceivedRecord>();
  for (const step of recorder.steps) {
    if (step === until) break;
    if (step.kind !== 'take') continue;
    const { origin, sequenceNumber, enqueuedMs, decoded } = step.message;
    for (const record of decoded.records) {
      const place = `${origin}/${sequenceNumber}/${record.index}`;
      taken.set(place, { record, enqueuedMs, place });
    }
  }
  return [...taken.values()];
}

/** Each boundary is flushed once, in order, none is left out, whatever process flushes it; each tells of its own. */
export function expectFlushesInOrder({ recorder, lives, lastDueBoundary }: Simulation): void {
  const flushed = recorder.flushes.map(({ result }) => result.windowEnd);
  const first = Math.floor(recorder.begunMs / HOUR_MS) * HOUR_MS + HOUR_MS;
  expect(flushed).toEqual(flushed.map((_, index) => first + index * HOUR_MS));
  expect(flushed.at(-1)).toBeGreaterThanOrEqual(lastDueBoundary);
  for (const { recorder: each, log, metrics } of lives) {
    const own = each.own.flatMap((step) => (step.kind === 'flush' ? [step.result.windowEnd] : []));
    expect(metrics.sum('tidewatch_flushes_total')).toBe(own.length);
    const told = log.lines
      .filter(({ message }) => message.startsWith('Flushed'))
      .map(({ fields }) => fields['windowEnd']);
    expect(told).toEqual(own.map(formatMs));
  }
}

/** Every flush says what the reference says of the records taken by then; a complete one of all that were enqueued. */
export function expectRowsOfReference(simulation: Simulation, clockIsGood = true): void {
  const { recorder, received, world } = simulation;
  for (const flush of recorder.flushes) {
    const said = rowsOf(flush);
    const at = formatMs(flush.result.windowEnd);
    expect(said, `flush ${at}`).toEqual(referenceRows(takenBefore(simulation, flush), flush, world));
    expect(flush.result.rows, `rows of flush ${at}`).toBe(said.length);
    if (flush.result.lagging.length === 0 && clockIsGood)
      expect(said, `complete flush ${at}`).toEqual(referenceRows(received, flush, world));
  }
}

/** A flush that is not complete names every partition that owes it an event, and its rows say so. */
export function expectIncompleteNamed(simulation: Simulation): void {
  const { world, recorder } = simulation;
  // Reading begins at what the window of the first flush reaches.
  const neededMs = recorder.firstBoundary - world.options.lookbackMs;
  for (const flush of recorder.flushes) {
    const { lagging, windowEnd } = flush.result;
    const taken = new Set(
      recorder.steps
        .slice(0, recorder.steps.indexOf(flush))
        .map((step) => (step.kind === 'take' ? `${step.message.origin}/${step.message.sequenceNumber}` : '')),
    );
    const owing = world.logs
      .filter(({ origin, events }) =>
        events.some(
          ({ enqueuedMs, sequenceNumber }) =>
            enqueuedMs >= neededMs &&
            enqueuedMs <= windowEnd + world.options.flushDelayMs &&
            !taken.has(`${originKey(origin)}/${sequenceNumber}`),
        ),
      )
      .map(({ origin }) => originKey(origin));
    const named = lagging.some((name) => name.endsWith('/*')) ? owing : lagging;
    expect(named, `partitions named by ${formatMs(windowEnd)}`).toEqual(expect.arrayContaining(owing));
    const incomplete = lagging.length === 0 ? null : { partitions: lagging };
    for (const { slot, alert } of flush.emissions) if (slot === 'flush') expect(alert.incomplete).toEqual(incomplete);
  }
}

/** The boundaries whose flushes were complete, with what each said. */
export function completeRows({ recorder }: Simulation): Map<number, readonly SaidRow[]> {
  return new Map(
    recorder.flushes
      .filter(({ result }) => result.lagging.length === 0)
      .map((flush) => [flush.result.windowEnd, rowsOf(flush)]),
  );
}

/** Rows that are not marked partial are those of the reference. How many were marked is returned. */
export function expectUnmarkedRowsOfReference({ recorder, received, world }: Simulation): number {
  let marked = 0;
  for (const flush of recorder.flushes) {
    const reference = referenceRows(received, flush, world);
    const partial = new Set(
      flush.emissions
        .filter(({ slot, alert }) => slot === 'flush' && alert.partial !== null)
        .map(({ alert }) => alert.row),
    );
    marked += partial.size;
    const unmarked = rowsOf(flush).filter(({ row }) => !partial.has(row));
    expect(reference, `flush ${formatMs(flush.result.windowEnd)}`).toEqual(expect.arrayContaining([...unmarked]));
  }
  return marked;
}
