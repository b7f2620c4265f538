import { FeedError } from '../../core/feed-error.ts';
import type { StixObject } from '../../core/intel/stix-object.ts';
import type { Clock, FeedUpdate, IndicatorFeed, Log } from '../../core/ports.ts';
import { TaxiiConnection } from './connection.ts';
import { type CollectionPlace, readCursor, sourceOf, type TaxiiCursor, writeCursor } from './cursor.ts';
import { discover, type TaxiiCollection } from './discovery.ts';
import { KnownVersions } from './known-versions.ts';
import { defaultTaxiiLimits, type TaxiiLimits, type TaxiiSettings } from './settings.ts';
import { Walk, type WalkResult } from './walk.ts';

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

interface TakenCollection {
  readonly objects: readonly StixObject[];
  readonly place: CollectionPlace;
  readonly known: KnownVersions;
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

  async poll(cursor: string | null, signal: AbortSignal): Promise<FeedUpdate> {
    try {
      return await this.#poll(cursor, signal);
    } catch (error) {
      // Whatever failed may have moved; it is cheap to look again.
      this.#collections = null;
      throw error;
    }
  }

  async #poll(text: string | null, signal: AbortSignal): Promise<FeedUpdate> {
    const source = sourceOf(this.#settings);
    const chosen = await this.#restarting(signal, () => this.#discover(signal));
    const since = this.#since(readCursor(text, source), chosen);
    const known =
      since !== null && this.#memory?.cursor === text ? this.#memory.known : new Map<string, KnownVersions>();
    const objects: (readonly StixObject[])[] = [];
    const places: Record<string, CollectionPlace> = {};
    const nextKnown = new Map<string, KnownVersions>();
    for (const collection of chosen) {
      const key = collection.url.href;
      const taken = await this.#take(
        collection,
        since?.places[key] ?? null,
        known.get(key) ?? KnownVersions.none,
        signal,
      );
      objects.push(taken.objects);
      places[key] = taken.place;
      nextKnown.set(key, taken.known);
    }
    const cursor = writeCursor({ source, fullMs: since?.fullMs ?? this.#deps.clock.now(), places });
    this.#memory = { cursor, known: nextKnown };
    return { objects: objects.flat(), cursor, full: since === null };
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

  async #take(
    collection: TaxiiCollection,
    place: CollectionPlace | null,
    known: KnownVersions,
    signal: AbortSignal,
  ): Promise<TakenCollection> {
    const addedAfter = place?.end?.from ?? null;
    const walk = await this.#restarting(signal, () => this.#walk(collection, addedAfter, signal));
    const next = await KnownVersions.ofWalk(walk, this.#limits.knownVersions);
    return {
      objects: await known.unknownOf(walk),
      place: { end: walk.end ?? place?.end ?? null, known: next.digest },
      known: next,
    };
  }

  async #walk(collection: TaxiiCollection, addedAfter: string | null, signal: AbortSignal): Promise<WalkResult> {
    const { clock, log } = this.#deps;
    return await new Walk(this.#connection, collection, addedAfter, { clock, log, limits: this.#limits }).run(signal);
  }

  /** Begins again after a failure that may pass, unless the server named a time, which is then the caller's to keep. */
  async #restarting<Result>(signal: AbortSignal, attempt: () => Promise<Result>): Promise<Result> {
    for (let restarts = 0; ; restarts += 1) {
      try {
        return await attempt();
      } catch (error) {
        const mayPass = error instanceof FeedError && error.retryable && error.code !== 'rate_limited';
        if (!mayPass || error.retryAfterMs !== undefined || restarts >= this.#limits.restarts || signal.aborted) {
          throw error;
        }
        const delay = RESTART_DELAY_MS * 2 ** restarts * (0.5 + (this.#deps.random?.() ?? 0.5));
        this.#deps.log.info('feed failed and is asked again', { feed: this.name, reason: error.message });
        await this.#deps.clock.sleepUntil(this.#deps.clock.now() + delay, signal);
      }
    }
  }
}
