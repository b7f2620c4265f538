import { expect, test } from 'vitest';
import { Engine } from '../../../../src/core/engine.ts';
import { ShardImage } from '../../../../src/core/state/shard-image.ts';
import { HOUR_MS } from '../../../../src/core/time.ts';
import { allowListsOf } from '../../../support/allow-list-builder.ts';
import { buildIndex, drain, engineOptions, takeAll, usualSetting } from '../../../support/engine-builder.ts';
import { activity, indicator, received, ruleAt } from '../../../support/rule-input.ts';

const firstBoundary = ruleAt + HOUR_MS;
const lowering = allowListsOf(['lower', '198.51.100.0/24']);
const { index } = buildIndex([indicator()], usualSetting);

function begun(): Engine {
  return new Engine(engineOptions(usualSetting), { firstBoundary, warmUntil: null });
}

/** An engine with one alert, which waits for its sink. */
function alerted(): Engine {
  const engine = begun();
  engine.swapAllowLists(lowering, ruleAt);
  engine.setIndex(index, () => 'indicator-deleted', ruleAt);
  takeAll(engine, [received(activity())], ruleAt);
  return engine;
}

function restored(from: Engine): Engine {
  const cut = from.state.beginCut('base');
  cut.advance(Number.POSITIVE_INFINITY);
  const image = new ShardImage();
  image.apply(cut.bytes());
  const engine = begun();
  engine.state.restore(image);
  return engine;
}

/** What a version before the severity policy wrote: neither its alerts nor its findings say these. */
function forgetRating(engine: Engine): void {
  const alerts = engine.outbox.waiting('test', 10);
  const judgements = [...engine.findings.all()].map(({ last }) => last);
  for (const each of [...alerts, ...judgements]) {
    Reflect.deleteProperty(each!, 'severity');
    Reflect.deleteProperty(each!, 'allowLists');
  }
}

test('an alert and a finding come back from the state as they were rated', () => {
  const [alert] = drain(restored(alerted()));
  expect(alert).toEqual(drain(alerted())[0]);
  expect(alert).toMatchObject({ severity: 'Low', allowLists: ['list-0'] });
});

test('state of before the severity policy is restored with the severity of the rule and no list', () => {
  const old = alerted();
  forgetRating(old);
  const engine = restored(old);
  expect(drain(engine)).toMatchObject([{ activity: 'create', severity: 'High', allowLists: [] }]);
  expect([...engine.findings.all()].map(({ last }) => last)).toMatchObject([{ severity: 'High', allowLists: [] }]);
  // Nor is it news that the alert would have had a severity.
  engine.setIndex(index, () => 'indicator-deleted', ruleAt);
  engine.flush({ lagging: [] }, firstBoundary);
  expect(drain(engine)).toEqual([]);
});

test('allow lists that are read before the first index after a restart close nothing', () => {
  const engine = restored(alerted());
  drain(engine);
  engine.swapAllowLists(lowering, ruleAt);
  engine.setIndex(index, () => 'indicator-deleted', ruleAt);
  expect(drain(engine)).toEqual([]);
});

test('a list that drops, new since the state was kept, closes with the first index', () => {
  const engine = restored(alerted());
  drain(engine);
  engine.swapAllowLists(allowListsOf(['drop', '198.51.100.7']), ruleAt);
  expect(drain(engine)).toEqual([]);
  engine.setIndex(index, () => 'indicator-deleted', ruleAt);
  expect(drain(engine)).toMatchObject([{ activity: 'close', closeReason: 'allow-listed', severity: 'Low' }]);
});
