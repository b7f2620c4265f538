import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { originKey, type Origin } from '../../../../src/core/ports.ts';
import { originsOf } from '../../../../src/core/route/known-hubs.ts';
import { readCorrelationEvent, type CorrelationEvent } from '../../../../src/core/route/correlation-event.ts';
import { Router, type RouterOptions } from '../../../../src/core/route/router.ts';
import { Tally } from '../../../../src/core/tally.ts';
import { activity } from '../../../support/engine-bench.ts';
import { engineOptions, message, usualSetting } from '../../../support/engine-builder.ts';
import {
  enqueuedAt,
  left,
  messageTo,
  other,
  partitions,
  positionAt,
  right,
} from '../../../support/sharded/router-sample.ts';
import { sourceOrigins } from '../../../support/sharded/source-logs.ts';

const now = 0;
const minute = 60_000;

describe('Router', () => {
  let router: Router;
  let tally: Tally;

  function routerOf(changes: Partial<RouterOptions> = {}): Router {
    const { observation } = engineOptions(usualSetting);
    const limits = { eventBytes: 1, lingerMs: 0, heartbeatMs: Infinity, pendingBytesMax: 1_000_000 };
    const created = new Router({
      ...{ partitions, observation, aheadMaxMs: 60 * minute, maxWaitMs: 15 * minute, ...limits },
      ...changes,
    });
    created.expect(sourceOrigins);
    return created;
  }

  function take(origin: Origin, sequenceNumber: number, shards: readonly (number | null)[]): void {
    router.take(messageTo(origin, sequenceNumber, shards), { now, at: 0 }, tally);
  }

  /** Sends the next event of a lane and reads it. */
  function sent(shard: number): CorrelationEvent {
    const bytes = router.lanes[shard]?.next(0) ?? null;
    if (bytes === null) throw new Error(`Cannot send: nothing waits for shard ${shard}`);
    router.lanes[shard]?.acknowledge();
    return readCorrelationEvent(bytes);
  }

  function watermarksIn({ hubs }: CorrelationEvent): Record<string, number | null> {
    return Object.fromEntries(hubs.flatMap(originsOf).map(({ key, ms }) => [key, ms]));
  }

  function acknowledged(): [string, number][] {
    return [...router.takeAcknowledged()].map(([origin, { sequenceNumber }]) => [origin, sequenceNumber]);
  }

  beforeEach(() => {
    router = routerOf();
    tally = new Tally();
    router.own(left, null, now);
    router.own(right, null, now);
  });

  test('sends each observation to the shard of its address, with the place of its record', () => {
    take(left, 4, [null, 2, 0, 2]);
    expect(sent(1).observations).toEqual([]);
    const marks = [sent(2), sent(2), sent(0)].map(({ observations: [first] }) => [first?.origin, first?.mark]);
    const key = originKey(left);
    const mark = { sequenceNumber: 4, enqueuedMs: enqueuedAt(4) };
    expect(marks).toEqual([
      [key, { ...mark, index: 1 }],
      [key, { ...mark, index: 3 }],
      [key, { ...mark, index: 2 }],
    ]);
  });

  test('gives each record that it does not send one outcome, and those it sends none', () => {
    const unread = {
      ...message([activity(0, { resultType: 'Failure' })]),
      unwanted: 2,
      unknown: ['a'],
      noise: 3,
      total: 7,
    };
    router.take({ ...messageTo(left, 1, []), decoded: unread }, { now, at: 0 }, tally);
    take(left, 2, [0, null, 1]);
    const counts = Object.fromEntries(tally.records().map(([, outcome, count]) => [outcome, count]));
    expect(counts).toEqual({ unsuccessful: 1, address_invalid: 1, unwanted: 2, unknown: 1, malformed_noise: 3 });
  });

  describe('takeAcknowledged()', () => {
    test('tells of a message when every shard has taken what it told', () => {
      take(left, 1, [0, 1, 0]);
      expect(acknowledged()).toEqual([]);
      sent(0);
      sent(1);
      expect(acknowledged()).toEqual([]);
      sent(0);
      expect([...router.takeAcknowledged()]).toEqual([[originKey(left), positionAt(1)]]);
    });

    test('tells of a message that tells nothing when those before it are taken', () => {
      take(left, 1, [0]);
      take(left, 2, [null]);
      take(right, 1, []);
      expect(acknowledged()).toEqual([]);
      sent(0);
      expect(acknowledged()).toEqual([
        [originKey(left), 2],
        [originKey(right), 1],
      ]);
    });

    test('tells of each position once', () => {
      take(left, 1, [null]);
      expect(acknowledged()).toEqual([[originKey(left), 1]]);
      expect(acknowledged()).toEqual([]);
    });

    test('tells of observations that still wait for others in no way', () => {
      router = routerOf({ eventBytes: 10_000 });
      router.own(left, null, now);
      take(left, 1, [0]);
      expect(acknowledged()).toEqual([]);
      sent(0);
      expect(acknowledged()).toEqual([[originKey(left), 1]]);
    });

    test('never passes what a shard has not taken, goes forward only, and ends at the last message', () => {
      const step = fc.oneof(
        fc.record({ take: fc.nat({ max: 1 }), shards: fc.array(fc.option(fc.nat({ max: 2 })), { maxLength: 4 }) }),
        fc.record({ send: fc.nat({ max: 2 }) }),
      );
      fc.assert(
        fc.property(fc.array(step, { maxLength: 40 }), fc.constantFrom(1, 400), (steps, eventBytes) => {
          router = routerOf({ eventBytes });
          const owned = [left, right];
          for (const origin of owned) router.own(origin, null, now);
          const next = [0, 0];
          const waiting = new Set<string>();
          const told = new Map<string, number>();
          const send = (shard: number): boolean => {
            const bytes = router.lanes[shard]?.next(0) ?? null;
            if (bytes === null) return false;
            router.lanes[shard]?.acknowledge();
            for (const { origin, mark } of readCorrelationEvent(bytes).observations)
              waiting.delete(`${origin} ${mark.sequenceNumber} ${mark.index}`);
            return true;
          };
          const look = (): void => {
            for (const [origin, { sequenceNumber }] of router.takeAcknowledged()) {
              expect(sequenceNumber).toBeGreaterThan(told.get(origin) ?? -1);
              told.set(origin, sequenceNumber);
            }
            for (const each of waiting) {
              const [origin = '', sequenceNumber] = each.split(' ');
              expect(told.get(origin) ?? -1).toBeLessThan(Number(sequenceNumber));
            }
          };
          for (const each of steps) {
            if ('send' in each) send(each.send);
            else {
              const origin = owned[each.take] ?? left;
              const sequenceNumber = next[each.take] ?? 0;
              next[each.take] = sequenceNumber + 1;
              take(origin, sequenceNumber, each.shards);
              for (const [index, shard] of each.shards.entries())
                if (shard !== null) waiting.add(`${originKey(origin)} ${sequenceNumber} ${index}`);
            }
            look();
          }
          for (const shard of router.lanes.keys()) while (send(shard));
          look();
          expect(router.pendingBytes).toBe(0);
          for (const [at, origin] of owned.entries())
            expect(told.get(originKey(origin)) ?? -1).toBe((next[at] ?? 0) - 1);
        }),
      );
    });
  });

  describe('watermarks', () => {
    test('name every partition of every hub, and say nothing of those that others read', () => {
      take(left, 1, [0]);
      take(left, 2, [0]);
      sent(0);
      const event = sent(0);
      expect(event.partitions).toBe(partitions);
      expect(Object.keys(watermarksIn(event))).toEqual(sourceOrigins.map(originKey));
      expect(watermarksIn(event)).toMatchObject({ [originKey(right)]: null, [originKey(other)]: null });
    });

    test('stand before a message in the events that carry it, and behind it in those after', () => {
      take(left, 1, [null]);
      take(left, 2, [0, 0]);
      expect(watermarksIn(sent(0))[originKey(left)]).toBe(enqueuedAt(1) - 1);
      expect(watermarksIn(sent(0))[originKey(left)]).toBe(enqueuedAt(1) - 1);
      take(right, 1, [0]);
      expect(watermarksIn(sent(0))[originKey(left)]).toBe(enqueuedAt(2) - 1);
    });

    test('of a partition begin at its checkpoint', () => {
      router.own(other, positionAt(7), now);
      take(left, 1, [0]);
      expect(watermarksIn(sent(0))[originKey(other)]).toBe(enqueuedAt(7) - 1);
    });

    test('are sent alone when they move, and not again while they do not', () => {
      router = routerOf({ heartbeatMs: 0 });
      router.own(left, null, now);
      sent(0);
      router.advanceWatermark(originKey(left), 500, now);
      expect(watermarksIn(sent(0))[originKey(left)]).toBe(500);
      router.advanceWatermark(originKey(left), 500, now);
      router.advanceWatermark(originKey(left), 400, now);
      router.advanceWatermark(originKey(other), 900, now);
      expect(router.lanes[0]?.next(1000)).toBeNull();
    });
  });

  describe('disown()', () => {
    test('sends what waits all the same, without a watermark, and tells of no position', () => {
      take(left, 1, [0]);
      take(left, 2, [1]);
      take(right, 1, [0]);
      router.disown(left, now);
      const origins = [sent(0), sent(0), sent(1)].map(({ observations: [first] }) => first?.origin);
      expect(origins).toEqual([left, right, left].map(originKey));
      expect(acknowledged()).toEqual([[originKey(right), 1]]);
      take(right, 2, [0]);
      expect(watermarksIn(sent(0))[originKey(left)]).toBeNull();
    });

    test('tells of no position that is taken afterwards: its new reader tells of later ones', () => {
      router.disown(left, now);
      take(left, 1, [0]);
      expect(sent(0).observations).toHaveLength(1);
      expect(acknowledged()).toEqual([]);
    });

    test('lets a partition that comes back begin at its new checkpoint', () => {
      take(left, 9, [0]);
      sent(0);
      router.disown(left, now);
      router.own(left, positionAt(5), now);
      take(left, 6, [0]);
      expect(watermarksIn(sent(0))[originKey(left)]).toBe(enqueuedAt(5) - 1);
      expect(acknowledged()).toEqual([[originKey(left), 6]]);
    });
  });

  describe('accepts()', () => {
    test('holds reading back while too many bytes wait for their acknowledgement', () => {
      router = routerOf({ pendingBytesMax: 300 });
      router.own(left, positionAt(0), now);
      let next = 1;
      while (router.accepts(0, now)) take(left, next++, [0]);
      expect(router.pendingBytes).toBeGreaterThanOrEqual(300);
      while (router.pendingBytes >= 300) {
        expect(router.accepts(0, now)).toBe(false);
        sent(0);
      }
      expect(router.accepts(0, now)).toBe(true);
    });

    test('holds a partition back that is too far ahead of another, as long as that may make progress', () => {
      const aheadMs = 60 * minute;
      for (const origin of [left, right]) router.advanceWatermark(originKey(origin), 1000, now);
      expect(router.accepts(1000 + aheadMs, now)).toBe(true);
      expect(router.accepts(1001 + aheadMs, now)).toBe(false);
      expect(router.accepts(1001 + aheadMs, 1001 + 15 * minute)).toBe(true);
      router.disown(right, now);
      router.advanceWatermark(originKey(left), 2000, now);
      expect(router.accepts(1001 + aheadMs, now)).toBe(true);
    });

    test('takes the least of the messages that wait, however far apart they are', () => {
      fc.assert(
        fc.property(fc.array(fc.nat({ max: 1_000_000_000 }), { minLength: 3, maxLength: 3 }), (waiting) => {
          router = routerOf();
          for (const origin of sourceOrigins) router.own(origin, null, now);
          // Who may not go on says what is certain: everything before its next message is taken.
          for (const [at, origin] of sourceOrigins.entries())
            router.advanceWatermark(originKey(origin), (waiting[at] ?? 0) - 1, now);
          expect(router.accepts(Math.min(...waiting), now)).toBe(true);
        }),
      );
    });
  });
});
