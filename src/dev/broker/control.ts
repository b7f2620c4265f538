import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { callFault, FaultCallError } from './fault-call.ts';
import type { Faults } from './faults.ts';

/** The control port of a broker, for tests in other processes. */
export interface Control {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves `POST /faults/<name>` (JSON object in, JSON answer out; 400 when name or arguments do not fit) and
 * `GET /health` in the official emulator's form. Loopback only: it is no interface for a network.
 */
export async function startControl(faults: Faults, port: number): Promise<Control> {
  const server = createServer((request, response) => {
    handle(faults, request).then(
      ({ status, body }) => send(response, status, body),
      (error: unknown) => {
        const status =
          error instanceof FaultCallError || error instanceof RangeError || error instanceof SyntaxError ? 400 : 500;
        send(response, status, { error: String(error) });
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(faults: Faults, request: IncomingMessage): Promise<{ status: number; body: unknown }> {
  const path = request.url ?? '';
  if (request.method === 'GET' && path === '/health') {
    return { status: 200, body: { status: 'healthy', message: 'Service is healthy.' } };
  }
  const name = /^\/faults\/(\w+)$/.exec(path)?.[1];
  if (request.method !== 'POST' || name === undefined) return { status: 404, body: { error: `Cannot find ${path}` } };
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  const args: unknown = body === '' ? {} : JSON.parse(body);
  if (typeof args !== 'object' || args === null) throw new FaultCallError('Cannot take arguments: an object is wanted');
  return { status: 200, body: await callFault(faults, name, args as Readonly<Record<string, unknown>>) };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
