import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { listPages } from '../../../../src/adapters/stix-file/bundle-list.ts';

/** The members of all pages, and what is left. */
function read(text: string): { readonly members: unknown[]; readonly rest: unknown; readonly pages: number } {
  const pages = listPages(Buffer.from(text), 'objects');
  const members: unknown[] = [];
  for (let count = 0; ; count += 1) {
    const next = pages.next();
    if (next.done === true) return { members, rest: next.value, pages: count };
    members.push(...next.value);
  }
}

/** What JSON.parse makes of a text as it is read from a file, null when it refuses it. */
function parsed(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(Buffer.from(text).toString()) };
  } catch {
    return null;
  }
}

const spaces = fc.constantFrom(undefined, 1, '\t');
const odd = fc.constantFrom('"', '\\', '\\"', '[', ']', '{', '}', ',', ':', 'objects', 'é', '\u2028');
// JSON.parse of V8 13.6 loses members of objects whose keys have escapes, and not always the same ones.
const key = fc.constantFrom('[', ']', '{', '}', ',', ':', 'objects', 'a', 'é');
const member = fc.oneof(
  fc.jsonValue().filter((value) => !/\\[^"]*"\s*:/.test(JSON.stringify(value))),
  fc.dictionary(key, odd),
  odd,
  fc.array(odd, { maxLength: 3 }).map((parts) => parts.join('')),
);
const members = fc.oneof(
  fc.array(member, { maxLength: 8 }),
  fc.tuple(member, fc.integer({ min: 1, max: 1_600 })).map(([each, count]) => Array<unknown>(count).fill(each)),
);
const others = fc.dictionary(
  fc.stringMatching(/^[a-z]{0,8}$/).filter((name) => name !== 'objects'),
  member,
);

describe('listPages()', () => {
  test('gives the members that JSON.parse gives, and the rest of the document without them', () => {
    fc.assert(
      fc.property(members, others, others, spaces, (list, before, after, space) => {
        const expected: unknown = JSON.parse(JSON.stringify(list));
        const bare = read(JSON.stringify(list, null, space));
        expect(bare.members).toEqual(expected);
        expect(bare.rest).toEqual([]);
        const text = JSON.stringify({ ...before, objects: list, ...after }, null, space);
        const under = read(`\uFEFF${text}`);
        expect(under.members).toEqual(expected);
        expect(under.rest).toEqual({ ...(JSON.parse(text) as object), objects: [] });
        expect(under.pages).toBeGreaterThanOrEqual(Math.ceil(list.length / 500));
      }),
      { numRuns: 500 },
    );
  });

  test('refuses what JSON.parse refuses, wherever a byte is lost, doubled or put in', () => {
    const damage = fc.constantFrom('', ',', ',,', '[', ']', '{', '}', '"', '\\', ':', 'x', ' ');
    fc.assert(
      fc.property(members, others, fc.nat(), damage, fc.boolean(), (list, after, at, change, isBare) => {
        const text = JSON.stringify(isBare ? list : { type: 'bundle', objects: list, ...after });
        const place = at % text.length;
        const damaged = text.slice(0, place) + change + text.slice(place + 1);
        // A key that is there twice means whatever its reader wants.
        if ((damaged.match(/"objects"\s*:/g) ?? []).length > 1) return;
        const expected = parsed(damaged);
        if (expected === null) {
          expect(() => {
            const { rest } = read(damaged);
            // What holds no list for it is left to JSON.parse.
            if (rest === undefined) JSON.parse(damaged);
          }).toThrow(SyntaxError);
          return;
        }
        const { members: given, rest } = read(damaged);
        if (Array.isArray(expected.value)) expect(given).toEqual(expected.value);
        else if (rest !== undefined) expect({ ...(rest as object), objects: given }).toEqual(expected.value);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each(['[,1]', '[1,]', '[1,,2]', '{"objects":[1,]}', `[${'1,'.repeat(500)}]`, `[${'1,'.repeat(500)},2]`])(
    'refuses %s, whose list has a hole',
    (text) => {
      expect(() => read(text)).toThrow(SyntaxError);
    },
  );

  test.each(['{"objects":{}}', '{}', '7', '{"a":{"objects":[1]}}', '{"\\u006fbjects":[1]}'])(
    'finds no list in %s',
    (text) => {
      expect(read(text)).toEqual({ members: [], rest: undefined, pages: 0 });
    },
  );
});
