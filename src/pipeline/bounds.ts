import type { EngineBounds } from '../core/engine-options.ts';
import type { Engine } from '../core/engine.ts';
import type { StoreSizes } from '../core/window/window-store.ts';
import type { BoundStatus } from './health-input.ts';

function givenUp(count: number, what: string): string | null {
  return count === 0 ? null : `${count} ${what}`;
}

function sum(engines: readonly Engine[], of: (engine: Engine) => number): number {
  return engines.reduce((total, engine) => total + of(engine), 0);
}

/**
 * Every bounded collection of the engines of a process, summed over them: how full it is, and what was given up for its
 * bound. None without an engine.
 */
export function engineBounds(engines: readonly Engine[]): BoundStatus[] {
  const [first] = engines;
  if (first === undefined) return [];
  const of = (name: keyof StoreSizes): number => sum(engines, ({ store }) => store.sizes[name]);
  const limit = (name: keyof EngineBounds): number => engines.length * first.options.bounds[name];
  const bytes = { unit: 'bytes', failsWhenReached: false } as const;
  const items = { unit: 'items', failsWhenReached: false } as const;
  const overflowed = sum(engines, (engine) => engine.overflowed) + of('refused');
  const inexact = sum(engines, (engine) => engine.inexact);
  return [
    {
      ...bytes,
      option: 'CANDIDATE_MAX_BYTES',
      used: of('candidateBytes'),
      limit: limit('candidateMaxBytes'),
      givenUp: givenUp(of('evicted'), 'addresses evicted'),
    },
    {
      ...bytes,
      option: 'PINNED_MAX_BYTES',
      used: of('pinnedBytes'),
      limit: limit('pinnedMaxBytes'),
      givenUp: givenUp(overflowed, 'records of new callers or addresses only counted'),
      failsWhenReached: true,
    },
    {
      ...bytes,
      option: 'DEDUPLICATE_MAX_BYTES',
      used: of('identityBytes'),
      limit: limit('deduplicateMaxBytes'),
      givenUp: givenUp(inexact, 'records counted without knowing whether they are copies'),
    },
    {
      ...items,
      option: 'EVICTION_MARKS_MAX',
      used: of('evictionMarks'),
      limit: limit('evictionMarksMax'),
      givenUp: givenUp(of('unmarked'), 'evicted addresses forgotten'),
    },
    {
      ...items,
      option: 'DEFERRED_MAX',
      used: sum(engines, ({ deferred }) => deferred),
      limit: limit('deferredMax'),
      givenUp: null,
    },
    {
      ...items,
      option: 'OUTBOX_MAX',
      used: sum(engines, ({ outbox }) => outbox.size),
      limit: limit('outboxMax'),
      givenUp: null,
    },
    {
      ...items,
      option: 'SILENCES_MAX',
      // Every shard holds the same ones.
      used: Math.max(0, ...engines.map(({ silences }) => silences.bound.used)),
      limit: Math.max(0, ...engines.map(({ options }) => options.bounds.silencesMax)),
      givenUp: null,
    },
  ];
}

export function indicatorBound(used: number, limit: number): BoundStatus {
  return { option: 'INDICATORS_MAX', used, limit, unit: 'items', givenUp: null, failsWhenReached: false };
}

/** Bytes on their way to the correlation hub: reading waits at the bound, and nothing is given up. */
export function routedBound(used: number, limit: number): BoundStatus {
  return { option: 'ROUTED_MAX_BYTES', used, limit, unit: 'bytes', givenUp: null, failsWhenReached: false };
}
