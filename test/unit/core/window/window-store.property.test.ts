import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ActivityObservation } from '../../../../src/core/observation.ts';
import { eventTime } from '../../../../src/core/time.ts';
import { ChangeLog } from '../../../../src/core/state/change-log.ts';
import { ByteWriter } from '../../../../src/core/state/byte-writer.ts';
import { TextTable } from '../../../../src/core/state/text-table.ts';
import { writeWindows } from '../../../../src/core/state/window-codec.ts';
import { PackedWindows } from '../../../../src/core/window/packed-windows.ts';
import { WindowStore } from '../../../../src/core/window/window-store.ts';

const bounds = { candidateMaxBytes: 20_000, pinnedMaxBytes: 30_000, evictionMarksMax: 4 };

function activity(address: number, caller = 'ann', operation = 'op'): ActivityObservation {
  const texts = { caller, operation, objectId: '', subscriptionId: '', resourceGroup: '', resourceId: '' };
  return { kind: 'activity', address, time: eventTime(1), undated: false, identity: null, ...texts };
}

let additions = 0;
function add(store: WindowStore, address: number, paneEnd: number, caller?: string, operation?: string): void {
  additions += 1;
  const addition = {
    paneEnd,
    firstWindow: { windowStart: Number.NEGATIVE_INFINITY, windowEnd: paneEnd },
    number: additions,
    late: false,
    identity: String(additions),
    inexact: false,
  };
  store.update(address, (windows) => windows.addActivity(activity(address, caller, operation), addition));
}

/** What a store holds, as a cut of it would give it to the next process. */
function packedOf(store: WindowStore): PackedWindows[] {
  return [...store.candidates()].map((windows) => {
    const table = new TextTable();
    const writer = new ByteWriter(0, table);
    writeWindows(writer, windows);
    const place = { chunk: writer.bytes(), start: 0, texts: table.texts };
    const { address, isWide, seen, bytes, identities, callerCount, oldestPaneEnd } = windows;
    const summary = { address, isWide, seen, bytes, identities, callerCount, oldestPaneEnd, isPinned: false };
    return new PackedWindows(summary, place);
  });
}

type Step =
  | {
      readonly do: 'add';
      readonly address: number;
      readonly end: number;
      readonly caller: string;
      readonly text: string;
    }
  | { readonly do: 'pin'; readonly address: number }
  | { readonly do: 'unpin'; readonly address: number }
  | { readonly do: 'forget'; readonly end: number };

const address = fc.integer({ min: 1, max: 12 });
const end = fc.integer({ min: 1, max: 6 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('add' as const),
    address,
    end,
    caller: fc.constantFrom('a', 'b', 'c'),
    text: fc.string({ maxLength: 60 }),
  }),
  fc.record({ do: fc.constant('pin' as const), address }),
  fc.record({ do: fc.constant('unpin' as const), address }),
  fc.record({ do: fc.constant('forget' as const), end: fc.integer({ min: 0, max: 4 }) }),
);

