import type { Lookup } from '../core/alert/lookup.ts';
import type { Engine } from '../core/engine.ts';
import { FeedError } from '../core/feed-error.ts';
import type { AllowLists } from '../core/intel/allow-lists.ts';
import type { IndicatorCatalogue } from '../core/intel/catalogue.ts';
import type { SourceSettings } from '../core/intel/indicator-reader.ts';
import type { IndexVersion } from '../core/intel/index-version.ts';
import type { RangeSet } from '../core/address-range.ts';
import type { Clock, FeedErrorCode, IndicatorFeed, Log, RealTime } from '../core/ports.ts';
import { FeedReader, type ReadPoll } from './feed-reader.ts';
import { FeedSets } from './feed-sets.ts';
import type { FeedState } from './feed-state.ts';
import type { FeedStatus } from './feed-status.ts';
import { IndexSwap } from './index-swap.ts';
import { OneAtATime } from './one-at-a-time.ts';
import type { SharedFeeds } from './shared-feeds.ts';
import type { PersistedFeed, StoredFeed } from './stored-feed.ts';
import { Turns } from './turns.ts';

const firstRetryMs = 2000;
const lastRetryMs = 300_000;

/** Longest stretch of work before others have their turn. */
const turnMs = 4;

export interface RefreshedFeed {
  readonly feed: IndicatorFeed;
  readonly settings: SourceSettings;
}

export interface RefreshOptions {
  readonly feeds: readonly RefreshedFeed[];
  readonly catalogue: IndicatorCatalogue;
  readonly minConfidence: number;
  readonly excluded: RangeSet;
  readonly refreshIntervalMs: number;
  readonly clock: Clock;
  readonly realTime: RealTime;
  readonly yieldTurn: () => Promise<void>;
  readonly log: Log;
  readonly onFailure: (feed: string, code: FeedErrorCode) => void;
  /** Asked before a new version of the index is used, with sets that do not change meanwhile: whether it may be. */
  readonly commitVersion?: (version: IndexVersion) => Promise<boolean>;
}

/** Keeps the index fresh: polls each feed on its own schedule and swaps the index whole when its content changed. */
export class Refresh {
  readonly #options: RefreshOptions;
  readonly #sets: FeedSets;
  readonly #states: ReadonlyMap<string, FeedState>;
  readonly #turns: Turns;
  readonly #reader: FeedReader;
  readonly #index: IndexSwap;
  readonly #allLoaded: Promise<void>;
  #resolveLoaded: () => void = () => undefined;
  /** What reads or changes the catalogue in turns: a set must not change while an index is built over it. */
  readonly #catalogueWork = new OneAtATime();
  #startTimedOut = false;

