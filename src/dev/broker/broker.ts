import { startControl, type Control } from './control.ts';
import { FaultState } from './fault-state.ts';
import { Faults } from './faults.ts';
import type { Hub, HubOptions } from './hub.ts';
import { hubInFolder, hubInMemory } from './hub-folder.ts';
import { DEFAULT_KEY, type SharedAccessKey } from './sas-token.ts';
import { AmqpServer } from './server.ts';

export interface BrokerOptions {
  readonly hubs: readonly HubOptions[];
  /** The broker's clock, milliseconds since 1970: enqueued times and created_at come from it. It may run fast. */
  readonly now: () => number;
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0, which takes a free one. */
  readonly port?: number;
  /** Keeps hubs here across restarts; in memory when absent. */
  readonly folder?: string;
  /** Keys that tokens may be signed with; the first is the connection string's. Default: the official emulator's. */
  readonly keys?: readonly [SharedAccessKey, ...SharedAccessKey[]];
  /** Wall clock, milliseconds since 1970, for the expiry of tokens; expiry is not judged when absent. */
  readonly wallClock?: () => number;
  /** Port of the control server on 127.0.0.1 (0 takes a free one); none is started when absent. */
  readonly controlPort?: number;
  /** Told of errors inside the AMQP face: a peer's bytes that are no AMQP, or a fault of the broker's own. */
  readonly onError?: (error: unknown) => void;
}

/** An Event Hubs namespace on this machine: AMQP 1.0 over plain TCP, as the real clients speak it. */
export class Broker {
  readonly port: number;
  readonly faults: Faults;
  readonly #host: string;
  readonly #key: SharedAccessKey;
  readonly #hubs: ReadonlyMap<string, Hub>;
  readonly #server: AmqpServer;
  #control: Control | null = null;

  private constructor(
    options: BrokerOptions,
    server: AmqpServer,
    hubs: ReadonlyMap<string, Hub>,
    state: FaultState,
    port: number,
  ) {
    const host = options.host ?? DEFAULT_HOST;
    this.#host = host;
    this.#key = options.keys?.[0] ?? DEFAULT_KEY;
    this.#hubs = hubs;
    this.#server = server;
    this.port = port;
    this.faults = new Faults({
      server,
      state,
      now: options.now,
      hub: (name) => this.hub(name),
      listen: () => server.listen(host, port),
    });
  }

  /**
   * Opens the hubs and listens. Rejects when a hub's name or partition count is none, the port is taken or the folder
   * cannot be used.
   */
  static async start(options: BrokerOptions): Promise<Broker> {
    const { folder, now } = options;
    const hubs = new Map<string, Hub>();
    for (const hub of options.hubs) {
      checkHub(hub, hubs);
      hubs.set(hub.name.toLowerCase(), folder === undefined ? hubInMemory(hub, now) : hubInFolder(hub, folder, now));
    }
    const state = new FaultState();
    const rules = { hub: (name: string) => hubs.get(name.toLowerCase()), faults: state, now };
    const keys = options.keys ?? [DEFAULT_KEY];
    const server = new AmqpServer(rules, { keys, now, wallClock: options.wallClock ?? null }, options.onError);
    try {
      const port = await server.listen(options.host ?? DEFAULT_HOST, options.port ?? 0);
      const broker = new Broker(options, server, hubs, state, port);
      if (options.controlPort !== undefined) broker.#control = await startControl(broker.faults, options.controlPort);
      return broker;
    } catch (error) {
      await server.stop();
      for (const hub of hubs.values()) hub.close();
      throw error;
    }
  }

  /** Where `POST /faults/<name>` is served, or null when no control port was asked for. */
  get controlUrl(): string | null {
    return this.#control?.url ?? null;
  }

  /** What a client connects with; with a hub it names that hub as EntityPath. */
  connectionString(hub?: string): string {
    const { name, key } = this.#key;
    const base = `Endpoint=sb://${this.#host}:${this.port};SharedAccessKeyName=${name};SharedAccessKey=${key};UseDevelopmentEmulator=true`;
    return hub === undefined ? base : `${base};EntityPath=${hub}`;
  }

  /** The hub with this name, in any case. Throws RangeError when there is none. */
  hub(name: string): Hub {
    const hub = this.#hubs.get(name.toLowerCase());
    if (hub === undefined)
      throw new RangeError(`Cannot find hub ${name}: the broker has ${[...this.#hubs.keys()].join(', ')}`);
    return hub;
  }

  hubs(): readonly Hub[] {
    return [...this.#hubs.values()];
  }

  /** Stops listening, drops every socket, closes the files. */
  async close(): Promise<void> {
    await this.#control?.close();
    await this.#server.stop();
    for (const hub of this.#hubs.values()) hub.close();
  }
}

const DEFAULT_HOST = '127.0.0.1';

/** Names as Event Hubs allows them: letters, digits, dots, hyphens, underscores; a letter or digit first and last. */
const HUB_NAME = /^[a-z0-9]([\w.-]{0,254}[a-z0-9])?$/i;

function checkHub({ name, partitions }: HubOptions, others: ReadonlyMap<string, Hub>): void {
  if (!HUB_NAME.test(name))
    throw new RangeError(`Cannot make a hub named '${name}': letters, digits, . - _ are wanted`);
  if (others.has(name.toLowerCase())) throw new RangeError(`Cannot make hub ${name} twice`);
  if (!Number.isInteger(partitions) || partitions < 1) {
    throw new RangeError(`Cannot make ${partitions} partitions of ${name}: a whole number from 1 is wanted`);
  }
}
