import type { RangeSet } from '../core/address-range.ts';
import type { CloseReason } from '../core/alert/alert.ts';
import type { ReasonGone } from '../core/alert/matcher.ts';
import { Lookup } from '../core/alert/lookup.ts';
import type { Engine } from '../core/engine.ts';
import { buildAddressIndex, type IndicatorIndex } from '../core/intel/address-index.ts';
import { noAllowLists, type AllowLists } from '../core/intel/allow-lists.ts';
import type { IndicatorCatalogue } from '../core/intel/catalogue.ts';
import { steadyTimeAt } from '../core/intel/steady-time.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { Turns } from './turns.ts';

/** Addresses looked up in a new index between two looks at the time. */
const sliceAddresses = 256;

/** What is in use before the first index. */
const noIndicators = buildAddressIndex([], 0);

export interface IndexSwapOptions {
  readonly catalogue: IndicatorCatalogue;
  readonly minConfidence: number;
  readonly excluded: RangeSet;
  readonly clock: Clock;
  readonly log: Log;
  readonly turns: Turns;
  /** Whether a feed is to come that has not loaded: what it named is then not gone. */
  readonly isPending: (feed: string) => boolean;
}

/** An index that is in use, and why an indicator that it lacks has gone. */
interface Current {
  readonly index: IndicatorIndex;
  readonly reasonGone: ReasonGone;
}

/**
 * Builds the index over the catalogue and swaps it into every engine that has joined, numbering the versions; so too the
 * allow lists. One swap at a time.
 */
export class IndexSwap {
  readonly #options: IndexSwapOptions;
  readonly #engines = new Set<Engine>();
  #current: Current | null = null;
  #lists: AllowLists | null = null;
  #ordinal = 0;
  #isDone = false;

  constructor(options: IndexSwapOptions) {
    this.#options = options;
  }

  /** Whether an index was swapped in and everything held was looked up in it. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** What engines that have joined see, for who has no engine. */
  get lookup(): Lookup {
    return new Lookup(this.#current?.index ?? noIndicators, this.#lists ?? noAllowLists);
  }

  /** Goes on after a version that was committed. */
  follow(ordinal: number): void {
    this.#ordinal = Math.max(this.#ordinal, ordinal);
  }

  /** Builds the index and, if it may be used and differs, swaps it in. The catalogue must not change meanwhile. */
  async swap(mayUse: () => boolean): Promise<void> {
    const { catalogue, minConfidence, excluded, clock, log, turns, isPending } = this.#options;
    const steadyTime = steadyTimeAt(clock.now());
    const build = catalogue.beginBuild({ minConfidence, excluded, ordinal: this.#ordinal + 1, steadyTime });
    const index = await turns.finish(build);
    if (!mayUse() || (this.#isDone && index.digest === this.#current?.index.digest)) return;
    this.#ordinal += 1;
    const reasonGone = (source: string, id: string, now: number): CloseReason | null =>
      isPending(source) ? null : catalogue.reasonGone(source, id, now, minConfidence);
    this.#current = { index, reasonGone };
    for (const engine of this.#engines) await this.#show(engine, this.#current);
    this.#isDone = true;
    log.info('Index swapped', { version: index.version.ordinal, digest: index.digest, indicators: index.size });
  }

  /** Swaps the allow lists in; before the first index they only wait for it. */
  async swapAllowLists(lists: AllowLists): Promise<void> {
    this.#lists = lists;
    for (const engine of this.#engines) await this.#showLists(engine, lists);
    this.#options.log.info('Allow lists swapped', { lists: lists.lists.map(({ name }) => name) });
  }

  /** Shows an engine what is in use, and from now on what is swapped in. */
  async join(engine: Engine): Promise<void> {
    this.#engines.add(engine);
    if (this.#lists !== null) await this.#showLists(engine, this.#lists);
    if (this.#current !== null) await this.#show(engine, this.#current);
  }

  leave(engine: Engine): void {
    this.#engines.delete(engine);
  }

  #show(engine: Engine, { index, reasonGone }: Current): Promise<void> {
    engine.swapIndex(index, reasonGone, this.#options.clock.now());
    return this.#probe(engine);
  }

  #showLists(engine: Engine, lists: AllowLists): Promise<void> {
    engine.swapAllowLists(lists, this.#options.clock.now());
    return this.#probe(engine);
  }

  async #probe(engine: Engine): Promise<void> {
    const { clock, turns } = this.#options;
    while (!engine.probeIndex(sliceAddresses, clock.now())) await turns.giveWay();
  }
}
