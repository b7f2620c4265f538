import { expect } from 'vitest';
import type { RecordOutcome } from '../../../src/core/outcome.ts';
import { originKey } from '../../../src/core/ports.ts';
import { decodeMessage } from '../../../src/core/decode/message.ts';
import type { Life } from './life.ts';
import type { Simulation } from './simulation.ts';

function sum(counts: Iterable<number>): number {
  return [...counts].reduce((total, count) => total + count, 0);
}

/** A process tells of every record that it took; one that was killed may have taken more than it could tell of. */
function expectMetrics({ recorder, metrics, mortality }: Life): void {
  const counts = new Map<RecordOutcome, number>();
  for (const step of recorder.own) {
    if (step.kind !== 'take') continue;
    for (const [, outcome, count] of step.outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + count);
  }
  const told = new Map(
    [...counts.keys()].map((outcome) => [outcome, metrics.sum('tidewatch_records_total', { outcome })]),
  );
  expect(sum(told.values())).toBe(metrics.sum('tidewatch_records_total'));
  if (!mortality.isDead) expect(told).toEqual(counts);
  for (const [outcome, count] of told) expect(count).toBeLessThanOrEqual(counts.get(outcome) ?? 0);
}

/** Each record that was delivered has one outcome; each place in the logs has one that is not a replay. */
export function expectCounted({ recorder, lives, world, deadLetters }: Simulation): void {
  for (const life of lives) expectMetrics(life);
  // By the end of the world everything had been handed over: of each log from its first event that was taken on, and at
  // least what the windows reach that were open when a process began to read it.
  const neededMs = Math.max(...lives.map((life) => life.recorder.firstBoundary)) - world.options.lookbackMs;
  const places = new Set<string>();
  let delivered = 0;
  let replayed = 0;
  let fresh = 0;
  for (const step of recorder.steps) {
    if (step.kind !== 'take') continue;
    const { message, outcomes } = step;
    const total = sum(outcomes.map(([, , count]) => count));
    expect(total, 'outcomes of a message').toBe(message.decoded.total);
    delivered += total;
    replayed += sum(outcomes.map(([, outcome, count]) => (outcome === 'replayed' ? count : 0)));
    const place = `${message.origin}/${message.sequenceNumber}`;
    if (!places.has(place)) fresh += total;
    places.add(place);
  }
  expect(delivered - replayed, 'records that are no replays').toBe(fresh);
  const enqueued = world.logs.flatMap((log) => {
    const due = log.events.filter(({ enqueuedMs }) => enqueuedMs <= world.endMs);
    const keyed = due.map(({ sequenceNumber, enqueuedMs, body }) => {
      return { place: `${originKey(log.origin)}/${sequenceNumber}`, enqueuedMs, body };
    });
    const first = keyed.findIndex(({ place }) => places.has(place));
    return keyed
      .slice(first < 0 ? keyed.length : first)
      .concat(keyed.filter(({ enqueuedMs }) => enqueuedMs >= neededMs));
  });
  for (const { place } of enqueued) expect(places.has(place), `event ${place} taken`).toBe(true);
  const letters = enqueued.flatMap(({ place, body }) =>
    decodeMessage(body).deadLetters.map(({ index }) => `${place}/${index}`),
  );
  const kept = deadLetters.letters.map(
    ({ stream, partition, sequenceNumber, index }) => `tides/${stream}/${partition}@1/${sequenceNumber}/${index}`,
  );
  expect(new Set(kept)).toEqual(new Set([...kept, ...letters]));
}
