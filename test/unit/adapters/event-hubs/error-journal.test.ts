import { expect, test } from 'vitest';
import { ErrorJournal } from '../../../../src/adapters/event-hubs/error-journal.ts';
import type { SourceError } from '../../../../src/core/ports.ts';
import type { SourceErrorCode } from '../../../../src/core/source-error-code.ts';
import { MemoryLog } from '../../../support/memory-log.ts';

function error(code: SourceErrorCode, at: number): SourceError {
  return { code, message: `${code} at ${at}`, at };
}

function open(): { journal: ErrorJournal; log: MemoryLog; pass: (ms: number) => void } {
  let now = 0;
  const log = new MemoryLog();
  const time = { nowMs: () => now, delay: () => Promise.resolve() };
  return { journal: new ErrorJournal({ hub: 'logs', log, time }), log, pass: (ms) => void (now += ms) };
}

test('a storm of one error is one line a minute, with its count', () => {
  const { journal, log, pass } = open();
  for (let second = 0; second < 150; second++) {
    journal.report('ownership', error('storage_unavailable', second));
    pass(1000);
  }
  expect(log.lines.map(({ fields }) => fields['repeated'])).toEqual([undefined, 60, 60]);
  expect(journal.of('ownership')?.at).toBe(149);
});

test('another code of the same cause, and the same code of another cause, are lines of their own', () => {
  const { journal, log } = open();
  journal.report('management', error('unreachable', 1));
  journal.report('management', error('unauthorized', 2));
  journal.report('reader', error('unauthorized', 3));
  expect(log.lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
    'error unreachable at 1',
    'error unauthorized at 2',
    'error unauthorized at 3',
  ]);
});

test('a cause that has gone is told once with its count, and is an error no more', () => {
  const { journal, log } = open();
  for (const at of [1, 2, 3]) journal.report('management', error('unreachable', at));
  journal.clear('management');
  journal.clear('management');
  expect(journal.of('management')).toBeNull();
  expect(log.lines.slice(1)).toMatchObject([{ level: 'info', fields: { code: 'unreachable', count: 3 } }]);
});

test('newest() is the newest of the named causes', () => {
  const { journal } = open();
  journal.report('management', error('unreachable', 5));
  journal.report('ownership', error('storage_unavailable', 9));
  journal.report('partition 0', error('hub_reset', 20));
  expect(journal.newest(['management', 'ownership'])?.code).toBe('storage_unavailable');
  expect(journal.newest(['reader'])).toBeNull();
});

test('a cause that is forgotten is an error no more and leaves no line', () => {
  const { journal, log } = open();
  journal.report('events of partition 0', error('events_lost', 1));
  journal.forget('events of partition 0');
  expect(journal.of('events of partition 0')).toBeNull();
  expect(log.lines).toHaveLength(1);
});
