import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../../src/core/alert/alert.ts';
import { Engine } from '../../../../src/core/engine.ts';
import type { ReceivedRecord } from '../../../../src/core/record.ts';
import { Tally } from '../../../../src/core/tally.ts';
import { HOUR_MS } from '../../../../src/core/time.ts';
import { scenario, type Scenario } from '../../../support/arbitraries.ts';
import { buildIndex, drain, engineOptions, message } from '../../../support/engine-builder.ts';

class Twin {
  readonly engine: Engine;
  readonly #given: Scenario;
  readonly #nowMs: number;
  readonly #alerts: Alert[] = [];
  #sequenceNumber = 0;

  constructor(given: Scenario) {
    const { options, lookbackMs, at } = given;
    const setting = { ...options, flushDelayMs: options.flushDelayMs ?? 240 * HOUR_MS, lookbackMs, repeats: false };
    this.#given = given;
    this.#nowMs = at - 1;
    this.engine = new Engine(engineOptions(setting), { firstBoundary: at, warmUntil: null });
  }

  take({ record, enqueuedMs }: ReceivedRecord): void {
    this.#sequenceNumber += 1;
    const sequenceNumber = this.#sequenceNumber;
    const decoded = message([{ ...record, index: 0 }]);
    this.engine.take({ origin: 'hub/0', sequenceNumber, offset: '', enqueuedMs, decoded }, this.#nowMs, new Tally());
    this.#alerts.push(...drain(this.engine));
  }

  swap(): void {
    const { index } = buildIndex(this.#given.objects, this.#given.options);
    this.engine.swapIndex(index, () => 'indicator-deleted', this.#nowMs);
  }

  probe(limit: number): boolean {
    const isOver = this.engine.probeIndex(limit, this.#nowMs);
    this.#alerts.push(...drain(this.engine));
    return isOver;
  }

  flush(): void {
    this.engine.flush({ lagging: [] }, this.#nowMs);
    this.#alerts.push(...drain(this.engine));
  }

  /** What was emitted, whatever the order: that of pairs is nobody's to rely on. */
  get alerts(): readonly string[] {
    return this.#alerts.map((alert) => JSON.stringify(alert)).sort();
  }
}

describe('probeIndex()', () => {
  test('in slices between records emits what a swap in one go emits', () => {
    fc.assert(
      fc.property(
        scenario().chain((given) => fc.tuple(fc.constant(given), fc.nat({ max: given.received.length }))),
        fc.array(fc.nat({ max: 2 })),
        ([given, before], slices) => {
          const [whole, sliced] = [new Twin(given), new Twin(given)];
          for (const twin of [whole, sliced]) {
            for (const received of given.received.slice(0, before)) twin.take(received);
            twin.swap();
          }
          whole.probe(Number.POSITIVE_INFINITY);
          for (const [place, received] of given.received.slice(before).entries()) {
            sliced.probe(slices[place] ?? 0);
            whole.take(received);
            sliced.take(received);
          }
          whole.flush();
          sliced.flush();
          expect(sliced.alerts).toEqual(whole.alerts);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('is over when every candidate was looked up', () => {
    fc.assert(
      fc.property(scenario(), (given) => {
        const twin = new Twin(given);
        for (const received of given.received) twin.take(received);
        twin.swap();
        let steps = 0;
        while (!twin.probe(1)) steps += 1;
        expect(steps).toBeLessThanOrEqual(given.received.length);
        expect(twin.probe(0)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
