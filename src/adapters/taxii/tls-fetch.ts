import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { pipeline, Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { TaxiiSettings } from './settings.ts';

export interface FetchInit {
  /** GET when absent. */
  readonly method?: string;
  readonly body?: string;
  readonly headers: Headers;
  readonly redirect: 'manual';
  readonly signal: AbortSignal;
}

/** What a connection needs of fetch. */
export type Fetch = (url: URL, init: FetchInit) => Promise<Response>;

const nullBodies: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * A fetch that shows the feed's certificate and trusts the feed's authorities; null when the feed has neither. The fetch
 * of Node takes no such settings.
 */
export function homeFetch({ url, certificate, ca }: Pick<TaxiiSettings, 'url' | 'certificate' | 'ca'>): Fetch | null {
  if ((certificate === null && ca === null) || !url.startsWith('https:')) return null;
  const agent = new Agent({
    keepAlive: true,
    ...(ca === null ? {} : { ca }),
    ...(certificate === null ? {} : { cert: certificate.certificate, key: certificate.key }),
    ...(typeof certificate?.passphrase === 'string' ? { passphrase: certificate.passphrase } : {}),
  });
  return (target, { method = 'GET', body, headers, signal }) =>
    new Promise((resolve, reject) => {
      const fields = { 'accept-encoding': 'gzip, deflate, br', ...Object.fromEntries(headers) };
      const asked = request(target, { agent, method, headers: fields, signal });
      asked.once('error', reject);
      asked.once('response', (answer) => {
        try {
          resolve(responseOf(answer));
        } catch (error) {
          answer.destroy();
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
      asked.end(body);
    });
}

function responseOf(answer: IncomingMessage): Response {
  const { statusCode: status = 0, rawHeaders } = answer;
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  if (nullBodies.has(status)) {
    answer.resume();
    return new Response(null, { status, headers });
  }
  const body = Readable.toWeb(decoded(answer, headers.get('content-encoding')));
  return new Response(body as ReadableStream<Uint8Array>, { status, headers });
}

function decoded(answer: IncomingMessage, encoding: string | null): Readable {
  const decoder = decoderOf(encoding?.trim().toLowerCase() ?? '');
  if (decoder === null) return answer;
  // The end of the one ends the other, whatever it is by; the reader is told by the decoder.
  return pipeline(answer, decoder, () => undefined);
}

function decoderOf(encoding: string): Transform | null {
  switch (encoding) {
    case '':
    case 'identity':
      return null;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      throw new Error(`its content encoding is ${encoding}, and gzip, deflate, br or none is wanted`);
  }
}
