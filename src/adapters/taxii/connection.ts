import { FeedError } from '../../core/feed-error.ts';
import type { Clock } from '../../core/ports.ts';
import { answerError, withoutQuery } from './answer-error.ts';
import { authorizationOf, withoutCredentials } from './authorization.ts';
import type { TaxiiLimits, TaxiiSettings } from './settings.ts';

export interface TaxiiAnswer {
  readonly headers: Headers;
  /** Parsed JSON; undefined for 204. */
  readonly body: unknown;
  /** Decoded size. */
  readonly bytes: number;
}

/**
 * Media type of TAXII 2.1 (§1.6.8). What comes back is not held to it: servers answer as application/json, text/plain
 * or with a charset (cti-taxii-client 95 and 101, attack-workbench-taxii-server 36).
 */
const ACCEPT = 'application/taxii+json;version=2.1';
const MAX_REDIRECTS = 5;
const MAX_ERROR_BYTES = 65_536;

export interface ConnectionDeps {
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  readonly limits: TaxiiLimits;
}

/** GET requests of one feed: credentials, redirects, time and size bounds, and errors that name the feed. */
export class TaxiiConnection {
  readonly settings: TaxiiSettings;
  readonly #deps: ConnectionDeps;
  readonly #home: URL;

  constructor(settings: TaxiiSettings, deps: ConnectionDeps) {
    this.settings = settings;
    this.#deps = deps;
    this.#home = new URL(settings.url);
  }

  /** Gets a JSON document. Throws FeedError for everything else. */
  async get(url: URL, signal: AbortSignal): Promise<TaxiiAnswer> {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(this.#deps.limits.requestMs)]);
    try {
      return await this.#follow(url, bounded);
    } catch (cause) {
      throw cause instanceof FeedError ? cause : this.#unreachable(url, signal, cause);
    }
  }

  /** Whether a URL may be asked: HTTPS, or plain HTTP where it was allowed or stays on this machine. */
  allows(url: URL): boolean {
    if (url.protocol === 'https:') return true;
    if (url.protocol !== 'http:') return false;
    return this.settings.allowHttp || (isLoopback(this.#home) && isLoopback(url));
  }

  async #follow(start: URL, signal: AbortSignal): Promise<TaxiiAnswer> {
    let url = start;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
      const strayed = url.origin !== this.#home.origin;
      const response = await this.#deps.fetch(url, { headers: this.#headers(strayed), redirect: 'manual', signal });
      const location = response.headers.get('location');
      if (response.status >= 300 && response.status < 400 && location !== null) {
        await response.body?.cancel();
        url = this.#redirected(url, location);
        continue;
      }
      return await this.#read(response, url, strayed);
    }
    throw this.#error('invalid_answer', start, `redirected more than ${MAX_REDIRECTS} times`);
  }

  #headers(strayed: boolean): Headers {
    const headers = new Headers({ accept: ACCEPT, 'user-agent': 'tidewatch' });
    const authorization = strayed ? null : authorizationOf(this.settings.auth);
    if (authorization !== null) headers.set(...authorization);
    return headers;
  }

  #redirected(from: URL, location: string): URL {
    const url = URL.canParse(location, from.href) ? new URL(location, from) : null;
    if (url !== null && this.allows(url)) return url;
    const target = url === null ? JSON.stringify(location) : withoutQuery(url);
    throw this.#error('invalid_answer', from, `redirected to ${target}, and an https URL is wanted`);
  }

  async #read(response: Response, url: URL, strayed: boolean): Promise<TaxiiAnswer> {
    const { status, headers } = response;
    if (!response.ok) {
      const body = await readText(response, MAX_ERROR_BYTES);
      const text = withoutCredentials(body?.text ?? '', this.settings.auth);
      const paged = url.searchParams.has('next');
      const refused = { feed: this.settings.name, url, status, headers, text, strayed, paged };
      throw answerError(refused, this.#deps.clock.now());
    }
    if (headers.get('content-type')?.includes('vnd.oasis.')) {
      await response.body?.cancel();
      throw this.#error('invalid_answer', url, `answered in TAXII 2.0, and 2.1 is wanted`);
    }
    if (status === 204) return { headers, body: undefined, bytes: 0 };
    const content = await readText(response, this.#deps.limits.pageBytes);
    if (content === null) {
      const wanted = `smaller pages are wanted, lower limit of feed ${this.settings.name} in TI_FEEDS`;
      throw this.#error('too_large', url, `answered more than ${this.#deps.limits.pageBytes} bytes, and ${wanted}`);
    }
    return { headers, body: this.#parse(content.text, url, headers), bytes: content.bytes };
  }

  #parse(text: string, url: URL, headers: Headers): unknown {
    try {
      return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
    } catch (cause) {
      // What begins like JSON was cut short on its way; anything else (a login page) will be the same next time.
      const retryable = /^\s*[[{]/.test(text);
      const type = headers.get('content-type') ?? 'no content type';
      const seen = `answered ${text.length} characters of ${type} that are no JSON, and a TAXII 2.1 resource is wanted`;
      throw this.#error('invalid_answer', url, seen, { cause, retryable });
    }
  }

  #unreachable(url: URL, signal: AbortSignal, cause: unknown): FeedError {
    if (signal.aborted) return this.#error('unreachable', url, 'was cut off by a stop or a time limit', { cause });
    const timedOut = cause instanceof DOMException && cause.name === 'TimeoutError';
    const seen = timedOut
      ? `gave no whole answer within ${this.#deps.limits.requestMs} ms`
      : `failed: ${reasonOf(cause)}`;
    return this.#error('unreachable', url, seen, { cause });
  }

  #error(
    code: FeedError['code'],
    url: URL,
    seen: string,
    details: { cause?: unknown; retryable?: boolean } = {},
  ): FeedError {
    return new FeedError(code, `Cannot poll feed ${this.settings.name} as GET ${withoutQuery(url)} ${seen}`, details);
  }
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
