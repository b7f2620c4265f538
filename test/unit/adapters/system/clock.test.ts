import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { monotonicMs, realTime, systemClock, yieldTurn } from '../../../../src/adapters/system/clock.ts';

const origin = Date.UTC(2026, 0, 1);

beforeEach(() => {
  vi.useFakeTimers({ now: origin, toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

async function settledAfter(promise: Promise<void>, ms: number): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  await vi.advanceTimersByTimeAsync(ms);
  return settled;
}

test('a clock of speed 1 is true time', () => {
  const clock = systemClock({ speed: 1, originMs: 0 });
  vi.advanceTimersByTime(1234);
  expect(clock.now()).toBe(origin + 1234);
});

test('a clock of speed 60 passes a minute in a second and agrees with true time at its origin', () => {
  const clock = systemClock({ speed: 60, originMs: origin });
  expect(clock.now()).toBe(origin);
  vi.advanceTimersByTime(1000);
  expect(clock.now()).toBe(origin + 60_000);
});

test('sleepUntil() of a fast clock wakes when its own time is reached and not before', async () => {
  const clock = systemClock({ speed: 60, originMs: origin });
  const sleep = clock.sleepUntil(origin + 3_600_000, new AbortController().signal);
  expect(await settledAfter(sleep, 59_999)).toBe(false);
  expect(await settledAfter(sleep, 1)).toBe(true);
});

test('sleepUntil() resolves at once for an instant that has passed', async () => {
  const clock = systemClock({ speed: 1, originMs: 0 });
  expect(await settledAfter(clock.sleepUntil(origin, new AbortController().signal), 0)).toBe(true);
});

test('sleepUntil() resolves at once when the signal aborts and leaves no listener on it', async () => {
  const clock = systemClock({ speed: 1, originMs: 0 });
  const abort = new AbortController();
  const sleep = clock.sleepUntil(origin + 60_000, abort.signal);
  expect(getEventListeners(abort.signal, 'abort')).toHaveLength(1);
  abort.abort();
  expect(await settledAfter(sleep, 0)).toBe(true);
  expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0);
  expect(await settledAfter(clock.sleepUntil(origin + 60_000, abort.signal), 0)).toBe(true);
});

test('sleepUntil() leaves no listener on the signal after it slept', async () => {
  const clock = systemClock({ speed: 1, originMs: 0 });
  const abort = new AbortController();
  for (let round = 1; round <= 20; round++) {
    const sleep = clock.sleepUntil(Date.now() + 10, abort.signal);
    expect(await settledAfter(sleep, 10)).toBe(true);
  }
  expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0);
});

test('sleepUntil() keeps delays that are longer than a timer can be', async () => {
  const clock = systemClock({ speed: 1, originMs: 0 });
  const days40 = 40 * 86_400_000;
  const sleep = clock.sleepUntil(origin + days40, new AbortController().signal);
  expect(await settledAfter(sleep, days40 - 1)).toBe(false);
  expect(await settledAfter(sleep, 1)).toBe(true);
});

test('sleepUntil() goes on sleeping when the wall clock is set back', async () => {
  const clock = systemClock({ speed: 1, originMs: 0 });
  const sleep = clock.sleepUntil(origin + 10_000, new AbortController().signal);
  expect(await settledAfter(sleep, 5000)).toBe(false);
  vi.setSystemTime(origin);
  expect(await settledAfter(sleep, 9999)).toBe(false);
  expect(await settledAfter(sleep, 1)).toBe(true);
});

test('sleepUntil() notices within a minute that the wall clock was set forward', async () => {
  const clock = systemClock({ speed: 1, originMs: 0 });
  const sleep = clock.sleepUntil(origin + 86_400_000, new AbortController().signal);
  expect(await settledAfter(sleep, 1000)).toBe(false);
  vi.setSystemTime(origin + 2 * 86_400_000);
  expect(await settledAfter(sleep, 60_000)).toBe(true);
});

test('realTime.delay() waits true time and wakes on abort', async () => {
  expect(await settledAfter(realTime.delay(1000), 999)).toBe(false);
  expect(await settledAfter(realTime.delay(1000), 1000)).toBe(true);
  const abort = new AbortController();
  const delay = realTime.delay(60_000, abort.signal);
  abort.abort();
  expect(await settledAfter(delay, 0)).toBe(true);
});

test('monotonicMs() does not follow the wall clock', () => {
  const before = monotonicMs();
  vi.setSystemTime(origin - 3_600_000);
  vi.advanceTimersByTime(5);
  expect(monotonicMs() - before).toBe(5);
});

test('yieldTurn() lets what is queued in the event loop go first', async () => {
  const order: string[] = [];
  setImmediate(() => order.push('queued'));
  await yieldTurn();
  order.push('yielded');
  expect(order).toEqual(['queued', 'yielded']);
});
