import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ActivityObservation, SignInObservation } from '../../../../src/core/observation.ts';
import { eventTime } from '../../../../src/core/time.ts';
import { ActivityPane } from '../../../../src/core/window/activity-pane.ts';
import { EarliestSet } from '../../../../src/core/window/earliest-set.ts';
import { SignInPane } from '../../../../src/core/window/sign-in-pane.ts';

const time = fc
  .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 3 }))
  .map(([ms, ticks]) => eventTime(ms, ticks));
const form = fc.constantFrom('', 'a', 'A', 'b', 'B', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'K', 'l');
const identity = fc.option(fc.constantFrom('1', '2', '3', '4'), { nil: null });

const activity: fc.Arbitrary<ActivityObservation> = fc.record({
  kind: fc.constant('activity' as const),
  address: fc.constant(1),
  time,
  undated: fc.constant(false),
  identity,
  caller: fc.constantFrom('Ann@x', 'ann@X'),
  objectId: form,
  operation: form,
  subscriptionId: form,
  resourceGroup: form,
  resourceId: form,
});

const signIn: fc.Arbitrary<SignInObservation> = fc.record({
  kind: fc.constant('user' as const),
  address: fc.constant(1),
  time,
  undated: fc.constant(false),
  identity,
  principal: form,
  objectId: fc.constantFrom('', 'O1', 'o1', 'o2'),
  app: form,
  risk: fc.constantFrom('high' as const, 'low' as const, 'none' as const, 'unknown' as const, '' as const),
});

function activityPane(observations: readonly ActivityObservation[]): ActivityPane {
  const pane = new ActivityPane();
  for (const each of observations) pane.add(each, each.identity);
  return pane;
}

function signInPane(observations: readonly SignInObservation[]): SignInPane {
  const pane = new SignInPane();
  for (const each of observations) pane.add(each, each.identity);
  return pane;
}

function seenActivity(pane: ActivityPane): unknown {
  const { count, first, last, caller } = pane;
  const sets = [pane.operations, pane.subscriptionIds, pane.resourceGroups, pane.resources];
  return { count, first, last, caller, sets: sets.map((set) => [set.values(), set.truncated]) };
}

function seenSignIns(pane: SignInPane): unknown {
  const principals = [...pane.principals].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    count: pane.count,
    names: pane.names.values(),
    risk: pane.risk,
    counts: [...pane.countsByPrincipal()].sort(),
    principals: principals.map(([key, { names, app, first, last }]) => [key, names.values(), app, first, last]),
  };
}

function merged<Pane extends { merge(other: Pane): void }>(make: () => Pane, ...panes: Pane[]): Pane {
  const whole = make();
  for (const pane of panes) whole.merge(pane);
  return whole;
}

describe('ActivityPane', () => {
  test('merge() of the panes of any split equals the pane of all, so it is associative and commutative', () => {
    fc.assert(
      fc.property(fc.array(activity), fc.array(activity), fc.array(activity), (a, b, c) => {
        const make = (): ActivityPane => new ActivityPane();
        const whole = seenActivity(activityPane([...a, ...b, ...c]));
        const [x, y, z] = [activityPane(a), activityPane(b), activityPane(c)];
        expect(seenActivity(merged(make, merged(make, x, y), z))).toEqual(whole);
        expect(seenActivity(merged(make, x, merged(make, y, z)))).toEqual(whole);
        expect(seenActivity(merged(make, z, x, y))).toEqual(whole);
      }),
    );
  });

  test('merge() with itself changes nothing when every record has an identity', () => {
    fc.assert(
      fc.property(fc.array(activity), (observations) => {
        const identified = observations.map((each) => ({ ...each, identity: each.identity ?? '0' }));
        const pane = activityPane(identified);
        expect(seenActivity(merged(() => new ActivityPane(), pane, pane))).toEqual(seenActivity(pane));
      }),
    );
  });

  test('merge() leaves the pane it takes from alone', () => {
    fc.assert(
      fc.property(fc.array(activity), fc.array(activity), (a, b) => {
        const [from, into] = [activityPane(a), activityPane(b)];
        const before = seenActivity(from);
        into.merge(from);
        for (const each of b) into.add(each, each.identity);
        expect(seenActivity(from)).toEqual(before);
      }),
    );
  });
});

describe('SignInPane', () => {
  test('merge() of the panes of any split equals the pane of all, so it is associative and commutative', () => {
    fc.assert(
      fc.property(fc.array(signIn), fc.array(signIn), fc.array(signIn), (a, b, c) => {
        const make = (): SignInPane => new SignInPane();
        const whole = seenSignIns(signInPane([...a, ...b, ...c]));
        const [x, y, z] = [signInPane(a), signInPane(b), signInPane(c)];
        expect(seenSignIns(merged(make, merged(make, x, y), z))).toEqual(whole);
        expect(seenSignIns(merged(make, z, merged(make, y, x)))).toEqual(whole);
      }),
    );
  });

  test('merge() leaves the pane it takes from alone', () => {
    fc.assert(
      fc.property(fc.array(signIn), fc.array(signIn), (a, b) => {
        const [from, into] = [signInPane(a), signInPane(b)];
        const before = seenSignIns(from);
        into.merge(from);
        for (const each of b) into.add(each, each.identity);
        expect(seenSignIns(from)).toEqual(before);
      }),
    );
  });
});

describe('EarliestSet', () => {
  test('shows the least members by (first time, folded text), each in its earliest form, whatever the order', () => {
    const seen = fc.array(fc.record({ form, time }));
    fc.assert(
      fc.property(seen, fc.integer({ min: 1, max: 5 }), (all, shown) => {
        const set = new EarliestSet(shown);
        for (const each of all) set.add(each.form, each.time);
        const byFolded = Map.groupBy(
          all.filter(({ form: text }) => text !== ''),
          ({ form: text }) => text.toLowerCase(),
        );
        const order = (a: (typeof all)[number], b: (typeof all)[number]): number =>
          a.time.ms - b.time.ms || a.time.ticks - b.time.ticks || (a.form < b.form ? -1 : a.form > b.form ? 1 : 0);
        const expected = [...byFolded]
          .map(([folded, forms]) => ({ folded, least: forms.toSorted(order)[0]! }))
          .sort(
            (a, b) =>
              a.least.time.ms - b.least.time.ms ||
              a.least.time.ticks - b.least.time.ticks ||
              (a.folded < b.folded ? -1 : 1),
          );
        expect(set.values()).toEqual(expected.slice(0, shown).map(({ least }) => least.form));
        expect(set.truncated).toBe(expected.length > shown);
        expect(set.size).toBeLessThanOrEqual(shown + 1);
      }),
    );
  });
});
