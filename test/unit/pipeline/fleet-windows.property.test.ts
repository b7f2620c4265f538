import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatAddress, type Address } from '../../../src/core/address.ts';
import { parseCidr } from '../../../src/core/address-range.ts';
import { Lookup } from '../../../src/core/alert/lookup.ts';
import { noAllowLists } from '../../../src/core/intel/allow-lists.ts';
import { shardOf } from '../../../src/core/route/shard-of.ts';
import { decodeFleetSummary, encodeFleetSummary } from '../../../src/pipeline/fleet-summary.ts';
import type { FleetMoment } from '../../../src/pipeline/fleet-moment.ts';
import type { StoredShard } from '../../../src/pipeline/fleet.ts';
import { fleetSubject, fleetWindows } from '../../../src/pipeline/fleet-windows.ts';
import type { HeldShard } from '../../../src/pipeline/held-shard.ts';
import { windowSortKeys, type WindowCursor, type WindowItem, type WindowsQuery } from '../../../src/pipeline/views.ts';
import { addressView, windowsPage } from '../../../src/pipeline/window-views.ts';
import { activity, EngineBench, indicator, minute, noon, signIn } from '../../support/engine-bench.ts';
import { summaryOf } from '../../support/summary-rig.ts';

const nowMs = noon + 50 * minute;

/** Matched are the addresses of 198.51.100.0/28 and of 2001:db8::/124. */
const indicators = [
  indicator({ pattern: "[ipv4-addr:value = '198.51.100.0/28']" }),
  indicator({ id: 'indicator--2', pattern: "[ipv6-addr:value = '2001:db8::/124']", confidence: 95 }),
];

const address: fc.Arbitrary<Address> = fc.oneof(
  fc.integer({ min: 0, max: 19 }).map((n) => 0xc633_6400 + n),
  fc.integer({ min: 0, max: 19 }).map((n) => (0x2001_0db8n << 96n) + BigInt(n)),
);

const record = fc.record({
  address,
  caller: fc.constantFrom('Ann', 'ann', 'bob', 'Zoë', ''),
  at: fc.integer({ min: 0, max: 40 }),
  isSignIn: fc.boolean(),
});

const query = fc.record({
  caller: fc.option(fc.constantFrom('ANN', 'bob', 'nobody')),
  ip: fc.option(fc.constantFrom('198.51.100.0/29', '::/0', '0.0.0.0/0').map((text) => parseCidr(text)!)),
  matched: fc.constantFrom(null, true),
  corroborated: fc.option(fc.boolean()),
  candidates: fc.constant(false),
  sort: fc.record({ key: fc.constantFrom(...windowSortKeys), descending: fc.boolean() }),
  limit: fc.integer({ min: 1, max: 7 }),
  cursor: fc.constant(null),
});

function bench(): EngineBench {
  const made = new EngineBench();
  made.index(indicators, noon);
  return made;
}

interface Sample {
  readonly address: Address;
  readonly caller: string;
  readonly at: number;
  readonly isSignIn: boolean;
}

function take(into: EngineBench, { address: at, caller, at: minutes, isSignIn }: Sample, place: number): void {
  const fields = { address: formatAddress(at) };
  const ms = noon + minutes * minute;
  const made = isSignIn
    ? signIn(ms, { ...fields, id: `s${place}` })
    : activity(ms, { ...fields, caller, correlationId: `c${place}`, operation: 'OP' });
  into.take(made, ms, ms);
}

/** A fleet of shards, of which some are held here, and one engine that took everything. */
async function worldOf(
  records: readonly Sample[],
  held: readonly boolean[],
): Promise<{ readonly fleet: FleetMoment; readonly whole: EngineBench }> {
  const whole = bench();
  const shards = held.map(() => bench());
  records.forEach((each, place) => {
    take(whole, each, place);
    take(shards[shardOf(each.address, shards.length)]!, each, place);
  });
  const partitions = held.map((_, shard) => String(shard));
  const own = new Map<string, HeldShard>();
  const stored = new Map<string, StoredShard>();
  for (const [place, { engine }] of shards.entries()) {
    if (held[place] === true) own.set(String(place), { shard: { engine } } as unknown as HeldShard);
    else {
      const summary = decodeFleetSummary(encodeFleetSummary(await summaryOf(engine, { nowMs })));
      stored.set(String(place), { owner: 'b', problem: null, summary });
    }
  }
  return { fleet: { nowMs, partitions, held: own, stored, shards: [] }, whole };
}

