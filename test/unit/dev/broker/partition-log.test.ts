import fc from 'fast-check';
import rhea from 'rhea';
import { expect, test } from 'vitest';
import { PartitionLog } from '../../../../src/dev/broker/partition-log.ts';
import type { StartPosition } from '../../../../src/dev/broker/start-position.ts';

const message = (text: string): Buffer =>
  rhea.message.encode({ body: rhea.message.data_section(Buffer.from(text)) as unknown });

function logOf(...enqueued: number[]): PartitionLog {
  const log = new PartitionLog('0');
  for (const ms of enqueued) log.append([message(`at ${ms}`)], ms);
  return log;
}

function offsetOf(log: PartitionLog, sequenceNumber: number): number {
  return log.at(sequenceNumber)!.offset;
}

test('append() numbers events without a gap and gives growing offsets, whatever the batches', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.string(), { maxLength: 5 }), { maxLength: 20 }), (batches) => {
      const log = new PartitionLog('0');
      const events = batches.flatMap((batch, index) => log.append(batch.map(message), index));
      expect(events.map(({ sequenceNumber }) => sequenceNumber)).toEqual(events.map((_, index) => index));
      for (const [index, event] of events.entries()) {
        if (index > 0) expect(event.offset).toBe(events[index - 1]!.offset + events[index - 1]!.bytes.length);
      }
      expect(log.info().lastSequenceNumber).toBe(events.length - 1);
    }),
  );
});

test('a partition that never held an event says so as the service does', () => {
  expect(new PartitionLog('0').info()).toEqual({
    beginSequenceNumber: 0,
    lastSequenceNumber: -1,
    lastOffset: -1,
    lastEnqueuedMs: Date.parse('0001-01-01T00:00:00Z'),
    empty: true,
  });
});

test('locate() finds the first event after (or at) every kind of position', () => {
  const log = logOf(100, 200, 200, 300);
  const cases: [StartPosition, number][] = [
    [{ kind: 'earliest' }, 0],
    [{ kind: 'latest', inclusive: false }, 4],
    [{ kind: 'latest', inclusive: true }, 3],
    [{ kind: 'offset', offset: offsetOf(log, 1), inclusive: false }, 2],
    [{ kind: 'offset', offset: offsetOf(log, 1), inclusive: true }, 1],
    [{ kind: 'offset', offset: offsetOf(log, 3), inclusive: false }, 4],
    [{ kind: 'sequenceNumber', sequenceNumber: 2, inclusive: false }, 3],
    [{ kind: 'sequenceNumber', sequenceNumber: 2, inclusive: true }, 2],
    [{ kind: 'sequenceNumber', sequenceNumber: -1, inclusive: false }, 0],
    [{ kind: 'enqueuedTime', ms: 100, inclusive: false }, 1],
    [{ kind: 'enqueuedTime', ms: 200, inclusive: true }, 1],
    [{ kind: 'enqueuedTime', ms: 200, inclusive: false }, 3],
    [{ kind: 'enqueuedTime', ms: 5000, inclusive: false }, 4],
  ];
  for (const [position, wanted] of cases) expect(log.locate(position), JSON.stringify(position)).toBe(wanted);
});

test('locate() refuses positions beyond the end in the words of the service', () => {
  const log = logOf(1, 2);
  expect(log.locate({ kind: 'offset', offset: 99_999, inclusive: false })).toEqual({
    invalid: `The supplied offset '99999' is invalid. The last offset in the system is '${offsetOf(log, 1)}'`,
  });
  expect(log.locate({ kind: 'sequenceNumber', sequenceNumber: 2, inclusive: false })).toEqual({
    invalid: "The supplied sequence number '2' is invalid. The last sequence number in the system is '1'",
  });
  expect(new PartitionLog('0').locate({ kind: 'offset', offset: 0, inclusive: false })).toHaveProperty('invalid');
});

test('after trim() positions before the oldest event mean the oldest, and numbers go on', () => {
  const log = logOf(1, 2, 3, 4);
  const first = offsetOf(log, 0);
  log.trim(2);
  expect(log.info()).toMatchObject({ beginSequenceNumber: 2, lastSequenceNumber: 3, empty: false });
  expect(log.at(1)).toBeUndefined();
  expect(log.locate({ kind: 'earliest' })).toBe(2);
  expect(log.locate({ kind: 'offset', offset: first, inclusive: false })).toBe(2);
  expect(log.locate({ kind: 'sequenceNumber', sequenceNumber: 0, inclusive: true })).toBe(2);
  log.trim(1);
  expect(log.info().beginSequenceNumber).toBe(2);
  log.trim(1000);
  expect(log.info()).toMatchObject({ beginSequenceNumber: 4, lastSequenceNumber: 3, empty: true, lastEnqueuedMs: 4 });
  expect(log.append([message('next')], 5)[0]!.sequenceNumber).toBe(4);
});

test('trimBefore() cuts what was enqueued before the instant', () => {
  const log = logOf(10, 20, 30);
  log.trimBefore(20);
  expect(log.info().beginSequenceNumber).toBe(1);
  log.trimBefore(31);
  expect(log.info()).toMatchObject({ beginSequenceNumber: 3, empty: true });
});

test('reset() starts over at sequence number and offset 0', () => {
  const log = logOf(1, 2);
  log.reset();
  expect(log.info()).toEqual(new PartitionLog('0').info());
  expect(log.append([message('again')], 3)[0]).toMatchObject({ sequenceNumber: 0, offset: 0 });
});

test('append() stores nothing of a batch with a message that is none', () => {
  const log = logOf(1);
  expect(() => log.append([message('good'), Buffer.from([1, 2, 3])], 2)).toThrow('no message section starts there');
  expect(log.info().lastSequenceNumber).toBe(0);
});

test('onAppend() wakes listeners until they stop listening', () => {
  const log = logOf();
  let woken = 0;
  const stop = log.onAppend(() => (woken += 1));
  log.append([message('a'), message('b')], 1);
  stop();
  log.append([message('c')], 2);
  expect(woken).toBe(1);
});
