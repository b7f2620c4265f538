import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OpenFinding } from '../../../src/core/alert/open-finding.ts';
import { Outbox } from '../../../src/core/alert/outbox.ts';
import { skippingSilenced } from '../../../src/core/alert/silenced-skip.ts';
import { SinkError, type SinkErrorCode } from '../../../src/core/alert/sink-error.ts';
import { Delivery } from '../../../src/pipeline/deliver.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { anAlert } from '../../support/sample-alert.ts';
import { ScriptedSink, type SinkStep } from '../../support/scripted-sink.ts';
import { MemoryDeadLetterStore } from '../../support/simulation/memory-dead-letter-store.ts';
import { SteppingClock } from '../../support/stepping-clock.ts';
import { SteppingRealTime } from '../../support/stepping-real-time.ts';

const hourMs = 3_600_000;

function rig({ waitingMax = 1000, skips = false } = {}) {
  const scripted = new ScriptedSink();
  const sink = skips ? skippingSilenced(scripted) : scripted;
  const outbox = new Outbox([sink.name], 1000, false);
  const store = { refuses: false };
  const letters = new MemoryDeadLetterStore(() => store.refuses);
  const realTime = new SteppingRealTime();
  const log = new MemoryLog();
  const clock = new SteppingClock(Date.UTC(2026, 2, 1, 12));
  const counted: [string, string, number][] = [];
  const open: OpenFinding[] = [];
  const delivery = new Delivery({
    outbox,
    sink,
    deadLetters: () => letters,
    waitingMax,
    openFindings: () => open,
    clock,
    realTime,
    random: () => 0,
    log,
    onDelivered: (name, alerts) => counted.push([name, 'delivered', alerts.length]),
    onSkipped: (name, count) => counted.push([name, 'skipped', count]),
    onFailed: (name) => counted.push([name, 'failed', 1]),
    onUndelivered: (name, reason, count) => counted.push([name, reason, count]),
  });
  const emit = (count: number): void => {
    for (let at = 0; at < count; at += 1) outbox.append(anAlert({ id: `id-${outbox.last + 1}` }));
  };
  /** Lets the delivery loop run for so long. */
  const pass = async (ms: number): Promise<void> => {
    const ending = new AbortController();
    const running = delivery.run(ending.signal);
    await realTime.advance(ms);
    ending.abort();
    await realTime.advance(0);
    await running;
  };
  const takenIds = (): string[] => scripted.taken.map(({ id }) => id);
  const letterIds = (): string[] => letters.letters.map(({ partition }) => partition);
  return {
    sink: scripted,
    open,
    outbox,
    store,
    letters,
    realTime,
    log,
    delivery,
    emit,
    pass,
    takenIds,
    letterIds,
    counted,
  };
}

const ids = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, at) => `id-${from + at}`);
const failing = (code: SinkErrorCode, retryAfterMs?: number): SinkStep => ({
  fails: new SinkError(code, `the sink answers ${code}`, retryAfterMs === undefined ? {} : { retryAfterMs }),
});

