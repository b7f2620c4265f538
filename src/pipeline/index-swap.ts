import type { RangeSet } from '../core/address-range.ts';
import type { Engine } from '../core/engine.ts';
import type { AllowLists } from '../core/intel/allow-lists.ts';
import type { IndicatorCatalogue } from '../core/intel/catalogue.ts';
import { steadyTimeAt } from '../core/intel/steady-time.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { Turns } from './turns.ts';

/** Addresses looked up in a new index between two looks at the time. */
const sliceAddresses = 256;

export interface IndexSwapOptions {
  readonly catalogue: IndicatorCatalogue;
  readonly engine: Engine;
  readonly minConfidence: number;
  readonly excluded: RangeSet;
  readonly clock: Clock;
  readonly log: Log;
  readonly turns: Turns;
  /** Whether a feed is to come that has not loaded: what it named is then not gone. */
  readonly isPending: (feed: string) => boolean;
}

/** Builds the index over the catalogue and swaps it in, numbering the versions; so too the allow lists. One swap at a time. */
export class IndexSwap {
  readonly #options: IndexSwapOptions;
  #ordinal = 0;
  #isDone = false;

  constructor(options: IndexSwapOptions) {
    this.#options = options;
  }

  /** Whether an index was swapped in and everything held was looked up in it. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Goes on after a version that was committed. */
  follow(ordinal: number): void {
    this.#ordinal = Math.max(this.#ordinal, ordinal);
  }

  /** Builds the index and, if it may be used and differs, swaps it in. The catalogue must not change meanwhile. */
  async swap(mayUse: () => boolean): Promise<void> {
    const { catalogue, engine, minConfidence, excluded, clock, log, turns, isPending } = this.#options;
    const steadyTime = steadyTimeAt(clock.now());
    const build = catalogue.beginBuild({ minConfidence, excluded, ordinal: this.#ordinal + 1, steadyTime });
    const index = await turns.finish(build);
    if (!mayUse() || (this.#isDone && index.digest === engine.index.digest)) return;
    this.#ordinal += 1;
    const reasonGone = (source: string, id: string, now: number) =>
      isPending(source) ? null : catalogue.reasonGone(source, id, now, minConfidence);
    engine.swapIndex(index, reasonGone, clock.now());
    await this.#probe();
    this.#isDone = true;
    log.info('Index swapped', { version: index.version.ordinal, digest: index.digest, indicators: index.size });
  }

  /** Swaps the allow lists in; before the first index they only wait for it. */
  async swapAllowLists(lists: AllowLists): Promise<void> {
    const { engine, clock, log } = this.#options;
    engine.swapAllowLists(lists, clock.now());
    await this.#probe();
    log.info('Allow lists swapped', { lists: lists.lists.map(({ name }) => name) });
  }

  async #probe(): Promise<void> {
    const { engine, clock, turns } = this.#options;
    while (!engine.probeIndex(sliceAddresses, clock.now())) await turns.giveWay();
  }
}
