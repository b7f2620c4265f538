import { FeedError } from '../../../src/core/feed-error.ts';
import type { SourceSettings } from '../../../src/core/intel/indicator-reader.ts';
import type { StixObject } from '../../../src/core/intel/stix-object.ts';
import type { SourcedObject } from '../../../src/core/kql/ti-version.ts';
import type { FeedPage, FeedUpdate, IndicatorFeed } from '../../../src/core/ports.ts';
import { pagesOf } from '../feed-updates.ts';
import { isInside, type FaultPlan } from './fault-plan.ts';
import type { SimulatedClock } from './simulated-clock.ts';

/** An object that a feed holds from a time on, and maybe no longer after another. */
export interface Publication {
  readonly object: StixObject;
  readonly fromMs: number;
  /** Only a feed that sends its whole set can take something back. */
  readonly untilMs: number;
}

export interface MemoryFeedOptions {
  readonly source: SourceSettings;
  readonly publications: readonly Publication[];
  /** Whether each poll brings everything, as a file does, or what is new since the cursor, as TAXII does. */
  readonly full: boolean;
  /** Most indicators that the catalogue takes. */
  readonly indicatorsMax: number;
  readonly faults: FaultPlan;
  readonly clock: SimulatedClock;
  readonly startMs: number;
}

/** A feed as one process polls it, and what that process knows of it. The cursor is the time of a poll. */
export class MemoryFeed implements IndicatorFeed {
  readonly name: string;
  readonly #options: MemoryFeedOptions;
  #known: readonly StixObject[] = [];
  /** What a process knows once it has taken what the newest poll brought. */
  #offered: readonly StixObject[] = [];

  constructor(options: MemoryFeedOptions) {
    this.#options = options;
    this.name = options.source.name;
  }

  get source(): SourceSettings {
    return this.#options.source;
  }

  /** Everything that polls brought, as far as it was taken, and that was not taken back. */
  get held(): readonly SourcedObject[] {
    return this.#known.map((object) => ({ source: this.source, object }));
  }

  /** Says that the process goes on with the set of another, which had polled up to a cursor. */
  recall(cursor: string | null): void {
    this.#known = cursor === null ? [] : this.#publishedSince(Number.NEGATIVE_INFINITY, Number(cursor));
  }

  /** Says that the process took what the newest poll brought. */
  took(): void {
    this.#known = this.#offered;
  }

  poll(cursor: string | null): Promise<FeedUpdate> {
    const { faults, clock, startMs, full } = this.#options;
    const sinceStart = clock.worldMs - startMs;
    const failure = faults.feedFailures.find((span) => isInside([span], sinceStart));
    if (failure !== undefined)
      return Promise.reject(new FeedError(failure.code, `Cannot poll feed ${this.name}: answer is 500`));
    const since = full || cursor === null ? Number.NEGATIVE_INFINITY : Number(cursor);
    const objects = this.#publishedSince(since);
    const next = String(clock.worldMs);
    if (isInside(faults.feedExcesses, sinceStart))
      return Promise.resolve({ full, pages: pagesOf(paged([...objects, ...this.#excess()]), next) });
    // Whatever the cursor was: who lost something on the way to it does not know what there was to know.
    this.#offered = this.#publishedSince(Number.NEGATIVE_INFINITY);
    return Promise.resolve({ full: since === Number.NEGATIVE_INFINITY, pages: pagesOf(paged(objects), next) });
  }

  #publishedSince(since: number, nowMs = this.#options.clock.worldMs): StixObject[] {
    return this.#options.publications
      .filter(({ fromMs, untilMs }) => fromMs > since && fromMs <= nowMs && (untilMs > nowMs || !this.#options.full))
      .map(({ object }) => object);
  }

  /** More than the catalogue takes, each naming an address that nothing comes from. */
  #excess(): StixObject[] {
    return Array.from({ length: this.#options.indicatorsMax + 1 }, (_, number) => ({
      type: 'indicator',
      id: `indicator--excess-${number}`,
      modified: '2026-01-01T00:00:00Z',
      pattern_type: 'stix',
      pattern: `[ipv4-addr:value = '192.0.2.${number % 256}']`,
      confidence: 100,
    }));
  }
}

/** Objects in two pages, the first of them twice, as from a server that failed between them. */
function paged(objects: readonly StixObject[]): FeedPage[] {
  const half = Math.ceil(objects.length / 2);
  const [first, second] = [objects.slice(0, half), objects.slice(half)];
  const pages = [first, second].map((page) => ({ objects: page, again: false }));
  return objects.length < 2 ? pages : [{ objects: first, again: false }, { objects: [], again: true }, ...pages];
}
