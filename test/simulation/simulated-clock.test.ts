import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedClock } from '../support/simulation/simulated-clock.ts';

const startMs = 1_000_000;

describe('SimulatedClock', () => {
  let clock: SimulatedClock;
  let woken: [string, number][];
  const { signal } = new AbortController();
  const note = (name: string) => (): void => void woken.push([name, clock.worldMs]);

  beforeEach(() => {
    clock = new SimulatedClock({ startMs });
    woken = [];
  });

  test('advance() wakes sleepers in the order in which they are due, each at that time', async () => {
    void clock.sleepUntil(startMs + 300, signal).then(note('c'));
    void clock.delay(100).then(note('a'));
    void clock
      .delay(200)
      .then(() => clock.delay(50))
      .then(note('b'));
    await clock.advance(400);
    expect(woken).toEqual([
      ['a', startMs + 100],
      ['b', startMs + 250],
      ['c', startMs + 300],
    ]);
    expect(clock.now()).toBe(startMs + 400);
  });

  test('advance() wakes nobody before its time', async () => {
    void clock.delay(100).then(note('a'));
    await clock.advance(99);
    expect(woken).toEqual([]);
    await clock.advance(1);
    expect(woken).toEqual([['a', startMs + 100]]);
  });

  test('an abort ends a sleep at once, and no sleep leaves a listener behind', async () => {
    const ended = new AbortController();
    void clock.delay(100, ended.signal).then(note('a'));
    void clock.sleepUntil(startMs + 10, ended.signal).then(note('b'));
    await clock.advance(10);
    expect(getEventListeners(ended.signal, 'abort')).toHaveLength(1);
    ended.abort();
    await clock.advance(0);
    expect(woken).toEqual([
      ['b', startMs + 10],
      ['a', startMs + 10],
    ]);
    expect(getEventListeners(ended.signal, 'abort')).toHaveLength(0);
    expect(clock.sleepers).toBe(0);
  });

  test('step() moves the clock and those who wait for its time, true time and delays not', async () => {
    void clock.sleepUntil(startMs + 1000, signal).then(note('clock'));
    void clock.delay(1000).then(note('delay'));
    clock.step(900);
    await clock.advance(100);
    expect(woken).toEqual([['clock', startMs + 100]]);
    expect([clock.now(), clock.nowMs(), clock.worldMs]).toEqual([startMs + 1000, startMs + 100, startMs + 100]);
    await clock.advance(900);
    expect(woken.at(-1)).toEqual(['delay', startMs + 1000]);
  });

  test('standStill() wakes those who would have woken meanwhile when time goes on', async () => {
    void clock.delay(100).then(note('a'));
    clock.standStill(5000);
    await clock.advance(0);
    expect(woken).toEqual([['a', startMs + 5000]]);
  });

  test('the clock runs at its speed against true time', async () => {
    const fast = new SimulatedClock({ startMs, speed: 60 });
    let nowMs = 0;
    void fast.delay(1000).then(() => (nowMs = fast.now()));
    await fast.advance(60_000);
    expect(nowMs).toBe(startMs + 60_000);
    expect(fast.nowMs() - startMs / 60).toBeCloseTo(1000);
  });
});
