import { Agent, createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { requestKind, type RequestKind } from './storage-request.ts';

/**
 * How long a request is held before its sender is killed: whatever must not happen before the storage has it gets the
 * time to happen. Shorter than the 2 s after which the client gives a request up.
 */
const heldMs = 700;

/** Whether something happens before the storage has the request, or after it answered and before the answer goes on. */
export type Moment = 'before' | 'after';

/** What becomes of a request that a rule matches. */
export type Effect =
  | { readonly kind: 'kill'; readonly when: Moment }
  | { readonly kind: 'disconnect'; readonly when: Moment }
  | { readonly kind: 'answer'; readonly status: number; readonly code: string }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'silence' };

export interface Rule {
  /** Null is every kind. */
  readonly request: RequestKind | null;
  /** How many requests it leaves alone first. */
  readonly skip: number;
  /** How many it then happens to. */
  readonly times: number;
  readonly effect: Effect;
}

/** A rule that is in force. */
export interface ArmedRule {
  /** How many requests it has happened to. */
  readonly hits: number;
  disarm(): void;
}

class Armed implements ArmedRule {
  readonly rule: Rule;
  hits = 0;
  #seen = 0;
  readonly #remove: (armed: Armed) => void;

  constructor(rule: Rule, remove: (armed: Armed) => void) {
    this.rule = rule;
    this.#remove = remove;
  }

  /** Whether it happens to this request. */
  takes(kind: RequestKind): boolean {
    const { request: wanted, skip, times } = this.rule;
    if (wanted !== null && wanted !== kind) return false;
    this.#seen += 1;
    if (this.#seen <= skip || this.hits >= times) return false;
    this.hits += 1;
    return true;
  }

  disarm(): void {
    this.#remove(this);
  }
}

/** Stands between one service and its storage, sees every request, and does to some what rules say. */
export class StorageProxy {
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #target: URL;
  readonly #connectionString: string;
  #rules: Armed[] = [];
  /** Ends the service at once. */
  onKill: () => void = () => undefined;
  /** How many requests of each kind came. */
  readonly seen = new Map<RequestKind, number>();

  private constructor(connectionString: string) {
    this.#connectionString = connectionString;
    this.#target = new URL(/BlobEndpoint=([^;]+)/.exec(connectionString)?.[1] ?? '');
    this.#server = createServer((incoming, outgoing) => {
      this.#serve(incoming, outgoing).catch(() => outgoing.destroy());
    });
  }

  /** Starts on a free port before the storage of a connection string. */
  static async start(connectionString: string): Promise<StorageProxy> {
    const proxy = new StorageProxy(connectionString);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** The connection string of the storage, by way of the proxy. */
  get connectionString(): string {
    const { port } = this.#server.address() as AddressInfo;
    return this.#connectionString.replace(this.#target.host, `127.0.0.1:${port}`);
  }

  arm(rule: Rule): ArmedRule {
    const armed = new Armed(rule, (each) => (this.#rules = this.#rules.filter((other) => other !== each)));
    this.#rules.push(armed);
    return armed;
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const kind = requestKind(incoming.method ?? '', incoming.url ?? '');
    this.seen.set(kind, (this.seen.get(kind) ?? 0) + 1);
    const body = await bodyOf(incoming);
    const effect = this.#rules.find((armed) => armed.takes(kind))?.rule.effect ?? null;
    if (effect?.kind === 'silence') return;
    if (effect?.kind === 'answer') {
      refuse(outgoing, effect.status, effect.code);
      return;
    }
    if (effect?.kind === 'delay') await pause(effect.ms);
    const ends = effect?.kind === 'kill' || effect?.kind === 'disconnect' ? effect : null;
    if (ends?.when !== 'before') {
      const answer = await this.#forward(incoming, body);
      const answered = await bodyOf(answer);
      if (ends === null) {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(answered);
        return;
      }
    }
    if (ends.kind === 'kill') {
      if (ends.when === 'before') await pause(heldMs);
      this.onKill();
    }
    outgoing.destroy();
  }

  #forward({ method, url, headers }: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    const { hostname, port } = this.#target;
    return new Promise((resolve, reject) => {
      const onward = request({ agent: this.#agent, host: hostname, port, method, path: url, headers }, resolve);
      onward.once('error', reject);
      onward.end(body);
    });
  }
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function refuse(outgoing: ServerResponse, status: number, code: string): void {
  outgoing.writeHead(status, { 'x-ms-error-code': code, 'content-type': 'application/xml' });
  outgoing.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>Said no.</Message></Error>`);
}
