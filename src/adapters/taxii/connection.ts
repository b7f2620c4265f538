import { FeedError } from '../../core/feed-error.ts';
import type { Clock } from '../../core/ports.ts';
import { answerError, OtherVersionError, type TaxiiPurpose, withoutQuery } from './answer-error.ts';
import { authorizationOf, withoutCredentials } from './authorization.ts';
import { type TaxiiVersion, versionOfType } from './protocol.ts';
import type { TaxiiLimits, TaxiiSettings } from './settings.ts';
import { type Fetch, homeFetch } from './tls-fetch.ts';
import { refusalOf } from './tls-refusal.ts';

export interface TaxiiRequest {
  readonly url: URL;
  readonly version: TaxiiVersion;
  readonly accept: string;
  /** Items asked for in TAXII 2.0; an answer of 416 then says that there are none. */
  readonly range: string | null;
  /** Text of a POST, of the media type `accept`; a GET when absent. */
  readonly content?: string;
}

export interface TaxiiAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; undefined for 204, and for 416. */
  readonly body: unknown;
  /** Decoded size. */
  readonly bytes: number;
}

const MAX_REDIRECTS = 5;
const MAX_ERROR_BYTES = 65_536;

export interface ConnectionDeps {
  readonly clock: Clock;
  /** For the feed's host where it needs no settings of TLS, and for every other one. */
  readonly fetch: Fetch;
  readonly limits: TaxiiLimits;
}

/** Requests of one feed: credentials, redirects, time and size bounds, and errors that name the feed. */
export class TaxiiConnection {
  readonly settings: TaxiiSettings;
  readonly #deps: ConnectionDeps;
  readonly #home: URL;
  readonly #homeFetch: Fetch;
  readonly #purpose: TaxiiPurpose;

  constructor(settings: TaxiiSettings, deps: ConnectionDeps, purpose: TaxiiPurpose = 'poll') {
    this.#purpose = purpose;
    this.settings = settings;
    this.#deps = deps;
    this.#home = new URL(settings.url);
    this.#homeFetch = homeFetch(settings) ?? deps.fetch;
  }

  /** Gets a JSON document, by POST when the request has content. Throws FeedError for everything else. */
  async ask(request: TaxiiRequest, signal: AbortSignal): Promise<TaxiiAnswer> {
    const timeout = AbortSignal.timeout(this.#deps.limits.requestMs);
    try {
      return await this.#follow(request, AbortSignal.any([signal, timeout]));
    } catch (cause) {
      if (cause instanceof FeedError) throw cause;
      if (signal.aborted) throw this.#error('unreachable', request, 'was cut off by a stop or a time limit', { cause });
      if (!timeout.aborted) throw this.#failure(request, cause);
      const seen = `gave no whole answer within ${this.#deps.limits.requestMs} ms`;
      throw this.#error('unreachable', request, seen, { cause });
    }
  }

  /** Whether a URL may be asked: HTTPS, or plain HTTP where it was allowed or stays on this machine. */
  allows(url: URL): boolean {
    if (url.protocol === 'https:') return true;
    if (url.protocol !== 'http:') return false;
    return this.settings.allowHttp || (isLoopback(this.#home) && isLoopback(url));
  }

  async #follow(request: TaxiiRequest, signal: AbortSignal): Promise<TaxiiAnswer> {
    let url = request.url;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
      const strayed = url.origin !== this.#home.origin;
      // What is sent is for the feed alone, as its credentials are.
      if (strayed && request.content !== undefined) {
        const seen = `leads to ${withoutQuery(url)}, and objects are sent to ${this.#home.origin} alone`;
        throw this.#error('invalid_answer', request, seen);
      }
      const ask = strayed ? this.#deps.fetch : this.#homeFetch;
      const { content: body } = request;
      const sent = body === undefined ? {} : { method: 'POST', body };
      const response = await ask(url, {
        ...sent,
        headers: this.#headers(request, strayed),
        redirect: 'manual',
        signal,
      });
      const location = response.headers.get('location');
      if (response.status >= 300 && response.status < 400 && location !== null) {
        await response.body?.cancel();
        url = this.#redirected({ ...request, url }, location, response.status);
        continue;
      }
      return await this.#read(response, { ...request, url }, strayed);
    }
    throw this.#error('invalid_answer', request, `redirected more than ${MAX_REDIRECTS} times`);
  }

  #headers({ accept, range, content }: TaxiiRequest, strayed: boolean): Headers {
    const headers = new Headers({ accept, 'user-agent': 'tidewatch' });
    if (content !== undefined) headers.set('content-type', accept);
    if (range !== null) headers.set('range', range);
    const authorization = strayed ? null : authorizationOf(this.settings.auth);
    if (authorization !== null) headers.set(...authorization);
    return headers;
  }

