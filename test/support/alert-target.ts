import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TargetRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a target does with one request. */
export interface TargetStep {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text?: string;
  /** Closes the connection: before an answer, or in the middle of one. */
  readonly closes?: 'before' | 'inside';
  /** Never answers. */
  readonly hangs?: boolean;
}

/** Says whether a request is one that the service would take, and how it answers then. */
export type TargetProtocol = (request: TargetRequest) => TargetStep;

/** A local server that speaks the protocol of a service, but for the steps that it is told to take before. */
export class AlertTarget {
  readonly requests: TargetRequest[] = [];
  /** Requests that the service took. */
  readonly taken: TargetRequest[] = [];
  readonly steps: TargetStep[] = [];
  /** What happens to each request for which no step is left; null lets the protocol answer. */
  trouble: (number: number) => TargetStep | null = () => null;
  readonly #protocol: TargetProtocol;
  #server: Server | null = null;
  #port = 0;

  private constructor(protocol: TargetProtocol) {
    this.#protocol = protocol;
  }

  static async start(protocol: TargetProtocol): Promise<AlertTarget> {
    const target = new AlertTarget(protocol);
    await target.up();
    return target;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens, at the port it had before. */
  async up(): Promise<void> {
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('error', () => undefined);
      request.on('data', (chunk: Buffer) => parts.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(parts).toString('utf8');
        this.#answer({ path: request.url ?? '', headers: request.headers, body }, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async down(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.down();
  }

  #answer(request: TargetRequest, response: ServerResponse): void {
    this.requests.push(request);
    const step = this.steps.shift() ?? this.trouble(this.requests.length);
    if (step?.hangs === true) return;
    if (step?.closes === 'before') {
      response.destroy();
      return;
    }
    const told = step === null || step.closes === 'inside' ? this.#protocol(request) : step;
    const { status = 200, headers = {}, text = '' } = told;
    if (status < 300) this.taken.push(request);
    response.writeHead(status, {
      ...headers,
      'content-length': String(Buffer.byteLength(text) + (step?.closes === 'inside' ? 10 : 0)),
    });
    if (step?.closes !== 'inside') {
      response.end(text);
      return;
    }
    response.write(`${text} `);
    response.socket?.end();
  }
}
