import type { Socket } from 'node:net';
import type { Connection } from 'rhea';
import { EMPTY_FRAME, writeFrame } from './frame-writer.ts';
import { internals, type ConnectionInternals, type FrameHandler } from './rhea-internals.ts';

const FRAMES_OF_A_SESSION: readonly FrameHandler[] = [
  'on_disposition',
  'on_flow',
  'on_transfer',
  'on_detach',
  'on_end',
];

/**
 * One client's connection, with what rhea lacks as a server:
 * - frames on channels and handles that were just closed are ignored (the client sends dispositions after its `end`;
 *   rhea would throw, end the socket, and the client's close() would never settle);
 * - every chunk that came in is answered at once, with an empty frame if there is nothing else, because the client
 *   leaves Nagle's algorithm on and would wait 40 ms for the delayed acknowledgement;
 * - frames of one turn leave in one write;
 * - it can be frozen: nothing is read, nothing is written, the socket stays open.
 */
export class ClientConnection {
  readonly connection: Connection;
  readonly #rhea: ConnectionInternals;
  readonly #authorised = new Set<string>();
  #frozen = false;
  #corked = false;
  #answered = true;

  constructor(connection: Connection) {
    this.connection = connection;
    this.#rhea = internals(connection);
    // Every consumer link may wait for the socket to drain.
    this.#rhea.socket.setMaxListeners(0);
    for (const name of FRAMES_OF_A_SESSION) this.#ignoreClosed(name);
    this.#takeOverWrites();
    this.#answerEveryChunk();
  }

  get socket(): Socket {
    return this.#rhea.socket;
  }

  /** First label of the host the client thinks it speaks to. */
  get namespace(): string {
    return (this.connection.hostname ?? '').split('.')[0] ?? '';
  }

  /** A token for this audience was accepted: an address such as sb://host:port/hub/… */
  authorise(audience: string): void {
    this.#authorised.add(pathOf(audience));
  }

  /** Whether an accepted token covers the entity, for itself or for something that contains it. */
  isAuthorised(entity: string): boolean {
    const wanted = entity.toLowerCase();
    for (const path of this.#authorised) {
      if (path === '' || wanted === path || wanted.startsWith(`${path}/`)) return true;
    }
    return false;
  }

  freeze(): void {
    this.#frozen = true;
    this.socket.pause();
  }

  thaw(): void {
    this.#frozen = false;
    this.socket.resume();
    this.#rhea.output();
  }

  #ignoreClosed(name: FrameHandler): void {
    const original = this.#rhea[name].bind(this.#rhea);
    const wantsHandle = name === 'on_flow' || name === 'on_transfer' || name === 'on_detach';
    this.#rhea[name] = (frame) => {
      const session = this.#rhea.remote_channel_map[frame.channel];
      if (session === undefined) return;
      const handle = frame.performative?.handle;
      if (wantsHandle && typeof handle === 'number' && session.remote.handles[handle] === undefined) return;
      // Without a format rhea hands messages over as bytes; with format 0 it would decode them.
      if (name === 'on_transfer' && frame.performative?.message_format === 0) frame.performative.message_format = null;
      original(frame);
    };
  }

  #takeOverWrites(): void {
    const transport = this.#rhea.amqp_transport;
    const original = transport.write.bind(transport);
    transport.write = (socket) => {
      if (this.#frozen) return;
      this.#answered = true;
      this.#cork(socket);
      if (transport.header_sent === undefined) {
        original(socket);
        return;
      }
      const frames = transport.pending;
      transport.pending = [];
      for (const frame of frames) writeFrame(socket, frame);
    };
  }

  #cork(socket: Socket): void {
    if (this.#corked) return;
    this.#corked = true;
    socket.cork();
    setImmediate(() => {
      this.#corked = false;
      socket.uncork();
    });
  }

  #answerEveryChunk(): void {
    const { socket } = this;
    socket.on('data', () => {
      this.#answered = false;
      setImmediate(() => {
        if (this.#answered || this.#frozen || !socket.writable || !this.connection.is_open()) return;
        this.#answered = true;
        socket.write(EMPTY_FRAME);
      });
    });
  }
}

function pathOf(audience: string): string {
  return audience
    .replace(/^[a-z]+:\/\/[^/]*\/?/i, '')
    .replace(/\/+$/, '')
    .toLowerCase();
}
