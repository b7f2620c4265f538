import { beforeEach, describe, expect, test } from 'vitest';
import type { AzureRecord } from '../../../src/core/record.ts';
import { eventTime, HOUR_MS } from '../../../src/core/time.ts';
import { activity, boundary, EngineBench, indicator, minute, noon, signIn } from '../../support/engine-bench.ts';

/** What a simulation of the whole service found about copies in other hours: first as a seed, here by name. */
describe('Engine', () => {
  let bench: EngineBench;
  const first = signIn(noon + 2 * minute, { id: 'again', risk: 'low' });
  const copy = (fields: Partial<AzureRecord> = {}): AzureRecord =>
    ({ ...first, time: eventTime(boundary + minute), ...fields }) as AzureRecord;

  beforeEach(() => {
    bench = new EngineBench();
    bench.index([indicator()], noon);
    bench.take(activity(noon + minute), noon + minute);
    bench.take(first, noon + 3 * minute);
    expect(bench.flush()).toMatchObject([{ row: { UserSigninCount: 1, MaxUserRisk: 'low' } }]);
  });

  test('a sign-in published again under a later hour is a duplicate and no news', () => {
    bench.take(copy(), boundary + 2 * minute);
    expect(bench.outcome('duplicate')).toBe(1);
    expect(bench.flush()).toEqual([]);
  });

  test('a sign-in published again under an earlier hour is a duplicate and no news', () => {
    bench.take(copy({ time: eventTime(noon - HOUR_MS) }), boundary + 2 * minute);
    expect(bench.flush()).toEqual([]);
  });

  test('a sign-in published again is news with a higher risk, and none with a lower', () => {
    bench.take(copy({ risk: 'none' }), boundary + 2 * minute);
    expect(bench.flush()).toEqual([]);
    bench.take(copy({ risk: 'high' }), boundary + 62 * minute);
    expect(bench.flush()).toMatchObject([{ activity: 'update', row: { UserSigninCount: 1, MaxUserRisk: 'high' } }]);
  });

  test('a sign-in published again is news under another name', () => {
    bench.take(copy({ principal: 'ann.new@contoso.com' }), boundary + 2 * minute);
    expect(bench.flush()).toMatchObject([
      { row: { UserSigninCount: 1, SigninUsers: ['ann@contoso.com', 'ann.new@contoso.com'] } },
    ]);
  });

  test('an undated record delivered again an hour later is a duplicate and no news', () => {
    const undated = { ...activity(boundary), time: null } as AzureRecord;
    bench.take(undated, boundary + minute);
    expect(bench.flush()).toMatchObject([{ row: { OperationCount: 2 } }]);
    bench.take(undated, boundary + 61 * minute);
    expect(bench.outcome('duplicate')).toBe(1);
    expect(bench.flush()).toEqual([]);
  });

  test('a copy of what the window of its flush no longer holds is news, also when read before an earlier flush', () => {
    for (let hour = 0; hour < 22; hour += 1) bench.flush();
    const late = boundary + 22 * HOUR_MS;
    bench.take(activity(late + minute), late + minute);
    bench.take(copy({ time: eventTime(late + HOUR_MS + minute) }), late + HOUR_MS + minute);
    expect(bench.flush()).toMatchObject([{ activity: 'update', row: { OperationCount: 2, UserSigninCount: 1 } }]);
    expect(bench.flush()).toMatchObject([{ activity: 'update', row: { OperationCount: 1, UserSigninCount: 1 } }]);
  });
});
