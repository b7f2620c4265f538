import { FeedError } from '../../core/feed-error.ts';
import type { StixObject } from '../../core/intel/stix-object.ts';
import type { Clock, FeedErrorCode, Log } from '../../core/ports.ts';
import { withoutQuery } from './answer-error.ts';
import type { TaxiiAnswer, TaxiiConnection, TaxiiRequest } from './connection.ts';
import { laterDateAdded, readDateAdded } from './date-added.ts';
import type { TaxiiCollection } from './discovery.ts';
import { type Envelope, readEnvelope } from './envelope.ts';
import { NextPaging } from './next-paging.ts';
import type { Paging } from './paging.ts';
import { protocols } from './protocol.ts';
import { RangePaging } from './range-paging.ts';
import type { TaxiiLimits } from './settings.ts';
import { type WalkEnd, walkEnd } from './walk-end.ts';

export interface WalkPage {
  readonly objects: readonly StixObject[];
  /** Date of the page's last object as the server gave it; null when it gave none. */
  readonly last: string | null;
}

export interface WalkDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: TaxiiLimits;
}

const WAITS_MOST = 10;

/**
 * One pass over the objects of a collection, page by page. It ends with every page or throws FeedError,
 * since a server's `next` need not be repeatable: medallion moves its cursor at each call, so that asking again for a
 * page whose answer was lost skips it. Only 429 is waited out in place: there the server did not take the request.
 */
export class Walk {
  readonly #connection: TaxiiConnection;
  readonly #collection: TaxiiCollection;
  readonly #deps: WalkDeps;
  readonly #paging: Paging;
  #last: string | null = null;
  #startedMs: number | null = null;
  /** Pages that gave something. */
  #pages = 0;
  #objects = 0;
  #bytes = 0;
  #previous: ReadonlySet<string> = new Set();

  constructor(connection: TaxiiConnection, collection: TaxiiCollection, addedAfter: string | null, deps: WalkDeps) {
    this.#connection = connection;
    this.#collection = collection;
    this.#deps = deps;
    const { limit, matchTypes } = connection.settings;
    const refuse = (code: FeedErrorCode, seen: string, retryable?: boolean): FeedError =>
      this.#error(code, seen, retryable);
    const settings = { addedAfter, limit, matchTypes, refuse };
    this.#paging = collection.version === '2.0' ? new RangePaging(settings) : new NextPaging(settings);
  }

  /** The pages that give something, each asked for when it is wanted, and then where they ended; null for none at all. */
  async *pages(signal: AbortSignal): AsyncGenerator<WalkPage, WalkEnd | null, undefined> {
    const { walkMs, walkPages } = this.#deps.limits;
    const timeout = AbortSignal.timeout(walkMs);
    const bounded = AbortSignal.any([signal, timeout]);
    let goesOn = true;
    for (let asked = 0; goesOn; asked += 1) {
      if (asked >= walkPages) throw this.#tooLarge('walkPages', walkPages);
      let page: WalkPage;
      try {
        [page, goesOn] = this.#take(await this.#ask(bounded));
      } catch (error) {
        throw timeout.aborted && !signal.aborted ? this.#tooLarge('walkMs', walkMs) : error;
      }
      if (page.objects.length > 0) yield page;
    }
    return this.#end();
  }

  /** Asks for the first page alone and counts its objects. */
  async firstPage(signal: AbortSignal): Promise<number> {
    this.#take(await this.#ask(signal));
    return this.#objects;
  }

  async #ask(signal: AbortSignal): Promise<TaxiiAnswer> {
    for (let waits = 0; ; waits += 1) {
      try {
        return await this.#connection.ask(this.#request(), signal);
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
    if (this.#pages === 0 || waits >= WAITS_MOST) return null;
    const wait = error.retryAfterMs ?? 1000 * 2 ** waits;
    return wait <= this.#deps.limits.waitMs ? wait : null;
  }

  #request(): TaxiiRequest {
    const { parameters, range } = this.#paging.request();
    const url = new URL('objects/', this.#collection.url);
    // encodeURIComponent writes a blank as %20, which form encoding's "+" is not for every server.
    url.search = parameters
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .join('&');
    const { version } = this.#collection;
    return { url, version, accept: protocols[version].objectsType, range };
  }

  /** Takes a page, and tells what of it is new and whether another one follows. */
  #take({ body, headers, status, bytes }: TaxiiAnswer): [page: WalkPage, goesOn: boolean] {
    this.#startedMs ??= serverTime(headers) ?? this.#deps.clock.now();
    const envelope = readEnvelope(body === undefined ? {} : body);
    if (envelope === undefined) {
      throw this.#error('invalid_answer', 'the answer is no TAXII envelope, and an object with "objects" is wanted');
    }
    this.#count(envelope, bytes);
    const last = readDateAdded(headers.get('x-taxii-date-added-last'));
    const keys = envelope.objects.map(versionKey);
    const fresh = envelope.objects.filter((_, index) => !this.#previous.has(keys[index] ?? ''));
    if (fresh.length > 0) this.#pages += 1;
    if (keys.length > 0) {
      this.#last = laterDateAdded(this.#last, last);
      this.#previous = new Set(keys);
    }
    const goesOn = this.#paging.goesOn({ envelope, status, headers, last, keys, isFresh: fresh.length > 0 });
    return [{ objects: fresh, last }, goesOn];
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
    if (this.#pages === 0) return null;
    return walkEnd(this.#last, this.#startedMs ?? this.#deps.clock.now());
  }

  #tooLarge(limit: keyof TaxiiLimits, value: number): FeedError {
    const mend = `narrow it by matchTypes or collection of feed ${this.#connection.settings.name} in TI_FEEDS`;
    return this.#error('too_large', `it passes the limit ${limit} of ${value}, ${mend}`);
  }

  #error(code: FeedErrorCode, seen: string, retryable?: boolean): FeedError {
    const { name } = this.#connection.settings;
    const where = withoutQuery(this.#collection.url);
    const message = `Cannot poll feed ${name} as collection ${where} cannot be read whole: ${seen}`;
    return new FeedError(code, message, retryable === undefined ? {} : { retryable });
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
