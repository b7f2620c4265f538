import { Agent as PlainAgent, request as plainRequest, type IncomingMessage } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { isIP } from 'node:net';
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

  constructor(url: URL, allowPrivate: boolean, resolve: Resolver) {
    const options = {
      keepAlive: true,
      timeout: idleMs,
      ...(allowPrivate ? {} : { lookup: guardedLookup(resolve) }),
    };
    this.#url = url;
    this.#guarded = !allowPrivate;
    this.#agent = url.protocol === 'https:' ? new TlsAgent(options) : new PlainAgent(options);
  }

  async send(headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<HttpAnswer> {
    // An address that stands in the URL itself is never looked up.
    const host = this.#url.hostname.replace(/^\[|\]$/g, '');
    if (this.#guarded && isIP(host) !== 0) refuseInternal(host);
    const bytes = Buffer.from(body);
    for (;;) {
      const sent = this.#request(headers, bytes, signal);
      try {
        return await sent.answer;
      } catch (error) {
        // An idle connection that was closed at this moment: the request met nobody, or is known by its id.
        if (!sent.wasReset() || signal.aborted) throw error;
      }
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #request(
    headers: Readonly<Record<string, string>>,
    body: Buffer,
    signal: AbortSignal,
  ): { readonly answer: Promise<HttpAnswer>; readonly wasReset: () => boolean } {
    const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
    const ask = this.#url.protocol === 'https:' ? tlsRequest : plainRequest;
    let reset = false;
    const asked = ask(this.#url, {
      method: 'POST',
      agent: this.#agent,
      headers: { ...headers, 'content-length': String(body.length) },
      signal,
    });
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
