import { expect, test } from 'vitest';
import { skippingSilenced } from '../../../../src/core/alert/silenced-skip.ts';
import type { AlertSink } from '../../../../src/core/ports.ts';

test('skippingSilenced() keeps everything that a sink has', async () => {
  const sink: Required<AlertSink> = {
    name: 'sink',
    limits: { batchMax: 1, batchBytesMax: 1, documentBytesMax: 1 },
    skipsSilenced: false,
    encode: () => 'alert',
    reminder: { everyMs: 1, encode: () => 'reminder' },
    check: () => Promise.resolve('reached'),
    deliver: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const skipping = skippingSilenced(sink);
  expect(Object.keys(skipping).sort()).toEqual(Object.keys(sink).sort());
  expect(await skipping.check?.(new AbortController().signal)).toBe('reached');
});
