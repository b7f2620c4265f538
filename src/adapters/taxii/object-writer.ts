import { FeedError } from '../../core/feed-error.ts';
import type { RealTime } from '../../core/ports.ts';
import { readStatus, type AdditionStatus } from './addition-status.ts';
import { RefusedObjectsError, withoutQuery } from './answer-error.ts';
import type { TaxiiAnswer, TaxiiConnection } from './connection.ts';
import { discover } from './discovery.ts';
import { isObject } from './envelope.ts';
import { protocols } from './protocol.ts';

/** A collection that objects are sent to. */
export interface WritablePlace {
  readonly title: string;
  readonly objectsUrl: URL;
  /** Of the API root; its status resources lie below it. */
  readonly rootUrl: URL;
  /** Most bytes of an envelope. */
  readonly contentBytesMax: number;
}

export interface WriterDeps {
  readonly connection: TaxiiConnection;
  readonly realTime: RealTime;
  /** How long a status may stay pending before the objects are sent anew, true milliseconds. */
  readonly statusMs: number;
}

const envelopeStart = '{"objects":[';
const envelopeEnd = ']}';
const firstLookMs = 500;
const longestLookMs = 10_000;
const { resourceType, objectsType } = protocols['2.1'];

/** Sends objects to the collection that the settings of its connection name, and sees them taken. Throws FeedError. */
export class ObjectWriter {
  readonly #deps: WriterDeps;
  #place: WritablePlace | null = null;

  constructor(deps: WriterDeps) {
    this.#deps = deps;
  }

  /** Finds the collection and how much its API root takes; looks it up anew after a failure. */
  async find(signal: AbortSignal): Promise<WritablePlace> {
    if (this.#place !== null) return this.#place;
    const { connection } = this.#deps;
    const { chosen } = await discover(connection, signal, 'write');
    const [collection] = chosen;
    if (collection === undefined) throw new RangeError('Cannot send objects as no collection is chosen');
    const rootUrl = new URL('../../', collection.url);
    this.#place = {
      title: collection.title || collection.id,
      objectsUrl: new URL('objects/', collection.url),
      rootUrl,
      contentBytesMax: await this.#contentBytesMax(rootUrl, signal),
    };
    return this.#place;
  }

  /** Splits objects, each as its JSON text, into envelopes of at most `countMax` that the server takes. */
  envelopes(texts: readonly string[], countMax: number, { contentBytesMax }: WritablePlace): string[][] {
    const envelopes: string[][] = [];
    let room = 0;
    for (const text of texts) {
      const bytes = Buffer.byteLength(text) + 1;
      const last = envelopes.at(-1);
      if (last !== undefined && last.length < countMax && bytes <= room) {
        last.push(text);
        room -= bytes;
        continue;
      }
      room = contentBytesMax - envelopeStart.length - envelopeEnd.length - bytes;
      envelopes.push([text]);
    }
    return envelopes;
  }

  /**
   * Sends one envelope and resolves when the server has taken every object of it. Rejects when it takes one of them not:
   * the others are taken then. Sending again what was taken changes nothing (section 3.5: id and version name an object).
   */
  async send(texts: readonly string[], signal: AbortSignal): Promise<void> {
    try {
      const { objectsUrl, rootUrl } = await this.find(signal);
      const content = `${envelopeStart}${texts.join(',')}${envelopeEnd}`;
      const request = { url: objectsUrl, version: '2.1', accept: objectsType, range: null, content } as const;
      const answer = await this.#deps.connection.ask(request, signal);
      await this.#settle(this.#read(answer, objectsUrl), rootUrl, texts.length, signal);
    } catch (error) {
      // Whatever failed may have moved.
      this.#place = null;
      throw error;
    }
  }

  async #contentBytesMax(url: URL, signal: AbortSignal): Promise<number> {
    try {
      const { body } = await this.#get(url, signal);
      const most = isObject(body) ? body['max_content_length'] : undefined;
      return typeof most === 'number' && most > 0 ? most : Number.POSITIVE_INFINITY;
    } catch (error) {
      // Some servers leave out the API root's own resource.
      if (error instanceof FeedError && error.code === 'not_found') return Number.POSITIVE_INFINITY;
      throw error;
    }
  }

  #get(url: URL, signal: AbortSignal): Promise<TaxiiAnswer> {
    return this.#deps.connection.ask({ url, version: '2.1', accept: resourceType, range: null }, signal);
  }

  #read({ body, status: code }: TaxiiAnswer, url: URL): AdditionStatus {
    const status = readStatus(body);
    if (status !== null) return status;
    throw this.#error(
      `${withoutQuery(url)} answered ${code} without a status, and a TAXII 2.1 status is wanted`,
      false,
    );
  }

  async #settle(first: AdditionStatus, rootUrl: URL, sent: number, signal: AbortSignal): Promise<void> {
    const { realTime, statusMs } = this.#deps;
    const endMs = realTime.nowMs() + statusMs;
    let status = first;
    for (let lookMs = firstLookMs; !status.isComplete; lookMs = Math.min(lookMs * 2, longestLookMs)) {
      const { id } = first;
      if (id === '') throw this.#error('the server answered with a pending status that has no id', false);
      if (realTime.nowMs() >= endMs) throw this.#error(`status ${id} is still pending after ${statusMs} ms`, true);
      await realTime.delay(lookMs, signal);
      if (signal.aborted) throw this.#error(`a stop cut off the wait for status ${id}`, true);
      const url = new URL(`status/${encodeURIComponent(id)}/`, rootUrl);
      status = this.#read(await this.#get(url, signal), url);
    }
    if (status.failed === 0) return;
    const told = status.firstFailure === '' ? '' : `, the first is ${status.firstFailure}`;
    throw new RefusedObjectsError(
      this.#message(`the server did not take ${status.failed} of ${sent} objects${told}`),
      false,
    );
  }

  #error(seen: string, retryable: boolean): FeedError {
    return new FeedError(retryable ? 'unreachable' : 'invalid_answer', this.#message(seen), { retryable });
  }

  #message(seen: string): string {
    return `Cannot report sightings to feed ${this.#deps.connection.settings.name} as ${seen}`;
  }
}
