import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LeaseTerm } from '../../../src/core/lease-term.ts';

test('a term is over a duration after it began, to the millisecond, and stays over', () => {
  const term = new LeaseTerm(15_000, 1000);
  expect([term.isOver(15_999), term.leftMs(15_999)]).toEqual([false, 1]);
  expect([term.isOver(16_000), term.leftMs(16_000)]).toEqual([true, 0]);
  term.renewed(16_000, 16_000);
  expect([term.isOver(16_001), term.leftMs(16_001)]).toEqual([true, 0]);
});

test('a renewal lengthens a term from its own beginning', () => {
  const term = new LeaseTerm(15_000, 0);
  term.renewed(5000, 9000);
  expect([term.isOver(19_999), term.leftMs(19_999)]).toEqual([false, 1]);
  expect(term.isOver(20_000)).toBe(true);
});

test('a renewal that is known to have succeeded only after the end does not count', () => {
  const term = new LeaseTerm(15_000, 0);
  term.renewed(14_000, 15_000);
  expect(term.isOver(15_000)).toBe(true);
});

test('renewals begin a third of the duration apart, sooner after a failure, never after the end', () => {
  const term = new LeaseTerm(15_000, 0);
  expect(term.pauseMs(0)).toBe(5000);
  term.failed(5100);
  expect(term.pauseMs(5100)).toBe(1000);
  term.failed(14_500);
  expect(term.pauseMs(14_500)).toBe(500);
  term.renewed(14_600, 14_700);
  expect(term.pauseMs(14_700)).toBe(4900);
});

test('a term never outlasts the latest start of a renewal that was known in time by more than its duration', () => {
  const renewal = fc.record({ waitMs: fc.nat(20_000), tookMs: fc.nat(20_000), succeeds: fc.boolean() });
  fc.assert(
    fc.property(fc.array(renewal, { maxLength: 20 }), fc.nat(40_000), (renewals, restMs) => {
      const term = new LeaseTerm(15_000, 0);
      let nowMs = 0;
      let endMs = 15_000;
      for (const { waitMs, tookMs, succeeds } of renewals) {
        const startedMs = nowMs + waitMs;
        nowMs = startedMs + tookMs;
        if (succeeds) term.renewed(startedMs, nowMs);
        else term.failed(nowMs);
        if (succeeds && nowMs < endMs) endMs = startedMs + 15_000;
      }
      expect(term.isOver(nowMs + restMs)).toBe(nowMs + restMs >= endMs);
    }),
  );
});
