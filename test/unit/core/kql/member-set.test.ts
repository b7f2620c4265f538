import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeSet, type Member } from '../../../../src/core/kql/member-set.ts';
import { allRepairs, noRepairs, type Repair } from '../../../../src/core/kql/repair.ts';
import { eventTime } from '../../../../src/core/time.ts';

function members(...entries: [form: string, ms: number][]): Member[] {
  return entries.map(([form, ms]) => ({ form, time: eventTime(ms) }));
}

const given = members(['b', 3], ['', 1], ['B', 1], ['a', 2], ['A', 2], ['b', 0]);

test.each<[string, Repair[], string[]]>([
  ['to the letter: exact, "" kept, in the order met', [], ['b', '', 'B', 'a', 'A']],
  ['without ""', ['empty-member'], ['b', 'B', 'a', 'A']],
  ['without regard to case', ['set-case'], ['b', '', 'a']],
  ['earliest first, each in its earliest form', ['set-order'], ['b', '', 'B', 'A', 'a']],
  ['repaired', ['empty-member', 'set-case', 'set-order'], ['b', 'A']],
])('makeSet() %s', (_, repairs, expected) => {
  expect(makeSet(given, 10, new Set(repairs))).toEqual(expected);
});

test('makeSet() to the letter keeps the first distinct values that the limit allows', () => {
  expect(makeSet(given, 2, noRepairs)).toEqual(['b', '']);
});

test('makeSet() repaired does not depend on the order of the members', () => {
  const member = fc.record({
    form: fc.constantFrom('a', 'A', 'b', 'B', 'c', ''),
    time: fc.nat({ max: 3 }).map((ms) => eventTime(ms)),
  });
  fc.assert(
    fc.property(
      fc
        .array(member, { maxLength: 12 })
        .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([all, shuffled]) => {
        expect(makeSet(shuffled, 2, allRepairs)).toEqual(makeSet(all, 2, allRepairs));
      },
    ),
  );
});
