import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../../src/core/alert/alert.ts';
import { HOUR_MS } from '../../../../src/core/time.ts';
import { activity, boundary, EngineBench, indicator, minute, noon } from '../../../support/engine-bench.ts';
import { aSilence } from '../../../support/silence-builder.ts';

/** What was told, and by which silence it is silenced. */
const told = (alerts: readonly Alert[]): unknown[] =>
  alerts.map(({ activity: what, silenced }) => [what, silenced?.id ?? null]);

const day = 24 * HOUR_MS;

/** An engine with an indicator and a silence, if it has an end. */
function bench(untilMs: number | null, changes: Parameters<typeof aSilence>[1] = {}): EngineBench {
  const made = new EngineBench();
  made.index([indicator()], noon);
  if (untilMs !== null) made.engine.silences.add(aSilence(untilMs, changes));
  return made;
}

const match = (made: EngineBench, ms = noon + minute): Alert[] => made.take(activity(ms), ms);

describe('A finding under a silence', () => {
  test('is told as ever, and its alerts name the silence', () => {
    const made = bench(boundary + 5 * HOUR_MS);
    const [create] = match(made);
    expect(create?.silenced).toEqual({
      id: 's1',
      author: 'ann',
      reason: 'known scanner',
      until: '2026-03-02T18:00:00Z',
    });
    made.take(activity(noon + 2 * minute), noon + 2 * minute);
    expect(told(made.flush())).toEqual([['update', 's1']]);
    expect(told(made.flush())).toEqual([]);
    expect(made.engine.outbox.silenced).toEqual({ create: 1, update: 1, close: 0 });
  });

  test('is told anew at the flush after the silence ended, once', () => {
    const made = bench(boundary);
    expect(told(match(made))).toEqual([['create', 's1']]);
    expect(told(made.flush())).toEqual([['update', null]]);
    expect(told(made.flush())).toEqual([]);
  });

  test('is told anew when somebody ended the silence, but not while another one covers it', () => {
    const made = bench(boundary + day);
    made.engine.silences.add(aSilence(boundary + HOUR_MS + minute, { id: 's2' }));
    match(made);
    made.engine.silences.end('s1', 'bob', noon + 3 * minute);
    expect(told(made.flush())).toEqual([]);
    expect(told(made.flush())).toEqual([['update', null]]);
  });

  test('that ends untold is closed untold, though no silence is left', () => {
    const made = bench(noon + 30 * minute);
    match(made);
    expect(told(made.index([], noon + 40 * minute))).toEqual([['close', 's1']]);
  });

  test('that was told aloud before is closed aloud', () => {
    const made = bench(null);
    expect(told(match(made))).toEqual([['create', null]]);
    made.engine.silences.add(aSilence(boundary + day));
    made.take(activity(noon + 2 * minute), noon + 2 * minute);
    expect(told(made.flush())).toEqual([['update', 's1']]);
    expect(told(made.index([], boundary + 10 * minute))).toEqual([['close', null]]);
  });

  test('that comes back is judged anew: what was told aloud before it closed counts no more', () => {
    const made = bench(null);
    match(made);
    made.index([], noon + 2 * minute);
    made.engine.silences.add(aSilence(boundary + 10 * minute));
    made.index([indicator({ modified: '2026-02-01T00:00:00Z' })], noon + 3 * minute);
    expect(told(made.flush())).toEqual([['create', 's1']]);
    expect(told(made.index([], boundary + 20 * minute))).toEqual([['close', 's1']]);
  });

  test('does something that the silence does not name: it is told aloud', () => {
    const made = bench(boundary + day, { operations: ['op/*'] });
    expect(told(match(made))).toEqual([['create', 's1']]);
    made.take(activity(noon + 2 * minute, { operation: 'OTHER/write' }), noon + 2 * minute);
    expect(told(made.flush())).toEqual([['update', null]]);
  });

  test('older than every window is silenced too', () => {
    const made = bench(boundary + 3 * day);
    for (let hour = 0; hour < 25; hour += 1) made.flush();
    expect(told(match(made))).toEqual([['create', 's1']]);
  });

  test('of another address is told aloud', () => {
    expect(told(match(bench(boundary + day, { ip: '198.51.100.0/24' })))).toEqual([['create', null]]);
    expect(told(match(bench(boundary + day, { caller: 'ANN@contoso.com' })))).toEqual([['create', 's1']]);
    expect(told(match(bench(boundary + day, { caller: 'bob@contoso.com' })))).toEqual([['create', null]]);
  });
});
