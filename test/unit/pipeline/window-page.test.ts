import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCidr } from '../../../src/core/address-range.ts';
import { type WindowSort, windowSortKeys, type WindowsQuery } from '../../../src/pipeline/views.ts';
import { windowPage, type WindowSummary } from '../../../src/pipeline/window-page.ts';
import { aWindow, describeWindow } from '../../support/memory-views.ts';

const everything: WindowsQuery = {
  caller: null,
  ip: null,
  matched: null,
  corroborated: null,
  candidates: true,
  sort: { key: 'lastSeen', descending: true },
  limit: 100,
  cursor: null,
};

function keysOf(windows: readonly WindowSummary[], query: Partial<WindowsQuery>): string[] {
  return windowPage(windows, { ...everything, ...query }, describeWindow).items.map(
    ({ caller, ip }) => `${caller} ${ip}`,
  );
}

const windows = [
  aWindow({ caller: 'Ann', ip: '192.0.2.9', operations: 5, lastSeenMs: 30 }),
  aWindow({ caller: 'bob', ip: '192.0.2.10', operations: 50, lastSeenMs: 20, corroborated: true }),
  aWindow({ caller: '', ip: '2001:db8::1', operations: 7, lastSeenMs: 10, matched: false }),
];

describe('windowPage()', () => {
  const cases: [string, Partial<WindowsQuery>, string[]][] = [
    ['shows the newest first', {}, ['Ann 192.0.2.9', 'bob 192.0.2.10', ' 2001:db8::1']],
    ['hides candidates unless asked', { candidates: false }, ['Ann 192.0.2.9', 'bob 192.0.2.10']],
    ['finds a caller without regard to case', { caller: 'aNN' }, ['Ann 192.0.2.9']],
    ['takes "" for a caller of its own', { caller: '' }, [' 2001:db8::1']],
    ['finds a range', { ip: parseCidr('192.0.2.8/30') }, ['Ann 192.0.2.9', 'bob 192.0.2.10']],
    ['keeps the families apart', { ip: parseCidr('::/0') }, [' 2001:db8::1']],
    ['finds what no indicator matches', { matched: false }, [' 2001:db8::1']],
    ['finds what sign-ins corroborate', { corroborated: true }, ['bob 192.0.2.10']],
    ['finds what no sign-in corroborates', { corroborated: false }, ['Ann 192.0.2.9', ' 2001:db8::1']],
    [
      'orders addresses as numbers, IPv4 before IPv6',
      { sort: { key: 'ip', descending: false } },
      ['Ann 192.0.2.9', 'bob 192.0.2.10', ' 2001:db8::1'],
    ],
    [
      'orders by operations, greatest first',
      { sort: { key: 'operations', descending: true } },
      ['bob 192.0.2.10', ' 2001:db8::1', 'Ann 192.0.2.9'],
    ],
    [
      'orders callers without regard to case',
      { sort: { key: 'caller', descending: true } },
      ['bob 192.0.2.10', 'Ann 192.0.2.9', ' 2001:db8::1'],
    ],
  ];
  test.each(cases)('%s', (_name, query, expected) => {
    expect(keysOf(windows, query)).toEqual(expected);
  });

  const someWindow = fc
    .record({
      caller: fc.constantFrom('', 'ann', 'Bob', 'cy'),
      ip: fc.constantFrom('192.0.2.1', '192.0.2.2', '198.51.100.7', '2001:db8::1', '2001:db8::2'),
      operations: fc.nat(3),
      confidence: fc.nat(3),
      firstSeenMs: fc.nat(3),
      lastSeenMs: fc.nat(3),
      matched: fc.boolean(),
    })
    .map(aWindow);
  const someWindows = fc.uniqueArray(someWindow, { selector: ({ caller, ip }) => `${caller} ${ip}`, maxLength: 20 });
  const someSort: fc.Arbitrary<WindowSort> = fc.record({
    key: fc.constantFrom(...windowSortKeys),
    descending: fc.boolean(),
  });

  test('pages one after another are the whole list, each window once, in its order', () => {
    fc.assert(
      fc.property(someWindows, someSort, fc.integer({ min: 1, max: 5 }), (held, sort, limit) => {
        const whole = keysOf(held, { sort, limit: 1000 });
        const paged: string[] = [];
        let cursor: WindowsQuery['cursor'] = null;
        do {
          const page = windowPage(held, { ...everything, sort, limit, cursor }, describeWindow);
          expect(page.items.length).toBeLessThanOrEqual(limit);
          paged.push(...page.items.map(({ caller, ip }) => `${caller} ${ip}`));
          cursor = page.nextCursor;
        } while (cursor !== null);
        expect(paged).toEqual(whole);
        expect(new Set(whole).size).toBe(held.length);
      }),
    );
  });

  test('describes only the windows that it shows', () => {
    const described: string[] = [];
    windowPage(windows, { ...everything, limit: 1 }, (summary) => {
      described.push(summary.ip);
      return describeWindow(summary);
    });
    expect(described).toEqual(['192.0.2.9']);
  });
});
