import { expect } from 'vitest';
import type { RecordOutcome } from '../../../src/core/outcome.ts';
import { originKey } from '../../../src/core/ports.ts';
import { decodeMessage } from '../../../src/core/decode/message.ts';
import type { Simulation } from './simulation.ts';

/** Each record that was delivered has one outcome; each place in the logs has one that is not a replay. */
export function expectCounted({ recorder, metrics, world, deadLetters }: Simulation): void {
  const counts = new Map<RecordOutcome, number>();
  const places = new Set<string>();
  let delivered = 0;
  let fresh = 0;
  for (const step of recorder.steps) {
    if (step.kind !== 'take') continue;
    const { message, outcomes } = step;
    const total = outcomes.reduce((sum, [, , count]) => sum + count, 0);
    expect(total, 'outcomes of a message').toBe(message.decoded.total);
    delivered += total;
    for (const [, outcome, count] of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + count);
    const place = `${message.origin}/${message.sequenceNumber}`;
    if (!places.has(place)) fresh += total;
    places.add(place);
  }
  expect(delivered - (counts.get('replayed') ?? 0), 'records that are no replays').toBe(fresh);
  expect(metrics.sum('tidewatch_records_total')).toBe(delivered);
  for (const [outcome, count] of counts) expect(metrics.sum('tidewatch_records_total', { outcome })).toBe(count);
  // By the end of the world everything had been handed over.
  const enqueued = world.logs.flatMap(({ origin, events }) =>
    events
      .filter(({ enqueuedMs }) => enqueuedMs <= world.endMs)
      .map(({ sequenceNumber, body }) => ({ place: `${originKey(origin)}/${sequenceNumber}`, body })),
  );
  for (const { place } of enqueued) expect(places.has(place), `event ${place} taken`).toBe(true);
  const letters = enqueued.flatMap(({ place, body }) =>
    decodeMessage(body).deadLetters.map(({ index }) => `${place}/${index}`),
  );
  const kept = deadLetters.letters.map(
    ({ stream, partition, sequenceNumber, index }) => `tides/${stream}/${partition}@1/${sequenceNumber}/${index}`,
  );
  expect(new Set(kept)).toEqual(new Set([...kept, ...letters]));
}
