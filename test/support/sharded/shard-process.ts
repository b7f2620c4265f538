import type { Alert } from '../../../src/core/alert/alert.ts';
import { Engine } from '../../../src/core/engine.ts';
import type { EngineOptions } from '../../../src/core/engine-options.ts';
import type { IndicatorIndex } from '../../../src/core/intel/address-index.ts';
import { originKey } from '../../../src/core/ports.ts';
import { readCorrelationEvent } from '../../../src/core/route/correlation-event.ts';
import { KnownHubs, originsOf } from '../../../src/core/route/known-hubs.ts';
import type { RoutedObservation } from '../../../src/core/route/routed-observation.ts';
import { ShardImage } from '../../../src/core/state/shard-image.ts';
import { Tally } from '../../../src/core/tally.ts';
import { drain } from '../engine-builder.ts';
import { processNow } from './router-process.ts';
import { sourceHubs } from './source-logs.ts';

export interface ShardSetting {
  readonly partition: number;
  readonly engine: EngineOptions;
  readonly firstBoundary: number;
  readonly index: IndicatorIndex;
}

/** What a cut keeps: the state, and what the test knows of it. */
interface Kept {
  readonly bytes: Uint8Array;
  readonly arrived: ReadonlySet<string>;
  readonly admitted: number;
}

/** What a flush said of its own window; what waited for it may have told of others. */
export function drainOf(engine: Engine, windowEnd: number): Alert[] {
  return drain(engine).filter((alert) => Date.parse(alert.windowEnd) === windowEnd);
}

/** Names the record of an observation. */
export function placeOf(origin: string, sequenceNumber: number, index: number): string {
  return `${origin} ${sequenceNumber} ${index}`;
}

/** The correlator half of one partition: reads its log, is cut now and then, and begins again from its last cut. */
export class ShardProcess {
  readonly #setting: ShardSetting;
  readonly #origin: string;
  #engine: Engine;
  #known = new KnownHubs(sourceHubs);
  #next = 0;
  #arrived = new Set<string>();
  #admitted = 0;
  #kept: Kept | null = null;

  constructor(setting: ShardSetting) {
    this.#setting = setting;
    const { partition } = setting;
    this.#origin = originKey({ namespace: 'east', hub: 'correlation', partition: String(partition), incarnation: 1 });
    this.#engine = this.#begin(null);
  }

  get engine(): Engine {
    return this.#engine;
  }

  /** Records whose observations have come by. */
  get arrived(): ReadonlySet<string> {
    return this.#arrived;
  }

  /** Observations that were not taken before. */
  get admitted(): number {
    return this.#admitted;
  }

  /** Takes up to `count` events of its log. True when it took any. */
  consume(log: readonly Uint8Array[], count: number): boolean {
    const events = log.slice(this.#next, this.#next + count);
    for (const bytes of events) {
      this.#take(bytes, this.#next);
      this.#next += 1;
    }
    return events.length > 0;
  }

  /** Runs the next flush when it is due, up to a boundary, and gives what it said. */
  flush(upTo: number): { readonly windowEnd: number; readonly alerts: readonly Alert[] } | null {
    if (this.#engine.boundary > upTo) return null;
    const due = this.#engine.dueFlush(processNow);
    if (due === null) return null;
    drain(this.#engine);
    this.#engine.flush(due, due.windowEnd + 300_000);
    return { windowEnd: due.windowEnd, alerts: drainOf(this.#engine, due.windowEnd) };
  }

  cut(): void {
    const cut = this.#engine.state.beginCut('base');
    cut.advance(Number.POSITIVE_INFINITY);
    this.#kept = { bytes: cut.bytes(), arrived: new Set(this.#arrived), admitted: this.#admitted };
    this.#engine.state.endCut();
  }

  /** Dies, and begins from its last cut, reading some events that it had taken once more. */
  restart(again: number): void {
    this.#engine = this.#begin(this.#kept);
    this.#known = new KnownHubs(sourceHubs);
    this.#engine.watermarks.expect(this.#known.expected(), processNow);
    const position = this.#engine.state.positions().get(this.#origin);
    this.#next = position === undefined ? 0 : Math.max(0, position.sequenceNumber + 1 - again);
    this.#arrived = new Set(this.#kept?.arrived);
    this.#admitted = this.#kept?.admitted ?? 0;
  }

  #begin(kept: Kept | null): Engine {
    const { engine: options, firstBoundary, index } = this.#setting;
    const engine = new Engine(options, { firstBoundary, warmUntil: null });
    if (kept !== null) {
      const image = new ShardImage();
      image.apply(kept.bytes);
      engine.state.restore(image);
    }
    engine.setIndex(index, () => 'indicator-deleted', engine.boundary - 1);
    engine.watermarks.expect(this.#known.expected(), processNow);
    return engine;
  }

  #take(bytes: Uint8Array, sequenceNumber: number): void {
    const engine = this.#engine;
    const { observations, hubs } = readCorrelationEvent(bytes);
    if (engine.hasTaken(this.#origin, sequenceNumber)) return;
    for (const routed of observations) this.#takeRouted(routed);
    if (this.#known.learn(hubs)) engine.watermarks.expect(this.#known.expected(), processNow);
    for (const { key, ms } of hubs.flatMap(originsOf)) if (ms !== null) engine.advanceWatermark(key, ms, processNow);
    engine.noteTaken(this.#origin, { sequenceNumber, offset: String(sequenceNumber), enqueuedMs: sequenceNumber });
  }

  #takeRouted(routed: RoutedObservation): void {
    const tally = new Tally();
    this.#engine.takeRouted(routed, this.#engine.boundary, tally);
    const { origin, mark } = routed;
    this.#arrived.add(placeOf(origin, mark.sequenceNumber, mark.index));
    if (tally.records().every(([, outcome]) => outcome !== 'replayed')) this.#admitted += 1;
  }
}