  constructor(options: RefreshOptions) {
    this.#options = options;
    this.#turns = new Turns({ ...options, turnMs });
    this.#reader = new FeedReader(options.catalogue, this.#turns);
    this.#index = new IndexSwap({
      ...options,
      turns: this.#turns,
      isPending: (feed) => this.#states.get(feed)?.loaded === false,
    });
    this.#sets = new FeedSets(
      new Map(options.feeds.map(({ feed, settings }) => [feed.name, settings])),
      options.catalogue,
    );
    this.#states = this.#sets.states;
    this.#allLoaded = new Promise((resolve) => {
      this.#resolveLoaded = resolve;
    });
  }

  /** Whether ingest may start: every feed has loaded, or the wait for them has passed, and the index is there. */
  get isReady(): boolean {
    return this.#index.isDone && this.#mayStart;
  }

  /** What engines that have joined see. */
  get lookup(): Lookup {
    return this.#index.lookup;
  }

  get #mayStart(): boolean {
    return this.#startTimedOut || this.#index.isDone || [...this.#states.values()].every(({ loaded }) => loaded);
  }

  get status(): readonly FeedStatus[] {
    return this.#sets.status(this.#options.refreshIntervalMs);
  }

  /** The version of the index in use, null before the first, and whether it is over the sets as they are. */
  get index(): { readonly version: IndexVersion | null; readonly isCurrent: boolean } {
    return this.#index;
  }

  /** The feeds whose set is held. exportFeed() gives each set as it is now, until this is called again. */
  persisted(): readonly PersistedFeed[] {
    return this.#sets.persisted();
  }

  /**
   * The set of a feed as bytes, as it was when persisted() last named the feed, or as it is now when that has been given
   * out; null for a feed whose set is not held.
   */
  exportFeed(name: string): Promise<Uint8Array | null> {
    return this.#sets.export(name, this.#turns);
  }

  /**
   * Goes on with sets that were exported, before run(). A set that cannot be used is dropped with its cursor, so that the
   * feed is fetched whole. The next index version follows `ordinal`, which is that of the last version that was committed.
   */
  async restore(feeds: readonly StoredFeed[], ordinal: number): Promise<void> {
    this.#index.follow(ordinal);
    await this.#restoreSets(feeds);
    await this.#catalogueWork.run(async () => {
      await this.#swap();
      this.#tellWhenAllLoaded();
    });
  }

  /**
   * Holds the sets that another process shares and no others, and takes its version of the index into use when that is
   * beyond the one in use. Whether the content is the same; another is used only with `mayDiffer`.
   */
  adopt(shared: SharedFeeds, mayDiffer: boolean): Promise<boolean> {
    return this.#catalogueWork.run(async () => {
      await this.#restoreSets(shared.sets.flatMap(({ bytes, ...set }) => (bytes === null ? [] : [{ ...set, bytes }])));
      // What was polled here and not shared must not be in an index of that version.
      this.#sets.follow(shared);
      const isSame = await this.#index.adopt(shared.version, mayDiffer);
      this.#tellWhenAllLoaded();
      return isSame;
    });
  }

  /** Runs work during which no set changes and no index is built. */
  whileStill<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#catalogueWork.run(work);
  }

  async #restoreSets(feeds: readonly StoredFeed[]): Promise<void> {
    const { catalogue, log } = this.#options;
    for (const { name, cursor, bytes } of feeds) {
      await this.#turns.giveWay();
      const state = this.#states.get(name);
      const settings = this.#sets.settings.get(name);
      if (state === undefined || settings === undefined) {
        log.info('Dropping the set of a feed that is no longer configured', { feed: name });
        continue;
      }
      const taken = await this.#turns.finish(catalogue.beginRestore(settings, bytes));
      if (!taken.restored) {
        log.warn('Fetching a feed whole as its set cannot be used', {
          feed: name,
          code: taken.code,
          cause: taken.message,
        });
        this.#sets.drop(name);
        continue;
      }
      state.cursor = cursor;
      state.loaded = true;
      log.info('Feed restored', { feed: name, bytes: bytes.length });
    }
  }

  /** Shows an engine the index and the allow lists in use, and from now on what comes after them. */
  join(engine: Engine): Promise<void> {
    return this.#catalogueWork.run(() => this.#index.join(engine));
  }

  leave(engine: Engine): void {
    this.#index.leave(engine);
  }

  /** Takes allow lists into use, as an index. */
  swapAllowLists(lists: AllowLists): Promise<void> {
    return this.#catalogueWork.run(() => this.#index.swapAllowLists(lists));
  }

  /** Polls each feed until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#options.feeds.map((feed) => this.#follow(feed, signal)));
  }

  /** Resolves when every feed has loaded or `timeoutMs` of true time passed. */
  async waitUntilReady(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const { realTime, log } = this.#options;
    const waiting = new AbortController();
    const stop = (): void => waiting.abort();
    signal.addEventListener('abort', stop, { once: true });
    await Promise.race([this.#allLoaded, realTime.delay(timeoutMs, waiting.signal)]);
    signal.removeEventListener('abort', stop);
    waiting.abort();
    if (signal.aborted || this.isReady) return;
    if (this.#mayStart) return this.#catalogueWork.run(() => Promise.resolve());
    this.#startTimedOut = true;
    const missing = [...this.#states].filter(([, { loaded }]) => !loaded).map(([name]) => name);
    log.warn('Starting to read without feeds that have not loaded in TI_START_TIMEOUT', { feeds: missing });
    await this.#catalogueWork.run(() => this.#swap());
  }

  async #follow({ feed, settings }: RefreshedFeed, signal: AbortSignal): Promise<void> {
    const { clock, realTime, refreshIntervalMs } = this.#options;
    while (!signal.aborted) {
      const failure = await this.poll(feed, settings, signal);
      const waitMs = failure === null ? refreshIntervalMs : this.#retryMs(feed.name, failure);
      const nextMs = clock.now() + waitMs;
      const state = this.#states.get(feed.name);
      if (state !== undefined) state.nextPollMs = nextMs;
      if (failure === null) await clock.sleepUntil(nextMs, signal);
      else await realTime.delay(waitMs, signal);
    }
  }

  /** Polls a feed once and takes what it brought; the error when it brought nothing. */
  async poll(feed: IndicatorFeed, settings: SourceSettings, signal: AbortSignal): Promise<FeedError | null> {
    const state = this.#states.get(feed.name);
    if (state === undefined) throw new RangeError(`Cannot poll ${feed.name} as it is not one of the feeds`);
    state.nextPollMs = null;
    try {
      const read = await this.#reader.read(settings, await feed.poll(state.cursor, signal));
      await this.#catalogueWork.run(() => this.#take(state, settings, read));
      return null;
    } catch (cause) {
      if (signal.aborted) return null;
      const error =
        cause instanceof FeedError
          ? cause
          : new FeedError('invalid_answer', `Cannot poll feed ${feed.name}: ${String(cause)}`, { cause });
      this.#fail(feed.name, state, error);
      return error;
    }
  }

  async #take(state: FeedState, settings: SourceSettings, read: ReadPoll): Promise<void> {
    const { catalogue, clock, log } = this.#options;
    const { change, objects, full, cursor } = read;
    await this.#reader.prepare(change);
    // From here on to the cursor nothing waits: a commit sees a set with its cursor.
    const applied = catalogue.make(change);
    if (!applied.applied) throw new FeedError('too_large', applied.message, { retryable: false });
    const isFirst = !state.loaded;
    const changesSet = isFirst || full || objects > 0;
    if (changesSet || cursor !== state.cursor) state.revision += 1;
    state.cursor = cursor;
    state.lastSuccessMs = clock.now();
    if (applied.isNews) state.lastChangeMs = state.lastSuccessMs;
    if (state.failures > 0) log.info('Feed answers again', { feed: settings.name });
    state.failures = 0;
    state.lastError = null;
    state.loaded = true;
    // Most polls bring nothing: building an index of a million indicators anew would hold up everything for seconds.
    if (changesSet) await this.#swap();
    if (isFirst) this.#tellLoaded(settings.name, objects);
    this.#tellWhenAllLoaded();
  }

  #tellWhenAllLoaded(): void {
    if (this.#mayStart) this.#resolveLoaded();
  }

  #tellLoaded(feed: string, objects: number): void {
    const { catalogue, log } = this.#options;
    const indexed = catalogue.counts().find(({ source }) => source === feed)?.indexed ?? 0;
    if (indexed > 0) log.info('Feed loaded', { feed, objects });
    else if (objects > 0) log.warn('Feed loaded and holds no indicator that can match', { feed, objects });
    else log.warn('Feed loaded and is empty: it holds no indicator', { feed, objects });
  }

  /**
   * Not before reading may start: a restored finding would be closed for want of an indicator whose feed has only not
   * loaded yet, and until then there is nothing else to match.
   */
  #swap(): Promise<void> {
    return this.#index.swap(() => this.#mayStart);
  }

  #fail(name: string, state: FeedState, error: FeedError): void {
    const { log, clock, onFailure } = this.#options;
    const isNew = state.lastError?.message !== error.message;
    state.failures += 1;
    state.lastError = { code: error.code, message: error.message, at: clock.now() };
    onFailure(name, error.code);
    if (isNew) log.error('Feed failed', { feed: name, code: error.code, cause: error.message });
  }

  #retryMs(name: string, error: FeedError): number {
    const failures = this.#states.get(name)?.failures ?? 1;
    if (!error.retryable) return lastRetryMs / 5;
    return error.retryAfterMs ?? Math.min(lastRetryMs, firstRetryMs * 2 ** Math.min(failures - 1, 16));
  }
}
