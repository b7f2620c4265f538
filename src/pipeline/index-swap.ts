import type { RangeSet } from '../core/address-range.ts';
import type { CloseReason } from '../core/alert/alert.ts';
import type { ReasonGone } from '../core/alert/matcher.ts';
import { Lookup } from '../core/alert/lookup.ts';
import type { Engine } from '../core/engine.ts';
import { buildAddressIndex, type IndicatorIndex } from '../core/intel/address-index.ts';
import { noAllowLists, type AllowLists } from '../core/intel/allow-lists.ts';
import type { IndicatorCatalogue } from '../core/intel/catalogue.ts';
import { steadyTimeAt } from '../core/intel/steady-time.ts';
import type { IndexVersion } from '../core/intel/index-version.ts';
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
  /** Asked before a new version is used: whether it may be. Without it every version may. */
  readonly commitVersion?: (version: IndexVersion) => Promise<boolean>;
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
  /** Digest of the index that was built last, whether it is used or not. */
  #built: string | null = null;

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

  /** The version in use; null before the first. */
  get version(): IndexVersion | null {
    return this.#current?.index.version ?? null;
  }

  /** Whether the index in use is over the sets as they are, with the content of the one that was built last. */
  get isCurrent(): boolean {
    return this.#current !== null && this.#built === this.#current.index.digest;
  }

  /** Goes on after a version that was committed: the next one is beyond it, whatever its content. */
  follow(ordinal: number): void {
    this.#ordinal = Math.max(this.#ordinal, ordinal);
  }

  /** Builds the index and, if it may be used and differs, swaps it in. The catalogue must not change meanwhile. */
  async swap(mayUse: () => boolean): Promise<void> {
    const { commitVersion } = this.#options;
    const index = await this.#build(this.#ordinal + 1);
    const { version } = this;
    if (!mayUse() || (this.#isDone && index.digest === version?.digest && version.ordinal === this.#ordinal)) return;
    if (commitVersion !== undefined && !(await commitVersion(index.version))) return;
    this.#ordinal = index.version.ordinal;
    await this.#use(index);
  }

  /**
   * Swaps in the version that another process built over the same sets; one that is not beyond the version in use is only
   * built. Whether the content is the same; another is used only with `mayDiffer`.
   */
  async adopt({ ordinal, digest }: IndexVersion, mayDiffer: boolean): Promise<boolean> {
    const index = await this.#build(ordinal);
    const isSame = index.digest === digest;
    if ((isSame || mayDiffer) && ordinal > (this.version?.ordinal ?? 0)) {
      this.follow(ordinal);
      await this.#use(index);
    }
    return isSame;
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

  async #build(ordinal: number): Promise<IndicatorIndex> {
    const { catalogue, minConfidence, excluded, clock, turns } = this.#options;
    const steadyTime = steadyTimeAt(clock.now());
    const index = await turns.finish(catalogue.beginBuild({ minConfidence, excluded, ordinal, steadyTime }));
    this.#built = index.digest;
    return index;
  }

  async #use(index: IndicatorIndex): Promise<void> {
    const { catalogue, minConfidence, log, isPending } = this.#options;
    const reasonGone = (source: string, id: string, now: number): CloseReason | null =>
      isPending(source) ? null : catalogue.reasonGone(source, id, now, minConfidence);
    this.#current = { index, reasonGone };
    for (const engine of this.#engines) await this.#show(engine, this.#current);
    this.#isDone = true;
    log.info('Index swapped', { version: index.version.ordinal, digest: index.digest, indicators: index.size });
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
