import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

type Row = Readonly<Record<string, unknown>>;

/** What the server does with the next request in place of taking it. */
export type IngestionFault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** Takes the rows, and the connection ends inside the answer. */
  | 'close-after'
  /** The connection ends before anything is taken. */
  | 'close-before'
  /** Nothing is answered. */
  | 'silent';

/**
 * The Logs Ingestion API on this machine, as learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview
 * describes it: POST of a JSON list, 204 when it is taken, 413 beyond 1 MB, 403 without the right, 404 without the rule.
 */
export class IngestionServer implements AsyncDisposable {
  readonly ruleId = 'dcr-0123456789abcdef';
  readonly stream = 'Custom-TidewatchAlerts_CL';
  readonly rows: Row[] = [];
  /** Bytes of each request that was read, after decompression. */
  readonly sizes: number[] = [];
  readonly faults: IngestionFault[] = [];
  bytesMax = 1_000_000;
  /** Whether the rule takes a row. */
  accepts: (row: Row) => boolean = () => true;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<IngestionServer> {
    const server = new IngestionServer();
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get ids(): readonly string[] {
    return this.rows.map(({ VendorOriginalId: id }) => String(id));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks = await request.toArray();
    const fault = this.faults.shift();
    if (fault === 'silent') return;
    if (fault === 'close-before') return void request.socket.destroy();
    if (typeof fault === 'object') return void response.writeHead(fault.status, fault.headers).end(fault.body);
    const refusal = this.#take(request, Buffer.concat(chunks as Buffer[]));
    if (fault === 'close-after') {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      setImmediate(() => request.socket.destroy());
    } else if (refusal === null) response.writeHead(204).end();
    else response.writeHead(refusal[0]).end(JSON.stringify({ error: { code: refusal[1], message: refusal[2] } }));
  }

  /** Takes the rows, or tells status, code and text of the refusal. */
  #take({ method, url, headers }: IncomingMessage, body: Buffer): readonly [number, string, string] | null {
    const { pathname, searchParams } = new URL(url ?? '', this.endpoint);
    if (headers.authorization !== 'Bearer good')
      return [403, 'OperationFailed', 'The authentication token is refused.'];
    if (method !== 'POST' || pathname !== `/dataCollectionRules/${this.ruleId}/streams/${this.stream}`) {
      return [404, 'NotFound', 'Data collection rule with immutable Id was not found.'];
    }
    if (searchParams.get('api-version') !== '2023-01-01') return [400, 'InvalidApiVersion', 'No such version.'];
    const bytes = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    this.sizes.push(bytes.length);
    if (bytes.length > this.bytesMax) return [413, 'ContentLengthLimitExceeded', 'Maximum allowed content length.'];
    const rows = JSON.parse(bytes.toString()) as Row[];
    if (!rows.every(this.accepts)) return [400, 'InvalidPayload', 'A row does not fit the stream.'];
    this.rows.push(...rows);
    return null;
  }
}
