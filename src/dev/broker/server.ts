import { randomUUID } from 'node:crypto';
import type { AddressInfo, Server, Socket } from 'node:net';
import rhea, {
  type AmqpError,
  type Connection,
  type Container,
  type EventContext,
  type Receiver,
  type Sender,
} from 'rhea';
import { attachConsumer, findHub, findPartition, isRefusal, type AttachRules } from './attach.ts';
import { putToken, type TokenRules } from './cbs.ts';
import { ClientConnection } from './client-connection.ts';
import { parseAddress, type EntityAddress } from './entity-address.ts';
import { LinkTable } from './link-table.ts';
import { read } from './management.ts';
import { MAX_MESSAGE_BYTES, ProducerLink } from './producer-link.ts';
import { RequestNode } from './request-node.ts';
import { entityNotFound, type ServiceError } from './service-error.ts';

const SESSION_DELIVERIES = 4096;
const PRODUCER_CREDIT = 300;
/** Sent in `open`, as the real service does. */
const OPEN = { max_frame_size: 65_536, channel_max: 4_999, idle_time_out: 240_000 };

interface Client {
  readonly link: ClientConnection;
  readonly cbs: RequestNode;
  readonly management: RequestNode;
}

/** The AMQP face of the broker: sockets, connections and what each link becomes. */
export class AmqpServer {
  readonly links = new LinkTable();
  readonly #rules: AttachRules;
  readonly #tokens: TokenRules;
  readonly #container: Container;
  readonly #sockets = new Set<Socket>();
  readonly #clients = new Map<Connection, Client>();
  #server: Server | null = null;

  /** @param onError told of protocol errors and of errors thrown while a frame was handled; rhea drops the socket */
  constructor(rules: AttachRules, tokens: TokenRules, onError: (error: unknown) => void = () => undefined) {
    this.#rules = rules;
    this.#tokens = tokens;
    this.#container = rhea.create_container({ id: `${randomUUID()}_G0` });
    this.#container.sasl_server_mechanisms = saslMechanisms();
    this.#subscribe(onError);
  }

