import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../../src/core/alert/alert.ts';
import { Engine } from '../../../../src/core/engine.ts';
import type { ReceivedRecord } from '../../../../src/core/record.ts';
import { DecodeError } from '../../../../src/core/state/byte-reader.ts';
import type { Cut } from '../../../../src/core/state/cut.ts';
import { ShardImage, StateMismatchError } from '../../../../src/core/state/shard-image.ts';
import { Tally } from '../../../../src/core/tally.ts';
import { HOUR_MS } from '../../../../src/core/time.ts';
import { scenario, type Scenario } from '../../../support/arbitraries.ts';
import { buildIndex, engineOptions, message } from '../../../support/engine-builder.ts';

/** What happens to an engine, in one order. */
type Step =
  | { readonly do: 'take'; readonly record: number }
  | { readonly do: 'flush' }
  | { readonly do: 'index'; readonly objects: number }
  | { readonly do: 'begin'; readonly base: boolean }
  | { readonly do: 'advance' }
  | { readonly do: 'end' };

const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('take' as const), record: fc.nat() }) },
    { weight: 1, arbitrary: fc.constant({ do: 'flush' as const }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('index' as const), objects: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('begin' as const), base: fc.boolean() }) },
    { weight: 2, arbitrary: fc.constant({ do: 'advance' as const }) },
    { weight: 2, arbitrary: fc.constant({ do: 'end' as const }) },
  ),
  { minLength: 5, maxLength: 60 },
);

const tight = { candidateMaxBytes: 9000, pinnedMaxBytes: 12_000, evictionMarksMax: 2, deduplicateMaxBytes: 800 };

class Rig {
  readonly given: Scenario;
  readonly engine: Engine;
  readonly alerts: Alert[] = [];
  readonly cuts: Uint8Array[] = [];
  #cut: Cut | null = null;
  #hasBase = false;
  #sequenceNumber = 0;
  #objects = 0;

  constructor(given: Scenario, isTight: boolean) {
    this.given = given;
    this.engine = engineOf(given, isTight);
    this.setIndex(given.objects.length);
  }