const world = fc.tuple(fc.array(record, { maxLength: 40 }), fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }));

test('A page over the shards of a fleet is the page of one engine that took everything', async () => {
  await fc.assert(
    fc.asyncProperty(world, query, async ([records, held], wanted) => {
      const { fleet, whole } = await worldOf(records, held);
      const rule = { engine: whole.engine.options, lookup: whole.engine.lookup };
      const { items, nextCursor, windowStart, windowEnd, asOf } = fleetWindows(fleet, wanted, rule);
      const expected = windowsPage(whole.engine, wanted, nowMs);
      expect({ items, nextCursor, windowStart, windowEnd, asOf }).toEqual(expected);
    }),
    { numRuns: 100 },
  );
});

test('A walk by cursors over the shards of a fleet sees each window once', async () => {
  await fc.assert(
    fc.asyncProperty(world, query, async ([records, held], wanted) => {
      const { fleet, whole } = await worldOf(records, held);
      const rule = { engine: whole.engine.options, lookup: whole.engine.lookup };
      const seen: string[] = [];
      let cursor: WindowCursor | null = null;
      do {
        const asked: WindowsQuery = { ...wanted, cursor };
        const page = fleetWindows(fleet, asked, rule);
        seen.push(...page.items.map(({ caller, ip }) => `${caller} ${ip}`));
        cursor = page.nextCursor;
      } while (cursor !== null);
      const all = windowsPage(whole.engine, { ...wanted, limit: 1000 }, nowMs);
      expect(seen).toEqual(all.items.map(({ caller, ip }) => `${caller} ${ip}`));
    }),
    { numRuns: 100 },
  );
});

test('A matched address with activity is shown as its own shard shows it, whoever holds that', async () => {
  await fc.assert(
    fc.asyncProperty(world, async ([records, held]) => {
      const { fleet, whole } = await worldOf(records, held);
      const { lookup, options } = whole.engine;
      for (const { address: asked } of records) {
        const expected = addressView(whole.engine, asked, nowMs);
        if (expected.windows.length === 0 || !lookup.isMatchedAt(asked, nowMs)) continue;
        const { view } = fleetSubject(fleet, asked, { engine: options, lookup });
        // An engine names callers in the order it met them, a summary the newest first.
        const inOrder = { signIns: [], windows: byCaller(view.windows) };
        expect({ ...view, ...inOrder }).toEqual({
          ...{ ...expected, shards: [], signIns: [] },
          windows: byCaller(expected.windows),
        });
        // Of another replica they come with a row, where those of its caller are first.
        expect(view.signIns.map(principal).sort()).toEqual(expected.signIns.map(principal).sort());
      }
    }),
    { numRuns: 50 },
  );
});

function byCaller(windows: readonly WindowItem[]): readonly WindowItem[] {
  return windows.toSorted((a, b) => (a.caller < b.caller ? -1 : 1));
}

function principal({ kind, objectId, count }: { kind: string; objectId: string; count: number }): string {
  return `${kind} ${objectId} ${count}`;
}

test('Indicators of an address are those that the replica itself holds, and what was told where it holds none', async () => {
  const matched: Address = 0xc633_6401;
  const { fleet, whole } = await worldOf([{ address: matched, caller: 'Ann', at: 1, isSignIn: false }], [false]);
  const engine = whole.engine.options;
  const empty = new EngineBench().engine.lookup;
  const own = fleetSubject(fleet, matched, { engine, lookup: new Lookup(whole.engine.index, noAllowLists) });
  const none = fleetSubject(fleet, matched, { engine, lookup: empty });
  expect(own.view.indicators).toHaveLength(1);
  expect(none.view.indicators).toEqual(own.view.indicators);
  expect(own.standing).toBe('pinned');
});
