import { FeedError, type FeedErrorDetails } from '../../core/feed-error.ts';
import type { FeedErrorCode } from '../../core/ports.ts';
import { isObject } from './envelope.ts';
import type { TaxiiVersion } from './protocol.ts';
import { readRetryAfter } from '../../core/retry-after.ts';

/** An answer as a server gives it that may speak the other version of TAXII. */
export class OtherVersionError extends FeedError {
  readonly status: number;

  constructor(status: number, code: FeedErrorCode, message: string, details: FeedErrorDetails = {}) {
    super(code, message, details);
    this.status = status;
  }
}

/** What a connection is for, as errors say it. */
export type TaxiiPurpose = 'poll' | 'report sightings to';

/** Objects that a server will not take however often they are sent. */
export class RefusedObjectsError extends FeedError {
  readonly isTooLarge: boolean;

  constructor(message: string, isTooLarge: boolean) {
    super(isTooLarge ? 'too_large' : 'invalid_answer', message, { retryable: false });
    this.isTooLarge = isTooLarge;
  }
}

export interface RefusedAnswer {
  readonly purpose: TaxiiPurpose;
  readonly method: 'GET' | 'POST';
  readonly feed: string;
  readonly url: URL;
  /** In which it was asked. */
  readonly version: TaxiiVersion;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Whether the request went out without credentials as a redirect had led it to another host. */
  readonly strayed: boolean;
  /** Whether it asked for a page by `next`, which servers forget (medallion after 30 s). */
  readonly paged: boolean;
}

const TOLD_LENGTH = 200;

/** Turns an answer outside 2xx into the error that says what to mend, and whether waiting can help. */
export function answerError(answer: RefusedAnswer, nowMs: number): FeedError {
  const { code, mend } = (answer.method === 'POST' ? meaningOfPost(answer) : null) ?? meaningOf(answer);
  const told = toldReason(answer.text);
  const message = `Cannot ${answer.purpose} feed ${answer.feed} as ${answer.method} ${withoutQuery(answer.url)} answered ${answer.status}${told}: ${mend}`;
  if (answer.method === 'POST' && [400, 413, 422].includes(answer.status)) {
    return new RefusedObjectsError(message, answer.status === 413);
  }
  const retryAfterMs = readRetryAfter(answer.headers, nowMs);
  const details = {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(answer.paged && [400, 404, 410].includes(answer.status) ? { retryable: true } : {}),
  };
  return [404, 406, 415].includes(answer.status)
    ? new OtherVersionError(answer.status, code, message, details)
    : new FeedError(code, message, details);
}

function meaningOf({ status, feed, version, strayed, paged }: RefusedAnswer): { code: FeedErrorCode; mend: string } {
  const key = (name: string): string => `${name} of feed ${feed} in TI_FEEDS`;
  switch (status) {
    case 401:
    case 403:
    case 407:
      return strayed
        ? {
            code: 'unauthorized',
            mend: `credentials do not follow a redirect to another host, set ${key('url')} to it`,
          }
        : { code: 'unauthorized', mend: `mend ${key('auth')}` };
    case 400:
    case 410:
      return paged
        ? { code: 'invalid_answer', mend: 'the server no longer knows this page, the walk starts again' }
        : { code: 'invalid_answer', mend: `the server refuses the request, check ${key('limit and matchTypes')}` };
    case 404:
      return { code: 'not_found', mend: `check ${key('url and collection')}, and whether its account may see them` };
    case 406:
    case 415:
      return { code: 'invalid_answer', mend: `the server does not speak TAXII ${version}, check ${key('url')}` };
    case 429:
      return { code: 'rate_limited', mend: 'the server asks for fewer requests, poll less often or raise limit' };
    default:
      if (status === 408 || status === 425 || status >= 500) return { code: 'unreachable', mend: 'the server fails' };
      return { code: 'invalid_answer', mend: `a TAXII ${version} answer is wanted, check ${key('url')}` };
  }
}

/** What an answer to a POST of objects means (TAXII 2.1 section 5.5), where it is another than that to a GET. */
function meaningOfPost({ status, feed }: RefusedAnswer): { code: FeedErrorCode; mend: string } | null {
  const collection = `sightings.collection of feed ${feed} in TI_FEEDS`;
  switch (status) {
    case 401:
    case 403:
      return { code: 'unauthorized', mend: `check ${collection} and whether auth of the feed may write it` };
    case 404:
      return { code: 'not_found', mend: `check ${collection} and whether auth of the feed may see it` };
    case 413:
      return { code: 'too_large', mend: 'the server takes only smaller envelopes' };
    case 400:
    case 422:
      return { code: 'invalid_answer', mend: `the server takes no such objects, check whether ${collection} does` };
    case 429:
      return { code: 'rate_limited', mend: `lower sightings.perMinute of feed ${feed} in TI_FEEDS` };
    default:
      return null;
  }
}

/** What the server says itself: the title and description of a TAXII error resource (§3.6.1). */
function toldReason(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    if (!isObject(body)) return '';
    const parts = [body['title'], body['description']].filter((part) => typeof part === 'string' && part !== '');
    return parts.length === 0 ? '' : ` (${parts.join(': ').slice(0, TOLD_LENGTH)})`;
  } catch {
    return '';
  }
}

/** The URL as shown to people: pages and keys in a query are noise, or secret. */
export function withoutQuery(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