  setIndex(objects: number): void {
    this.#objects = objects % (this.given.objects.length + 1);
    const { index } = buildIndex(this.given.objects.slice(0, this.#objects), this.given.options);
    this.engine.setIndex(index, () => 'indicator-deleted', this.engine.boundary - 1);
  }

  indexAgain(): void {
    this.setIndex(this.#objects);
  }

  /** The same records and indicators, from what was cut last. */
  restored(isTight: boolean, withIndex = true): Rig {
    const rig = new Rig(this.given, isTight);
    const image = new ShardImage();
    for (const bytes of this.cuts) image.apply(bytes);
    const engine = engineOf(this.given, isTight);
    engine.state.restore(image);
    Object.assign(rig, { engine });
    rig.#sequenceNumber = this.#sequenceNumber;
    if (withIndex) rig.setIndex(this.#objects);
    return rig;
  }

  do(step: Step): void {
    if (step.do === 'take') this.#take(this.given.received[step.record % Math.max(1, this.given.received.length)]);
    else if (step.do === 'flush') this.engine.flush({ lagging: [] }, this.engine.boundary + 300_000);
    else if (step.do === 'index') this.setIndex(step.objects);
    else if (step.do === 'begin') this.begin(step.base);
    else if (step.do === 'advance') this.#cut?.advance(1);
    else this.end();
    this.#collect();
  }

  begin(base: boolean): void {
    if (this.#cut !== null) return;
    const isBase = base || !this.#hasBase;
    if (isBase) this.cuts.length = 0;
    this.#hasBase = true;
    this.#cut = this.engine.state.beginCut(isBase ? 'base' : 'delta');
  }

  end(): void {
    if (this.#cut === null) return;
    this.#cut.advance(Number.POSITIVE_INFINITY);
    this.cuts.push(this.#cut.bytes());
    this.engine.state.endCut();
    this.engine.outbox.commitUpTo(this.#cut.summary.lastAlert);
    this.#cut = null;
  }

  #take(received: ReceivedRecord | undefined): void {
    if (received === undefined) return;
    this.#sequenceNumber += 1;
    const { record, enqueuedMs } = received;
    const decoded = message([{ ...record, index: 0 }]);
    const sequenceNumber = this.#sequenceNumber;
    this.engine.take(
      { origin: 'hub/0', sequenceNumber, offset: String(sequenceNumber), enqueuedMs, decoded },
      this.engine.boundary - 1,
      new Tally(),
    );
  }

  #collect(): void {
    const waiting = this.engine.outbox.waiting('test', Number.MAX_SAFE_INTEGER);
    this.alerts.push(...waiting);
    this.engine.outbox.delivered('test', waiting.length);
  }
}

function engineOf(given: Scenario, isTight: boolean): Engine {
  const { options, lookbackMs } = given;
  const flushDelayMs = options.flushDelayMs ?? 240 * HOUR_MS;
  const setting = {
    ...options,
    lookbackMs,
    flushDelayMs,
    repeats: false,
    isDurable: true,
    ...(isTight ? { bounds: tight } : {}),
  };
  return new Engine(engineOptions(setting), { firstBoundary: given.at - 2 * HOUR_MS, warmUntil: null });
}

/** What was said of each finding, in order; between findings none is promised. */
function byFinding(alerts: readonly Alert[]): ReadonlyMap<string, readonly Alert[]> {
  return Map.groupBy(alerts, ({ findingKey }) => findingKey);
}

/** Everything a shard can be seen to hold. */
function seen({ engine }: Rig): unknown {
  const cut = engine.state.beginCut('base');
  cut.advance(Number.POSITIVE_INFINITY);
  const image = new ShardImage();
  image.apply(cut.bytes());
  engine.state.endCut();
  return {
    summary: image.summary,
    sizes: { ...engine.store.sizes, evicted: 0, refused: 0, unmarked: 0 },
    addresses: [...image.addresses]
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
      .map(([, { windows, findings }]) => ({ packed: windows, windows: windows?.unpacked(), findings })),
    evicted: [...image.evicted].sort(),
    expired: [...image.expired].sort(),
    deferred: image.deferred,
    alerts: image.alerts,
  };
}

describe('ShardState', () => {
  test.each([
    ['with room', false],
    ['at its bounds', true],
  ])(
    'restore() of any chain of cuts gives the shard that was cut, and goes on as it would have: %s',
    (_name, isTight) => {
      fc.assert(
        fc.property(scenario(), steps, steps, (given, before, after) => {
          const rig = new Rig(given, isTight);
          for (const step of before) rig.do(step);
          // Indicators may have ended since, which only the next index looks at; a restored shard is given one.
          rig.indexAgain();
          rig.end();
          rig.begin(false);
          rig.end();
          const restored = rig.restored(isTight);
          const states = [seen(rig), seen(restored)];
          expect(states[1]).toEqual(states[0]);
          const said = [rig.alerts.length, restored.alerts.length];
          const goOn = after.filter((step) => step.do === 'take' || step.do === 'flush' || step.do === 'index');
          for (const each of [rig, restored]) {
            for (const step of goOn) each.do(step);
            each.begin(true);
            each.end();
            each.do({ do: 'advance' });
          }
          if (!isTight) expect(byFinding(restored.alerts.slice(said[1]))).toEqual(byFinding(rig.alerts.slice(said[0])));
        }),
        { numRuns: 40 },
      );
    },
  );

  test('a cut shows the shard as it was when the cut began, whatever happens while it is written', () => {
    fc.assert(
      fc.property(scenario(), steps, steps, (given, before, meanwhile) => {
        const rig = new Rig(given, false);
        for (const step of before) rig.do(step);
        rig.end();
        rig.begin(true);
        rig.end();
        const still = rig.restored(false, false);
        const expected = seen(still);
        rig.begin(true);
        for (const step of meanwhile) if (step.do !== 'begin' && step.do !== 'end') rig.do(step);
        rig.end();
        const { boundary } = rig.engine;
        const restored = rig.restored(false, false);
        expect(restored.engine.boundary).toBeLessThanOrEqual(boundary);
        expect(seen(restored)).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  test('nothing leaves the outbox before the cut that holds it is committed', () => {
    fc.assert(
      fc.property(scenario(), steps, (given, all) => {
        const rig = new Rig(given, false);
        let committed = 0;
        for (const step of all) {
          rig.do(step);
          if (step.do === 'end') committed = rig.engine.outbox.summary.lastAlert;
          expect(rig.alerts.length).toBeLessThanOrEqual(committed);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('state of another lookback is refused with both values', () => {
    const given = fc.sample(scenario(), { numRuns: 1, seed: 1 })[0]!;
    const rig = new Rig(given, false);
    rig.begin(true);
    rig.end();
    const image = new ShardImage();
    image.apply(rig.cuts[0]!);
    const other = engineOf({ ...given, lookbackMs: given.lookbackMs + HOUR_MS }, false);
    expect(() => other.state.restore(image)).toThrow(StateMismatchError);
    expect(() => other.state.restore(image)).toThrow(String(given.lookbackMs));
  });

  test('bytes that are cut short are refused', () => {
    fc.assert(
      fc.property(scenario(), steps, fc.nat(), (given, before, at) => {
        const rig = new Rig(given, false);
        for (const step of before) rig.do(step);
        rig.end();
        rig.begin(true);
        rig.end();
        const bytes = rig.cuts.at(-1)!;
        expect(() => new ShardImage().apply(bytes.subarray(0, at % bytes.length))).toThrow(DecodeError);
      }),
      { numRuns: 40 },
    );
  });
});
