import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { repair } from '../../../../src/core/decode/repair.ts';

function mended(text: string): unknown {
  return JSON.parse(repair(text));
}

describe('repair()', () => {
  test('leaves valid JSON as it is', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(mended(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 2000 },
    );
  });

  test('mends every single-quoted text that escapes its quotes', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(fc.dictionary(text, text), (object) => {
        const single = (value: string): string =>
          `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
        const members = Object.entries(object).map(([key, value]) => `${single(key)}: ${single(value)}`);
        expect(mended(`{${members.join(', ')}}`)).toEqual({ ...object });
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    [`{'a':'it's done','b':1}`, { a: "it's done", b: 1 }],
    [`{'a':'say "hi"'}`, { a: 'say "hi"' }],
    [`{"a":{'b':'c'},"d":"it's"}`, { a: { b: 'c' }, d: "it's" }],
    [`{'path':'C:\\Users'}`, { path: 'C:\\Users' }],
    ['{"a":"x\ny"}', { a: 'x\ny' }],
    ['{"a":"x\t\u0000y"}', { a: 'x\t\u0000y' }],
    ['{"body":"{"Id":"a","n":[1]}","b":2}', { body: '{"Id":"a","n":[1]}', b: 2 }],
    ['{"body":"[{"Id":"a"},{"Id":"b"}]"}', { body: '[{"Id":"a"},{"Id":"b"}]' }],
    ['{"body":"{"a":"{\\"b\\":1}"}"}', { body: '{"a":"{\\"b\\":1}"}' }],
    ['{"a":"{","b":"["}', { a: '{', b: '[' }],
  ])('mends %s', (text, value) => {
    expect(mended(text)).toEqual(value);
  });

  test('answers with some text for any text', () => {
    const piece = fc.constantFrom('"', "'", '\\', '{', '}', '[', ']', ',', ':', '"{"', 'a', '\n');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        expect(typeof repair(pieces.join(''))).toBe('string');
      }),
      { numRuns: 3000 },
    );
  });
});
