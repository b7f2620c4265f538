import { describe, expect, test } from 'vitest';
import type { HeldLease, Lease, RealTime } from '../../src/core/ports.ts';

/** A lease that processes contend for. */
export interface LeaseRig extends AsyncDisposable {
  readonly durationMs: number;
  /** The time of every process. */
  readonly realTime: RealTime;
  /** Milliseconds within which a standby takes over after a release. */
  readonly takeoverMs: number;
  /** One process's side of the lease. */
  readonly open: (identifier: string) => Lease;
  /** Lets time pass until something holds. */
  readonly until: (holds: () => boolean) => Promise<void>;
  /** Takes the lease from its holder, as an operator may. */
  readonly breakHeld: () => Promise<void>;
}

const never = new AbortController().signal;
const ignore = (): void => undefined;

/** Takes a lease that must be free or become so. */
export async function take(lease: Lease, onWait: (holder: string) => void = ignore): Promise<HeldLease> {
  const held = await lease.acquire(never, onWait);
  if (held === null) throw new Error('Expected to hold the lease: acquire() gave null');
  return held;
}

/** What holds for every lease, whoever keeps it. */
export function leaseLaws(kind: string, make: () => Promise<LeaseRig>): void {
  describe(`a ${kind} lease`, () => {
    test('that is free is taken without a wait', async () => {
      await using rig = await make();
      const waits: string[] = [];
      const held = await take(rig.open('first'), (holder) => waits.push(holder));
      expect([held.lost.aborted, waits]).toEqual([false, []]);
      await held.release();
    });

    test('that is held is waited for, told once with the name of the holder, and taken after its release', async () => {
      await using rig = await make();
      const held = await take(rig.open('first, at home/1'));
      const waits: string[] = [];
      let second: HeldLease | null = null;
      const waiting = take(rig.open('second'), (holder) => waits.push(holder)).then((lease) => (second = lease));
      const begun = rig.realTime.nowMs();
      await rig.until(() => waits.length > 0 && rig.realTime.nowMs() - begun > 1500);
      expect(waits).toEqual(['first, at home/1']);
      expect([second, held.lost.aborted]).toEqual([null, false]);
      await held.release();
      const releasedMs = rig.realTime.nowMs();
      await rig.until(() => second !== null);
      expect(rig.realTime.nowMs() - releasedMs).toBeLessThanOrEqual(rig.takeoverMs);
      expect(held.lost.aborted).toBe(false);
      await (await waiting).release();
    });

    test('is not taken by a process that stops waiting, nor lost by its holder for that', async () => {
      await using rig = await make();
      const held = await take(rig.open('first'));
      const stop = new AbortController();
      let answer: HeldLease | null | undefined;
      void rig
        .open('second')
        .acquire(stop.signal, () => stop.abort())
        .then((lease) => (answer = lease));
      await rig.until(() => answer !== undefined);
      expect([answer, held.lost.aborted]).toEqual([null, false]);
      expect(await rig.open('third').acquire(AbortSignal.abort(), ignore)).toBeNull();
      await held.release();
      let third: HeldLease | null = null;
      void take(rig.open('third')).then((lease) => (third = lease));
      await rig.until(() => third !== null);
      await third!.release();
    });

    test('may be released twice and taken again by the same process', async () => {
      await using rig = await make();
      const lease = rig.open('first');
      for (let round = 0; round < 3; round++) {
        const held = await take(lease);
        await Promise.all([held.release(), held.release()]);
      }
      await (await take(rig.open('second'))).release();
    });

    test('is held for longer than its duration by a holder that lives', async () => {
      await using rig = await make();
      const held = await take(rig.open('first'));
      const stop = new AbortController();
      let answer: HeldLease | null | undefined;
      void rig
        .open('second')
        .acquire(stop.signal, ignore)
        .then((lease) => (answer = lease));
      const begun = rig.realTime.nowMs();
      await rig.until(() => rig.realTime.nowMs() - begun > 1.4 * rig.durationMs);
      expect([answer, held.lost.aborted]).toEqual([undefined, false]);
      stop.abort();
      await rig.until(() => answer !== undefined);
      expect(answer).toBeNull();
      await held.release();
    });

    test('that is taken from its holder is lost, and free for another', async () => {
      await using rig = await make();
      const held = await take(rig.open('first'));
      await rig.breakHeld();
      let second: HeldLease | null = null;
      void take(rig.open('second')).then((lease) => (second = lease));
      await rig.until(() => held.lost.aborted && second !== null);
      await held.release();
      expect(second!.lost.aborted).toBe(false);
      await second!.release();
    });

    test('is never held by two of many that contend for it', async () => {
      await using rig = await make();
      let holders = 0;
      let turns = 0;
      const contend = async (lease: Lease): Promise<void> => {
        for (let turn = 0; turn < 2; turn++) {
          const held = await take(lease);
          holders += 1;
          expect([holders, held.lost.aborted]).toEqual([1, false]);
          await rig.realTime.delay(20);
          expect(holders).toBe(1);
          holders -= 1;
          turns += 1;
          await held.release();
        }
      };
      const contenders = ['a', 'b', 'c', 'd'].map((name) => contend(rig.open(name)));
      let failure: unknown = null;
      const all = Promise.all(contenders).catch((error: unknown) => (failure = error));
      await rig.until(() => turns === 8 || failure !== null);
      await all;
      expect(failure).toBeNull();
    });
  });
}
