import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FactTable } from '../../../../src/core/intel/fact-table.ts';
import type { VersionedFact } from '../../../../src/core/intel/fact.ts';

const entries = fc.array(fc.tuple(fc.integer({ min: 0, max: 2_000 }).map(String), fc.string({ maxLength: 3 })));

function set(table: FactTable, map: Map<string, VersionedFact>, added: readonly (readonly [string, string])[]): void {
  for (const [id, version] of added) {
    const fact: VersionedFact = { version, fact: { kind: 'withdrawn' } };
    table.set(id, fact);
    map.set(id, fact);
  }
}

test('FactTable holds what a Map holds, and a copy of it changes nothing in what it was copied from', () => {
  fc.assert(
    fc.property(entries, entries, (before, after) => {
      const [table, map] = [new FactTable(), new Map<string, VersionedFact>()];
      set(table, map, before);
      const [copy, copied] = [new FactTable(table), new Map(map)];
      set(copy, copied, after);
      for (const [facts, expected] of [[table, map] as const, [copy, copied] as const]) {
        expect(new Map(facts)).toEqual(expected);
        expect(facts.size).toBe(expected.size);
        for (const [id] of [...before, ...after]) expect(facts.get(id)).toBe(expected.get(id));
      }
    }),
  );
});