  #redirected(request: TaxiiRequest, location: string, status: number): URL {
    const from = request.url;
    if (request.content !== undefined && status !== 307 && status !== 308) {
      throw this.#error(
        'invalid_answer',
        request,
        `redirected by ${status}, and 307 or 308 is wanted, which keep a POST`,
      );
    }
    const url = URL.canParse(location, from.href) ? new URL(location, from) : null;
    if (url !== null && this.allows(url)) return url;
    const target = url === null ? JSON.stringify(location) : withoutQuery(url);
    throw this.#error('invalid_answer', request, `redirected to ${target}, and an https URL is wanted`);
  }

  async #read(response: Response, request: TaxiiRequest, strayed: boolean): Promise<TaxiiAnswer> {
    const { status, headers } = response;
    const { url, version } = request;
    if (status === 416 && request.range !== null) {
      await response.body?.cancel();
      return { status, headers, body: undefined, bytes: 0 };
    }
    if (!response.ok) {
      const body = await readText(response, MAX_ERROR_BYTES);
      const text = withoutCredentials(body?.text ?? '', this.settings.auth);
      const paged = url.searchParams.has('next');
      const method = methodOf(request);
      const refused = {
        purpose: this.#purpose,
        method,
        feed: this.settings.name,
        url,
        version,
        status,
        headers,
        text,
        strayed,
        paged,
      };
      throw answerError(refused, this.#deps.clock.now());
    }
    const answered = versionOfType(headers.get('content-type'));
    if (answered !== null && answered !== version) {
      await response.body?.cancel();
      const seen = `answered in TAXII ${answered}, and ${version} is wanted`;
      throw new OtherVersionError(status, 'invalid_answer', this.#message(request, seen));
    }
    if (status === 204) return { status, headers, body: undefined, bytes: 0 };
    const content = await readText(response, this.#deps.limits.pageBytes);
    if (content === null) {
      const wanted = `smaller pages are wanted, lower limit of feed ${this.settings.name} in TI_FEEDS`;
      throw this.#error('too_large', request, `answered more than ${this.#deps.limits.pageBytes} bytes, and ${wanted}`);
    }
    return { status, headers, body: this.#parse(content.text, request, headers), bytes: content.bytes };
  }

  #parse(text: string, request: TaxiiRequest, headers: Headers): unknown {
    try {
      return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
    } catch (cause) {
      // What begins like JSON was cut short on its way; anything else (a login page) will be the same next time.
      const retryable = /^\s*[[{]/.test(text);
      const type = headers.get('content-type') ?? 'no content type';
      const seen = `answered ${text.length} characters of ${type} that are no JSON, and a TAXII resource is wanted`;
      throw this.#error('invalid_answer', request, seen, { cause, retryable });
    }
  }

  #failure(request: TaxiiRequest, cause: unknown): FeedError {
    const { code, mend } = refusalOf(cause, this.settings);
    return this.#error(code, request, `failed: ${reasonOf(cause)}${mend}`, { cause });
  }

  #error(
    code: FeedError['code'],
    request: TaxiiRequest,
    seen: string,
    details: { cause?: unknown; retryable?: boolean } = {},
  ): FeedError {
    return new FeedError(code, this.#message(request, seen), details);
  }

  #message(request: TaxiiRequest, seen: string): string {
    return `Cannot ${this.#purpose} feed ${this.settings.name} as ${methodOf(request)} ${withoutQuery(request.url)} ${seen}`;
  }
}

function methodOf({ content }: TaxiiRequest): 'GET' | 'POST' {
  return content === undefined ? 'GET' : 'POST';
}

/** The innermost reason: fetch says only "fetch failed" and keeps the rest as its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return reasonOf(error.cause);
  return error.message === '' ? error.name : error.message;
}

/** Reads a body of at most `maxBytes` after decoding, so that a small compressed one cannot grow; null beyond it. */
async function readText(response: Response, maxBytes: number): Promise<{ text: string; bytes: number } | null> {
  if (response.body === null) return { text: '', bytes: 0 };
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let bytes = 0;
  const chunks: AsyncIterable<Uint8Array> = response.body;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return null;
    parts.push(decoder.decode(chunk, { stream: true }));
  }
  parts.push(decoder.decode());
  return { text: parts.join(''), bytes };
}

function isLoopback(url: URL): boolean {
  const host = url.hostname;
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d+){3}$/.test(host);
}
