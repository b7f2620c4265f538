import { hash } from 'node:crypto';
import { FeedError } from '../../core/feed-error.ts';
import type { StixObject } from '../../core/intel/stix-object.ts';
import type { Clock, Log } from '../../core/ports.ts';
import { withoutQuery } from './answer-error.ts';
import type { TaxiiAnswer, TaxiiConnection } from './connection.ts';
import { compareDateAdded, laterDateAdded, readDateAdded, shiftDateAdded } from './date-added.ts';
import type { TaxiiCollection } from './discovery.ts';
import { type Envelope, readEnvelope } from './envelope.ts';
import type { TaxiiLimits } from './settings.ts';
import { type WalkEnd, walkEnd } from './walk-end.ts';

export interface WalkPage {
  readonly objects: readonly StixObject[];
  /** Date of the page's last object as the server gave it; null when it gave none. */
  readonly last: string | null;
}

/** Everything that a collection gave from a date on. */
export interface WalkResult {
  readonly pages: readonly WalkPage[];
  /** Null when nothing was given. */
  readonly end: WalkEnd | null;
}

export interface WalkDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: TaxiiLimits;
}

const LIMIT_MOST = 100_000;
const LIMIT_GROWTH = 10;
const EMPTY_PAGES_FOLLOWED = 3;
const WAITS_MOST = 10;

/**
 * One pass over the objects of a collection, page by page (TAXII 2.1 §5.4). It ends with every page or throws FeedError,
 * since a server's `next` need not be repeatable: medallion moves its cursor at each call, so that asking again for a
 * page whose answer was lost skips it. Only 429 is waited out in place: there the server did not take the request.
 */
export class Walk {
  readonly #connection: TaxiiConnection;
  readonly #collection: TaxiiCollection;
  readonly #deps: WalkDeps;
  readonly #pages: WalkPage[] = [];
  readonly #seenPages = new Set<string>();
  #addedAfter: string | null;
  #limit: number;
  #next: string | null = null;
  #last: string | null = null;
  #startedMs: number | null = null;
  #objects = 0;
  #bytes = 0;
  #emptyPages = 0;
  #previous: ReadonlySet<string> = new Set();

  constructor(connection: TaxiiConnection, collection: TaxiiCollection, addedAfter: string | null, deps: WalkDeps) {
    this.#connection = connection;
    this.#collection = collection;
    this.#addedAfter = addedAfter;
    this.#limit = connection.settings.limit;
    this.#deps = deps;
  }

  async run(signal: AbortSignal): Promise<WalkResult> {
    const { walkMs, walkPages } = this.#deps.limits;
    const timeout = AbortSignal.timeout(walkMs);
    const bounded = AbortSignal.any([signal, timeout]);
    let goesOn = true;
    for (let page = 0; goesOn; page += 1) {
      if (page >= walkPages) throw this.#tooLarge('walkPages', walkPages);
      try {
        goesOn = this.#take(await this.#ask(bounded));
      } catch (error) {
        throw timeout.aborted && !signal.aborted ? this.#tooLarge('walkMs', walkMs) : error;
      }
    }
    return { pages: this.#pages, end: this.#end() };
  }

  /** Asks for the first page alone and counts its objects. */
  async firstPage(signal: AbortSignal): Promise<number> {
    this.#take(await this.#ask(signal));
    return this.#objects;
  }

  async #ask(signal: AbortSignal): Promise<TaxiiAnswer> {
    for (let waits = 0; ; waits += 1) {
      try {
        return await this.#connection.get(this.#url(), signal);
      } catch (error) {
        const wait = error instanceof FeedError && error.code === 'rate_limited' ? this.#patience(error, waits) : null;
        if (wait === null) throw error;
        this.#deps.log.info('feed asks to wait in the middle of a walk', this.#fields({ waitMs: wait }));
        await this.#deps.clock.sleepUntil(this.#deps.clock.now() + wait, signal);
      }
    }
  }

  /** How long to wait for the same page, milliseconds; null when the poll should give up. */
  #patience(error: FeedError, waits: number): number | null {
    if (this.#pages.length === 0 || waits >= WAITS_MOST) return null;
    const wait = error.retryAfterMs ?? 1000 * 2 ** waits;
    return wait <= this.#deps.limits.waitMs ? wait : null;
  }

