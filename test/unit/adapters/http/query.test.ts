import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  alertsQuery,
  emptyQuery,
  formatCursor,
  formatSkippedCursor,
  listQuery,
  parseCursor,
  parseSkippedCursor,
  windowsQuery,
} from '../../../../src/adapters/http/query.ts';
import { type WindowCursor, windowSortKeys } from '../../../../src/pipeline/views.ts';

function errorsOf(result: ReturnType<typeof windowsQuery>): string[] {
  return 'errors' in result ? result.errors.map(({ parameter }) => parameter) : [];
}

describe('windowsQuery()', () => {
  test('defaults to matched windows, newest first, a hundred a page', () => {
    expect(windowsQuery({})).toEqual({
      query: {
        caller: null,
        ip: null,
        matched: null,
        corroborated: null,
        candidates: false,
        sort: { key: 'lastSeen', descending: true },
        limit: 100,
        cursor: null,
      },
    });
  });

  test('lists candidates when asked for what no indicator matches', () => {
    expect(windowsQuery({ matched: 'false' })).toMatchObject({ query: { matched: false, candidates: true } });
  });

  test('names every bad parameter at once', () => {
    const raw = {
      caller: ['a', 'b'],
      ip: '010.1.2.3',
      matched: 'yes',
      corroborated: '1',
      candidates: '',
      sort: 'size',
      limit: '1001',
      cursor: 'x',
      color: 'red',
    };
    expect(errorsOf(windowsQuery(raw)).sort()).toEqual(Object.keys(raw).sort());
  });

  test('says of a bad parameter what was seen and what is wanted', () => {
    expect(windowsQuery({ limit: '0' })).toEqual({
      errors: [
        {
          parameter: 'limit',
          detail: 'Cannot use limit as it is not a whole number from 1 to 1000: current value is "0"',
        },
      ],
    });
  });

  test.each(['1', '1000'])('takes a limit of %s', (limit) => {
    expect(windowsQuery({ limit })).toMatchObject({ query: { limit: Number(limit) } });
  });

  test.each(['0', '-1', '1.5', '1001', '1e3', '', 'Infinity'])('refuses a limit of "%s"', (limit) => {
    expect(errorsOf(windowsQuery({ limit }))).toEqual(['limit']);
  });

  test('refuses matched=false with candidates=false', () => {
    expect(errorsOf(windowsQuery({ matched: 'false', candidates: 'false' }))).toEqual(['candidates']);
  });

  const cursor: WindowCursor = {
    sort: { key: 'operations', descending: false },
    value: 5,
    caller: 'ann',
    ip: '192.0.2.1',
  };

  test('goes on in the order of its cursor', () => {
    expect(windowsQuery({ cursor: formatCursor(cursor) })).toMatchObject({ query: { sort: cursor.sort, cursor } });
  });

  test('refuses a cursor under another order', () => {
    expect(errorsOf(windowsQuery({ cursor: formatCursor(cursor), sort: '-operations' }))).toEqual(['cursor']);
  });
});

describe('parseCursor()', () => {
  test('reads what formatCursor() wrote', () => {
    const someCursor = fc
      .record({
        key: fc.constantFrom(...windowSortKeys),
        descending: fc.boolean(),
        number: fc.integer(),
        text: fc.string(),
      })
      .map(({ key, descending, number, text }): WindowCursor => ({
        sort: { key, descending },
        value: key === 'caller' || key === 'ip' ? text : number,
        caller: text,
        ip: '192.0.2.1',
      }));
    fc.assert(
      fc.property(someCursor, (cursor) => {
        expect(parseCursor(formatCursor(cursor))).toEqual(cursor);
      }),
    );
  });

  test('answers null for any other text and never throws', () => {
    const bytes = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const value of [
      null,
      1,
      {},
      [],
      ['lastSeen'],
      ['size', 1, 'a', 'b'],
      ['caller', 1, 'a', 'b'],
      ['-ip', 'a', 1, 'b'],
    ]) {
      expect(parseCursor(bytes(value))).toBeNull();
    }
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseCursor(text)).toBeNull();
      }),
    );
  });
});

describe('parseSkippedCursor()', () => {
  test('reads what formatSkippedCursor() wrote', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (source, id) => {
        expect(parseSkippedCursor(formatSkippedCursor({ source, id }))).toEqual({ source, id });
      }),
    );
  });

  test('answers null for any other text and never throws', () => {
    for (const value of [null, 1, {}, [], ['a'], ['a', 1], [1, 'a'], ['a', 'b', 'c']])
      expect(parseSkippedCursor(Buffer.from(JSON.stringify(value)).toString('base64url'))).toBeNull();
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseSkippedCursor(text)).toBeNull();
      }),
    );
  });
});

test('alertsQuery() takes a caller, a range, an activity and a limit', () => {
  expect(alertsQuery({ caller: 'ann', ip: '192.0.2.0/24', activity: 'close', silenced: 'true', limit: '5' })).toEqual({
    query: { caller: 'ann', ip: { first: 0xc0000200, last: 0xc00002ff }, activity: 'close', silenced: true, limit: 5 },
  });
  expect(alertsQuery({ activity: 'delete' })).toHaveProperty('errors');
});

test('listQuery() takes a limit, emptyQuery() nothing', () => {
  expect(listQuery({ limit: '7' })).toEqual({ query: { limit: 7 } });
  expect(listQuery({ caller: 'ann' })).toHaveProperty('errors');
  expect(emptyQuery({})).toEqual({ query: {} });
  expect(emptyQuery({ limit: '7' })).toHaveProperty('errors');
});
