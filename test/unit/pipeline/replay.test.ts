import { describe, expect, test } from 'vitest';
import { formatMs, HOUR_MS } from '../../../src/core/time.ts';
import { replayAt, replayHourly } from '../../../src/pipeline/replay.ts';
import { allowListsOf } from '../../support/allow-list-builder.ts';
import { defaultRule, prepareReplay } from '../../support/replay-rig.ts';
import { indicator, ruleAt } from '../../support/rule-input.ts';

const day = 24 * HOUR_MS;
let correlations = 0;

function operation(timeMs: number, change: Record<string, unknown> = {}): string {
  correlations += 1;
  return JSON.stringify({
    time: new Date(timeMs).toISOString(),
    category: 'Administrative',
    resultType: 'Success',
    callerIpAddress: '198.51.100.7',
    caller: 'ann@contoso.com',
    correlationId: `c${correlations}`,
    ...change,
  });
}

const { object } = indicator({ valid_from: undefined, valid_until: '2100-01-01T00:00:00Z' });

async function emitted(bodies: readonly string[], objects = [object], setting = {}) {
  const input = await prepareReplay({ bodies, objects, ...setting });
  return [...replayHourly(input)].map(({ activity, closeReason, emittedAt, windowEnd }) =>
    [activity, ...(closeReason === undefined ? [] : [closeReason]), emittedAt, windowEnd].join(' '),
  );
}

describe('replayHourly()', () => {
  test('emits a first match at its event time, news at each boundary, and a close when the window has emptied', async () => {
    const bodies = [
      operation(ruleAt + 60_000),
      operation(ruleAt + 120_000),
      operation(ruleAt + 2 * HOUR_MS),
      operation(ruleAt + 2 * HOUR_MS + 1),
      operation(ruleAt + 28 * HOUR_MS, { resultType: 'Start' }),
    ];
    const at = (ms: number): string => formatMs(ruleAt + ms);
    expect(await emitted(bodies)).toEqual([
      `create ${at(60_000)} ${at(HOUR_MS)}`,
      `update ${at(HOUR_MS)} ${at(HOUR_MS)}`,
      // A record on a boundary belongs to the window that it closes.
      `update ${at(2 * HOUR_MS)} ${at(2 * HOUR_MS)}`,
      `update ${at(3 * HOUR_MS)} ${at(3 * HOUR_MS)}`,
      `close window-empty ${at(27 * HOUR_MS)} ${at(27 * HOUR_MS)}`,
    ]);
  });

  test('an indicator that begins or ends between records speaks at its own instant', async () => {
    const begins = formatMs(ruleAt + 90 * 60_000);
    const ends = formatMs(ruleAt + 150 * 60_000);
    const narrow = indicator({ valid_from: begins, valid_until: ends }).object;
    const bodies = [operation(ruleAt + 60_000), operation(ruleAt + 5 * HOUR_MS, { callerIpAddress: '192.0.2.1' })];
    expect(await emitted(bodies, [narrow])).toEqual([
      `create ${begins} ${formatMs(ruleAt + 2 * HOUR_MS)}`,
      `close indicator-expired ${ends} ${formatMs(ruleAt + 3 * HOUR_MS)}`,
    ]);
  });

  test('every-flush repeats each row at each boundary', async () => {
    const bodies = [operation(ruleAt + 60_000), operation(ruleAt + 3 * HOUR_MS, { callerIpAddress: '192.0.2.1' })];
    const repeated = await emitted(bodies, [object], { rule: { ...defaultRule, repeats: true } });
    expect(repeated.map((text) => text.split(' ')[0])).toEqual(['create', 'update', 'update', 'update']);
  });

  test('a gap of decades costs nothing, and what lies on both sides of it is as if alone', async () => {
    const ancient = Date.parse('1970-01-01T00:00:00Z');
    const both = await emitted([operation(ruleAt + 60_000), operation(ancient), operation(ancient + 50 * HOUR_MS)]);
    expect(both).toEqual([
      'create 1970-01-01T00:00:00Z 1970-01-01T00:00:00Z',
      'close window-empty 1970-01-02T00:00:00Z 1970-01-02T00:00:00Z',
      'create 1970-01-03T02:00:00Z 1970-01-03T02:00:00Z',
      'close window-empty 1970-01-04T02:00:00Z 1970-01-04T02:00:00Z',
      `create ${formatMs(ruleAt + 60_000)} ${formatMs(ruleAt + HOUR_MS)}`,
    ]);
  });

  test('nothing gives nothing', async () => {
    expect(await emitted([])).toEqual([]);
    expect(await emitted([operation(ruleAt)], [])).toEqual([]);
  });
});

describe('allow lists of a replay', () => {
  const bodies = [operation(ruleAt - 60_000), operation(ruleAt - 30_000)];
  const lowering = allowListsOf(['lower', '198.51.100.0/24']);

  test('drop and lower as those of the service do, hour by hour and at an instant', async () => {
    const dropped = { bodies, objects: [object], allowLists: allowListsOf(['drop', '198.51.100.7']) };
    expect([...replayHourly(await prepareReplay(dropped))]).toEqual([]);
    expect(replayAt(await prepareReplay(dropped), ruleAt)).toEqual([]);
    const lowered = { bodies, objects: [object], allowLists: lowering };
    const alerts = [
      ...replayHourly(await prepareReplay(lowered)),
      ...replayAt(await prepareReplay(lowered), ruleAt),
    ].map(({ activity, severity, allowLists }) => [activity, severity, ...allowLists]);
    expect(alerts).toEqual([
      ['create', 'Low', 'list-0'],
      ['update', 'Low', 'list-0'],
      ['create', 'Low', 'list-0'],
    ]);
  });

  test('are judged by its own policy', async () => {
    const rule = {
      ...defaultRule,
      severityPolicy: [{ when: { allowListed: true, grade: ['none' as const] }, change: -1 }],
    };
    const input = await prepareReplay({ bodies, objects: [object], allowLists: lowering, rule });
    expect(replayAt(input, ruleAt).map(({ severity }) => severity)).toEqual(['Medium']);
  });
});

describe('replayAt()', () => {
  test('takes the window open on the left and closed on the right', async () => {
    const bodies = [operation(ruleAt - day), operation(ruleAt - day + 1), operation(ruleAt), operation(ruleAt + 1)];
    const input = await prepareReplay({ bodies, objects: [object] });
    expect(replayAt(input, ruleAt).map(({ row }) => row.OperationCount)).toEqual([2]);
  });

  test('has the id of the alert that the flush at that boundary would have had', async () => {
    const bodies = [operation(ruleAt - 60_000), operation(ruleAt - 30_000)];
    const input = await prepareReplay({ bodies, objects: [object] });
    const flushed = [...replayHourly(input)].at(-1)!;
    const again = await prepareReplay({ bodies, objects: [object] });
    expect(replayAt(again, ruleAt)).toEqual([{ ...flushed, activity: 'create' }]);
  });
});