  /** Listens; resolves to the port. Rejects when the address cannot be had. */
  async listen(host: string, port: number): Promise<number> {
    const server = this.#container.listen({
      ...OPEN,
      host,
      port,
      pauseOnConnect: true,
      tcp_no_delay: true,
      session_buffer_size: { outgoing: SESSION_DELIVERIES, incoming: SESSION_DELIVERIES },
      receiver_options: { credit_window: PRODUCER_CREDIT, autoaccept: false, max_message_size: MAX_MESSAGE_BYTES },
      sender_options: { max_message_size: MAX_MESSAGE_BYTES },
    } as Parameters<Container['listen']>[0]);
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      if (!this.#rules.faults.frozen) socket.resume();
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.once('listening', resolve);
    });
    return (server.address() as AddressInfo).port;
  }

  /** Stops listening and drops every socket. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    this.destroySockets();
    await closed;
  }

  /** Drops every socket without a word, as a network failure does. */
  destroySockets(): void {
    for (const socket of this.#sockets) socket.destroy();
    for (const connection of this.#clients.keys()) this.#forget(connection);
  }

  closeConnections(error: AmqpError): void {
    for (const connection of this.#clients.keys()) connection.close(error);
  }

  endSessions(error: AmqpError): void {
    for (const { sender } of this.links.consumers()) sender.session.end(error);
  }

  freeze(): void {
    for (const { link } of this.#clients.values()) link.freeze();
    for (const socket of this.#sockets) socket.pause();
  }

  thaw(): void {
    for (const { link } of this.#clients.values()) link.thaw();
    for (const socket of this.#sockets) socket.resume();
    for (const link of this.links.consumers()) link.deliver();
  }

  #subscribe(onError: (error: unknown) => void): void {
    const on = (event: string, handle: (context: EventContext) => void): void => void this.#container.on(event, handle);
    on('connection_open', ({ connection }) => void this.#client(connection));
    on('sender_open', ({ connection, sender }) => {
      if (sender !== undefined) this.#openSender(sender, this.#client(connection));
    });
    on('receiver_open', ({ connection, receiver }) => {
      if (receiver !== undefined) this.#openReceiver(receiver, this.#client(connection));
    });
    on('sender_close', ({ sender }) => {
      if (sender !== undefined) this.links.closeConsumer(sender);
    });
    on('session_close', ({ session }) => {
      if (session !== undefined) this.links.closeSession(session);
    });
    on('connection_close', ({ connection }) => this.#forget(connection));
    on('disconnected', ({ connection }) => this.#forget(connection));
    // Without a listener rhea throws or prints; what these tell is told by the close and disconnect events above.
    for (const event of ['connection_error', 'session_error', 'sender_error', 'receiver_error']) {
      on(event, () => undefined);
    }
    for (const event of ['protocol_error', 'error']) this.#container.on(event, onError);
  }

  #client(connection: Connection): Client {
    let client = this.#clients.get(connection);
    if (client === undefined) {
      const link = new ClientConnection(connection);
      const { faults } = this.#rules;
      client = {
        link,
        cbs: new RequestNode(
          () => faults.cbs,
          (request) => putToken(request, link, this.#tokens),
        ),
        management: new RequestNode(
          () => faults.management,
          (request) =>
            read(request, { ...this.#rules, isAuthorised: (hub) => link.isAuthorised(`${hub}/$management`) }),
        ),
      };
      this.#clients.set(connection, client);
    }
    return client;
  }

  #forget(connection: Connection): void {
    this.#clients.delete(connection);
    this.links.closeConnection(connection);
  }

  /** The peer receives: a consumer, or the reply side of a request node. */
  #openSender(sender: Sender, client: Client): void {
    sender.set_source(sender.source);
    if ((sender.target as unknown) !== null) sender.set_target(sender.target);
    const address = parseAddress(addressOf(sender.source));
    if (address?.kind === 'cbs') client.cbs.addReplyLink(sender);
    else if (address?.kind === 'management') client.management.addReplyLink(sender);
    else if (address?.kind === 'consumer') {
      const link = attachConsumer(sender, address, client.link, this.#rules);
      if (isRefusal(link)) sender.close(link);
      else this.links.addConsumer(link);
    } else sender.close(this.#unknown(addressOf(sender.source)));
  }

  /** The peer sends: a producer, or the request side of a request node. */
  #openReceiver(receiver: Receiver, client: Client): void {
    if ((receiver.source as unknown) !== null) receiver.set_source(receiver.source);
    receiver.set_target(receiver.target);
    const address = parseAddress(addressOf(receiver.target));
    if (address?.kind === 'cbs') client.cbs.addRequestLink(receiver);
    else if (address?.kind === 'management') client.management.addRequestLink(receiver);
    else if (address?.kind === 'producer') {
      const refusal = this.#openProducer(receiver, address, client.link);
      if (refusal !== null) receiver.close(refusal);
    } else receiver.close(this.#unknown(addressOf(receiver.target)));
  }

  #openProducer(
    receiver: Receiver,
    address: Extract<EntityAddress, { kind: 'producer' }>,
    client: ClientConnection,
  ): ServiceError | null {
    const entity = address.partition === null ? address.hub : `${address.hub}/Partitions/${address.partition}`;
    const hub = findHub(address.hub, entity, client, this.#rules);
    if (isRefusal(hub)) return hub;
    const partition = address.partition === null ? null : findPartition(hub, address.partition, this.#rules);
    if (partition !== null && isRefusal(partition)) return partition;
    const target = { hub, partition, publisher: address.publisher };
    this.links.addProducer(new ProducerLink(receiver, target, this.#rules.faults, this.#rules.now));
    return null;
  }

  #unknown(address: string): AmqpError {
    return entityNotFound(address, this.#rules.now());
  }
}

function addressOf(terminus: { readonly address?: string } | null): string {
  return terminus?.address ?? '';
}

/** Who a client is shows in its tokens; so any SASL mechanism lets it in, as the service does. */
function saslMechanisms(): Record<string, () => { readonly outcome: true; start(): void }> {
  const welcome = (): { readonly outcome: true; start(): void } => ({ outcome: true, start: () => undefined });
  return { ANONYMOUS: welcome, MSSBCBS: welcome, PLAIN: welcome, EXTERNAL: welcome };
}
