import { describe, expect, test } from 'vitest';
import { originKey, type Position } from '../../src/core/ports.ts';
import { SharedGroup, type SharedSourceRig } from '../support/shared-group.ts';

/** A promise to hold something with. */
function gate(): { readonly wait: () => Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<null>();
  return { wait: () => promise.then(() => undefined), open: () => resolve(null) };
}

/** Resolves when the signal aborts. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** What holds for every shared source, whatever its hub is kept in. */
export function sharedSourceLaws(kind: string, make: () => Promise<SharedSourceRig>): void {
  const withGroup = (name: string, run: (group: SharedGroup) => Promise<void>): void => {
    test(name, async () => {
      await using rig = await make();
      const group = new SharedGroup(rig);
      await run(group);
      await Promise.all(group.members.map(({ stop }) => stop()));
      expect(group.ledger.offences).toEqual([]);
      for (const { listener } of group.members) expect([...listener.held]).toEqual([]);
    });
  };

  describe(`a shared ${kind} source`, () => {
    withGroup('gives one process all partitions, tells what there is, and reads what comes', async (group) => {
      group.append(3);
      const a = await group.join('a');
      await group.balanced([a]);
      group.append(3);
      await group.taken();
      expect(a.listener.known.at(-1)?.map(({ partition }) => partition)).toEqual(group.rig.partitions);
      expect(a.source.status().map(({ owner, owned }) => [owner, owned])).toEqual(
        group.rig.partitions.map(() => ['a', true]),
      );
      await group.rig.until(
        () => new Set(a.listener.caughtUp.map(({ partition }) => partition)).size === group.rig.partitions.length,
        'all are caught up',
      );
      expect(a.source.status().every(({ lagEvents }) => lagEvents === 0)).toBe(true);
    });

    withGroup('reads right behind the position that a claim is answered with', async (group) => {
      group.append(5);
      const a = await group.join('a');
      await group.taken();
      await a.stop();
      group.append(2);
      const b = await group.join('b');
      await group.taken();
      const handed = [...b.listener.handed.values()].map((numbers) => [...new Set(numbers)].sort());
      expect(handed).toEqual(group.rig.partitions.map(() => [5, 6]));
    });

    withGroup('writes checkpoints of what it owns, forwards, and tells them with the next claim', async (group) => {
      group.append(4);
      const a = await group.join('a');
      await group.taken();
      const [first = '0'] = group.rig.partitions;
      const origin = group.origin(first, a);
      const [at1, at3] = [1, 3].map((number): ReadonlyMap<string, Position> => {
        return new Map([[originKey(origin), { sequenceNumber: number, offset: String(number), enqueuedMs: number }]]);
      });
      a.source.checkpoint(at3 ?? new Map());
      a.source.checkpoint(at1 ?? new Map());
      await a.stop();
      expect(await group.rig.checkpointOf(first)).toBe(3);
      const b = await group.join('b');
      await group.balanced([b]);
      const told = b.listener.claims.map(({ origin: { partition }, checkpoint }) => [
        partition,
        checkpoint?.sequenceNumber ?? null,
      ]);
      expect(new Map(told as [string, number | null][])).toEqual(
        new Map(group.rig.partitions.map((partition) => [partition, partition === first ? 3 : null])),
      );
    });

    withGroup('keeps what it claimed while an answer takes long, and reads the others meanwhile', async (group) => {
      const { rig } = group;
      const [slow = '0', ...others] = rig.partitions;
      const { wait, open } = gate();
      const a = await group.join('a', (listener) => {
        listener.beforeAnswer = ({ partition }) => (partition === slow ? wait() : Promise.resolve());
      });
      await rig.until(() => a.listener.held.size === others.length, 'the others are read');
      group.append(2);
      const begun = rig.realTime.nowMs();
      await rig.until(() => rig.realTime.nowMs() - begun > 2 * rig.expiryMs, 'ownership would have run out');
      const status = a.source.status().find(({ origin }) => origin.partition === slow);
      expect([status?.owner, status?.owned]).toEqual(['a', false]);
      expect(others.map((id) => group.ledger.numbers(group.origin(id, a)).length)).toEqual(others.map(() => 2));
      expect(group.ledger.numbers(group.origin(slow, a))).toEqual([]);
      open();
      await group.taken();
    });

    withGroup('asks again after a claim that failed', async (group) => {
      const [first = '0'] = group.rig.partitions;
      let failures = 0;
      group.append(1);
      const a = await group.join('a', (listener) => {
        listener.beforeAnswer = ({ partition }) =>
          partition === first && failures++ < 2 ? Promise.reject(new Error('not yet')) : Promise.resolve();
      });
      await group.taken();
      expect([a.listener.claimsOf(first), a.listener.lossesOf(first)]).toEqual([3, 0]);
    });

    withGroup('shares with those who join, fairly and without rest, and skips nothing', async (group) => {
      const { rig } = group;
      const a = await group.join('a');
      await group.balanced([a]);
      group.append(5);
      const b = await group.join('b');
      group.append(5);
      await group.balanced([a, b]);
      group.append(5);
      const c = await group.join('c');
      group.append(5);
      const all = [a, b, c];
      await group.balanced(all);
      group.append(5);
      await group.taken();
      const claims = (): number => all.reduce((sum, { listener }) => sum + listener.claims.length, 0);
      const [settled, begun] = [claims(), rig.realTime.nowMs()];
      await rig.until(() => rig.realTime.nowMs() - begun > 2 * rig.expiryMs, 'some cycles have passed');
      expect(claims()).toBe(settled);
      for (const { listener } of all) {
        expect(listener.claims.length - listener.losses.length).toBe(listener.held.size);
      }
    });

    withGroup('aborts a claim whose partition another process takes', async (group) => {
      const { rig } = group;
      const a = await group.join('a', (listener) => {
        listener.beforeAnswer = (_origin, signal) => aborted(signal).then(() => Promise.reject(new Error('aborted')));
      });
      await rig.until(() => a.listener.claims.length === rig.partitions.length, 'all are claimed');
      const b = await group.join('b');
      const half = Math.floor(rig.partitions.length / 2);
      await rig.until(() => b.listener.held.size >= half, 'b holds its share');
      await rig.until(
        () => a.listener.claims.filter(({ signal }) => signal.aborted).length >= half,
        'the claims of a are aborted',
      );
      expect(a.listener.losses).toEqual([]);
    });

    withGroup('tells of the loss when the answer comes behind it', async (group) => {
      const { rig } = group;
      const a = await group.join('a', (listener) => {
        listener.beforeAnswer = (_origin, signal) => aborted(signal);
      });
      await rig.until(() => a.listener.claims.length === rig.partitions.length, 'all are claimed');
      await a.stop();
      expect([a.listener.losses.length, a.listener.held.size]).toEqual([rig.partitions.length, 0]);
    });

    withGroup('hands over within a cycle when it stops', async (group) => {
      const { rig } = group;
      group.append(2);
      const a = await group.join('a');
      const b = await group.join('b');
      await group.balanced([a, b]);
      await a.stop();
      const stoppedMs = rig.realTime.nowMs();
      expect(a.listener.claims.length).toBe(a.listener.losses.length);
      await group.balanced([b]);
      expect(rig.realTime.nowMs() - stoppedMs).toBeLessThan(rig.expiryMs);
      group.append(2);
      await group.taken();
    });

    withGroup('hands over when its process is frozen, which finds out when it goes on', async (group) => {
      const { rig } = group;
      const a = await group.join('a');
      const b = await group.join('b');
      await group.balanced([a, b]);
      group.append(3);
      await group.taken();
      await a.suspend();
      group.append(3);
      await rig.until(() => b.listener.held.size === rig.partitions.length, 'b holds everything');
      await group.taken();
      await a.resume();
      await group.balanced([a, b]);
      group.append(3);
      await group.taken();
    });

    withGroup('gives a partition away that it is told to, and leaves it for a while', async (group) => {
      const { rig } = group;
      const a = await group.join('a');
      await group.balanced([a]);
      const [first = '0'] = rig.partitions;
      group.append(1);
      await group.taken();
      a.source.release(group.origin(first, a));
      expect([a.listener.lossesOf(first), a.listener.held.has(first)]).toEqual([1, false]);
      a.source.release(group.origin(first, a));
      expect(a.listener.lossesOf(first)).toBe(1);
      const begun = rig.realTime.nowMs();
      await rig.until(() => rig.realTime.nowMs() - begun > 3 * rig.cycleMs, 'some cycles have passed');
      expect(a.listener.claimsOf(first)).toBe(1);
      group.append(1);
      await group.balanced([a]);
      expect(a.listener.claimsOf(first)).toBe(2);
      await group.taken();
    });

    withGroup('lets a handler that runs finish before the partition is claimed again', async (group) => {
      const { rig } = group;
      const [first = '0'] = rig.partitions;
      const { wait, open } = gate();
      const a = await group.join('a', (listener) => {
        listener.beforeTake = ({ partition }) => (partition === first ? wait() : Promise.resolve());
      });
      await group.balanced([a]);
      group.append(1);
      const others = rig.partitions.slice(1).map((id) => group.origin(id, a));
      await rig.until(() => others.every((each) => group.ledger.numbers(each).length === 1), 'the others are taken');
      a.source.release(group.origin(first, a));
      await rig.until(
        () => a.source.status().some(({ origin, owner }) => origin.partition === first && owner === 'a'),
        'it is owned again',
      );
      expect(a.listener.claimsOf(first)).toBe(1);
      open();
      await rig.until(() => a.listener.claimsOf(first) === 2, 'it is claimed again');
      await group.taken();
    });
  });
}
