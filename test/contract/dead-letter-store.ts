import { describe, expect, test } from 'vitest';
import type { DeadLetter, DeadLetterStore } from '../../src/core/ports.ts';

/** A place for dead letters that outlives the stores opened on it. */
export interface DeadLetterRig extends AsyncDisposable {
  /** Opens a store on the place, as a start of the process does. */
  readonly open: (maxBytes: number) => DeadLetterStore;
  /** Makes the place unusable. */
  readonly breakPlace: () => Promise<void>;
}

export function sampleLetter(number: number, text = `{"records":[{"number":${number}`): DeadLetter {
  return {
    stream: 'insights-activity-logs',
    partition: String(number % 4),
    sequenceNumber: number,
    index: number % 3,
    reason: 'unterminated object',
    enqueuedAt: '2026-01-01T00:00:00Z',
    text,
  };
}

function letters(from: number, to: number): DeadLetter[] {
  return Array.from({ length: to - from }, (_, at) => sampleLetter(from + at));
}

const roomy = 64 * 1024 ** 2;

/** What holds for every dead letter store, wherever it keeps them. */
export function deadLetterStoreLaws(kind: string, make: () => Promise<DeadLetterRig>): void {
  describe(`a ${kind} dead letter store`, () => {
    test('is empty at first', async () => {
      await using rig = await make();
      const store = rig.open(roomy);
      expect(await store.recent(10)).toEqual([]);
      expect(store.dropped()).toBe(0);
    });

    test('gives the newest letters, newest first, exactly as they were appended', async () => {
      await using rig = await make();
      const store = rig.open(roomy);
      const odd = sampleLetter(99, 'line\nbreak, "quotes", \\ and 😀 \u0000 \u2028 and half of one: \ud83d');
      await store.append(letters(0, 3));
      await store.append([odd, sampleLetter(100)]);
      expect(await store.recent(10)).toEqual([sampleLetter(100), odd, ...letters(0, 3).toReversed()]);
      expect(await store.recent(3)).toEqual([sampleLetter(100), odd, sampleLetter(2)]);
      expect(await store.recent(0)).toEqual([]);
    });

    test('keeps its letters over a restart, and new ones are newer', async () => {
      await using rig = await make();
      await rig.open(roomy).append(letters(0, 2));
      const again = rig.open(roomy);
      expect(await again.recent(10)).toEqual(letters(0, 2).toReversed());
      await again.append(letters(2, 4));
      expect(await rig.open(roomy).recent(10)).toEqual(letters(0, 4).toReversed());
    });

    test('takes appends that overlap without losing one', async () => {
      await using rig = await make();
      const store = rig.open(roomy);
      await Promise.all(Array.from({ length: 20 }, (_, at) => store.append(letters(at * 5, at * 5 + 5))));
      expect(await store.recent(1000)).toEqual(letters(0, 100).toReversed());
    });

    test('takes an append of more than one segment', async () => {
      await using rig = await make();
      const long = Array.from({ length: 40 }, (_, at) => sampleLetter(at, 'x'.repeat(64 * 1024)));
      await rig.open(roomy).append(long);
      expect(await rig.open(roomy).recent(100)).toEqual(long.toReversed());
    });

    test('drops the oldest letters past its bound, counts them, and keeps the newest', async () => {
      await using rig = await make();
      const size = JSON.stringify(sampleLetter(10)).length + 1;
      const store = rig.open(10 * size);
      for (let number = 10; number < 50; number++) await store.append([sampleLetter(number)]);
      expect(await store.recent(100)).toEqual(letters(40, 50).toReversed());
      expect(store.dropped()).toBe(30);
      const again = rig.open(5 * size);
      await again.append([sampleLetter(50)]);
      expect(await again.recent(100)).toEqual(letters(46, 51).toReversed());
      expect(again.dropped()).toBe(6);
    });

    test('keeps what was just appended, even if that alone passes the bound', async () => {
      await using rig = await make();
      const store = rig.open(1);
      await store.append(letters(0, 3));
      expect(await store.recent(10)).toEqual(letters(0, 3).toReversed());
      await store.append(letters(3, 5));
      expect(await store.recent(10)).toEqual(letters(3, 5).toReversed());
      expect(store.dropped()).toBe(3);
    });

    test('an append of nothing writes nothing', async () => {
      await using rig = await make();
      const store = rig.open(roomy);
      await store.append([]);
      expect(await store.recent(10)).toEqual([]);
    });

    test('rejects an append that could not be made durable', async () => {
      await using rig = await make();
      const store = rig.open(roomy);
      await rig.breakPlace();
      await expect(store.append(letters(0, 1))).rejects.toThrow();
    });
  });
}
