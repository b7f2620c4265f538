import { expect, test } from 'vitest';
import { undeliveredLetter } from '../../../src/core/alert/undelivered-letter.ts';
import type { InputPart, InputParts } from '../../../src/core/input-part.ts';
import { compareTime, formatMs, formatTime } from '../../../src/core/time.ts';
import { ReplayRecordReader } from '../../../src/pipeline/replay-records.ts';
import { anAlert } from '../../support/sample-alert.ts';
import { fileOf, KeptNotes } from '../../support/replay-rig.ts';

function operation(change: Record<string, unknown> = {}): Record<string, unknown> {
  const record: Record<string, unknown> = {
    time: '2026-03-02T10:00:00Z',
    category: 'Administrative',
    resultType: 'Success',
    callerIpAddress: '198.51.100.7',
    operationName: 'MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE',
    ...change,
  };
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

const undated = operation({ time: undefined });

function reading(keeps: (address: string) => boolean = () => true) {
  const said = new KeptNotes();
  return { said, reader: new ReplayRecordReader(({ address }) => keeps(address), said) };
}

function text(...records: readonly unknown[]): string {
  return JSON.stringify({ records });
}

test('records are in order of event time, ticks included, and are enqueued at it', async () => {
  const { reader, said } = reading();
  await reader.read(
    fileOf([
      text(operation({ time: '2026-03-02T11:00:00Z' }), operation({ time: '2026-03-02T09:00:00.0000002Z' })),
      JSON.stringify(operation({ time: '2026-03-02T09:00:00.0000001Z' })),
    ]),
  );
  const { records, span } = reader.result();
  expect(records.map(({ record }) => formatTime(record.time!))).toEqual([
    '2026-03-02T09:00:00.0000001Z',
    '2026-03-02T09:00:00.0000002Z',
    '2026-03-02T11:00:00Z',
  ]);
  for (const { record, enqueuedMs } of records) expect(enqueuedMs).toBe(record.time!.ms);
  expect(compareTime(span!.first, records[0]!.record.time!)).toBe(0);
  expect(compareTime(span!.last, records[2]!.record.time!)).toBe(0);
  expect(said.problems).toEqual([]);
});

test('a record that is not kept counts, and reaches into the span', async () => {
  const { reader } = reading((address) => address !== '192.0.2.1');
  await reader.read(
    fileOf([
      text(
        operation(),
        operation({ callerIpAddress: '192.0.2.1', time: '2026-03-02T18:00:00Z' }),
        { category: 'AuditLogs' },
        { category: 'New' },
      ),
    ]),
  );
  const { records, span, counts } = reader.result();
  expect(records).toHaveLength(1);
  expect(formatTime(span!.last)).toBe('2026-03-02T18:00:00Z');
  expect(counts).toEqual({ total: 4, wanted: 2, named: 1, unwanted: 1, unknown: 1, undated: 0 });
});

test('an undated record is taken at the time of the one before it, the first at that of the next, and is named', async () => {
  const { reader, said } = reading();
  await reader.read(
    fileOf(
      [
        text(undated),
        text(operation({ time: '2026-03-02T08:00:00Z' })),
        text(operation({ time: '2026-03-02T07:00:00Z' }), undated),
      ],
      'a.json',
    ),
  );
  const { records, counts } = reader.result();
  const guessed = records.filter(({ record }) => record.time === null).map(({ enqueuedMs }) => formatMs(enqueuedMs));
  expect(guessed).toEqual(['2026-03-02T07:00:00Z', '2026-03-02T08:00:00Z']);
  expect(counts.undated).toBe(2);
  expect(said.problems).toEqual([]);
  expect(said.notes).toEqual([
    'Took record 1 of a.json line 1, which has no readable time, at 2026-03-02T08:00:00Z',
    'Took record 2 of a.json line 3, which has no readable time, at 2026-03-02T07:00:00Z',
  ]);
});

test('an undated record borrows no time of another file, and is refused where its own has none', async () => {
  const { reader, said } = reading();
  async function* files(): InputParts {
    for (const [file, record] of [
      ['a.json', operation()],
      ['b.json', undated],
      ['c.json', operation()],
    ] as const)
      for await (const batch of fileOf([text(record)], file)) yield batch;
  }
  await reader.read(files());
  expect(reader.result().records).toHaveLength(2);
  expect(said.problems).toEqual(['Cannot date record 1 of b.json line 1 as no record of its file has a time']);
});

test('what cannot be read is named by file, line and reason, and costs its neighbours nothing', async () => {
  const { reader, said } = reading();
  async function* files(): InputParts {
    for await (const batch of fileOf(
      [
        text(operation()),
        'nonsense',
        `{"records":[${JSON.stringify(operation())},{"time":"x","category":"Administrative"`,
        '{"category":"SignInLogs","properties":{"a":}}',
      ],
      'a.json',
    ))
      yield batch;
    yield [{ kind: 'problem', file: 'a.json', line: 7, reason: 'unexpected end of file' } satisfies InputPart];
    yield [{ kind: 'problem', file: 'gone', line: null, reason: 'no such file' } satisfies InputPart];
  }
  await reader.read(files());
  expect(reader.result().records).toHaveLength(2);
  expect(said.problems).toEqual([
    'Cannot read a record of a.json line 2: no JSON object, and no category that the rule reads',
    'Cannot read record 2 of a.json line 3 as its end is missing',
    'Cannot read record 1 of a.json line 4 as it is no JSON',
    'Cannot read a.json on from line 7: unexpected end of file',
    'Cannot read gone: no such file',
  ]);
});

test('a dead letter that holds an alert is left out, and named', async () => {
  const { reader, said } = reading();
  const letter = undeliveredLetter(anAlert(), 'archive', 'refused');
  await reader.readDeadLetters(fileOf([JSON.stringify(letter)], 'dead.ndjson'));
  expect(reader.result().counts.total).toBe(0);
  expect(said.notes).toEqual(['Left out dead.ndjson line 1, which is an alert and no record']);
});

test('dead letters are decoded again, an undated record at its enqueued time', async () => {
  const { reader, said } = reading();
  const letter = {
    stream: 'hub',
    partition: '0',
    sequenceNumber: 5,
    index: 0,
    reason: 'invalid_json',
    enqueuedAt: '2026-03-02T12:34:56Z',
    text: JSON.stringify(undated),
  };
  const lines = [letter, { ...letter, text: '{"category":"SignInLogs",' }, { ...letter, text: 5 }];
  await reader.readDeadLetters(
    fileOf(
      lines.map((line) => JSON.stringify(line)),
      'dead.ndjson',
    ),
  );
  expect(reader.result().records.map(({ enqueuedMs }) => formatMs(enqueuedMs))).toEqual(['2026-03-02T12:34:56Z']);
  expect(said.problems).toEqual([
    'Cannot read record 1 of dead.ndjson line 2 as its end is missing',
    'Cannot read dead.ndjson line 3 as it is no dead letter',
  ]);
});
