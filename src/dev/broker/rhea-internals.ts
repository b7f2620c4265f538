import type { Socket } from 'node:net';
import rhea, { type Connection, type Sender } from 'rhea';

/**
 * The inner parts of rhea 3.0.5 that its typings leave out and that a broker needs: what a performative's frame holds,
 * the transport that writes frames, and the session's book of outgoing deliveries.
 */
export interface Performative {
  readonly handle?: number;
  message_format?: number | null;
  readonly delivery_id?: number;
  readonly delivery_tag?: Buffer;
  readonly settled?: boolean;
  readonly more?: boolean;
}

export interface Frame {
  readonly type: number;
  readonly channel: number;
  readonly performative?: Performative;
  readonly payload?: Buffer;
}

export interface Transport {
  pending: Frame[];
  readonly header_sent?: unknown;
  write(socket: Socket): void;
}

export interface SessionInternals {
  readonly remote: { readonly handles: Readonly<Record<number, unknown>> };
  readonly outgoing: {
    readonly next_pending_delivery: number;
    available(): number;
  };
}

export type FrameHandler = 'on_disposition' | 'on_flow' | 'on_transfer' | 'on_detach' | 'on_end';

export type ConnectionInternals = Record<FrameHandler, (frame: Frame) => void> & {
  readonly socket: Socket;
  readonly amqp_transport: Transport;
  readonly remote_channel_map: Readonly<Record<number, SessionInternals | undefined>>;
  output(): void;
};

export function internals(connection: Connection): ConnectionInternals {
  return connection as unknown as ConnectionInternals;
}

/** Credit the peer has given, less nothing: deliveries that are queued but not yet written still count in it. */
export function creditOf(sender: Sender): number {
  return (sender as unknown as { readonly credit: number }).credit;
}

export function outgoingOf(sender: Sender): SessionInternals['outgoing'] {
  return (sender.session as unknown as SessionInternals).outgoing;
}

/** Encodes AMQP values into a growing buffer. */
export interface Writer {
  skip(bytes: number): void;
  write_uint(value: number, width: 1 | 2 | 4): void;
  write(value: unknown): void;
  toBuffer(): Buffer;
}

export function newWriter(buffer: Buffer): Writer {
  const { Writer: constructor } = rhea.types as unknown as { readonly Writer: new (buffer: Buffer) => Writer };
  return new constructor(buffer);
}
