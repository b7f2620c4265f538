import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HeldLease } from '../../../src/core/ports.ts';
import { leaseLaws, take } from '../../contract/lease.ts';
import { MemoryLease, MemoryLeasePlace } from '../../support/memory-lease.ts';
import { SteppingRealTime } from '../../support/stepping-real-time.ts';

const durationMs = 15_000;
const ignore = (): void => undefined;

interface Rig {
  readonly time: SteppingRealTime;
  readonly place: MemoryLeasePlace;
  readonly open: (identifier: string) => MemoryLease;
}

function makeRig(): Rig {
  const time = new SteppingRealTime();
  const place = new MemoryLeasePlace(time);
  return { time, place, open: (identifier) => new MemoryLease(place, { identifier, durationMs, realTime: time }) };
}

leaseLaws('memory', () => {
  const { time, place, open } = makeRig();
  return Promise.resolve({
    durationMs,
    realTime: time,
    takeoverMs: 2000,
    open,
    until: async (holds) => {
      for (let steps = 0; !holds(); steps++) {
        if (steps > 1000) throw new Error('Expected a condition to hold: 100 s passed without');
        await time.advance(100);
      }
    },
    breakHeld: () => {
      place.breakHeld();
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});

/** What lost was when it aborted, null before. */
function lossOf(held: HeldLease, time: SteppingRealTime): { at: number | null } {
  const loss: { at: number | null } = { at: null };
  held.lost.addEventListener('abort', () => (loss.at = time.nowMs()));
  return loss;
}

test('a lease whose renewals fail is lost a duration after the last one that succeeded began', async () => {
  const { time, open } = makeRig();
  const lease = open('first');
  lease.latency = () => time.delay(400);
  const taking = take(lease);
  await time.advance(1000);
  const held = await taking;
  const loss = lossOf(held, time);
  await time.advance(4500); // One renewal, begun at 5000, a third of the duration after the request that took it.
  lease.unreachable = true;
  await time.advance(14_499);
  expect([loss.at, held.lost.aborted]).toEqual([null, false]);
  await time.advance(10_000);
  expect([loss.at, held.lost.aborted]).toEqual([20_000, true]);
  expect(lease.log.lines.some(({ level }) => level === 'warn')).toBe(true);
});

test('a lease outlives failures that are shorter than its duration', async () => {
  const { time, open } = makeRig();
  const lease = open('first');
  const held = await take(lease);
  for (let round = 0; round < 5; round++) {
    lease.unreachable = true;
    await time.advance(8000);
    lease.unreachable = false;
    await time.advance(3000);
  }
  expect(held.lost.aborted).toBe(false);
});

test('a renewal whose answer comes after the end does not bring the lease back', async () => {
  const { time, open } = makeRig();
  const lease = open('first');
  const held = await take(lease);
  lease.latency = () => time.delay(6000);
  await time.advance(60_000);
  expect(held.lost.aborted).toBe(true);
});

test('a process that was stopped past the duration never sees its lease as held', async () => {
  const { time, place, open } = makeRig();
  const first = open('first');
  const held = await take(first);
  first.suspend();
  const taking = take(open('second'));
  await time.advance(durationMs + 2000);
  const second = await taking;
  expect(place.holder()).toBe('second');
  expect(held.lost.aborted).toBe(true); // Before any of its timers has run.
  first.resume();
  await time.advance(30_000);
  expect([held.lost.aborted, second.lost.aborted, place.holder()]).toEqual([true, false, 'second']);
});

test('a process that was stopped is told that its lease is lost when it runs again', async () => {
  const { time, open } = makeRig();
  const first = open('first');
  const loss = lossOf(await take(first), time);
  first.suspend();
  await time.advance(durationMs + 2000);
  expect(loss.at).toBeNull();
  first.resume();
  await time.advance(0);
  expect(loss.at).toBe(durationMs + 2000);
});

test('a standby takes over within the duration and 2 s after a kill, wherever between two renewals it came', async () => {
  for (const killedMs of [0, 1, 4999, 5000, 5001, 7777]) {
    const { time, open } = makeRig();
    const first = open('first');
    await take(first);
    let second: HeldLease | null = null;
    void take(open('second')).then((held) => (second = held));
    await time.advance(killedMs);
    first.suspend();
    await time.advance(durationMs + 2000);
    expect(second).not.toBeNull();
  }
});

test('a lease that was taken too late to believe in is taken anew', async () => {
  const { time, place, open } = makeRig();
  const lease = open('first');
  lease.latency = () => time.delay(10_000);
  const held: HeldLease[] = [];
  void take(lease).then((taken) => held.push(taken));
  await time.advance(20_000);
  expect(held).toEqual([]);
  lease.latency = () => Promise.resolve();
  await time.advance(20_000);
  expect([held.length, place.holder()]).toEqual([1, 'first']);
});

test('a process that stops waiting while a request is under way leaves the lease free', async () => {
  const { time, place, open } = makeRig();
  const lease = open('first');
  lease.latency = () => time.delay(100);
  const stop = new AbortController();
  const acquiring = lease.acquire(stop.signal, ignore);
  await time.advance(150);
  expect(place.holder()).toBe('first');
  stop.abort();
  await time.advance(1000);
  expect(await acquiring).toBeNull();
  expect(place.holder()).toBeNull();
});

test('a service that cannot be reached is asked again until it can, and the log says it once', async () => {
  const { time, open } = makeRig();
  const lease = open('first');
  lease.unreachable = true;
  let held: HeldLease | null = null;
  void take(lease, () => expect.unreachable('nobody holds it')).then((taken) => (held = taken));
  await time.advance(60_000);
  expect(held).toBeNull();
  expect(lease.log.lines).toMatchObject([{ level: 'warn', message: 'Lease not taken, trying again' }]);
  lease.unreachable = false;
  await time.advance(1000);
  expect(held).not.toBeNull();
});

test('a release that fails is told, and does not reject', async () => {
  const { place, open } = makeRig();
  const lease = open('first');
  const held = await take(lease);
  lease.unreachable = true;
  await held.release();
  expect(lease.log.lines).toMatchObject([{ message: 'Lease not released, it ends by itself' }]);
  expect([place.holder(), held.lost.aborted]).toEqual(['first', false]);
});

test('nothing is left waiting after a release', async () => {
  const { time, open } = makeRig();
  const held = await take(open('first'));
  await held.release();
  await time.advance(0);
  expect(time.waiting).toBe(0);
});

type Step =
  | { readonly kind: 'pass'; readonly ms: number }
  | {
      readonly kind: 'acquire' | 'release' | 'suspend' | 'resume' | 'cut' | 'mend' | 'slow' | 'fast';
      readonly who: number;
    };

const who = fc.nat(2);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 9000 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('acquire' as const), who }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom(...(['release', 'suspend', 'resume', 'cut', 'mend', 'slow', 'fast'] as const)),
      who,
    }),
  },
);

