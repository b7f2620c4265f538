import { describe, expect, test } from 'vitest';
import type { AlertSink } from '../../src/core/ports.ts';

export interface SinkRig extends AsyncDisposable {
  readonly sink: AlertSink;
  /** Everything that reached the other side. */
  readonly text: () => Promise<string>;
  /** Makes every further delivery fail. */
  readonly breakPlace: () => Promise<void>;
}

function documents(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, at) => JSON.stringify({ id: from + at, text: 'é 😀 "quoted" \n' }));
}

/** What holds for every sink of alerts that writes lines. */
export function alertSinkLaws(kind: string, open: () => Promise<SinkRig>): void {
  const linesOf = async (rig: SinkRig): Promise<string[]> => (await rig.text()).split('\n').slice(0, -1);

  describe(`a ${kind} sink`, () => {
    test('has taken every document, one a line and in order, when a delivery resolves', async () => {
      await using rig = await open();
      await rig.sink.deliver(documents(0, 3));
      expect(await linesOf(rig)).toEqual(documents(0, 3));
      await rig.sink.deliver(documents(3, 5));
      expect(await linesOf(rig)).toEqual(documents(0, 5));
      expect((await rig.text()).endsWith('\n')).toBe(true);
    });

    test('keeps the order of deliveries that overlap', async () => {
      await using rig = await open();
      await Promise.all(Array.from({ length: 20 }, (_, at) => rig.sink.deliver(documents(at * 10, at * 10 + 10))));
      expect(await linesOf(rig)).toEqual(documents(0, 200));
    });

    test('takes deliveries of many megabytes', async () => {
      await using rig = await open();
      const long = Array.from({ length: 40 }, (_, at) => JSON.stringify({ at, text: 'x'.repeat(100_000) }));
      await rig.sink.deliver(long);
      expect(await linesOf(rig)).toEqual(long);
    });

    test('a delivery of nothing writes nothing', async () => {
      await using rig = await open();
      await rig.sink.deliver([]);
      expect(await rig.text()).toBe('');
    });

    test('rejects a delivery that could not be made', async () => {
      await using rig = await open();
      await rig.sink.deliver(documents(0, 1));
      await rig.breakPlace();
      await expect(rig.sink.deliver(documents(1, 2))).rejects.toThrow();
    });

    test('close() waits for what is under way', async () => {
      await using rig = await open();
      void rig.sink.deliver(documents(0, 500));
      await rig.sink.close();
      expect(await linesOf(rig)).toEqual(documents(0, 500));
    });
  });
}
