import { describe, expect, test } from 'vitest';
import type { AlertSink, SinkDocument } from '../../src/core/ports.ts';

export interface SinkRig extends AsyncDisposable {
  readonly sink: AlertSink;
  /** Everything that reached the other side. */
  readonly text: () => Promise<string>;
  /** Makes every further delivery fail. */
  readonly breakPlace: () => Promise<void>;
}

function texts(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, at) => JSON.stringify({ id: from + at, text: 'é 😀 "quoted" \n' }));
}

/** Texts as a sink is given them. */
export function documentsOf(lines: readonly string[]): SinkDocument[] {
  return lines.map((text) => ({
    id: text.slice(0, 64),
    findingKey: 'finding',
    activity: 'create',
    emittedAt: '2026-03-01T11:30:02.120Z',
    text,
  }));
}

/** Of a delivery that nothing ends early. */
export const unending = new AbortController().signal;

/** What holds for every sink of alerts that writes lines. */
export function alertSinkLaws(kind: string, open: () => Promise<SinkRig>): void {
  const linesOf = async (rig: SinkRig): Promise<string[]> => (await rig.text()).split('\n').slice(0, -1);

  describe(`a ${kind} sink`, () => {
    test('has taken every document, one a line and in order, when a delivery resolves', async () => {
      await using rig = await open();
      await rig.sink.deliver(documentsOf(texts(0, 3)), unending);
      expect(await linesOf(rig)).toEqual(texts(0, 3));
      await rig.sink.deliver(documentsOf(texts(3, 5)), unending);
      expect(await linesOf(rig)).toEqual(texts(0, 5));
      expect((await rig.text()).endsWith('\n')).toBe(true);
    });

    test('keeps the order of deliveries that overlap', async () => {
      await using rig = await open();
      await Promise.all(
        Array.from({ length: 20 }, (_, at) => rig.sink.deliver(documentsOf(texts(at * 10, at * 10 + 10)), unending)),
      );
      expect(await linesOf(rig)).toEqual(texts(0, 200));
    });

    test('takes deliveries of many megabytes', async () => {
      await using rig = await open();
      const long = Array.from({ length: 40 }, (_, at) => JSON.stringify({ at, text: 'x'.repeat(100_000) }));
      await rig.sink.deliver(documentsOf(long), unending);
      expect(await linesOf(rig)).toEqual(long);
    });

    test('a delivery of nothing writes nothing', async () => {
      await using rig = await open();
      await rig.sink.deliver([], unending);
      expect(await rig.text()).toBe('');
    });

    test('rejects a delivery that could not be made', async () => {
      await using rig = await open();
      await rig.sink.deliver(documentsOf(texts(0, 1)), unending);
      await rig.breakPlace();
      await expect(rig.sink.deliver(documentsOf(texts(1, 2)), unending)).rejects.toMatchObject({
        name: 'SinkError',
        retryable: true,
      });
    });

    test('close() waits for what is under way', async () => {
      await using rig = await open();
      void rig.sink.deliver(documentsOf(texts(0, 500)), unending);
      await rig.sink.close();
      expect(await linesOf(rig)).toEqual(texts(0, 500));
    });
  });
}
