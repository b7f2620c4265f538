import { hash } from 'node:crypto';
import type { FeedError } from '../../core/feed-error.ts';
import type { FeedErrorCode } from '../../core/ports.ts';
import type { Envelope } from './envelope.ts';

/** What one page is asked by. */
export interface PageRequest {
  /** Of the query, in their order. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** The Range header; null where the version of TAXII has none. */
  readonly range: string | null;
}

/** A page that was answered. */
export interface Page {
  readonly envelope: Envelope;
  readonly status: number;
  readonly headers: Headers;
  /** Date of the last object as the server gave it, in normal form. */
  readonly last: string | null;
  /** Names the objects, in their order. */
  readonly keys: readonly string[];
  /** Whether the page before had not all of it. */
  readonly isFresh: boolean;
}

/** How one walk goes from page to page. */
export interface Paging {
  /** The request of the page that comes next. */
  request(): PageRequest;
  /** Takes note of a page; tells whether another one follows. Throws FeedError where the server makes no progress. */
  goesOn(page: Page): boolean;
}

export interface PagingSettings {
  readonly addedAfter: string | null;
  readonly limit: number;
  readonly matchTypes: readonly string[];
  /** Makes the error of a walk that cannot go on. */
  readonly refuse: (code: FeedErrorCode, seen: string, retryable?: boolean) => FeedError;
}

/** Pages of a walk: every version comes once in it, so a page seen before means that the server goes in a circle. */
export class SeenPages {
  readonly #digests = new Set<string>();

  /** False when the page was there before. */
  add(keys: readonly string[]): boolean {
    const digest = hash('sha256', keys.join('\n'), 'base64url');
    if (this.#digests.has(digest)) return false;
    this.#digests.add(digest);
    return true;
  }
}

/** What a walk that was led in a circle ends with. */
export const seenAgain = 'it gave the same page of objects again';
