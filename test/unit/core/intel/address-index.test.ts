import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Address, AddressRange } from '../../../../src/core/address.ts';
import { buildAddressIndex, type IndicatorIndex } from '../../../../src/core/intel/address-index.ts';
import type { IndexEntry } from '../../../../src/core/intel/index-build.ts';
import {
  type Indicator,
  isValidAt,
  type Observable,
  type Sighting,
  sightingOf,
} from '../../../../src/core/intel/indicator.ts';
import type { SteadyTime } from '../../../../src/core/intel/steady-time.ts';
import { compareSightings } from '../../../../src/core/intel/sighting-order.ts';
import { isWide } from '../../../../src/core/intel/observable-value.ts';
import { indicator } from './indicator-fixture.ts';

function entry(fields: Partial<Indicator>): IndexEntry {
  const made = indicator(fields);
  return { indicator: made, observables: made.observables };
}

function observable(first: Address, last: Address = first, rest: Partial<Observable> = {}): Observable {
  return { range: { first, last }, value: `${first}-${last}`, key: 'ipv4-addr', ...rest };
}

/** Few addresses, so that ranges overlap and indicators meet; the ends of both families among them. */
const v4 = fc.oneof(
  fc.integer({ min: 0xc6336400, max: 0xc6336440 }),
  fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xc633ffff, 0xfffffffe, 0xffffffff),
  fc.integer({ min: 0, max: 0xffffffff }),
);
const base6 = 0x20010db8n << 96n;
const v6 = fc.oneof(
  fc.bigInt({ min: base6, max: base6 + 64n }),
  fc.constantFrom(0n, (1n << 128n) - 1n, base6 + (1n << 64n), base6 - 1n),
);

function network(address: Address, prefix: number): AddressRange {
  if (typeof address === 'bigint') {
    const hosts = 1n << BigInt(128 - Math.max(prefix, 19));
    const first = address - (address % hosts);
    return { first, last: first + hosts - 1n };
  }
  const hosts = 2 ** (32 - (prefix % 33));
  const first = address - (address % hosts);
  return { first, last: first + hosts - 1 };
}

const range = fc.oneof(
  v4.map((first) => ({ first, last: first })),
  v6.map((first) => ({ first, last: first })),
  fc.tuple(fc.oneof(v4, v6), fc.integer({ min: 8, max: 128 })).map(([address, prefix]) => network(address, prefix)),
  fc.tuple(v4, v4).map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) })),
);

const instant = fc.integer({ min: 0, max: 20 });
const anObservable = fc
  .tuple(range, fc.constantFrom('a', 'b'), fc.option(fc.tuple(instant, instant), { nil: null }))
  .map(([each, value, window]): Observable => {
    const plain: Observable = { range: each, value, key: 'ipv4-addr' };
    return window === null ? plain : { ...plain, startMs: window[0], stopMs: window[1] };
  });

const anIndicator = fc
  .record({
    id: fc.constantFrom('indicator--1', 'indicator--2', 'indicator--3', 'indicator--4'),
    source: fc.constantFrom('feed-a', 'feed-b'),
    confidence: fc.constantFrom(75, 80, 100),
    modified: fc.constantFrom('2026-01-01T00:00:00.0000001Z', '2026-01-01T00:00:00.0000002Z', '2026-01-02T00:00:00Z'),
    validFromMs: fc.option(instant, { nil: null }),
    validUntilMs: instant,
    observables: fc.array(anObservable, { maxLength: 4 }),
  })
  .map((fields) => indicator({ ...fields, modifiedMs: Math.floor(Date.parse(fields.modified)) }));

/** One version of an (id, source), as a catalogue holds it. */
const indicators = fc.uniqueArray(anIndicator, { maxLength: 8, selector: ({ id, source }) => `${id} ${source}` });

function build(list: readonly Indicator[], steadyTime?: SteadyTime): IndicatorIndex {
  return buildAddressIndex(
    list.map((each) => ({ indicator: each, observables: each.observables })),
    1,
    steadyTime,
  );
}

function allSightings(list: readonly Indicator[]): Sighting[] {
  return list.flatMap((each) => each.observables.map((one) => sightingOf(each, one)));
}

