import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readEnvelope } from '../../../../src/adapters/taxii/envelope.ts';

const object = { type: 'indicator', id: 'indicator--1' };

test.each<[string, unknown, { count: number; more: boolean | undefined; next: string | null }]>([
  ['an envelope', { more: true, next: 'n', objects: [object] }, { count: 1, more: true, next: 'n' }],
  ['an empty envelope', {}, { count: 0, more: undefined, next: null }],
  ['an empty page in the middle', { more: true, next: 'n' }, { count: 0, more: true, next: 'n' }],
  ['an empty list', { objects: [] }, { count: 0, more: undefined, next: null }],
  ['a null list', { objects: null, more: false }, { count: 0, more: false, next: null }],
  ['a bundle', { type: 'bundle', id: 'bundle--1', objects: [object] }, { count: 1, more: undefined, next: null }],
  ['a bare list', [object, object], { count: 2, more: undefined, next: null }],
  ['a page number', { more: true, next: 2, objects: [object] }, { count: 1, more: true, next: '2' }],
  ['an empty next', { more: true, next: '', objects: [object] }, { count: 1, more: true, next: null }],
  ['a textual more', { more: 'true', objects: [object] }, { count: 1, more: undefined, next: null }],
  ['foreign keys beside objects', { objects: [object], count: 1 }, { count: 1, more: undefined, next: null }],
])('readEnvelope() takes %s', (_, body, { count, more, next }) => {
  const read = readEnvelope(body);
  expect(read?.objects).toHaveLength(count);
  expect({ more: read?.more, next: read?.next }).toEqual({ more, next });
});

test.each<[string, unknown]>([
  ['a text', 'x'],
  ['null', null],
  ['an error resource', { title: 'Not allowed', http_status: '403' }],
  ['a list that is none', { objects: { 0: object } }],
])('readEnvelope() takes %s for no envelope, so that it empties no feed', (_, body) => {
  expect(readEnvelope(body)).toBeUndefined();
});

test('readEnvelope() keeps the objects of a page and counts the members that are none', () => {
  const members = fc.array(fc.oneof(fc.jsonValue(), fc.constant(object)));
  fc.assert(
    fc.property(members, (objects) => {
      const read = readEnvelope({ objects });
      const kept = objects.filter((member) => typeof member === 'object' && member !== null && !Array.isArray(member));
      expect(read?.objects).toEqual(kept);
      expect(read?.malformed).toBe(objects.length - kept.length);
    }),
  );
});

test('readEnvelope() never throws on JSON', () => {
  fc.assert(fc.property(fc.jsonValue(), (body) => void readEnvelope(body)));
});
