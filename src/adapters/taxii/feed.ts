import { setImmediate as letOthersRun } from 'node:timers/promises';
import { FeedError } from '../../core/feed-error.ts';
import type { Clock, FeedPage, FeedUpdate, IndicatorFeed, Log } from '../../core/ports.ts';
import { TaxiiConnection } from './connection.ts';
import { type CollectionPlace, readCursor, sourceOf, type TaxiiCursor, writeCursor } from './cursor.ts';
import { discover, type TaxiiCollection } from './discovery.ts';
import { KnownVersions, RecentPages } from './known-versions.ts';
import { defaultTaxiiLimits, type TaxiiLimits, type TaxiiSettings } from './settings.ts';
import { Walk } from './walk.ts';

export interface TaxiiDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** The global fetch unless given. */
  readonly fetch?: typeof fetch;
  readonly limits?: Partial<TaxiiLimits>;
  /** From 0 to 1, spreads the restarts of many replicas. */
  readonly random?: () => number;
}

const RESTART_DELAY_MS = 1000;
const DISCOVERY_MAX_AGE_MS = 60 * 60_000;

/**
 * A TAXII 2.1 feed. A poll walks every chosen collection to its end and only then gives a new cursor, so that after any
 * failure the next poll starts from what was committed. It begins a little before the last date (walk-end.ts) and leaves
 * out what it gave before. Everything is fetched anew (`full`) without a usable cursor, every `resyncMs` (a server may drop
 * objects and a delta never tells), and when a collection of the cursor is gone.
 */
export function createTaxiiFeed(settings: TaxiiSettings, deps: TaxiiDeps): IndicatorFeed {
  return new TaxiiFeed(settings, deps);
}

/** Where a poll begins. */
interface PollStart {
  readonly chosen: readonly TaxiiCollection[];
  /** The cursor to go on from; null when everything has to be fetched. */
  readonly since: TaxiiCursor | null;
  /** What the poll before gave from the overlap, by collection. */
  readonly known: ReadonlyMap<string, KnownVersions>;
}

/** Where a collection was left. */
interface WalkedCollection {
  readonly place: CollectionPlace;
  readonly known: KnownVersions;
}

/** A walk that failed after it had given something. */
class InterruptedWalk extends Error {
  override readonly name = 'InterruptedWalk';

  constructor(cause: unknown) {
    super('a walk was interrupted', { cause });
  }
}

class TaxiiFeed implements IndicatorFeed {
  readonly name: string;
  readonly #settings: TaxiiSettings;
  readonly #deps: TaxiiDeps;
  readonly #limits: TaxiiLimits;
  readonly #connection: TaxiiConnection;
  #collections: { readonly chosen: readonly TaxiiCollection[]; readonly foundMs: number } | null = null;
  /** What the poll that ended in `cursor` gave from the overlap: void for every other cursor. */
  #memory: { readonly cursor: string; readonly known: ReadonlyMap<string, KnownVersions> } | null = null;

