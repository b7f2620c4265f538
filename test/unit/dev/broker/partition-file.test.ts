import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import rhea from 'rhea';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PartitionFile } from '../../../../src/dev/broker/partition-file.ts';
import { PartitionLog } from '../../../../src/dev/broker/partition-log.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'partition-file-'));
  path = join(folder, '0.log');
});

afterEach(() => rmSync(folder, { recursive: true }));

const message = (text: string): Buffer =>
  rhea.message.encode({ body: rhea.message.data_section(Buffer.from(text)) as unknown });

function openLog(): PartitionLog {
  const { journal, events, begin } = PartitionFile.open(path);
  return new PartitionLog('0', journal, events, begin);
}

test('a log opened again has the same events, places and end', () => {
  const log = openLog();
  log.append([message('a'), message('b')], 1_700_000_000_000);
  log.append([message('c')], 1_700_000_000_500, 'key');
  log.trim(1);
  const before = { info: log.info(), events: [log.at(1), log.at(2)] };
  log.close();
  const again = openLog();
  expect({ info: again.info(), events: [again.at(1), again.at(2)] }).toEqual(before);
  expect(again.at(0)).toBeUndefined();
  const next = again.append([message('d')], 1)[0]!;
  expect(next.sequenceNumber).toBe(3);
  expect(next.offset).toBe(before.events[1]!.offset + before.events[1]!.bytes.length);
  again.close();
});

test('numbers go on after everything was trimmed', () => {
  const log = openLog();
  log.append([message('a'), message('b')], 7);
  log.trim(2);
  log.close();
  const again = openLog();
  expect(again.info()).toMatchObject({ beginSequenceNumber: 2, lastSequenceNumber: 1, lastEnqueuedMs: 7, empty: true });
  expect(again.append([message('c')], 8)[0]!.sequenceNumber).toBe(2);
  again.close();
});

test('a record cut short at any byte or lost to zeros is dropped, and what follows is stored after the last whole one', () => {
  const log = openLog();
  log.append([message('a')], 1);
  const whole = statSync(path).size;
  log.append([message('b')], 2);
  log.close();
  const bytes = readFileSync(path);
  const tails = Array.from({ length: bytes.length - whole }, (_, size) => bytes.subarray(whole, whole + size));
  for (const tail of [...tails, Buffer.alloc(64)]) {
    writeFileSync(path, Buffer.concat([bytes.subarray(0, whole), tail]));
    const again = openLog();
    expect(again.info().lastSequenceNumber).toBe(0);
    again.append([message('c')], 3);
    again.close();
    const third = openLog();
    expect(third.info()).toMatchObject({ lastSequenceNumber: 1, lastEnqueuedMs: 3 });
    third.close();
  }
});

test('reset() empties the file', () => {
  const log = openLog();
  log.append([message('a')], 1);
  log.reset();
  log.append([message('b')], 2);
  log.close();
  const again = openLog();
  expect(again.info()).toMatchObject({ lastSequenceNumber: 0, lastOffset: 0, lastEnqueuedMs: 2 });
  again.close();
});
