import type { Engine } from '../core/engine.ts';
import type { BoundStatus } from './health-input.ts';

function givenUp(count: number, what: string): string | null {
  return count === 0 ? null : `${count} ${what}`;
}

/** Every bounded collection of the engine: how full it is, and what was given up for its bound. */
export function engineBounds(engine: Engine): BoundStatus[] {
  const { candidateBytes, pinnedBytes, identityBytes, evictionMarks, evicted, refused, unmarked } = engine.store.sizes;
  const { bounds } = engine.options;
  const bytes = { unit: 'bytes', failsWhenReached: false } as const;
  const items = { unit: 'items', failsWhenReached: false } as const;
  return [
    {
      ...bytes,
      option: 'CANDIDATE_MAX_BYTES',
      used: candidateBytes,
      limit: bounds.candidateMaxBytes,
      givenUp: givenUp(evicted, 'addresses evicted'),
    },
    {
      ...bytes,
      option: 'PINNED_MAX_BYTES',
      used: pinnedBytes,
      limit: bounds.pinnedMaxBytes,
      givenUp: givenUp(engine.overflowed + refused, 'records of new callers or addresses only counted'),
      failsWhenReached: true,
    },
    {
      ...bytes,
      option: 'DEDUPLICATE_MAX_BYTES',
      used: identityBytes,
      limit: bounds.deduplicateMaxBytes,
      givenUp: givenUp(engine.inexact, 'records counted without knowing whether they are copies'),
    },
    {
      ...items,
      option: 'EVICTION_MARKS_MAX',
      used: evictionMarks,
      limit: bounds.evictionMarksMax,
      givenUp: givenUp(unmarked, 'evicted addresses forgotten'),
    },
    { ...items, option: 'DEFERRED_MAX', used: engine.deferred, limit: bounds.deferredMax, givenUp: null },
    { ...items, option: 'OUTBOX_MAX', used: engine.outbox.size, limit: bounds.outboxMax, givenUp: null },
    { ...items, option: 'SILENCES_MAX', used: engine.silences.bound.used, limit: bounds.silencesMax, givenUp: null },
  ];
}
