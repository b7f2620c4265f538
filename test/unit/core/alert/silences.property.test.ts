import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Alert } from '../../../../src/core/alert/alert.ts';
import type { AzureRecord } from '../../../../src/core/record.ts';
import { HOUR_MS } from '../../../../src/core/time.ts';
import { activity, boundary, EngineBench, indicator, minute, noon } from '../../../support/engine-bench.ts';
import { aSilence } from '../../../support/silence-builder.ts';

const callers = ['ann@contoso.com', 'Bob@contoso.com'];
const operations = ['A/write', 'B/write', 'A/delete'];

/** What happens, in one order; the silences are only what is asked of one of the two engines. */
type Step =
  | { readonly do: 'take'; readonly caller: number; readonly operation: number; readonly lateByHours: number }
  | { readonly do: 'flush' }
  | { readonly do: 'index'; readonly named: boolean }
  | {
      readonly do: 'silence';
      readonly caller: number | null;
      readonly operation: string | null;
      readonly hours: number;
    }
  | { readonly do: 'end'; readonly which: number };

const take = fc.record({
  do: fc.constant('take' as const),
  caller: fc.nat({ max: 1 }),
  operation: fc.nat({ max: 2 }),
  lateByHours: fc.constantFrom(0, 0, 0, 1, 3, 30),
});
const flush = fc.record({ do: fc.constant('flush' as const) });
const index = fc.record({ do: fc.constant('index' as const), named: fc.boolean() });
const silence = (hours: fc.Arbitrary<number>): fc.Arbitrary<Step> =>
  fc.record({
    do: fc.constant('silence' as const),
    caller: fc.constantFrom(0, 1, null),
    operation: fc.constantFrom('A/*', 'A/write', null, null),
    hours,
  });
const end = fc.record({ do: fc.constant('end' as const), which: fc.nat({ max: 3 }) });

/** Silences that outlast the story, and such as end in it. */
const lasting = fc.array(
  fc.oneof({ weight: 5, arbitrary: take }, { weight: 4, arbitrary: flush }, index, silence(fc.constant(1000))),
  { minLength: 5, maxLength: 40 },
);
const ending = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: take },
    { weight: 4, arbitrary: flush },
    { weight: 3, arbitrary: index },
    { weight: 3, arbitrary: silence(fc.integer({ min: 1, max: 4 })) },
    end,
  ),
  { minLength: 5, maxLength: 40 },
);

function play(steps: readonly Step[], isSilenced: boolean): Alert[] {
  const bench = new EngineBench();
  const told = bench.index([indicator()], noon);
  let now = noon + minute;
  let silences = 0;
  for (const [at, step] of steps.entries()) {
    now += minute;
    switch (step.do) {
      case 'take': {
        const fields = {
          caller: callers[step.caller],
          operation: operations[step.operation],
          correlationId: `c-${at}`,
        };
        const record = { ...activity(now - step.lateByHours * HOUR_MS), ...fields } as AzureRecord;
        told.push(...bench.take(record, now));
        break;
      }
      case 'flush':
        now = Math.max(now, bench.engine.boundary + 6 * minute);
        told.push(...bench.flush(now));
        break;
      case 'index':
        told.push(...bench.index(step.named ? [indicator()] : [], now));
        break;
      case 'silence':
        silences += 1;
        if (isSilenced) {
          const { operation, caller } = step;
          const scope = {
            caller: caller === null ? null : callers[caller]!,
            operations: operation === null ? [] : [operation],
          };
          bench.engine.silences.add(aSilence(now + step.hours * HOUR_MS, { id: `s${silences}`, ...scope }));
        }
        break;
      case 'end':
        bench.engine.silences.end(`s${step.which}`, 'bob', now);
    }
  }
  return told;
}

const without = (alerts: readonly Alert[]): unknown[] => alerts.map((alert) => ({ ...alert, silenced: null }));

test('a silence that lasts changes nothing of any alert but the member that names it', () => {
  let silenced = 0;
  fc.assert(
    fc.property(lasting, (steps) => {
      const [loud, hushed] = [play(steps, false), play(steps, true)];
      expect(without(hushed)).toEqual(without(loud));
      expect(loud.every((alert) => alert.silenced === null)).toBe(true);
      silenced += hushed.filter((alert) => alert.silenced !== null).length;
    }),
  );
  expect(silenced).toBeGreaterThan(0);
});

test('a silence that ends adds updates of what it had hidden and changes nothing else', () => {
  let added = 0;
  fc.assert(
    fc.property(ending, (steps) => {
      const [loud, hushed] = [play(steps, false), play(steps, true)];
      const ids = new Set(loud.map(({ id }) => id));
      const extra = hushed.filter(({ id }) => !ids.has(id));
      expect(without(hushed.filter(({ id }) => ids.has(id)))).toEqual(without(loud));
      for (const alert of extra) expect([alert.activity, alert.silenced]).toEqual(['update', null]);
      expect(new Set(hushed.map(({ id }) => id)).size).toBe(hushed.length);
      added += extra.length;
    }),
  );
  expect(added).toBeGreaterThan(0);
});

test('who skips what is silenced is told of the end of what was told to it, and of no other', () => {
  let closes = 0;
  fc.assert(
    fc.property(ending, (steps) => {
      const open = new Set<string>();
      const openTo = new Set<string>();
      for (const { findingKey, activity: what, silenced, windowEnd } of play(steps, true)) {
        // One that is older than every window belongs to no finding that is ever closed.
        if (Date.parse(windowEnd) < boundary) continue;
        if (what === 'create') openTo.delete(findingKey);
        if (what === 'close') {
          expect(silenced === null).toBe(openTo.has(findingKey));
          open.delete(findingKey);
          openTo.delete(findingKey);
          closes += 1;
        } else {
          open.add(findingKey);
          if (silenced === null) openTo.add(findingKey);
        }
      }
    }),
  );
  expect(closes).toBeGreaterThan(0);
});
