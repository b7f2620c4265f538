import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Additions } from './additions.ts';
import { refuseAccess, refuseMediaTypes, type TaxiiServerAuth } from './access.ts';
import { type CollectionOptions, CollectionStore } from './collection-store.ts';
import { bundleReply } from './bundle-routes.ts';
import { type Face, faceOf, faces } from './face.ts';
import { type Fault, faultOf, FaultPlan, type TaxiiResource } from './fault.ts';
import { NextCursors } from './next-cursors.ts';
import { MalformedQueryError, type ObjectQuery, readObjectQuery } from './object-query.ts';
import { collectionBody, selectReply } from './object-routes.ts';
import { errorReply, type Reply, sendReply } from './reply.ts';

export interface TaxiiServerOptions {
  /** 0 or absent takes a free one. */
  readonly port?: number;
  /** Milliseconds since 1970; stamps objects and the Date header. */
  readonly now: () => number;
  readonly collections: readonly CollectionOptions[];
  readonly auth?: TaxiiServerAuth;
  /** Most objects of a page. */
  readonly pageSize?: number;
  /** Versions of TAXII that it speaks, each at its own paths; both when absent. */
  readonly versions?: readonly Face['version'][];
  /** api_roots of the discovery resource of TAXII 2.1, and its default; the one API root's URL when absent. */
  readonly apiRoots?: readonly string[];
  readonly defaultRoot?: string | null;
  readonly faults?: readonly Fault[];
  /** Most bytes of an envelope that is sent; 64 MiB when absent. */
  readonly maxContentLength?: number;
}

export interface SeenRequest {
  readonly method: string;
  readonly resource: TaxiiResource | null;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

const DEFAULT_PAGE_SIZE = 100;
const REQUESTS_KEPT = 10_000;
const MAX_POST_BYTES = 64 * 1024 ** 2;

/** A TAXII server on 127.0.0.1 with one API root for each version, for the local stack and for tests, and with faults on request. */
export class TaxiiServer {
  readonly faults = new FaultPlan();
  /** The newest requests, oldest first. */
  readonly requests: SeenRequest[] = [];
  /** Runs before a request is answered, so that the collections can change in the middle of a walk. */
  onRequest: ((request: SeenRequest) => void) | null = null;
  readonly #options: TaxiiServerOptions;
  readonly #server: Server;
  readonly #stores: Map<string, CollectionStore>;
  readonly #additions = new Additions();
  readonly #cursors = new NextCursors();
  #port = 0;

