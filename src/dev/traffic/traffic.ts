import { HOUR_MS } from '../../core/time.ts';
import { ActivitySource } from './activity-source.ts';
import { type EntraCategory, EntraSource } from './entra-source.ts';
import type { GeneratedMessage } from './message.ts';
import { NoiseSource } from './noise-source.ts';
import { createPopulation, type Population } from './population.ts';
import { defaultFaults, defaultRates, type TrafficFaults, type TrafficRates } from './rates.ts';
import type { SourceSettings, TrafficSource, WatchedAddresses } from './traffic-source.ts';

export interface TrafficOptions {
  readonly seed: number;
  /** Milliseconds since 1970; the slots that hold it are the first. */
  readonly startMs: number;
  /** Multiplies all rates. */
  readonly scale?: number;
  readonly rates?: Partial<TrafficRates>;
  readonly faults?: Partial<TrafficFaults>;
  readonly population?: Population;
  /** How long Entra gathers records before it sends them; 5 minutes as documented. */
  readonly entraBatchMs?: number;
  readonly watched?: WatchedAddresses;
}

interface Pending {
  readonly message: GeneratedMessage;
  /** Order among messages enqueued in the same millisecond: emitter, slot, place in the slot. */
  readonly rank: readonly [number, number, number];
}

interface Emitter {
  readonly source: TrafficSource;
  nextSlotMs: number;
}

const entraCategories: readonly EntraCategory[] = [
  'signIns',
  'nonInteractive',
  'servicePrincipal',
  'managedIdentity',
  'audit',
  'graph',
];

/**
 * The traffic of an organisation's diagnostic settings, seeded. What an interval holds depends on the options alone and not
 * on how the intervals are cut, so the same code writes a day of history at once or live traffic second by second.
 */
export class Traffic {
  readonly population: Population;
  readonly #emitters: readonly Emitter[];
  #pending: Pending[] = [];
  #scheduled = 0;
  #untilMs: number;

  constructor(options: TrafficOptions) {
    this.population = options.population ?? createPopulation(options.seed);
    const settings: SourceSettings = {
      seed: options.seed,
      population: this.population,
      rates: scaled({ ...defaultRates, ...options.rates }, options.scale ?? 1),
      faults: { ...defaultFaults, ...options.faults },
      watched: options.watched ?? { addresses: [], share: 0 },
    };
    const sources: TrafficSource[] = [
      new ActivitySource(settings),
      new NoiseSource(settings),
      ...entraCategories.map((category) => new EntraSource(category, settings, options.entraBatchMs ?? 300_000)),
    ];
    this.#emitters = sources.map((source) => ({
      source,
      nextSlotMs: Math.floor(options.startMs / source.slotMs) * source.slotMs,
    }));
    this.#untilMs = options.startMs;
  }

  /** Adds messages, such as those of an incident; they come out of `next` at their enqueued times. */
  schedule(messages: readonly GeneratedMessage[]): void {
    for (const message of messages) {
      this.#pending.push({ message, rank: [this.#emitters.length, 0, this.#scheduled++] });
    }
  }

  /**
   * Messages enqueued in [fromMs, toMs), in that order. Intervals must follow each other: what lies before `fromMs` is gone.
   * Throws RangeError when `fromMs` lies before the end of the last interval.
   */
  next(fromMs: number, toMs: number): GeneratedMessage[] {
    if (fromMs < this.#untilMs) {
      throw new RangeError(`Cannot generate traffic from ${fromMs}: it was taken up to ${this.#untilMs} already`);
    }
    this.#untilMs = toMs;
    this.#emitters.forEach((emitter, order) => this.#advance(emitter, order, toMs));
    const taken = this.#pending.filter(({ message }) => message.enqueuedMs < toMs);
    this.#pending = this.#pending.filter(({ message }) => message.enqueuedMs >= toMs);
    return taken
      .filter(({ message }) => message.enqueuedMs >= fromMs)
      .sort(byEnqueued)
      .map(({ message }) => message);
  }

  /** The messages of a long interval one by one, generated an hour at a time. */
  *between(fromMs: number, toMs: number): Generator<GeneratedMessage> {
    for (let atMs = fromMs; atMs < toMs; atMs += HOUR_MS) yield* this.next(atMs, Math.min(atMs + HOUR_MS, toMs));
  }

  #advance(emitter: Emitter, order: number, toMs: number): void {
    for (; emitter.nextSlotMs < toMs; emitter.nextSlotMs += emitter.source.slotMs) {
      const slot = emitter.nextSlotMs;
      emitter.source
        .slot(slot)
        .forEach((message, index) => this.#pending.push({ message, rank: [order, slot, index] }));
    }
  }
}

function byEnqueued(a: Pending, b: Pending): number {
  return (
    a.message.enqueuedMs - b.message.enqueuedMs ||
    a.rank[0] - b.rank[0] ||
    a.rank[1] - b.rank[1] ||
    a.rank[2] - b.rank[2]
  );
}

function scaled(rates: TrafficRates, factor: number): TrafficRates {
  return {
    operations: rates.operations * factor,
    signIns: rates.signIns * factor,
    servicePrincipalSignIns: rates.servicePrincipalSignIns * factor,
    nonInteractiveSignIns: rates.nonInteractiveSignIns * factor,
    managedIdentitySignIns: rates.managedIdentitySignIns * factor,
    auditLogs: rates.auditLogs * factor,
    graphActivity: rates.graphActivity * factor,
    keyVault: rates.keyVault * factor,
    metrics: rates.metrics * factor,
    platform: rates.platform * factor,
  };
}