  /** The page's URL. `next` goes with the same other parameters, limit included: without it medallion gives 500. */
  #url(): URL {
    const { matchTypes } = this.#connection.settings;
    const parameters: [string, string][] = [['limit', String(this.#limit)]];
    if (this.#addedAfter !== null) parameters.push(['added_after', this.#addedAfter]);
    if (matchTypes.length > 0) parameters.push(['match[type]', matchTypes.join(',')]);
    if (this.#next !== null) parameters.push(['next', this.#next]);
    const url = new URL('objects/', this.#collection.url);
    // encodeURIComponent writes a blank as %20, which form encoding's "+" is not for every server.
    url.search = parameters
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .join('&');
    return url;
  }

  /** Takes a page and tells whether another one follows. */
  #take({ body, headers, bytes }: TaxiiAnswer): boolean {
    this.#startedMs ??= serverTime(headers) ?? this.#deps.clock.now();
    const envelope = body === undefined ? readEnvelope({}) : readEnvelope(body);
    if (envelope === undefined) {
      throw this.#error('invalid_answer', 'the answer is no TAXII envelope, and an object with "objects" is wanted');
    }
    const last = readDateAdded(headers.get('x-taxii-date-added-last'));
    this.#count(envelope, bytes);
    if (envelope.objects.length === 0) {
      this.#emptyPages += 1;
      return this.#emptyPages <= EMPTY_PAGES_FOLLOWED && envelope.more === true && this.#follow(envelope.next);
    }
    this.#emptyPages = 0;
    const keys = envelope.objects.map(versionKey);
    const fresh = envelope.objects.filter((_, index) => !this.#previous.has(keys[index] ?? ''));
    if (fresh.length > 0) this.#pages.push({ objects: fresh, last });
    this.#last = laterDateAdded(this.#last, last);
    const goesOn = this.#advance(envelope, last, fresh.length > 0, keys);
    this.#previous = new Set(keys);
    return goesOn;
  }

  #advance(envelope: Envelope, last: string | null, isFresh: boolean, keys: readonly string[]): boolean {
    // `more` decides; a server that leaves it out and gives `next` means more, one that says false does not.
    if (envelope.more === false || (envelope.more === undefined && envelope.next === null)) return false;
    if (envelope.next === null) return this.#stepByDate(last, isFresh);
    // Every version comes once in a walk, so a page seen before means that the server goes in a circle.
    const digest = hash('sha256', keys.join('\n'), 'base64url');
    if (this.#seenPages.has(digest)) throw this.#error('no_progress', 'it gave the same page of objects again');
    this.#seenPages.add(digest);
    return this.#follow(envelope.next);
  }

  #follow(next: string | null): boolean {
    this.#next = next;
    return next !== null;
  }

  /**
   * Continues after a page that had more and no `next`: by the date of its last object (§5.4). Objects that share the
   * date may lie on both sides of the page's end, and "after" is exclusive, so the step goes one microsecond less far
   * and drops what comes twice. When a page holds one date only, the limit is raised until it reaches past it.
   */
  #stepByDate(last: string | null, isFresh: boolean): boolean {
    this.#next = null;
    if (last === null) {
      throw this.#error('invalid_answer', 'it has more objects and gives neither "next" nor X-TAXII-Date-Added-Last');
    }
    const step = shiftDateAdded(last, -1);
    const advances = this.#addedAfter === null || compareDateAdded(step, this.#addedAfter) > 0;
    if (advances) {
      this.#addedAfter = step;
      return true;
    }
    if (!isFresh && this.#limit >= LIMIT_MOST) {
      throw this.#error('no_progress', `it gives no more than a part of the objects added at ${last} and no "next"`);
    }
    this.#limit = Math.min(LIMIT_MOST, this.#limit * LIMIT_GROWTH);
    return true;
  }

  #count({ objects, malformed }: Envelope, bytes: number): void {
    const { walkObjects, walkBytes } = this.#deps.limits;
    this.#objects += objects.length;
    this.#bytes += bytes;
    if (this.#objects > walkObjects) throw this.#tooLarge('walkObjects', walkObjects);
    if (this.#bytes > walkBytes) throw this.#tooLarge('walkBytes', walkBytes);
    if (malformed > 0) this.#deps.log.warn('feed page holds members that are no objects', this.#fields({ malformed }));
  }

  #end(): WalkEnd | null {
    if (this.#pages.length === 0) return null;
    return walkEnd(this.#last, this.#startedMs ?? this.#deps.clock.now());
  }

  #tooLarge(limit: keyof TaxiiLimits, value: number): FeedError {
    const mend = `narrow it by matchTypes or collection of feed ${this.#connection.settings.name} in TI_FEEDS`;
    return this.#error('too_large', `it passes the limit ${limit} of ${value}, ${mend}`);
  }

  #error(code: FeedError['code'], seen: string): FeedError {
    const { name } = this.#connection.settings;
    const where = withoutQuery(this.#collection.url);
    return new FeedError(code, `Cannot poll feed ${name} as collection ${where} cannot be read whole: ${seen}`);
  }

  #fields(fields: Record<string, unknown>): Record<string, unknown> {
    return { feed: this.#connection.settings.name, collection: this.#collection.id, ...fields };
  }
}

/** Names a version of an object within a walk; objects without versions are named by their content. */
function versionKey(object: StixObject): string {
  const { id, modified } = object;
  return typeof id === 'string' && typeof modified === 'string' ? `${id} ${modified}` : JSON.stringify(object);
}

/** The server's clock, milliseconds since 1970, which the Date header tells so that skew can be corrected (§1.6). */
function serverTime(headers: Headers): number | null {
  const ms = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(ms) ? null : ms;
}
