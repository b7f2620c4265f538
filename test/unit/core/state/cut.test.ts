import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress, type Address } from '../../../../src/core/address.ts';
import type { Engine } from '../../../../src/core/engine.ts';
import type { Cut, CutKind } from '../../../../src/core/state/cut.ts';
import { noLinks } from '../../../../src/core/alert/links.ts';
import { ShardImage } from '../../../../src/core/state/shard-image.ts';
import { HOUR_MS } from '../../../../src/core/time.ts';
import { activity, boundary, EngineBench, indicator, ip, signIn } from '../../../support/engine-bench.ts';

const lookbackMs = 3 * HOUR_MS;
const others = ['198.51.100.1', '198.51.100.2', '198.51.100.3', '2001:db8::7'];

function addressOf(text: string): Address {
  return parseAddress(text)!;
}

/** Everything a cut has of the addresses. */
function contentOf(cut: Cut): unknown {
  const image = new ShardImage();
  image.apply(cut.bytes());
  return [...image.addresses]
    .map(([address, { windows: packed, findings }]) => {
      const windows = packed?.unpacked();
      // Which cut and which turn they were in is no content.
      if (windows !== undefined) Object.assign(windows, { seen: 0, copiedIn: 0 });
      return { address, windows, findings };
    })
    .sort((a, b) => (String(a.address) < String(b.address) ? -1 : 1));
}

function cutWhole(engine: Engine, kind: CutKind = 'base'): Cut {
  const cut = engine.state.beginCut(kind);
  cut.advance(Number.POSITIVE_INFINITY);
  engine.state.endCut();
  return cut;
}

/** A bench with a matched address and others, each with panes of every hour of its lookback. */
function bench(): EngineBench {
  const filled = new EngineBench({ lookbackMs });
  filled.index([indicator()], boundary - 1);
  for (const address of [ip, ...others])
    for (let hour = 0; hour < 3; hour += 1) {
      const ms = boundary - hour * HOUR_MS - 1;
      filled.take(activity(ms, { address, operation: `op-${hour}`, correlationId: `c-${hour}` }), boundary - 1);
      filled.take(signIn(ms, { address, id: `s-${hour}` }), boundary - 1);
    }
  return filled;
}

/** The bytes with a member of every JSON text renamed, as if none of that name had been written. */
function without(bytes: Uint8Array, name: string): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  const renamed = text.replaceAll(`"${name}":`, `"${'x'.repeat(name.length)}":`);
  expect(renamed).not.toBe(text);
  return Buffer.from(renamed, 'latin1');
}

test('what a version before sourceName, severity and allow lists wrote is read as having none', () => {
  const filled = bench();
  const bytes = cutWhole(filled.engine).bytes();
  for (const name of ['sourceName', 'severity']) {
    const image = new ShardImage();
    image.apply(without(bytes, name));
    const { last } = image.addresses.get(addressOf(ip))!.findings[0]!.memory;
    expect(last).toMatchObject({ severity: 'High', allowLists: [], indicators: [{ sourceName: '', confidence: 80 }] });
  }
});

test('an alert that a version before links wrote has none', () => {
  const image = new ShardImage();
  const filled = new EngineBench({ isDurable: true });
  filled.index([indicator()], boundary - 1);
  filled.take(activity(boundary - 1), boundary - 1);
  image.apply(without(cutWhole(filled.engine).bytes(), 'links'));
  expect(image.alerts.map(({ alert }) => alert.links)).toEqual([noLinks]);
});

describe('a base', () => {
  test('shows what flushes forget while it is written', () => {
    const [still, flushed] = [bench(), bench()];
    const expected = contentOf(cutWhole(still.engine));
    const cut = flushed.engine.state.beginCut('base');
    cut.advance(2);
    for (let hour = 0; hour < 5; hour += 1) flushed.flush();
    cut.advance(Number.POSITIVE_INFINITY);
    expect(contentOf(cut)).toEqual(expected);
    expect(flushed.engine.store.sizes).toMatchObject({ candidates: 0, pinned: 0 });
  });

  test('shows what a flush lets a finding forget whose windows forget nothing', () => {
    const filled = new EngineBench({ lookbackMs });
    filled.index([indicator()], boundary - 1);
    filled.take(activity(boundary - HOUR_MS - 1), boundary - 1);
    filled.flush();
    filled.take(activity(boundary + 1), boundary + 1);
    filled.flush();
    const cut = filled.engine.state.beginCut('base');
    filled.flush();
    cut.advance(Number.POSITIVE_INFINITY);
    const image = new ShardImage();
    image.apply(cut.bytes());
    const [finding] = image.addresses.get(addressOf(ip))!.findings;
    expect(finding?.memory.slots).toContainEqual([boundary, ['match']]);
    expect(filled.engine.findings.get(addressOf(ip), finding!.caller)?.isUsed(boundary, 'match')).toBe(false);
  });

  test('shows no address that came while it is written', () => {
    const filled = bench();
    const cut = filled.engine.state.beginCut('base');
    cut.advance(1);
    filled.take(activity(boundary - 1, { address: '198.51.100.99' }), boundary - 1);
    cut.advance(Number.POSITIVE_INFINITY);
    const image = new ShardImage();
    image.apply(cut.bytes());
    expect(image.addresses.size).toBe(1 + others.length);
    expect(image.addresses.has(addressOf('198.51.100.99'))).toBe(false);
  });

  test('cannot end while addresses are left', () => {
    const cut = bench().engine.state.beginCut('base');
    expect(cut.advance(2)).toBe(false);
    expect(() => cut.parts()).toThrow('Cannot end a cut as addresses are not copied yet');
  });
});

type Step =
  | { readonly do: 'take' | 'sign-in'; readonly address: number; readonly hour: number; readonly place: number }
  | { readonly do: 'flush' }
  | { readonly do: 'cut'; readonly kind: CutKind };

const place = { address: fc.nat(others.length - 1), hour: fc.nat(2), place: fc.nat(5) };
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('take' as const, 'sign-in' as const), ...place }) },
    { weight: 2, arbitrary: fc.constant({ do: 'flush' as const }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('cut' as const), kind: fc.constantFrom<CutKind>('base', 'delta') }),
    },
  ),
  { maxLength: 40 },
);

/** Takes every step but cuts, which are taken only when asked for. */
function run(all: readonly Step[], withCuts: boolean): EngineBench {
  const engine = new EngineBench({ lookbackMs });
  for (const step of all) {
    if (step.do === 'flush') engine.flush();
    else if (step.do === 'cut') {
      if (withCuts) cutWhole(engine.engine, step.kind);
    } else {
      const ms = engine.engine.boundary - step.hour * HOUR_MS - 1;
      const fields = { address: others[step.address]!, correlationId: `c-${step.place}`, id: `s-${step.place}` };
      const named = { ...fields, operation: `op-${step.place}` };
      engine.take(step.do === 'take' ? activity(ms, named) : signIn(ms, named), engine.engine.boundary - 1);
    }
  }
  return engine;
}

test('windows that cuts packed take records, flushes and indicators as those that were never cut', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const [cut, never] = [run(all, true), run(all, false)];
      expect(cut.engine.store.sizes).toEqual(never.engine.store.sizes);
      const matched = [indicator({ pattern: `[ipv4-addr:value = '${others[0]}']` })];
      const said = [cut, never].map((each) => each.index(matched, each.engine.boundary - 1));
      expect(said[0]).toEqual(said[1]);
      expect(contentOf(cutWhole(cut.engine))).toEqual(contentOf(cutWhole(never.engine)));
    }),
    { numRuns: 200 },
  );
});
