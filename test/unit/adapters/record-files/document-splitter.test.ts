import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DocumentSplitter, type SplitDocument } from '../../../../src/adapters/record-files/document-splitter.ts';

const roomy = { splitBytes: 1_000_000, cutBytes: 10_000_000 };

function split(text: string, bounds = roomy, chunkBytes = text.length + 1): SplitDocument[] {
  const bytes = Buffer.from(text);
  const splitter = new DocumentSplitter('records', bounds);
  const found: SplitDocument[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes)
    found.push(...splitter.push(bytes.subarray(at, at + chunkBytes)));
  return [...found, ...splitter.end()];
}

function texts(found: readonly SplitDocument[]): string[] {
  return found.map(({ body }) => Buffer.from(body).toString('utf8').trim());
}

function lines(found: readonly SplitDocument[]): (readonly [number, number])[] {
  return found.map(({ line, lastLine }) => [line, lastLine]);
}

/** Values with everything that may mislead who follows brackets: quotes, escapes, brackets and line feeds in strings. */
const leaf = fc.oneof(
  fc.constantFrom('{', '}]', '"', '\\', '\\"', 'a\nb', 'é', '{"time":'),
  fc.integer(),
  fc.boolean(),
);
const record = fc.record({
  time: fc.string(),
  list: fc.array(leaf, { maxLength: 3 }),
  nested: fc.record({ records: fc.array(leaf, { maxLength: 3 }) }),
});
const document = fc.oneof(
  record,
  fc.array(record, { maxLength: 4 }),
  fc.record({ records: fc.array(record, { maxLength: 4 }) }),
);
const layout = fc.constantFrom<(value: unknown) => string>(
  (value) => JSON.stringify(value),
  (value) => JSON.stringify(value, null, 2),
  (value) => JSON.stringify(value, null, '\t').replaceAll('\n', '\r\n'),
  // One element a line, in the manner of exports.
  (value) =>
    Array.isArray(value) ? `[\n${value.map((each) => JSON.stringify(each)).join(',\n')}\n]` : JSON.stringify(value),
);

function recordsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  const { records } = value as { records?: unknown[] };
  return records ?? [value];
}

test('documents come out whole and in order, whatever their layout and however the bytes come', () => {
  const written = fc.array(fc.tuple(document, layout, fc.constantFrom('\n', '\r\n', '\n\n')), { maxLength: 6 });
  fc.assert(
    fc.property(written, fc.integer({ min: 1, max: 50 }), (given, chunkBytes) => {
      const text = given.map(([value, lay, end]) => `${lay(value)}${end}`).join('');
      const found = split(text, roomy, chunkBytes);
      expect(texts(found).map((each) => JSON.parse(each) as unknown)).toEqual(given.map(([value]) => value));
    }),
    { numRuns: 300 },
  );
});

test('a document over the bound comes in valid runs that hold each of its elements once', () => {
  const large = fc.oneof(
    fc.array(record, { maxLength: 20 }),
    fc.record({ records: fc.array(record, { maxLength: 20 }), next: leaf }),
  );
  fc.assert(
    fc.property(
      large,
      layout,
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 200 }),
      (value, lay, chunkBytes, splitBytes) => {
        const found = split(lay(value), { splitBytes, cutBytes: 1_000_000 }, chunkBytes);
        const parsed = texts(found).flatMap((each) => recordsOf(JSON.parse(each)));
        expect(parsed).toEqual(recordsOf(value));
      },
    ),
    { numRuns: 300 },
  );
});

test('no more is held than the bound, one element and one chunk, however long the list', () => {
  const element = JSON.stringify({ time: 'x'.repeat(100) });
  const found = split(
    `{"records":[${Array.from({ length: 2000 }, () => element).join(',')}]}`,
    { splitBytes: 1000, cutBytes: 10_000 },
    64,
  );
  expect(found.length).toBeGreaterThan(100);
  for (const { body } of found) expect(body.length).toBeLessThan(1000 + element.length + 64);
});

describe('a document that lost its end', () => {
  test.each([
    ['inside a string', '{"records":[{"time":"2026', '{"a":1}'],
    ['inside an object', '{"records":[{"time":"x"', '{"a":1}'],
    ['inside a list', '{"records":[{"time":"x"}', '{"a":1}'],
    ['over many lines', '{\n  "records": [\n    {\n      "time": "x"', '{"a":1}'],
    ['in front of a list', '{"records":[{"time":"x"', '[1]'],
  ])('%s costs the line behind it nothing', (_where, broken, next) => {
    const found = split(`${broken}\n${next}\n{"b":2}\n`);
    expect(texts(found)).toEqual([broken, next, '{"b":2}']);
  });

  test('is cut where it grows beyond every bound', () => {
    const found = split(`{"a":[${'1,'.repeat(5000)}`, { splitBytes: 100, cutBytes: 1000 }, 100);
    for (const { body } of found) expect(body.length).toBeLessThanOrEqual(1100);
    expect(found.reduce((sum, { body }) => sum + body.length, 0)).toBe(10_006);
  });
});

test('a document is named by its first and last line', () => {
  const found = split('{"a":1}\n\n{\n  "b": 2\n}\nnonsense\n{"c":\n{"d":4}}\n{"e":5');
  expect(texts(found)).toEqual(['{"a":1}', '{\n  "b": 2\n}', 'nonsense', '{"c":\n{"d":4}}', '{"e":5']);
  expect(lines(found)).toEqual([
    [1, 1],
    [3, 5],
    [6, 6],
    [7, 8],
    [9, 9],
  ]);
});

test('documents of one line stay together, and what holds nothing is left out', () => {
  expect(texts(split('{"a":1}{"b":2}\n \r\n,\n]}\n\u001e\n{"c":3}'))).toEqual(['{"a":1}{"b":2}', '{"c":3}']);
});