test('no two processes ever hold a lease at once, whatever is slow, cut off or stopped', async () => {
  let handovers = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
      const { time, open } = makeRig();
      const leases = [open('a'), open('b'), open('c')];
      const held: (HeldLease | null)[] = [null, null, null];
      const busy = [false, false, false];
      const stop = new AbortController();
      const check = (): void => {
        const holders = held.flatMap((lease, index) => (lease !== null && !lease.lost.aborted ? [index] : []));
        expect(holders.length).toBeLessThanOrEqual(1);
      };
      const act = (one: Exclude<Step, { kind: 'pass' }>): void => {
        const lease = leases[one.who]!;
        if (one.kind === 'suspend') lease.suspend();
        else if (one.kind === 'resume') lease.resume();
        else if (one.kind === 'cut' || one.kind === 'mend') lease.unreachable = one.kind === 'cut';
        else if (one.kind === 'slow') lease.latency = () => time.delay(1700);
        else if (one.kind === 'fast') lease.latency = () => Promise.resolve();
        else if (one.kind === 'release') {
          const mine = held[one.who];
          held[one.who] = null;
          void mine?.release();
        } else if (!busy[one.who] && (held[one.who]?.lost.aborted ?? true)) {
          busy[one.who] = true;
          void lease.acquire(stop.signal, ignore).then((taken) => {
            busy[one.who] = false;
            held[one.who] = taken;
            if (taken !== null) handovers += 1;
            check();
          });
        }
      };
      for (const one of steps) {
        if (one.kind !== 'pass') act(one);
        for (let left = one.kind === 'pass' ? one.ms : 0; left >= 0; left -= 250) {
          await time.advance(Math.min(250, left));
          check();
        }
      }
      stop.abort();
      for (const lease of leases) lease.resume();
    }),
    { numRuns: 150 },
  );
  expect(handovers).toBeGreaterThan(100);
});

test('a lease that may be seized waits for its holder so long and no longer, and the holder hears of it', async () => {
  const time = new SteppingRealTime();
  const place = new MemoryLeasePlace(time);
  const shared = { durationMs, realTime: time };
  const dead = await take(new MemoryLease(place, { identifier: 'dead', ...shared }));
  const loss = lossOf(dead, time);
  const taking = take(new MemoryLease(place, { identifier: 'heir', ...shared, seizeAfterMs: 3000 }));
  await time.advance(2900);
  expect(place.holder()).toBe('dead');
  await time.advance(400);
  await taking;
  expect(place.holder()).toBe('heir');
  await time.advance(5000);
  expect(loss.at).not.toBeNull();
});
