import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextBatch } from '../../../src/pipeline/sink-batch.ts';
import { retryPauseMs } from '../../../src/pipeline/retry-pause.ts';
import { anAlert } from '../../support/sample-alert.ts';

const alerts = fc.array(fc.record({ text: fc.string({ unit: 'grapheme', maxLength: 40 }), wanted: fc.boolean() }), {
  minLength: 1,
  maxLength: 20,
});

test('batches cover every alert once, in order, within the limits, and leave out only what is too long', () => {
  fc.assert(
    fc.property(alerts, fc.integer({ min: 1, max: 5 }), fc.nat(60), fc.nat(80), (given, batchMax, most, bytes) => {
      const documentBytesMax = most;
      const limits = { batchMax, documentBytesMax, batchBytesMax: Math.max(most, bytes) };
      const byId = new Map(given.map((each, at) => [`id-${at}`, each]));
      const encode = ({ id }: { readonly id: string }): string | null => {
        const each = byId.get(id);
        return each?.wanted === true ? each.text : null;
      };
      let left = given.map((_, at) => anAlert({ id: `id-${at}` }));
      const sent: string[] = [];
      while (left.length > 0) {
        const batch = nextBatch({ encode, limits }, left, Number.POSITIVE_INFINITY);
        const sizes = batch.documents.map(({ text }) => Buffer.byteLength(text));
        expect(batch.covered).toBeGreaterThan(0);
        expect(sizes.length).toBeLessThanOrEqual(batchMax);
        expect(Math.max(0, ...sizes)).toBeLessThanOrEqual(documentBytesMax);
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(limits.batchBytesMax);
        sent.push(...batch.documents.map(({ id }) => id));
        left = left.slice(batch.covered);
      }
      const fits = ({ text, wanted }: { text: string; wanted: boolean }): boolean =>
        wanted && Buffer.byteLength(text) <= documentBytesMax;
      expect(sent).toEqual([...byId].filter(([, each]) => fits(each)).map(([id]) => id));
    }),
  );
});

test('a pause lies between half and the whole of a doubling one, and is never shorter than asked for', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.option(fc.nat(10_000_000)),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (failures, asked, random) => {
        const most = Math.min(60_000, 500 * 2 ** Math.min(failures - 1, 20));
        const pause = retryPauseMs(failures, asked, random);
        const least = Math.max(most / 2, Math.min(asked ?? 0, 3_600_000));
        expect(pause).toBeGreaterThanOrEqual(least);
        expect(pause).toBeLessThanOrEqual(Math.max(most, least));
      },
    ),
  );
});