  private constructor(options: TaxiiServerOptions) {
    this.#options = options;
    this.#stores = new Map(options.collections.map((item) => [item.id, new CollectionStore(item, options.now)]));
    for (const fault of options.faults ?? []) this.faults.add(fault);
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : new Error(String(error)));
      });
    });
  }

  /** Resolves when the server listens. */
  static async start(options: TaxiiServerOptions): Promise<TaxiiServer> {
    const server = new TaxiiServer(options);
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject);
      server.#server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    server.#port = (server.#server.address() as AddressInfo).port;
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Of TAXII 2.1. */
  get discoveryUrl(): string {
    return `${this.origin}/taxii2/`;
  }

  /** Of TAXII 2.1. */
  get apiRootUrl(): string {
    return `${this.origin}/api/`;
  }

  /** A collection, to add, replace and remove objects at run time. */
  collection(id: string): CollectionStore {
    const store = this.#stores.get(id);
    if (store === undefined) throw new RangeError(`Cannot find the collection ${id}`);
    return store;
  }

  addCollection(options: CollectionOptions): void {
    this.#stores.set(options.id, new CollectionStore(options, this.#options.now));
  }

  removeCollection(id: string): void {
    this.#stores.delete(id);
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.origin);
    const face = faceOf(url.pathname, this.#options.versions ?? faces.map(({ version }) => version));
    const { method = 'GET', headers } = request;
    const resource = face === undefined ? null : resourceOf(method, url.pathname, face);
    const seen = { method, resource, path: url.pathname, query: url.searchParams, headers };
    this.requests.push(seen);
    this.onRequest?.(seen);
    if (this.requests.length > REQUESTS_KEPT) this.requests.shift();
    const faults = resource === null ? [] : this.faults.take(resource);
    const body = method === 'POST' ? await readBody(request) : '';
    const reply = this.#reply(request, face, url, body, faults);
    const { resourceType = 'application/json', objectsType = '' } = face ?? {};
    const type = reply.holdsObjects === true ? objectsType : resourceType;
    await sendReply(response, reply, faults, { nowMs: this.#options.now(), type });
  }

  #reply(request: IncomingMessage, face: Face | undefined, url: URL, body: string, faults: readonly Fault[]): Reply {
    const status = faultOf(faults, 'status');
    if (status !== undefined) return errorReply(status.status, 'A fault on request', status.headers);
    const redirect = faultOf(faults, 'redirect');
    if (redirect !== undefined) return errorReply(redirect.status, 'Moved', { location: redirect.location });
    if (!url.pathname.endsWith('/')) {
      return errorReply(308, 'The path must end in a slash', { location: `${url.pathname}/${url.search}` });
    }
    if (face === undefined) return errorReply(404, 'No such resource');
    const refusal = refuseAccess(request, this.#options.auth ?? { type: 'none' }) ?? refuseMediaTypes(request, face);
    if (refusal !== null) return refusal;
    try {
      return this.#route(request, face, url, body, faults);
    } catch (error) {
      if (error instanceof MalformedQueryError) return errorReply(400, error.message);
      throw error;
    }
  }

  #route(request: IncomingMessage, face: Face, url: URL, body: string, faults: readonly Fault[]): Reply {
    if (url.pathname === face.discoveryPath) return { status: 200, body: this.#discovery(face) };
    const [kind, id, part, objectId, versions, ...rest] = pathParts(url.pathname, face);
    if (rest.length > 0) return errorReply(404, 'No such resource');
    if (kind === undefined) {
      const root = { title: 'Local', versions: [face.spoken], max_content_length: this.#contentMax };
      return { status: 200, body: root };
    }
    if (kind === 'status' && id !== undefined && part === undefined) {
      return this.#additions.status(id);
    }
    if (kind !== 'collections') return errorReply(404, 'No such resource');
    if (id === undefined) return { status: 200, body: this.#collections(face) };
    const store = this.#find(id);
    if (store === undefined) return errorReply(404, 'No such collection');
    if (part === undefined) return { status: 200, body: collectionBody(store, face.objectsType) };
    const { method = 'GET', headers } = request;
    if (face.version === '2.1') {
      return this.#objects(method, store, { part, objectId, versions }, url.searchParams, body, faults);
    }
    // Of TAXII 2.0 only what a client that polls asks for.
    if (part !== 'objects' || objectId !== undefined) return errorReply(404, 'No such resource');
    return bundleReply(store, this.#asked(url.searchParams), headers.range, faults);
  }

  #objects(
    method: string,
    store: CollectionStore,
    path: { part: string; objectId: string | undefined; versions: string | undefined },
    parameters: URLSearchParams,
    body: string,
    faults: readonly Fault[],
  ): Reply {
    const { part, objectId, versions } = path;
    const asked = this.#asked(parameters);
    const paging = { faults, cursors: this.#cursors };
    if (part === 'manifest' && objectId === undefined) return selectReply(store, asked, 'manifest', paging);
    if (part !== 'objects') return errorReply(404, 'No such resource');
    if (objectId === undefined) {
      if (method === 'POST') return this.#add(store, body, faults);
      return selectReply(store, asked, 'objects', paging);
    }
    const query = { ...asked.query, ids: [objectId] };
    if (store.select({ ...query, addedAfter: null, versions: ['all'], afterOrdinal: 0 }, 1).versions.length === 0) {
      return errorReply(404, 'No such object');
    }
    if (versions === 'versions') {
      return selectReply(store, { ...asked, query: { ...query, versions: ['all'] } }, 'versions', paging);
    }
    if (versions !== undefined) return errorReply(404, 'No such resource');
    if (method !== 'DELETE') return selectReply(store, { ...asked, query }, 'objects', paging);
    store.remove([objectId]);
    return { status: 200, body: {} };
  }

  #asked(parameters: URLSearchParams): ObjectQuery {
    return readObjectQuery(parameters, this.#options.pageSize ?? DEFAULT_PAGE_SIZE, this.#cursors);
  }

  #add(store: CollectionStore, body: string, faults: readonly Fault[]): Reply {
    if (Buffer.byteLength(body) > this.#contentMax) return errorReply(413, 'The envelope is too large');
    const requestedAt = `${new Date(this.#options.now()).toISOString().slice(0, -1)}000Z`;
    return this.#additions.add(store, body, requestedAt, faults);
  }

  get #contentMax(): number {
    return this.#options.maxContentLength ?? MAX_POST_BYTES;
  }

  #discovery({ version, root }: Face): Record<string, unknown> {
    const { apiRoots = [`${this.origin}${root}`], defaultRoot = apiRoots[0] ?? null }: Partial<TaxiiServerOptions> =
      version === '2.1' ? this.#options : {};
    return {
      title: 'Tidewatch local TAXII server',
      ...(defaultRoot === null ? {} : { default: defaultRoot }),
      ...(apiRoots.length === 0 ? {} : { api_roots: apiRoots }),
    };
  }

  #collections({ objectsType }: Face): Record<string, unknown> {
    const collections = [...this.#stores.values()].map((store) => collectionBody(store, objectsType));
    return collections.length === 0 ? {} : { collections };
  }

  #find(id: string): CollectionStore | undefined {
    return this.#stores.get(id) ?? [...this.#stores.values()].find(({ alias }) => alias === id);
  }
}

function pathParts(path: string, { root }: Face): readonly string[] {
  return path.slice(root.length).split('/').slice(0, -1).map(decodeURIComponent);
}

function resourceOf(method: string, path: string, face: Face): TaxiiResource | null {
  const slashed = path.endsWith('/') ? path : `${path}/`;
  if (slashed === face.discoveryPath) return 'discovery';
  const [kind, id, part] = pathParts(slashed, face);
  if (kind === undefined) return 'api-root';
  if (kind === 'status') return 'status';
  if (kind !== 'collections') return null;
  if (id === undefined) return 'collections';
  if (method === 'POST') return 'addition';
  return part === undefined ? 'collection' : part === 'manifest' ? 'manifest' : 'objects';
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes <= MAX_POST_BYTES) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