describe('Delivery', () => {
  test('gives every alert in order, in batches as large as the sink takes', async () => {
    const { sink, emit, pass, takenIds } = rig();
    emit(25);
    await pass(1000);
    expect(takenIds()).toEqual(ids(1, 25));
    expect(sink.sizes).toEqual([10, 10, 5]);
  });

  test('waits twice as long after each failure, and no longer than a minute', async () => {
    const { sink, realTime, emit, pass, takenIds } = rig();
    const moments: number[] = [];
    for (let at = 0; at < 12; at += 1)
      sink.steps.push({ ...failing('unavailable'), slow: () => Promise.resolve(void moments.push(realTime.nowMs())) });
    emit(1);
    await pass(hourMs);
    const pauses = moments.slice(1).map((at, index) => at - moments[index]!);
    // The jitter of this rig is none, so each pause is half of what it may be at most.
    expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000]);
    expect(takenIds()).toEqual(['id-1']);
  });

  test('leaves a sink alone for as long as it asks, up to an hour', async () => {
    const { sink, emit, pass, takenIds, realTime } = rig();
    sink.steps.push(failing('rate_limited', 90_000), failing('rate_limited', 30 * hourMs));
    emit(1);
    await pass(89_999);
    expect(sink.sizes).toHaveLength(1);
    await realTime.advance(0);
    await pass(90_000);
    expect(sink.sizes).toHaveLength(2);
    await pass(hourMs + 1000);
    expect(takenIds()).toEqual(['id-1']);
  });

  test('tries one alert at a time after five failures in a row, and batches again once it is taken', async () => {
    const { sink, emit, pass, delivery, takenIds } = rig();
    sink.steps.push(...Array.from({ length: 6 }, () => failing('unavailable')));
    emit(25);
    await pass(5000);
    expect(delivery.status.circuit).toBe('open');
    await pass(hourMs);
    expect(sink.sizes).toEqual([10, 10, 10, 10, 10, 1, 1, 10, 10, 4]);
    expect(delivery.status).toMatchObject({ circuit: 'closed', lastError: null, waiting: 0 });
    expect(takenIds()).toEqual(ids(1, 25));
  });

  test('keeps the one alert of a batch that is refused for good, and delivers all others in order', async () => {
    const { sink, emit, pass, takenIds, letters, delivery, counted } = rig();
    sink.verdict = ({ id }) => (id === 'id-7' ? new SinkError('refused', 'the sink answers 400') : null);
    emit(12);
    await pass(1000);
    expect(takenIds()).toEqual(ids(1, 12).filter((id) => id !== 'id-7'));
    expect(letters.letters).toMatchObject([
      {
        stream: 'sink:scripted',
        partition: 'id-7',
        reason: 'refused',
        text: expect.stringContaining('"id":"id-7"') as string,
      },
    ]);
    expect(delivery.status).toMatchObject({ undelivered: 1, lastError: null });
    expect(counted).toContainEqual(['scripted', 'refused', 1]);
  });

  test('an alert longer than the sink takes is kept, and holds back none', async () => {
    const { sink, outbox, emit, pass, takenIds, letterIds } = rig();
    sink.limits = { batchMax: 10, batchBytesMax: 8000, documentBytesMax: 4000 };
    emit(2);
    outbox.append(anAlert({ id: 'long', caller: '€'.repeat(1400) }));
    emit(2);
    await pass(1000);
    expect(takenIds()).toEqual(['id-1', 'id-2', 'id-4', 'id-5']);
    expect(letterIds()).toEqual(['long']);
  });

  test('an alert of which the sink wants nothing counts as delivered', async () => {
    const { sink, emit, pass, takenIds, outbox } = rig();
    sink.wants = ({ id }) => id !== 'id-2';
    emit(3);
    await pass(1000);
    expect(takenIds()).toEqual(['id-1', 'id-3']);
    expect(outbox.size).toBe(0);
  });

  test('what waits beyond the bound is kept as dead letters, the oldest first, and the rest is delivered', async () => {
    const { sink, emit, pass, takenIds, letterIds } = rig({ waitingMax: 20 });
    sink.steps.push(failing('unauthorized', hourMs));
    emit(1);
    await pass(1000);
    emit(29);
    await pass(2 * hourMs);
    expect(letterIds()).toEqual(ids(1, 10));
    expect(takenIds()).toEqual(ids(11, 30));
  });

  test('gives up nothing while dead letters cannot be kept', async () => {
    const { sink, store, emit, pass, takenIds, letterIds, delivery } = rig();
    store.refuses = true;
    sink.verdict = ({ id }) => (id === 'id-1' ? new SinkError('refused', 'the sink answers 400') : null);
    emit(3);
    await pass(60_000);
    expect([takenIds(), letterIds()]).toEqual([[], []]);
    expect(delivery.status.lastError?.message).toMatch(/dead letter/);
    store.refuses = false;
    await pass(hourMs);
    expect([takenIds(), letterIds()]).toEqual([['id-2', 'id-3'], ['id-1']]);
  });

  test('a sink that says it is gone for good is not asked again, and its alerts wait', async () => {
    const { sink, emit, pass, delivery, outbox } = rig();
    sink.steps.push(failing('disabled'));
    emit(3);
    await pass(hourMs);
    expect(sink.sizes).toEqual([3]);
    expect(delivery.status.circuit).toBe('disabled');
    expect(outbox.waitingCount('scripted')).toBe(3);
  });

  test('drain() ends when its time is over, whatever the sink does', async () => {
    const { sink, delivery, emit, realTime } = rig();
    sink.steps.push(...Array.from({ length: 100 }, () => failing('unavailable')));
    emit(1);
    const drained = delivery.drain(5000);
    await realTime.advance(5000);
    await drained;
    expect(realTime.waiting).toBe(0);
  });

  test('whatever fails, each alert is taken in order, or kept as refused, and none twice but for a repeated batch', async () => {
    const step = fc.oneof(
      fc.constant<SinkStep>({}),
      fc
        .tuple(fc.constantFrom<SinkErrorCode>('unavailable', 'unauthorized', 'not_found', 'rate_limited'), fc.nat(9))
        .map(([code, takes]): SinkStep => ({ ...failing(code, takes * 1000), takes })),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.array(fc.nat(40), { minLength: 1, maxLength: 5 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 5 }),
        async (steps, bursts, refused) => {
          const { sink, emit, pass, takenIds, letterIds, outbox } = rig();
          sink.steps.push(...steps);
          const refusedIds = new Set(refused.map((number) => `id-${number}`));
          sink.verdict = ({ id }) => (refusedIds.has(id) ? new SinkError('refused', 'the sink answers 422') : null);
          for (const burst of bursts) {
            emit(burst);
            await pass(200);
          }
          for (let minutes = 0; outbox.size > 0 && minutes < 120; minutes += 1) await pass(60_000);
          const all = ids(1, outbox.last);
          // A failed delivery may have taken some, also of a batch with one that is refused.
          const first = [...new Set(takenIds())];
          const isWanted = (id: string): boolean => !refusedIds.has(id);
          expect(first.filter(isWanted)).toEqual(all.filter(isWanted));
          expect(letterIds()).toEqual(all.filter((id) => !isWanted(id)));
          expect(outbox.size).toBe(0);
        },
      ),
      { numRuns: 50 },
    );
  });
});

