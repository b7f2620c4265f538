import { beforeEach, describe, expect, test } from 'vitest';
import type { Alert } from '../../../../src/core/alert/alert.ts';
import type { AllowLists } from '../../../../src/core/intel/allow-lists.ts';
import { allowListsOf } from '../../../support/allow-list-builder.ts';
import { activity, boundary, EngineBench, indicator, ip, minute, noon, signIn } from '../../../support/engine-bench.ts';
import { drain } from '../../../support/engine-builder.ts';

const none = allowListsOf();
const lowering = allowListsOf(['lower', '203.0.113.0/24']);
const dropping = allowListsOf(['drop', ip]);

const says = (alerts: readonly Alert[]): unknown[] =>
  alerts.map((alert) => [alert.activity, alert.closeReason, alert.severity, alert.allowLists]);

describe('Engine under allow lists', () => {
  let bench: EngineBench;
  beforeEach(() => {
    bench = new EngineBench();
    bench.index([indicator()], noon);
  });

  const swap = (lists: AllowLists, now: number): Alert[] => {
    bench.engine.swapAllowLists(lists, now);
    while (!bench.engine.probeIndex(1, now));
    return drain(bench.engine);
  };

  test('a list that lowers leaves the row as it is, and the alert names it with a lower severity', () => {
    const plain = bench.take(activity(noon + minute), noon + minute);
    expect(says(plain)).toEqual([['create', undefined, 'High', []]]);
    swap(lowering, noon + 2 * minute);
    const listed = bench.take(activity(noon + 3 * minute, { caller: 'Bob@contoso.com' }), noon + 3 * minute);
    expect(says(listed)).toEqual([['create', undefined, 'Low', ['list-0']]]);
    expect(listed[0]!.rule.severity).toBe('High');
    expect(listed[0]!.row).toMatchObject({ Caller: 'Bob@contoso.com', TI_IP: ip, ConfidenceScore: 80 });
  });

  test('every list that covers the address is named, in their order', () => {
    swap(allowListsOf(['lower', ip], ['lower', '192.0.2.0/24'], ['lower', '203.0.113.0/24']), noon);
    const [alert] = bench.take(activity(noon + minute), noon + minute);
    expect(alert!.allowLists).toEqual(['list-0', 'list-2']);
  });

  test('a list that drops closes what is open at once, with its reason and the severity of that moment', () => {
    bench.take(activity(noon + minute), noon + minute);
    expect(says(swap(dropping, noon + 2 * minute))).toEqual([['close', 'allow-listed', 'Low', ['list-0']]]);
    expect(bench.engine.store.sizes).toMatchObject({ pinned: 0, candidates: 1 });
    expect(bench.take(activity(noon + 3 * minute), noon + 3 * minute)).toEqual([]);
    expect(bench.flush()).toEqual([]);
  });

  test('an address that no list drops any more matches at once with all that it did, or at the flush if it was alerted before', () => {
    bench.take(activity(noon + minute), noon + minute);
    swap(dropping, noon + 2 * minute);
    bench.take(activity(noon + 3 * minute), noon + 3 * minute);
    bench.take(activity(noon + 4 * minute, { caller: 'Bob@contoso.com' }), noon + 4 * minute);
    const back = swap(none, noon + 5 * minute);
    expect(back).toMatchObject([{ activity: 'create', caller: 'Bob@contoso.com', severity: 'High' }]);
    expect(bench.flush()).toMatchObject([
      { activity: 'create', caller: 'Ann@contoso.com', row: { OperationCount: 2 } },
    ]);
  });

  test('a list in the place of another that drops too changes nothing', () => {
    bench.take(activity(noon + minute), noon + minute);
    swap(dropping, noon + 2 * minute);
    expect(swap(allowListsOf(['drop', '203.0.113.0/24']), noon + 3 * minute)).toEqual([]);
    expect(bench.flush()).toEqual([]);
  });

  test('an indicator that comes while a list drops its address raises nothing until the list lets go', () => {
    bench = new EngineBench();
    bench.engine.swapAllowLists(dropping, noon);
    bench.index([], noon);
    bench.take(activity(noon + minute), noon + minute);
    expect(bench.index([indicator()], noon + 2 * minute)).toEqual([]);
    expect(says(swap(none, noon + 3 * minute))).toEqual([['create', undefined, 'High', []]]);
  });

  test('a record older than every window raises nothing from an address that a list drops', () => {
    swap(dropping, noon);
    expect(bench.take(activity(noon - 30 * 60 * minute), noon + minute)).toEqual([]);
    swap(none, noon);
    expect(bench.take(activity(noon - 30 * 60 * minute), noon + minute)).toHaveLength(1);
  });

  test('a severity that rises is news at the flush, and one that falls is told with the next alert', () => {
    bench.take(activity(noon + minute), noon + minute);
    expect(swap(lowering, noon + 2 * minute)).toEqual([]);
    expect(bench.flush()).toEqual([]);
    bench.take(activity(boundary + minute), boundary + minute);
    expect(says(bench.flush())).toEqual([['update', undefined, 'Low', ['list-0']]]);
    expect(swap(none, boundary + 70 * minute)).toEqual([]);
    expect(says(bench.flush())).toEqual([['update', undefined, 'High', []]]);
    expect(bench.flush()).toEqual([]);
  });

  test('an alert that closes has the severity of its moment, fallen or not', () => {
    bench.take(activity(noon + minute), noon + minute);
    swap(lowering, noon + 2 * minute);
    expect(says(bench.index([], noon + 3 * minute))).toEqual([['close', 'indicator-deleted', 'Low', ['list-0']]]);
  });

  test('the policy sees grade, confidence and marking of the very alert', () => {
    const policy = [
      { when: { grade: ['same-principal' as const] }, change: 1 },
      { when: { confidenceBelow: 90 }, change: -1 },
      { when: { tlp: ['GREEN' as const] }, change: -1 },
    ];
    bench = new EngineBench({ severityPolicy: policy });
    bench.index([indicator()], noon);
    expect(says(bench.take(activity(noon + minute), noon + minute))).toEqual([['create', undefined, 'Medium', []]]);
    bench.take(signIn(noon + 2 * minute), noon + 2 * minute);
    expect(says(bench.flush())).toEqual([['update', undefined, 'High', []]]);
  });

  const counted = (): unknown[] => [bench.tally.allowListHits(), bench.tally.lookups()];

  test('a record is counted once for each list that covers a match, also where it is dropped', () => {
    swap(allowListsOf(['lower', ip], ['drop', '203.0.113.0/24'], ['drop', '192.0.2.0/24']), noon);
    bench.take(activity(noon + minute), noon + minute);
    bench.take(signIn(noon + minute), noon + minute);
    const lists = [
      ['list-0', 'lower', 2],
      ['list-1', 'drop', 2],
    ];
    expect(counted()).toEqual([
      lists,
      [
        ['activity', 'miss', 1],
        ['sign_in', 'miss', 1],
      ],
    ]);
  });

  test('a record that no indicator matches is no hit of a list', () => {
    swap(lowering, noon);
    bench.take(activity(noon + minute, { address: '203.0.113.10' }), noon + minute);
    expect(counted()).toEqual([[], [['activity', 'miss', 1]]]);
    bench.take(activity(noon + minute), noon + minute);
    expect(counted()).toMatchObject([
      [['list-0', 'lower', 1]],
      [
        ['activity', 'miss', 1],
        ['activity', 'hit', 1],
      ],
    ]);
  });
});
