import fc from 'fast-check';
import { Receiver } from 'rhea-promise';
import { expect, test } from 'vitest';
import { creditToAdd, limitCredit } from '../../../../src/adapters/event-hubs/credit-limit.ts';

const links = fc.record({
  prefetch: fc.integer({ min: 1, max: 5000 }),
  outstanding: fc.nat(10_000),
  meanBytes: fc.option(fc.integer({ min: 1, max: 2 ** 20 })),
  limitBytes: fc.integer({ min: 2 ** 16, max: 2 ** 24 }),
});

test('creditToAdd() never lets queued and outstanding events pass the prefetch', () => {
  fc.assert(
    fc.property(links, fc.nat(5000), (link, queued) => {
      const added = creditToAdd({ ...link, wanted: link.prefetch - queued });
      expect(added).toBeGreaterThanOrEqual(0);
      if (added > 0) expect(queued + link.outstanding + added).toBeLessThanOrEqual(link.prefetch);
    }),
  );
});

test('creditToAdd() never lets them pass the bytes, two events apart', () => {
  fc.assert(
    fc.property(links, fc.nat(5000), (link, queued) => {
      const added = creditToAdd({ ...link, wanted: link.prefetch - queued });
      if (added === 0 || link.meanBytes === null) return;
      const bytes = (queued + link.outstanding + added) * link.meanBytes;
      expect(bytes).toBeLessThanOrEqual(Math.max(link.limitBytes, 2 * link.meanBytes));
    }),
  );
});

test('creditToAdd() always gives credit to a link that has neither credit nor events', () => {
  fc.assert(
    fc.property(links, (link) => {
      expect(creditToAdd({ ...link, outstanding: 0, wanted: link.prefetch })).toBeGreaterThan(0);
    }),
  );
});

test('creditToAdd() tops up: idle cycles, which ask for a whole prefetch each, add nothing', () => {
  const link = { prefetch: 300, meanBytes: 1000, limitBytes: 2 ** 24 };
  let outstanding = 0;
  for (let cycle = 0; cycle < 1000; cycle++) outstanding += creditToAdd({ ...link, wanted: 300, outstanding });
  expect(outstanding).toBe(300);
});

test('limitCredit() bounds the very class that the SDK uses, once', () => {
  const before = Receiver.prototype.addCredit.bind(Receiver.prototype);
  limitCredit(1000);
  const bounded: unknown = Object.getOwnPropertyDescriptor(Receiver.prototype, 'addCredit')?.value;
  limitCredit(2000);
  expect(Object.getOwnPropertyDescriptor(Receiver.prototype, 'addCredit')?.value).toBe(bounded);
  expect(bounded).not.toBe(before);
});
