import { once } from 'node:events';
import {
  Agent as PlainAgent,
  request as plainRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { connect as connectPlain, isIP, type LookupFunction } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { guardedLookup, refuseInternal, type Resolver } from './guarded-lookup.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** At most `answerBytesMax` bytes of it. */
  readonly text: string;
}

const answerBytesMax = 65_536;

/** A connection that the other side may close while it is idle; both sides know a shorter or longer time than this. */
const idleMs = 4000;

/**
 * POST requests to one URL, over connections that are kept. Redirects are answers like any other. Unless internal
 * addresses are allowed, none is connected to. Rejects when no whole answer came.
 */
export class HttpPost {
  readonly #url: URL;
  readonly #agent: PlainAgent;
  readonly #guarded: boolean;
  readonly #lookup: { readonly lookup?: LookupFunction };

  constructor(url: URL, allowPrivate: boolean, resolve: Resolver) {
    this.#lookup = allowPrivate ? {} : { lookup: guardedLookup(resolve) };
    const options = { keepAlive: true, timeout: idleMs, ...this.#lookup };
    this.#url = url;
    this.#guarded = !allowPrivate;
    this.#agent = url.protocol === 'https:' ? new TlsAgent(options) : new PlainAgent(options);
  }

  async send(headers: OutgoingHttpHeaders, body: string, signal: AbortSignal): Promise<HttpAnswer> {
    this.#refuseInternalUrl();
    const bytes = Buffer.from(body);
    const posted = { method: 'POST', headers: { ...headers, 'content-length': String(bytes.length) } };
    for (;;) {
      const sent = this.#request(this.#url, posted, bytes, signal);
      try {
        return await sent.answer;
      } catch (error) {
        // An idle connection that was closed at this moment: the request met nobody, or is known by its id.
        if (!sent.wasReset() || signal.aborted) throw error;
      }
    }
  }

  /** Asks the same host for another path by GET. */
  read(path: string, headers: OutgoingHttpHeaders, signal: AbortSignal): Promise<HttpAnswer> {
    this.#refuseInternalUrl();
    return this.#request(new URL(path, this.#url), { method: 'GET', headers }, '', signal).answer;
  }

  /** Opens a connection, with its TLS, and closes it again: nothing is sent on it. */
  async connect(signal: AbortSignal): Promise<void> {
    this.#refuseInternalUrl();
    const isTls = this.#url.protocol === 'https:';
    const host = hostOf(this.#url);
    const port = Number(this.#url.port) || (isTls ? 443 : 80);
    const socket = isTls
      ? connectTls({ host, port, ...this.#lookup, ...(isIP(host) === 0 ? { servername: host } : {}) })
      : connectPlain({ host, port, ...this.#lookup });
    try {
      await once(socket, isTls ? 'secureConnect' : 'connect', { signal });
    } finally {
      socket.destroy();
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  /** An address that stands in the URL itself is never looked up. */
  #refuseInternalUrl(): void {
    const host = hostOf(this.#url);
    if (this.#guarded && isIP(host) !== 0) refuseInternal(host);
  }

  #request(
    url: URL,
    options: { readonly method: string; readonly headers: OutgoingHttpHeaders },
    body: Buffer | string,
    signal: AbortSignal,
  ): { readonly answer: Promise<HttpAnswer>; readonly wasReset: () => boolean } {
    const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
    const ask = url.protocol === 'https:' ? tlsRequest : plainRequest;
    let reset = false;
    const asked = ask(url, { ...options, agent: this.#agent, signal });
    asked.once('error', (error) => {
      reset = asked.reusedSocket && 'code' in error && error.code === 'ECONNRESET';
      reject(error);
    });
    asked.once('response', (answer) => {
      readAnswer(answer).then(resolve, reject);
    });
    asked.end(body);
    return { answer: promise, wasReset: () => reset };
  }
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

async function readAnswer(answer: IncomingMessage): Promise<HttpAnswer> {
  const headers = new Headers();
  const { rawHeaders } = answer;
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  const parts: Buffer[] = [];
  let left = answerBytesMax;
  const chunks: AsyncIterable<Buffer> = answer;
  for await (const chunk of chunks) {
    parts.push(chunk.subarray(0, left));
    left -= chunk.length;
    // Leaving the loop destroys the answer and its connection.
    if (left <= 0) break;
  }
  return { status: answer.statusCode ?? 0, headers, text: Buffer.concat(parts).toString('utf8') };
}