describe('WindowStore', () => {
  test('what changed, put together, tells every mark that it holds, and no other', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.boolean()), { minLength: 40, maxLength: 120 }), (steps) => {
        const changes = new ChangeLog();
        const store = new WindowStore({ ...bounds, candidateMaxBytes: 6_000 }, changes);
        const told = new Map<number | bigint, number>();
        const collect = (): void => {
          for (const [each, upTo] of changes.take(() => undefined).evicted) told.set(each, upTo);
        };
        for (const [each, takes] of steps) {
          if (each.do === 'add') add(store, each.address, each.end, each.caller, each.text);
          else if (each.do === 'pin') store.pin(each.address, false);
          else if (each.do === 'unpin') store.unpin(each.address);
          if (takes) collect();
        }
        collect();
        expect(told).toEqual(new Map(store.evictions.marks));
      }),
    );
  });

  test('its sizes are the sums over what it holds, and candidates never pass their bound', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const store = new WindowStore(bounds, new ChangeLog());
        for (const each of steps) {
          if (each.do === 'add') add(store, each.address, each.end, each.caller, each.text);
          else if (each.do === 'pin') store.pin(each.address, each.address % 2 === 0);
          else if (each.do === 'unpin') store.unpin(each.address);
          else store.forget(each.end);
          const { candidateBytes, pinnedBytes, identityBytes, candidates, pinned } = store.sizes;
          const [held, pinnedHeld] = [[...store.candidates()], [...store.pinned()]];
          const bytes = (all: typeof held): number => all.reduce((sum, windows) => sum + windows.bytes, 0);
          expect([candidates, pinned]).toEqual([held.length, pinnedHeld.length]);
          expect(candidateBytes).toBe(bytes(held));
          expect(candidateBytes).toBeLessThanOrEqual(bounds.candidateMaxBytes);
          expect(pinnedBytes).toBe(bytes(pinnedHeld));
          expect(identityBytes).toBe([...held, ...pinnedHeld].reduce((sum, windows) => sum + windows.identityBytes, 0));
        }
      }),
    );
  });

  test('an evicted address leaves a mark of the boundary it was evicted up to, until that leaves the window', () => {
    const store = new WindowStore({ ...bounds, candidateMaxBytes: 5000 }, new ChangeLog());
    add(store, 1, 10);
    add(store, 2, 11);
    add(store, 3, 12);
    expect(store.get(1)).toBeUndefined();
    expect(store.evictedUpTo(1)).toBe(10);
    expect(store.evictedUpTo(3)).toBeNull();
    store.forget(10);
    expect(store.evictedUpTo(1)).toBeNull();
  });

  test('when the marks are full, every address counts as evicted up to what was forgotten', () => {
    const store = new WindowStore({ ...bounds, candidateMaxBytes: 3000, evictionMarksMax: 1 }, new ChangeLog());
    for (const each of [1, 2, 3, 4]) add(store, each, 10 + each);
    expect(store.evictedUpTo(99)).toBe(13);
    store.forget(13);
    expect(store.evictedUpTo(99)).toBeNull();
  });

  test('the least recently seen candidate is evicted first', () => {
    const store = new WindowStore({ ...bounds, candidateMaxBytes: 5000 }, new ChangeLog());
    add(store, 1, 10);
    add(store, 2, 10);
    add(store, 1, 10, 'ann', 'other');
    add(store, 3, 10);
    expect([store.get(1) !== undefined, store.get(2) !== undefined]).toEqual([true, false]);
  });

  test('what another process saw least recently is evicted first, and before what was seen since', () => {
    fc.assert(
      fc.property(
        fc.array(address, { minLength: 1, maxLength: 30 }),
        fc.array(address, { maxLength: 5 }),
        (before, since) => {
          const roomy = { ...bounds, candidateMaxBytes: 100_000, evictionMarksMax: 100 };
          const other = new WindowStore(roomy, new ChangeLog());
          for (const each of before) add(other, each, 10);
          const store = new WindowStore(roomy, new ChangeLog());
          store.restore(packedOf(other), new Map(), Number.NEGATIVE_INFINITY);
          for (const each of since) add(store, each, 10);
          const seen = [...before, ...since];
          const evicted = [...new Set(seen)].sort((a, b) => seen.lastIndexOf(a) - seen.lastIndexOf(b));
          // One address that grows until it fills the bound alone lets all others go, one by one.
          for (let caller = 0; store.evictions.marks.size < evicted.length; caller += 1)
            add(store, 99, 10, String(caller));
          expect([...store.evictions.marks.keys()]).toEqual(evicted);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('pin() refuses when the bound is met, and ranges wider than a /16 may pin but a tenth of it', () => {
    const store = new WindowStore(
      { candidateMaxBytes: 1_000_000, pinnedMaxBytes: 20_000, evictionMarksMax: 10 },
      new ChangeLog(),
    );
    for (let each = 1; each <= 20; each += 1) add(store, each, 10);
    const wide = Array.from({ length: 20 }, (_, index) => store.pin(index + 1, true)).filter(Boolean).length;
    expect(wide).toBeGreaterThan(0);
    expect(store.sizes.pinnedBytes).toBeLessThan(20_000 / 5);
    for (let each = 1; each <= 20; each += 1) store.pin(each, false);
    expect(store.pinnedHasRoom).toBe(false);
    expect(store.pin(99, false)).toBe(false);
    expect(store.sizes.refused).toBeGreaterThan(0);
  });
});
