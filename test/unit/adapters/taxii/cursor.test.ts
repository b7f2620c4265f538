import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCursor, sourceOf, type TaxiiCursor, writeCursor } from '../../../../src/adapters/taxii/cursor.ts';
import type { TaxiiSettings } from '../../../../src/adapters/taxii/settings.ts';

const settings: TaxiiSettings = {
  name: 'one',
  url: 'https://taxii.example/taxii2/',
  collection: null,
  auth: { type: 'none' },
  version: null,
  certificate: null,
  ca: null,
  limit: 1000,
  allowHttp: false,
  matchTypes: [],
  resyncMs: 86_400_000,
};

const places = fc.dictionary(
  fc.webUrl(),
  fc.record({
    end: fc.constantFrom(
      null,
      { last: '2024-05-01T00:00:00.000001Z', from: '2024-04-30T23:50:00.000001Z' },
      { last: '2024-05-01T00:00:00.000000123Z', from: '2024-05-01T00:00:00.000000Z' },
    ),
    known: fc.string(),
  }),
);

test('readCursor() reads what writeCursor() wrote', () => {
  fc.assert(
    fc.property(places, fc.nat(), (record, fullMs) => {
      const cursor: TaxiiCursor = { source: sourceOf(settings), fullMs, places: { ...record } };
      expect(readCursor(writeCursor(cursor), sourceOf(settings))).toEqual(cursor);
    }),
  );
});

test('readCursor() takes anything else for none and never throws', () => {
  const shapes = [
    null,
    '',
    '{',
    '[]',
    '7',
    'null',
    '{"version":1}',
    '{"version":2,"source":"s","fullMs":1,"places":{}}',
  ];
  const bad = [
    { version: 1, source: 's', fullMs: 1, places: { u: { end: 7, known: '' } } },
    { version: 1, source: 's', fullMs: 1, places: { u: { end: { last: '2024', from: '2024' }, known: '' } } },
    { version: 1, source: 's', fullMs: 1, places: { u: { end: null } } },
    { version: 1, source: 's', fullMs: '1', places: {} },
    { version: 1, source: 's', fullMs: 1, places: { u: null } },
    { version: 1, source: 's', fullMs: 1, places: { u: { known: '' } } },
  ].map((value) => JSON.stringify(value));
  for (const text of [...shapes, ...bad]) expect(readCursor(text, 's')).toBeNull();
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(readCursor(text, 's')).toBeNull();
    }),
  );
});

test.each<[string, Partial<TaxiiSettings>, boolean]>([
  ['the address', { url: 'https://other.example/' }, false],
  ['the collection', { collection: 'c' }, false],
  ['the types asked for', { matchTypes: ['indicator'] }, false],
  ['the page size', { limit: 5 }, true],
  ['the credentials', { auth: { type: 'bearer', token: 't' } }, true],
])('a cursor after a change of %s is good for going on: %#', (_, change, good) => {
  const text = writeCursor({ source: sourceOf(settings), fullMs: 1, places: {} });
  expect(readCursor(text, sourceOf({ ...settings, ...change })) !== null).toBe(good);
});
