import { expect, test } from 'vitest';
import { Engine } from '../../../../src/core/engine.ts';
import { ShardImage } from '../../../../src/core/state/shard-image.ts';
import { HOUR_MS } from '../../../../src/core/time.ts';
import { buildIndex, drain, engineOptions, takeAll, usualSetting } from '../../../support/engine-builder.ts';
import { activity, indicator, received, ruleAt } from '../../../support/rule-input.ts';
import { aSilence } from '../../../support/silence-builder.ts';

const firstBoundary = ruleAt + HOUR_MS;
const until = ruleAt + 2 * HOUR_MS;
const { index } = buildIndex([indicator()], usualSetting);
const silence = aSilence(until, { ip: '198.51.100.0/24' });

function begun(): Engine {
  return new Engine(engineOptions(usualSetting), { firstBoundary, warmUntil: null });
}

function cutOf(engine: Engine, kind: 'base' | 'delta'): Uint8Array {
  const cut = engine.state.beginCut(kind);
  cut.advance(Number.POSITIVE_INFINITY);
  const bytes = cut.bytes();
  engine.state.endCut();
  return bytes;
}

function restored(...cuts: readonly Uint8Array[]): Engine {
  const image = new ShardImage();
  for (const cut of cuts) image.apply(cut);
  const engine = begun();
  engine.state.restore(image);
  return engine;
}

/** What an engine knows of silences. */
function known({ silences }: Engine): unknown {
  return { revision: silences.revision, ...silences.takeForCut(true).silences };
}

test('silences come back from the state, those that have ended too, and wait for no commit', () => {
  const engine = begun();
  engine.silences.add(silence);
  engine.silences.add(aSilence(until, { id: 's2' }));
  engine.silences.end('s2', 'bob', ruleAt);
  const bytes = cutOf(engine, 'base');
  const again = restored(bytes);
  expect(known(again)).toEqual(known(engine));
  expect(known(again)).toMatchObject({ active: [silence], ended: [{ silence: { id: 's2' }, endedBy: 'bob' }] });
  expect([again.silences.hasUncut, again.state.wantsCommit]).toEqual([false, false]);
});

test('a change of silences alone wants a commit', () => {
  const engine = begun();
  cutOf(engine, 'base');
  engine.silences.add(silence);
  expect(engine.state.wantsCommit).toBe(true);
  cutOf(engine, 'delta');
  expect(engine.state.wantsCommit).toBe(false);
});

test('a delta without a change keeps what the cuts before it say, one with a change replaces it', () => {
  const engine = begun();
  engine.silences.add(silence);
  const base = cutOf(engine, 'base');
  const still = cutOf(engine, 'delta');
  expect(new TextDecoder().decode(still)).not.toContain('known scanner');
  expect(known(restored(base, still))).toMatchObject({ active: [silence] });
  engine.silences.end('s1', 'bob', ruleAt);
  expect(known(restored(base, still, cutOf(engine, 'delta')))).toMatchObject({
    active: [],
    ended: [{ endedBy: 'bob' }],
  });
});

/** An engine with one alert under a silence, which waits for its sink. */
function alerted(): Engine {
  const engine = begun();
  engine.silences.add(silence);
  engine.setIndex(index, () => 'indicator-deleted', ruleAt);
  takeAll(engine, [received(activity())], ruleAt);
  return engine;
}

test('a finding comes back with what silenced it: it is told anew after the restart, and only then', () => {
  const engine = restored(cutOf(alerted(), 'base'));
  expect(engine.outbox.silenced).toEqual({ create: 1, update: 0, close: 0 });
  expect(drain(engine)).toMatchObject([{ activity: 'create', silenced: { id: 's1' } }]);
  engine.setIndex(index, () => 'indicator-deleted', ruleAt);
  engine.flush({ lagging: [] }, firstBoundary);
  expect(drain(engine)).toEqual([]);
  engine.flush({ lagging: [] }, until);
  expect(drain(engine)).toMatchObject([{ activity: 'update', silenced: null }]);
});

test('a finding that was never told aloud is closed untold after a restart', () => {
  const engine = restored(cutOf(alerted(), 'base'));
  drain(engine);
  engine.silences.end('s1', 'bob', ruleAt);
  engine.setIndex(buildIndex([], usualSetting).index, () => 'indicator-deleted', ruleAt + 1);
  expect(drain(engine)).toMatchObject([{ activity: 'close', silenced: { id: 's1' } }]);
});

/** What a version before silences wrote: neither its alerts nor its summary say anything of them. */
function forgetSilences({ outbox, silences }: Engine): void {
  for (const alert of outbox.waiting('test', 10)) Reflect.deleteProperty(alert, 'silenced');
  const { lastAlert, taken, emitted } = outbox.summary;
  Object.defineProperty(outbox, 'summary', { value: { lastAlert, taken, emitted } });
  silences.takeForCut = () => ({});
}

test('state of before there were silences is restored without any, and its findings were told aloud', () => {
  const engine = begun();
  engine.setIndex(index, () => 'indicator-deleted', ruleAt);
  takeAll(engine, [received(activity())], ruleAt);
  forgetSilences(engine);
  const bytes = cutOf(engine, 'base');
  expect(new TextDecoder().decode(bytes)).not.toMatch(/silence/i);
  const again = restored(bytes);
  expect(known(again)).toEqual({ revision: 0, active: [], ended: [] });
  expect(again.outbox.silenced).toEqual({ create: 0, update: 0, close: 0 });
  expect(drain(again)).toMatchObject([{ activity: 'create', silenced: null }]);
  again.silences.add(silence);
  again.setIndex(buildIndex([], usualSetting).index, () => 'indicator-deleted', ruleAt + 1);
  expect(drain(again)).toMatchObject([{ activity: 'close', silenced: null }]);
});