function covers({ first, last }: AddressRange, address: Address): boolean {
  return typeof first === typeof address && first <= address && address <= last;
}

const emptyIndex = buildAddressIndex([], 0);

/** About where the validity of the indicators above begins and ends. */
const instants = [-1, 0, 1, 7, 10, 13, 19, 20];

describe('IndicatorIndex', () => {
  test('answers as a scan of all sightings does: what names an address, in order, when, and how widely', () => {
    fc.assert(
      fc.property(indicators, fc.array(fc.oneof(v4, v6)), instant, instant, (list, asked, fromMs, untilMs) => {
        const index = build(list, { fromMs, untilMs });
        const sightings = allSightings(list);
        const edges = sightings.flatMap(
          ({
            observable: {
              range: { first, last },
            },
          }): Address[] =>
            typeof first === 'bigint'
              ? [first, BigInt(last), BigInt(last) + 1n, first - 1n]
              : [first, Number(last), (Number(last) + 1) % 2 ** 32, (first + 0xffffffff) % 2 ** 32],
        );
        for (const address of [...asked, ...edges.filter((edge) => edge >= 0 && edge < 1n << 128n)]) {
          const expected = sightings.filter((each) => covers(each.observable.range, address)).sort(compareSightings);
          expect(index.lookup(address)).toEqual(expected);
          expect(index.isWide(address)).toBe(
            expected.length > 0 && expected.every(({ observable: { range: each } }) => isWide(each)),
          );
          for (const at of instants) {
            expect(index.matchesAt(address, at)).toBe(expected.some((each) => isValidAt(each.indicator, at)));
            expect(index.endsAfter(address, at)).toBe(expected.some((each) => each.indicator.validUntilMs > at));
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('finds the same in a set so large that its own shortcuts are used', () => {
    const random = seeded(7);
    const list = Array.from({ length: 6_000 }, (_, at) => {
      const address = random() < 0.5 ? Math.floor(random() * 2 ** 32) : 0xc6330000 + Math.floor(random() * 2 ** 16);
      const prefix = random() < 0.7 ? 32 : 8 + Math.floor(random() * 24);
      const { first, last } = network(address, prefix);
      return indicator({ id: `indicator--${at}`, observables: [observable(first, last)] });
    });
    const index = build(list);
    const sightings = allSightings(list);
    const asked = sightings.slice(0, 300).flatMap(
      ({
        observable: {
          range: { first, last },
        },
      }) => [
        Number(first),
        Number(last),
        (Number(last) + 1) % 2 ** 32,
        (Number(first) + 0xffffffff) % 2 ** 32,
        Math.floor(random() * 2 ** 32),
      ],
    );
    for (const address of asked) {
      const expected = sightings.filter((each) => covers(each.observable.range, address)).sort(compareSightings);
      expect(index.lookup(address)).toEqual(expected);
    }
  });

  test('does not depend on the order of its entries', () => {
    fc.assert(
      fc.property(
        indicators.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        fc.array(fc.oneof(v4, v6)),
        ([list, shuffled], asked) => {
          const [one, other] = [build(list), build(shuffled)];
          expect(other.digest).toBe(one.digest);
          expect(other.size).toBe(one.size);
          for (const address of asked) expect(other.lookup(address)).toEqual(one.lookup(address));
        },
      ),
    );
  });

  test('has another digest when anything that matters is other', () => {
    const base: Partial<Indicator> = { observables: [observable(5), observable(7)] };
    const variants: Partial<Indicator>[] = [
      base,
      { ...base, id: 'indicator--2' },
      { ...base, source: 'feed-b' },
      { ...base, confidence: 91 },
      { ...base, modified: '2026-01-01T00:00:00.1Z' },
      { ...base, validFromMs: 1 },
      { ...base, validUntilMs: 1 },
      { ...base, description: 'x' },
      { ...base, types: ['x'] },
      { ...base, labels: ['x'] },
      { ...base, tlp: 'RED' },
      { ...base, actors: ['x'] },
      { observables: [observable(5)] },
      { observables: [observable(5), observable(7, 8)] },
      { observables: [observable(5), observable(7, 7, { startMs: 1, stopMs: 2 })] },
    ];
    const digests = variants.map((fields) => buildAddressIndex([entry(fields)], 1).digest);
    expect(new Set(digests).size).toBe(variants.length);
    for (const digest of digests) expect(digest).toMatch(/^[0-9a-f]{16}$/);
    const twice = [entry(base), entry({ ...base, id: 'indicator--2' })];
    expect(buildAddressIndex(twice, 2).version).toEqual({ ordinal: 2, digest: buildAddressIndex(twice, 1).digest });
  });

  test('orders by confidence, then modified to its last digit, then id, then source, then narrowness', () => {
    const best = entry({ id: 'indicator--9', confidence: 95, observables: [observable(5)] });
    const newest = entry({
      id: 'indicator--8',
      modified: '2026-01-01T00:00:00.00000002Z',
      observables: [observable(5)],
    });
    const newer = entry({
      id: 'indicator--7',
      modified: '2026-01-01T00:00:00.00000001Z',
      observables: [observable(5)],
    });
    const first = entry({ id: 'indicator--1', observables: [observable(0, 255), observable(5), observable(4, 7)] });
    const other = entry({ id: 'indicator--1', source: 'feed-b', observables: [observable(5)] });
    const found = buildAddressIndex([other, first, newer, newest, best], 1).lookup(5);
    expect(found.map(({ indicator: { id, source }, observable: { value } }) => `${id} ${source} ${value}`)).toEqual([
      'indicator--9 feed-a 5-5',
      'indicator--8 feed-a 5-5',
      'indicator--7 feed-a 5-5',
      'indicator--1 feed-a 5-5',
      'indicator--1 feed-a 4-7',
      'indicator--1 feed-a 0-255',
      'indicator--1 feed-b 5-5',
    ]);
  });

  test('nextTransition() is the least instant after which validity of some sighting changes', () => {
    fc.assert(
      fc.property(indicators, (list) => {
        const index = build(list);
        const validity = (at: number): string =>
          allSightings(list)
            .map((s) => (isValidAt(s.indicator, at) ? 1 : 0))
            .join('');
        for (let at = -1; at <= 21; at++) {
          const next = index.nextTransition(at);
          const last = next ?? 22;
          expect(last).toBeGreaterThan(at);
          for (let between = at + 1; between < last; between++) expect(validity(between)).toBe(validity(at));
          if (next !== null) expect(validity(next)).not.toBe(validity(next - 1));
        }
      }),
    );
  });

  test('a miss hands out one shared empty list', () => {
    const index = build([indicator({ observables: [observable(5), observable(1n << 100n), observable(256, 511)] })]);
    const miss = index.lookup(6);
    for (const address of [7, 512, 255, 0xffffffff, 0n, 1n << 101n]) expect(index.lookup(address)).toBe(miss);
    expect(emptyIndex.lookup(5)).toBe(miss);
    expect(Object.isFrozen(miss)).toBe(true);
  });

  test('isWide() where only ranges wider than a /16, or a /48, name the address', () => {
    const slash16 = network(0xc6330000, 16);
    const slash15 = network(0xc6340000, 15);
    const slash48 = network(base6, 48);
    const slash47 = network(base6 + (1n << 100n), 47);
    const index = build([
      indicator({
        observables: [slash16, slash15, slash48, slash47].map(({ first, last }) => observable(first, last)),
      }),
      indicator({ id: 'indicator--2', observables: [observable(0xc6340001)] }),
    ]);
    expect(index.isWide(0xc6330001)).toBe(false);
    expect(index.isWide(0xc6340001)).toBe(false);
    expect(index.isWide(0xc6340002)).toBe(true);
    expect(index.isWide(base6)).toBe(false);
    expect(index.isWide(base6 + (1n << 100n))).toBe(true);
    expect(index.isWide(7)).toBe(false);
  });

  test('counts indicators, not what they name, and holds nothing when empty', () => {
    expect(build([indicator({ observables: [observable(5), observable(6)] }), indicator({ id: 'b' })]).size).toBe(1);
    expect(emptyIndex).toMatchObject({ size: 0, version: { ordinal: 0 } });
    expect(emptyIndex.nextTransition(0)).toBeNull();
  });
});

/** A linear congruential generator: numbers of [0, 1), the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}
