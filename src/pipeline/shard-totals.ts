import type { AlertActivity } from '../core/alert/alert.ts';
import type { Engine } from '../core/engine.ts';

/** What an engine counts for good: none of it ever falls while the engine lives. */
export type ShardTotals = Readonly<
  Record<
    AlertActivity | `silenced ${AlertActivity}` | 'evicted' | 'pinnedBound' | 'deduplicateBound' | 'unmarked',
    number
  >
>;

export const noTotals: ShardTotals = {
  create: 0,
  update: 0,
  close: 0,
  'silenced create': 0,
  'silenced update': 0,
  'silenced close': 0,
  evicted: 0,
  pinnedBound: 0,
  deduplicateBound: 0,
  unmarked: 0,
};

const names = Object.keys(noTotals) as (keyof ShardTotals)[];

/** What an engine has counted, with what it restored. */
export function totalsOf({ store, outbox, overflowed, inexact }: Engine): ShardTotals {
  const { evicted, refused, unmarked } = store.sizes;
  const { create, update, close } = outbox.silenced;
  return {
    ...outbox.emitted,
    'silenced create': create,
    'silenced update': update,
    'silenced close': close,
    evicted,
    pinnedBound: overflowed + refused,
    deduplicateBound: inexact,
    unmarked,
  };
}

function combine(a: ShardTotals, b: ShardTotals, sign: 1 | -1): ShardTotals {
  return Object.fromEntries(names.map((name) => [name, a[name] + sign * b[name]])) as ShardTotals;
}

export function addTotals(a: ShardTotals, b: ShardTotals): ShardTotals {
  return combine(a, b, 1);
}

/** What was counted since an earlier moment. */
export function totalsSince(now: ShardTotals, before: ShardTotals): ShardTotals {
  return combine(now, before, -1);
}
