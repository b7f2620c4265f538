import type { Alert } from '../../../src/core/alert/alert.ts';
import { alertId } from '../../../src/core/alert/alert-id.ts';
import type { AlertSlot } from '../../../src/core/alert/alert.ts';
import type { Engine, FlushResult, TakenMessage } from '../../../src/core/engine.ts';
import type { SourcedObject } from '../../../src/core/kql/ti-version.ts';
import type { Tally } from '../../../src/core/tally.ts';
import { sha256 } from '../engine-builder.ts';

/** An alert with the slot that its id speaks of; null when it speaks of none. */
export interface Emission {
  readonly alert: Alert;
  readonly slot: AlertSlot | null;
}

interface Happened {
  readonly nowMs: number;
  /** The first boundary that had not been flushed when it began. */
  readonly boundary: number;
  readonly warming: boolean;
  /** What it emitted, in order. */
  readonly emissions: readonly Emission[];
  /** Records that waited for their flush when it ended. */
  readonly deferred: number;
  /** Objects that the feeds had brought by then. */
  readonly held: readonly SourcedObject[];
}

/** One thing that the engine did, from beginning to end: it never waits, so nothing comes between. */
export type Step = Happened &
  (
    | { readonly kind: 'take'; readonly message: TakenMessage; readonly outcomes: ReturnType<Tally['records']> }
    | { readonly kind: 'flush'; readonly result: FlushResult; readonly trueMs: number }
    | { readonly kind: 'index' }
  );

export type FlushStep = Extract<Step, { kind: 'flush' }>;

const slots: readonly AlertSlot[] = ['match', 'flush', 'withdraw', 'expired'];

function slotOf({ id, findingKey, windowEnd }: Alert): AlertSlot | null {
  return slots.find((slot) => alertId(sha256, findingKey, windowEnd, slot) === id) ?? null;
}

/** What led to a state: from when an engine began without any, step by step. */
export interface Past {
  readonly begunMs: number;
  readonly steps: readonly Step[];
}

export interface RecorderOptions {
  readonly engine: Engine;
  /** The steps that led to the state that the engine is restored from, asked when it is. */
  readonly past: () => Past;
  readonly held: () => readonly SourcedObject[];
  /** Every instant at which validity begins or ends for something that a feed may hold. */
  readonly turns: readonly number[];
  readonly trueMs: () => number;
}

/**
 * Writes down everything that an engine is made to do and what it emits. Its steps begin with those of earlier engines
 * that led to the state it was restored from, so they tell all that this state rests on; what was never committed is gone.
 */
export class Recorder {
  readonly steps: Step[] = [];
  /** How many steps are those of earlier engines. */
  inherited = 0;
  /** How many steps the last cut rests on. */
  cutAt = 0;
  /** When the engine at the root began without any state. */
  begunMs = Number.NaN;
  /** The first boundary that this engine was to flush, once it has begun or was restored. */
  firstBoundary = Number.NEGATIVE_INFINITY;
  readonly #options: RecorderOptions;
  #emitted = 0;
  #tickedMs = Number.POSITIVE_INFINITY;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#recordTakes();
    this.#recordFlushes();
    this.#recordIndexes();
    this.#recordState();
  }

  /** What this engine did itself. */
  get own(): readonly Step[] {
    return this.steps.slice(this.inherited);
  }

  /** Every alert, in the order of emission. */
  get emissions(): readonly Emission[] {
    return this.steps.flatMap(({ emissions }) => emissions);
  }

  get flushes(): readonly FlushStep[] {
    return this.steps.filter((step) => step.kind === 'flush');
  }

  #recordState(): void {
    const { state } = this.#options.engine;
    const [begin, restore, beginCut] = [state.begin.bind(state), state.restore.bind(state), state.beginCut.bind(state)];
    state.begin = (now) => {
      begin(now);
      this.begunMs = now;
      this.firstBoundary = this.#options.engine.boundary;
    };
    state.restore = (image) => {
      restore(image);
      const { begunMs, steps } = this.#options.past();
      this.begunMs = begunMs;
      this.steps.push(...steps);
      this.inherited = steps.length;
      this.firstBoundary = this.#options.engine.boundary;
    };
    state.beginCut = (kind) => {
      this.cutAt = this.steps.length;
      return beginCut(kind);
    };
  }

  #recordTakes(): void {
    const { engine } = this.#options;
    const take = engine.take.bind(engine);
    engine.take = (message, nowMs, tally) => {
      const before = new Map(tally.records().map(([stream, outcome, count]) => [`${stream} ${outcome}`, count]));
      const { value: outcomes, happened } = this.#watch(nowMs, () => {
        take(message, nowMs, tally);
        return tally
          .records()
          .map(([stream, outcome, count]): [typeof stream, typeof outcome, number] => {
            return [stream, outcome, count - (before.get(`${stream} ${outcome}`) ?? 0)];
          })
          .filter(([, , count]) => count > 0);
      });
      this.steps.push({ kind: 'take', message, outcomes, ...happened });
    };
  }

  #recordFlushes(): void {
    const { engine, trueMs } = this.#options;
    const flush = engine.flush.bind(engine);
    engine.flush = (due, nowMs) => {
      const { value: result, happened } = this.#watch(nowMs, () => flush(due, nowMs));
      this.steps.push({ kind: 'flush', result, trueMs: trueMs(), ...happened });
      return result;
    };
  }

  #recordIndexes(): void {
    const { engine } = this.#options;
    const swapIndex = engine.swapIndex.bind(engine);
    engine.swapIndex = (index, reasonGone, nowMs) => {
      // Looked up in one go: that slices come to the same is another test's law.
      const { happened } = this.#watch(nowMs, () => {
        swapIndex(index, reasonGone, nowMs);
        engine.probeIndex(Number.POSITIVE_INFINITY, nowMs);
      });
      this.steps.push({ kind: 'index', ...happened });
    };
    const tick = engine.tick.bind(engine);
    engine.tick = (nowMs) => {
      const { happened } = this.#watch(nowMs, () => tick(nowMs));
      if (happened.emissions.length > 0 || this.#turns(nowMs)) this.steps.push({ kind: 'index', ...happened });
      this.#tickedMs = nowMs;
    };
  }

  /** Whether validity begins or ends for an object since the last look. */
  #turns(nowMs: number): boolean {
    return this.#options.turns.some((ms) => ms > this.#tickedMs && ms <= nowMs);
  }

  #watch<Value>(nowMs: number, act: () => Value): { readonly value: Value; readonly happened: Happened } {
    const { engine, held } = this.#options;
    const { boundary, warming } = engine;
    const value = act();
    const { recentCount } = engine.outbox;
    const fresh = recentCount > this.#emitted ? engine.outbox.recent(recentCount - this.#emitted).toReversed() : [];
    this.#emitted = recentCount;
    const emissions = fresh.map((alert) => ({ alert, slot: slotOf(alert) }));
    return { value, happened: { nowMs, boundary, warming, emissions, deferred: engine.deferred, held: held() } };
  }
}