const silenced = { id: 's1', author: 'ann', reason: 'known scanner', until: '2026-03-01T13:00:00Z' };

describe('Delivery to a sink that skips what is silenced', () => {
  /** Emits alerts of which those with an even number are silenced. */
  const emitEverySecond = ({ outbox }: ReturnType<typeof rig>, count: number): void => {
    for (let at = 1; at <= count; at += 1) {
      const id = `id-${outbox.last + 1}`;
      outbox.append(anAlert({ id, silenced: at % 2 === 0 ? silenced : null }));
    }
  };

  test('gives it the others alone, and counts what it skips apart', async () => {
    const each = rig({ skips: true });
    emitEverySecond(each, 6);
    await each.pass(1000);
    expect(each.takenIds()).toEqual(['id-1', 'id-3', 'id-5']);
    expect(each.counted).toEqual([
      ['scripted', 'skipped', 3],
      ['scripted', 'delivered', 3],
    ]);
    expect(each.outbox.size).toBe(0);
  });

  test('makes no dead letter of what it skips: not beyond the bound, and not beside one that is refused', async () => {
    const full = rig({ skips: true, waitingMax: 2 });
    full.sink.steps.push(failing('unavailable'));
    emitEverySecond(full, 6);
    await full.pass(10_000);
    expect(full.letterIds()).toEqual(['id-1', 'id-3']);
    expect(full.takenIds()).toEqual(['id-5']);
    const refused = rig({ skips: true });
    refused.sink.steps.push(failing('refused'));
    emitEverySecond(refused, 2);
    await refused.pass(10_000);
    expect(refused.letterIds()).toEqual(['id-1']);
    expect(refused.counted).toContainEqual(['scripted', 'skipped', 1]);
  });

  test('does not take what it skips for a sign that a sink is well again', async () => {
    const each = rig({ skips: true });
    each.sink.steps.push(failing('unavailable'), failing('unavailable'));
    emitEverySecond(each, 1);
    await each.pass(100);
    expect(each.delivery.status.lastError?.message).toBe('the sink answers unavailable');
    each.outbox.delivered('scripted', 1);
    each.outbox.append(anAlert({ id: 'hidden', silenced }));
    await each.pass(1000);
    expect(each.outbox.size).toBe(0);
    expect(each.delivery.status.lastError?.message).toBe('the sink answers unavailable');
  });
});
