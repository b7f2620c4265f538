import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { readCorrelationEvent } from '../../../../src/core/route/correlation-event.ts';
import { Lane, type LaneOptions } from '../../../../src/core/route/lane.ts';
import { numbersIn, routedAt } from '../../../support/sharded/routed-sample.ts';

const lingerMs = 200;
const heartbeatMs = 1000;

describe('Lane', () => {
  /** The trailer names the progress, so that an event tells which it was closed at. */
  let progress: number;

  function laneOf(changes: Partial<LaneOptions> = {}): Lane {
    const trailer = (): { partitions: number; hubs: [] } => ({ partitions: progress, hubs: [] });
    return new Lane({ eventBytes: 64 * 1024, lingerMs, heartbeatMs, trailer, progress: () => progress, ...changes });
  }

  beforeEach(() => {
    progress = 0;
  });

  test('sends every observation once, in order, however sends fail', () => {
    const append = fc.record({ do: fc.constant('append' as const), afterMs: fc.nat({ max: 150 }) });
    const send = fc.record({ do: fc.constant('send' as const), fails: fc.boolean(), afterMs: fc.nat({ max: 150 }) });
    fc.assert(
      fc.property(
        fc.array(fc.oneof(append, send), { maxLength: 60 }),
        fc.constantFrom(1, 400, 9000),
        (steps, eventBytes) => {
          const lane = laneOf({ eventBytes });
          const sent: number[] = [];
          const refused: Uint8Array[] = [];
          let [at, appended] = [0, 0];
          const sendNext = (fails: boolean): boolean => {
            const bytes = lane.next(at);
            for (const same of refused.splice(0)) expect(bytes).toBe(same);
            if (fails && bytes !== null) refused.push(bytes);
            if (bytes === null || fails) return false;
            sent.push(...(numbersIn(bytes) ?? []));
            lane.acknowledge();
            return true;
          };
          for (const step of steps) {
            at += step.afterMs;
            if (step.do === 'send') sendNext(step.fails);
            else lane.append(routedAt(appended++), appended, at);
            // What is not sent is not acknowledged.
            expect(lane.oldestTicket).toBe(sent.length === appended ? Infinity : sent.length + 1);
            expect(lane.pendingBytes > 0).toBe(sent.length < appended || refused.length > 0);
          }
          at += lingerMs;
          while (sendNext(false));
          expect(sent).toEqual(Array.from({ length: appended }, (_, number) => number));
          expect([lane.pendingBytes, lane.oldestTicket]).toEqual([0, Infinity]);
        },
      ),
    );
  });

  test('sends the same bytes until they are acknowledged, whatever is appended and moves meanwhile', () => {
    const lane = laneOf();
    lane.append(routedAt(1), 1, 0);
    const bytes = lane.next(lingerMs);
    const before = bytes?.slice();
    lane.append(routedAt(2), 2, lingerMs);
    progress = 9;
    expect(lane.next(10 * lingerMs)).toBe(bytes);
    expect(bytes).toEqual(before);
    lane.acknowledge();
    expect(numbersIn(lane.next(10 * lingerMs))).toEqual([2]);
  });

  test('waits for others as long as an observation may linger', () => {
    const lane = laneOf();
    lane.append(routedAt(1), 1, 1000);
    lane.append(routedAt(2), 2, 1000 + lingerMs - 1);
    expect(lane.next(1000 + lingerMs - 1)).toBeNull();
    expect(numbersIn(lane.next(1000 + lingerMs))).toEqual([1, 2]);
  });

  test('waits no longer when an event is full', () => {
    const lane = laneOf({ eventBytes: 1000 });
    lane.next(0);
    lane.acknowledge();
    let number = 0;
    while (lane.next(0) === null) lane.append(routedAt(number++), number, 0);
    const event = lane.next(0);
    expect(numbersIn(event)).toEqual(Array.from({ length: number }, (_, each) => each));
    expect(event?.length).toBeGreaterThanOrEqual(1000);
    expect(event?.length).toBeLessThan(1000 + 400);
  });

  test('tells of the watermarks as of the moment behind the observations', () => {
    const lane = laneOf();
    progress = 1;
    lane.append(routedAt(1), 1, 0);
    progress = 2;
    const event = readCorrelationEvent(lane.next(lingerMs) ?? new Uint8Array());
    expect(event.partitions).toBe(2);
  });

  test('sends watermarks alone now and then while they move, and nothing while they do not', () => {
    const lane = laneOf();
    progress = 1;
    expect(numbersIn(lane.next(0))).toEqual([]);
    lane.acknowledge();
    expect(lane.next(heartbeatMs)).toBeNull();
    progress = 2;
    expect(lane.next(heartbeatMs - 1)).toBeNull();
    expect(readCorrelationEvent(lane.next(heartbeatMs) ?? new Uint8Array()).partitions).toBe(2);
  });

  test('sends no watermarks alone soon after an event that told them', () => {
    const lane = laneOf();
    lane.append(routedAt(1), 1, 0);
    lane.next(lingerMs);
    lane.acknowledge();
    progress = 1;
    expect(lane.next(lingerMs + heartbeatMs - 1)).toBeNull();
    expect(numbersIn(lane.next(lingerMs + heartbeatMs))).toEqual([]);
  });

  test('holds no ticket for watermarks', () => {
    const lane = laneOf({ eventBytes: 1 });
    progress = 1;
    lane.next(0);
    expect(lane.oldestTicket).toBe(Infinity);
    lane.append(routedAt(7), 7, 0);
    expect(lane.oldestTicket).toBe(7);
    lane.acknowledge();
    expect(lane.oldestTicket).toBe(7);
    lane.acknowledge();
    expect(lane.oldestTicket).toBe(Infinity);
  });
});
