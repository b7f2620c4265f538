import { expect, test } from 'vitest';
import { walkEnd } from '../../../../src/adapters/taxii/walk-end.ts';

const started = Date.parse('2024-05-01T12:00:00Z');

test.each<[string, string | null, string, string]>([
  ['a fresh date', '2024-05-01T11:59:59.123456Z', '2024-05-01T11:59:59.123456Z', '2024-05-01T11:49:59.123456Z'],
  [
    'one of less than an hour',
    '2024-05-01T11:00:00.000001Z',
    '2024-05-01T11:00:00.000001Z',
    '2024-05-01T10:50:00.000001Z',
  ],
  ['one of an hour', '2024-05-01T11:00:00.000000Z', '2024-05-01T11:00:00.000000Z', '2024-05-01T11:00:00.000000Z'],
  ['nanoseconds', '2020-01-01T00:00:00.000000789Z', '2020-01-01T00:00:00.000000789Z', '2020-01-01T00:00:00.000000Z'],
  ['no date', null, '2024-05-01T12:00:00.000000Z', '2024-05-01T11:50:00.000000Z'],
  [
    'a server that is a day ahead',
    '2024-05-02T12:00:00.000000Z',
    '2024-05-02T12:00:00.000000Z',
    '2024-05-02T11:50:00.000000Z',
  ],
  [
    'a date in the far future',
    '2024-05-02T12:00:00.000001Z',
    '2024-05-01T12:00:00.000000Z',
    '2024-05-01T11:50:00.000000Z',
  ],
])('after %s the next walk begins where nothing can be missed', (_, last, end, from) => {
  expect(walkEnd(last, started)).toEqual({ last: end, from });
});
