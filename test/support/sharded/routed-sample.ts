import { readCorrelationEvent } from '../../../src/core/route/correlation-event.ts';
import type { RoutedObservation } from '../../../src/core/route/routed-observation.ts';
import { typicalObservation } from './typical-observations.ts';

/** The record at a place of a source partition. */
export function routedAt(sequenceNumber: number, index = 0): RoutedObservation {
  const mark = { sequenceNumber, index, enqueuedMs: 1000 + sequenceNumber };
  return { origin: 'east/activity/0@1', mark, observation: typicalObservation(sequenceNumber, 10) };
}

/** The sequence numbers of what an event carries. */
export function numbersIn(bytes: Uint8Array | null): number[] | null {
  return bytes && readCorrelationEvent(bytes).observations.map(({ mark }) => mark.sequenceNumber);
}
