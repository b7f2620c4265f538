import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HeldIndicator } from '../../../../src/core/intel/feed-content.ts';
import { digestIndicator } from '../../../../src/core/intel/content-digest.ts';
import { applyPolicy } from '../../../../src/core/intel/feed-policy.ts';
import { HeldTable } from '../../../../src/core/intel/held-table.ts';
import { SharedLists } from '../../../../src/core/intel/indicator-reader.ts';
import { parseStixTime } from '../../../../src/core/intel/stix-time.ts';
import { Sliced } from '../../../../src/core/sliced.ts';
import { indicator, source } from './indicator-fixture.ts';

function held(id: string, description: string): HeldIndicator {
  const made = indicator({ id, description });
  return { indicator: made, version: parseStixTime(made.modified)!.key, ownTlp: '', markings: [], creator: '' };
}

/** Few ids, so that versions replace one another; ids of any text, and one text longer than a chunk. */
const ids = fc.oneof(fc.constantFrom('indicator--1', 'indicator--2', ''), fc.string({ unit: 'binary', maxLength: 20 }));
const versions = fc.array(fc.tuple(ids, fc.oneof(fc.string(), fc.constant('x'.repeat(5_000)))), { maxLength: 60 });

describe('HeldTable', () => {
  test('holds what a Map of the same versions holds, in the order in which ids first came', () => {
    fc.assert(
      fc.property(versions, (list) => {
        const table = new HeldTable(source, new SharedLists());
        const map = new Map<string, HeldIndicator>();
        const placed: [number, HeldIndicator][] = [];
        for (const [id, description] of list) {
          const version = held(id, description);
          table.set(version);
          map.set(id, version);
          placed.push([table.place(table.numberOf(id)), version]);
        }
        for (const each of [table, new Sliced(table.compact()).finish()]) {
          expect(each.size).toBe(map.size);
          [...map.values()].forEach((version, number) => {
            expect(each.read(each.place(number))).toEqual(version);
            expect(each.digest(number)).toEqual(digestIndicator(version.indicator));
            expect(each.get(version.indicator.id)).toEqual(version);
          });
          expect(each.get('indicator--9')).toBeUndefined();
        }
        for (const [place, version] of placed) expect(table.read(place)).toEqual(version);
      }),
      { numRuns: 200 },
    );
  });

  test('has the versions of another table iff it holds each of its ids at that version, whatever the text', () => {
    const days = fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-01T00:00:00.0Z', '2026-01-02T00:00:00Z');
    const list = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), days, fc.constantFrom('', 'x')), { maxLength: 4 });
    const made = (versions: readonly (readonly [string, string, string])[]) => {
      const table = new HeldTable(source, new SharedLists());
      const map = new Map<string, string>();
      for (const [id, modified, description] of versions) {
        const { key, ms } = parseStixTime(modified)!;
        const version = held(id, description);
        table.set({ ...version, version: key, indicator: { ...version.indicator, modified, modifiedMs: ms } });
        map.set(id, key);
      }
      return { table, map };
    };
    fc.assert(
      fc.property(list, list, (one, other) => {
        const [a, b] = [made(one), made(other)];
        const expected = [...b.map].every(([id, key]) => a.map.get(id) === key);
        expect(new Sliced(a.table.hasVersionsOf(b.table)).finish()).toBe(expected);
      }),
    );
  });

  test('finds every id of a set whose parts have grown', () => {
    const table = new HeldTable(source, new SharedLists());
    const count = 20_000;
    for (let number = 0; number < count; number += 1) table.set(held(`indicator--${number}`, ''));
    expect(table.size).toBe(count);
    for (let number = 0; number < count; number += 1) expect(table.numberOf(`indicator--${number}`)).toBe(number);
  });

  test('keeps an indicator that is larger than a chunk', () => {
    const table = new HeldTable(source, new SharedLists());
    const list = ['a', 'b', 'c'].map((id) => held(id, id.repeat(3_000_000)));
    for (const each of list) table.set(each);
    for (const each of list) expect(table.get(each.indicator.id)).toEqual(each);
  });

  test('is wasteful once most of it was replaced', () => {
    const table = new HeldTable(source, new SharedLists());
    for (let number = 0; number < 3; number += 1) table.set(held('indicator--1', 'x'.repeat(400_000)));
    expect(table.isWasteful).toBe(false);
    table.set(held('indicator--1', 'x'.repeat(400_000)));
    expect(table.isWasteful).toBe(true);
    expect(new Sliced(table.compact()).finish().isWasteful).toBe(false);
  });
});

test('HeldTable gives back what the policy of its feed makes of what the feed says', () => {
  const settings = { ...source, weight: 0.5, allowRevocation: false };
  const stated = indicator({ confidence: 90, revoked: true });
  const table = new HeldTable(settings, new SharedLists());
  table.set({ ...held(stated.id, ''), indicator: applyPolicy(stated, settings) });
  expect(table.get(stated.id)?.indicator).toMatchObject({ confidence: 45, statedConfidence: 90, revoked: false });
});
