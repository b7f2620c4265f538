import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { formatNative } from '../../../../src/core/alert/format/alert-format.ts';
import { StdoutAlertSink } from '../../../../src/adapters/stdout/alert-sink.ts';
import { alertSinkLaws, documentsOf } from '../../../contract/alert-sink.ts';

alertSinkLaws('stdout', () => {
  const stream = new PassThrough({ highWaterMark: 1024 });
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return Promise.resolve({
    sink: new StdoutAlertSink('stdout', formatNative, stream),
    text: () => Promise.resolve(text),
    breakPlace: () => {
      stream.destroy();
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => {
      stream.destroy();
      return Promise.resolve();
    },
  });
});

test('a slow reader holds a delivery back instead of filling memory', async () => {
  const waiting: (() => void)[] = [];
  const stream = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => void waiting.push(done) });
  const sink = new StdoutAlertSink('stdout', formatNative, stream);
  const state = { delivered: false };
  const delivery = sink.deliver(documentsOf(Array.from({ length: 100 }, () => 'x'.repeat(10_000)))).then(() => {
    state.delivered = true;
  });
  let passed = 0;
  while (!state.delivered) {
    expect(stream.writableLength).toBeLessThan(80_000);
    const done = waiting.shift();
    if (done !== undefined) {
      passed += 1;
      done();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  await delivery;
  expect(passed).toBeGreaterThan(10);
});

test('a closed pipe rejects the delivery and does not end the process', async () => {
  const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('write EPIPE')) });
  await expect(new StdoutAlertSink('stdout', formatNative, broken).deliver(documentsOf(['{}']))).rejects.toThrow(
    'Cannot write to standard output: write EPIPE',
  );
});
