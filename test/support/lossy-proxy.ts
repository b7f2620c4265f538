import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of a request. */
export type Fate = 'pass' | 'lose answer' | 'silence' | { readonly status: number; readonly code: string };

/** Stands before a storage and loses what it is told to. */
export interface LossyProxy extends AsyncDisposable {
  /** The connection string of the storage, by way of the proxy. */
  readonly connectionString: string;
  /** Decides about each request; pass at first. */
  fate: (method: string, url: string) => Fate;
  /** Requests that came, as method and path. */
  readonly seen: string[];
}

/** Starts a proxy on a free port before the storage of a connection string. */
export async function startLossyProxy(connectionString: string): Promise<LossyProxy> {
  const target = new URL(/BlobEndpoint=([^;]+)/.exec(connectionString)?.[1] ?? '');
  const server = createServer((incoming, outgoing) => {
    const { method = '', url = '' } = incoming;
    proxy.seen.push(`${method} ${url}`);
    serve(target, incoming, outgoing, proxy.fate(method, url));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const proxy: LossyProxy = {
    connectionString: connectionString.replace(target.host, `127.0.0.1:${port}`),
    fate: () => 'pass',
    seen: [],
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return proxy;
}

function serve(target: URL, incoming: IncomingMessage, outgoing: ServerResponse, fate: Fate): void {
  if (fate === 'silence') return;
  if (typeof fate === 'object') {
    incoming.resume();
    outgoing.writeHead(fate.status, { 'x-ms-error-code': fate.code, 'content-type': 'application/xml' });
    outgoing.end(`<?xml version="1.0"?><Error><Code>${fate.code}</Code><Message>Said no.</Message></Error>`);
    return;
  }
  const { method, url, headers } = incoming;
  const onward = request({ host: target.hostname, port: target.port, method, path: url, headers }, (answer) => {
    if (fate === 'lose answer') {
      answer.resume();
      answer.once('end', () => outgoing.destroy());
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  onward.once('error', () => outgoing.destroy());
  incoming.pipe(onward);
}
