import type { Engine } from '../core/engine.ts';
import { FeedError } from '../core/feed-error.ts';
import type { IndicatorCatalogue } from '../core/intel/catalogue.ts';
import type { SourceSettings } from '../core/intel/indicator-reader.ts';
import type { RangeSet } from '../core/address-range.ts';
import type { Clock, FeedErrorCode, FeedUpdate, IndicatorFeed, Log, RealTime } from '../core/ports.ts';
import type { FeedFailure, FeedStatus } from './feed-status.ts';

const firstRetryMs = 2000;
const lastRetryMs = 300_000;

export interface RefreshedFeed {
  readonly feed: IndicatorFeed;
  readonly settings: SourceSettings;
}

export interface RefreshOptions {
  readonly feeds: readonly RefreshedFeed[];
  readonly catalogue: IndicatorCatalogue;
  readonly engine: Engine;
  readonly minConfidence: number;
  readonly excluded: RangeSet;
  readonly refreshIntervalMs: number;
  readonly clock: Clock;
  readonly realTime: RealTime;
  readonly log: Log;
  readonly onFailure: (feed: string, code: FeedErrorCode) => void;
}

interface FeedState {
  /** Committed together with the set it belongs to; in memory both, so a cursor never outlives its set. */
  cursor: string | null;
  loaded: boolean;
  lastSuccessMs: number | null;
  lastError: FeedFailure | null;
  failures: number;
}

/** Keeps the index fresh: polls each feed on its own schedule and swaps the index whole when its content changed. */
export class Refresh {
  readonly #options: RefreshOptions;
  readonly #states = new Map<string, FeedState>();
  readonly #allLoaded: Promise<void>;
  #resolveLoaded: () => void = () => undefined;
  #ordinal = 0;
  #startTimedOut = false;

  constructor(options: RefreshOptions) {
    this.#options = options;
    for (const { feed } of options.feeds)
      this.#states.set(feed.name, { cursor: null, loaded: false, lastSuccessMs: null, lastError: null, failures: 0 });
    this.#allLoaded = new Promise((resolve) => {
      this.#resolveLoaded = resolve;
    });
  }

  /** Whether ingest may start: every feed has loaded, or the wait for them has passed. */
  get isReady(): boolean {
    return this.#startTimedOut || [...this.#states.values()].every(({ loaded }) => loaded);
  }

  get status(): readonly FeedStatus[] {
    const { catalogue, refreshIntervalMs } = this.#options;
    const counts = new Map(catalogue.counts().map((feed) => [feed.source, feed]));
    return [...this.#states].map(([name, { loaded, lastSuccessMs, lastError }]) => {
      const { indexed = 0, held = 0 } = counts.get(name) ?? {};
      return {
        name,
        loaded,
        indicators: indexed,
        skipped: held - indexed,
        lastSuccessMs,
        lastError,
        refreshIntervalMs,
      };
    });
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
    this.#startTimedOut = true;
    const missing = [...this.#states].filter(([, { loaded }]) => !loaded).map(([name]) => name);
    log.warn('Starting to read without feeds that have not loaded in TI_START_TIMEOUT', { feeds: missing });
  }

  async #follow({ feed, settings }: RefreshedFeed, signal: AbortSignal): Promise<void> {
    const { clock, realTime, refreshIntervalMs } = this.#options;
    while (!signal.aborted) {
      const failure = await this.poll(feed, settings, signal);
      if (failure === null) await clock.sleepUntil(clock.now() + refreshIntervalMs, signal);
      else await realTime.delay(this.#retryMs(feed.name, failure), signal);
    }
  }

  /** Polls a feed once and takes what it brought; the error when it brought nothing. */
  async poll(feed: IndicatorFeed, settings: SourceSettings, signal: AbortSignal): Promise<FeedError | null> {
    const state = this.#states.get(feed.name);
    if (state === undefined) throw new RangeError(`Cannot poll ${feed.name} as it is not one of the feeds`);
    try {
      this.#take(state, settings, await feed.poll(state.cursor, signal));
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

  #take(state: FeedState, settings: SourceSettings, update: FeedUpdate): void {
    const { catalogue, clock, log } = this.#options;
    const applied = catalogue.apply(settings, update.objects, { full: update.full });
    if (!applied.applied) throw new FeedError('too_large', applied.message, { retryable: false });
    state.cursor = update.cursor;
    state.lastSuccessMs = clock.now();
    if (state.failures > 0) log.info('Feed answers again', { feed: settings.name });
    state.failures = 0;
    state.lastError = null;
    const isFirst = !state.loaded;
    state.loaded = true;
    // Most polls bring nothing: building an index of a million indicators anew would hold up everything for seconds.
    if (isFirst || update.full || update.objects.length > 0) this.#swap();
    if (isFirst) this.#tellLoaded(settings.name, update.objects.length);
    if ([...this.#states.values()].every(({ loaded }) => loaded)) this.#resolveLoaded();
  }

  #tellLoaded(feed: string, objects: number): void {
    const { catalogue, log } = this.#options;
    const indexed = catalogue.counts().find(({ source }) => source === feed)?.indexed ?? 0;
    if (indexed > 0) log.info('Feed loaded', { feed, objects });
    else if (objects > 0) log.warn('Feed loaded and holds no indicator that can match', { feed, objects });
    else log.warn('Feed loaded and is empty: it holds no indicator', { feed, objects });
  }

  #swap(): void {
    const { catalogue, engine, minConfidence, excluded, clock, log } = this.#options;
    const index = catalogue.build({ minConfidence, excluded, ordinal: this.#ordinal + 1 });
    if (this.#ordinal > 0 && index.digest === engine.index.digest) return;
    this.#ordinal += 1;
    const reasonGone = (source: string, id: string, now: number) =>
      catalogue.reasonGone(source, id, now, minConfidence);
    engine.setIndex(index, reasonGone, clock.now());
    log.info('Index swapped', { version: index.version.ordinal, digest: index.digest, indicators: index.size });
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
