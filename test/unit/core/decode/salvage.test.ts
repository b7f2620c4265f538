import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJson } from '../../../../src/core/decode/fields.ts';
import { salvage } from '../../../../src/core/decode/salvage.ts';
import { activity, servicePrincipal, signIn } from '../../../support/azure-bodies.ts';
import { compact, envelope, spaced } from '../../../support/azure-envelopes.ts';
import { streamsOf } from '../../../support/decoding.ts';

interface Found {
  readonly values: unknown[];
  readonly broken: string[];
}

function found(text: string): Found {
  const result: Found = { values: [], broken: [] };
  salvage(text, {
    onValue: (value) => result.values.push(value),
    onBroken: (broken) => result.broken.push(broken),
  });
  return result;
}

const pieces = [
  '"',
  "'",
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  ' ',
  '\n',
  '{"a":',
  '"x":"',
  '{"time":"',
  'null',
  'é',
  '5',
];
const poison = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => parts.join(''));
const good = fc.constantFrom(compact(activity()), spaced(signIn()), spaced(servicePrincipal()));

describe('salvage()', () => {
  test('finds both neighbours of any text between two lines', () => {
    fc.assert(
      fc.property(good, poison, good, (before, between, after) => {
        const { values } = found(`${before}\n${between}\n${after}`);
        expect(values).toContainEqual(JSON.parse(before));
        expect(values).toContainEqual(JSON.parse(after));
      }),
      { numRuns: 3000 },
    );
  });

  test('finds both neighbours of any text in an envelope', () => {
    // A list that the text opens inside an object swallows what follows, whoever reads.
    const closed = poison.filter((text) => !text.includes('['));
    fc.assert(
      fc.property(good, closed, good, (before, between, after) => {
        const { values } = found(envelope(before, between, after));
        expect(values).toContainEqual(JSON.parse(before));
        expect(values).toContainEqual(JSON.parse(after));
      }),
      { numRuns: 3000 },
    );
  });

  test('reports what it cannot read, and nothing twice', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(poison, good), { maxLength: 6 }), (parts) => {
        const text = parts.join('\n');
        const { values, broken } = found(text);
        for (const part of broken) {
          expect(text).toContain(part);
          expect(part.trim()).not.toBe('');
        }
        const size = [...values.map((value) => JSON.stringify(value)), ...broken].join('').length;
        expect(size).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 2000 },
    );
  });

  test('reads every document of a sequence, whatever blanks stand between', () => {
    const value = fc.dictionary(fc.string(), fc.jsonValue());
    const blanks = fc.string({ unit: fc.constantFrom(' ', '\n', '\r', '\t', ','), maxLength: 4 });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, blanks, fc.nat(2)), { minLength: 1 }), (documents) => {
        fc.pre(documents.every(([document]) => !Object.keys(document).includes('records')));
        const text = documents
          .map(([document, blank, indent]) => JSON.stringify(document, null, indent) + blank)
          .join('');
        expect(found(text)).toEqual({
          values: documents.map(([document]) => parseJson(JSON.stringify(document))),
          broken: [],
        });
      }),
    );
  });

  test('starts again in the middle of a batch whose quotes do not pair', () => {
    const odd = '{"time":"2026-08-12T15:11:51Z","category":"AppServiceConsoleLogs","resultDescription":"5" wide"}';
    const batch = envelope(odd, compact(activity()), odd, odd, spaced(signIn()), odd);
    expect(streamsOf(batch)).toEqual(['activity', 'sign_in']);
  });
});