  constructor(settings: TaxiiSettings, deps: TaxiiDeps) {
    this.name = settings.name;
    this.#settings = settings;
    this.#deps = deps;
    this.#limits = { ...defaultTaxiiLimits, ...deps.limits };
    this.#connection = new TaxiiConnection(settings, {
      clock: deps.clock,
      fetch: deps.fetch ?? fetch,
      limits: this.#limits,
    });
  }

  async poll(text: string | null, signal: AbortSignal): Promise<FeedUpdate> {
    const source = sourceOf(this.#settings);
    const chosen = await this.#restarting(signal, () => this.#discover(signal));
    const since = this.#since(readCursor(text, source), chosen);
    const known =
      since !== null && this.#memory?.cursor === text ? this.#memory.known : new Map<string, KnownVersions>();
    return { full: since === null, pages: this.#pages({ chosen, since, known }, signal) };
  }

  /**
   * Walks the collections. After a failure that may pass a walk that has given nothing begins again by itself; what one
   * that was interrupted had given may have changed under its old version meanwhile, so everything is void then.
   */
  async *#pages(start: PollStart, signal: AbortSignal): AsyncGenerator<FeedPage, string, undefined> {
    for (let restarts = 0; ; restarts += 1) {
      try {
        return yield* this.#walkAll(start, signal);
      } catch (error) {
        if (!(error instanceof InterruptedWalk)) throw error;
        await this.#waitToRestart(error.cause, restarts, signal);
      }
      yield { objects: [], again: true };
    }
  }

  async *#walkAll(
    { chosen, since, known }: PollStart,
    signal: AbortSignal,
  ): AsyncGenerator<FeedPage, string, undefined> {
    const places: Record<string, CollectionPlace> = {};
    const nextKnown = new Map<string, KnownVersions>();
    for (const collection of chosen) {
      const key = collection.url.href;
      const place = since?.places[key] ?? null;
      const walked = yield* this.#walk(collection, place, known.get(key) ?? KnownVersions.none, signal);
      places[key] = walked.place;
      nextKnown.set(key, walked.known);
    }
    const source = sourceOf(this.#settings);
    const cursor = writeCursor({ source, fullMs: since?.fullMs ?? this.#deps.clock.now(), places });
    this.#memory = { cursor, known: nextKnown };
    return cursor;
  }

  async #discover(signal: AbortSignal): Promise<readonly TaxiiCollection[]> {
    const now = this.#deps.clock.now();
    if (this.#collections !== null && now - this.#collections.foundMs < DISCOVERY_MAX_AGE_MS) {
      return this.#collections.chosen;
    }
    const { chosen } = await discover(this.#connection, signal);
    this.#collections = { chosen, foundMs: now };
    return chosen;
  }

  /** The cursor to go on from; null when everything has to be fetched. */
  #since(cursor: TaxiiCursor | null, chosen: readonly TaxiiCollection[]): TaxiiCursor | null {
    if (cursor === null || this.#deps.clock.now() - cursor.fullMs >= this.#settings.resyncMs) return null;
    const listed = new Set(chosen.map(({ url }) => url.href));
    return Object.keys(cursor.places).every((url) => listed.has(url)) ? cursor : null;
  }

  async *#walk(
    collection: TaxiiCollection,
    place: CollectionPlace | null,
    known: KnownVersions,
    signal: AbortSignal,
  ): AsyncGenerator<FeedPage, WalkedCollection, undefined> {
    const { clock, log } = this.#deps;
    const { knownVersions } = this.#limits;
    const recent = new RecentPages(knownVersions);
    const walkDeps = { clock, log, limits: this.#limits };
    const begin = (): Walk => new Walk(this.#connection, collection, place?.end?.from ?? null, walkDeps);
    const { walk, first } = await this.#restarting(signal, async () => {
      const pages = begin().pages(signal);
      return { walk: pages, first: await pages.next() };
    });
    let next = first;
    while (next.done !== true) {
      recent.add(next.value);
      const objects = known.unknownAmong(next.value.objects);
      if (objects.length > 0) yield { objects, again: false };
      else await letOthersRun();
      next = await walk.next().catch((cause: unknown) => {
        throw new InterruptedWalk(cause);
      });
    }
    const nextKnown = await recent.knownAfter(next.value);
    return { place: { end: next.value ?? place?.end ?? null, known: nextKnown.digest }, known: nextKnown };
  }

  /** Begins again after a failure that may pass. */
  async #restarting<Result>(signal: AbortSignal, attempt: () => Promise<Result>): Promise<Result> {
    for (let restarts = 0; ; restarts += 1) {
      try {
        return await attempt();
      } catch (error) {
        await this.#waitToRestart(error, restarts, signal);
      }
    }
  }

  /** Throws a failure that will not pass, or for which the server named a time, which is then the caller's to keep. */
  async #waitToRestart(error: unknown, restarts: number, signal: AbortSignal): Promise<void> {
    const { clock, log, random } = this.#deps;
    const mayPass = error instanceof FeedError && error.retryable && error.code !== 'rate_limited';
    if (!mayPass || error.retryAfterMs !== undefined || restarts >= this.#limits.restarts || signal.aborted) {
      // Whatever failed may have moved; it is cheap to look again.
      this.#collections = null;
      throw error;
    }
    const delay = RESTART_DELAY_MS * 2 ** restarts * (0.5 + (random?.() ?? 0.5));
    log.info('feed failed and is asked again', { feed: this.name, reason: error.message });
    await clock.sleepUntil(clock.now() + delay, signal);
  }
}
