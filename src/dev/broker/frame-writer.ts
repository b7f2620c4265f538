import type { Socket } from 'node:net';
import { newWriter, type Frame, type Performative } from './rhea-internals.ts';

/** Payloads from this size on are handed to the socket as they are instead of being copied into their frame. */
const COPY_BELOW_BYTES = 512;

/** An empty frame: a heartbeat, legal at any time after `open` (AMQP 1.0 part 2, section 2.4.5). */
export const EMPTY_FRAME = Buffer.from([0, 0, 0, 8, 2, 0, 0, 0]);

/** Writes one frame. Transfers, nearly all of a broker's bytes, are encoded by hand. */
export function writeFrame(socket: Socket, frame: Frame): void {
  const { performative, payload } = frame;
  if (performative === undefined) {
    socket.write(EMPTY_FRAME);
    return;
  }
  const head = payload === undefined ? encodedByRhea(frame, performative) : transferHead(frame, performative);
  const size = head.length + (payload?.length ?? 0);
  head.writeUInt32BE(size, 0);
  if (payload === undefined) socket.write(head);
  else if (payload.length < COPY_BELOW_BYTES) socket.write(Buffer.concat([head, payload], size));
  else {
    socket.write(head);
    socket.write(payload);
  }
}

function encodedByRhea(frame: Frame, performative: Performative): Buffer {
  const writer = newWriter(Buffer.alloc(256));
  writer.skip(4);
  writer.write_uint(2, 1);
  writer.write_uint(frame.type, 1);
  writer.write_uint(frame.channel, 2);
  writer.write(performative);
  return writer.toBuffer();
}

const TRUE = 0x41;
const FALSE = 0x42;

/** Frame head and transfer performative (0x14): handle, delivery id, tag, message format, settled, more. */
function transferHead(frame: Frame, performative: Performative): Buffer {
  const tag = performative.delivery_tag ?? Buffer.alloc(0);
  const fields = 5 + 5 + 2 + tag.length + 5 + 1 + 1;
  const head = Buffer.allocUnsafe(8 + 3 + 3 + fields);
  head.writeUInt32BE(0, 0);
  head[4] = 2;
  head[5] = frame.type;
  head.writeUInt16BE(frame.channel, 6);
  head.set([0x00, 0x53, 0x14, 0xc0, fields + 1, 6], 8);
  let at = uint(head, 14, performative.handle ?? 0);
  at = uint(head, at, performative.delivery_id ?? 0);
  head[at] = 0xa0;
  head[at + 1] = tag.length;
  tag.copy(head, at + 2);
  at = uint(head, at + 2 + tag.length, performative.message_format ?? 0);
  head[at] = performative.settled === true ? TRUE : FALSE;
  head[at + 1] = performative.more === true ? TRUE : FALSE;
  return head;
}

function uint(bytes: Buffer, at: number, value: number): number {
  bytes[at] = 0x70;
  return bytes.writeUInt32BE(value >>> 0, at + 1);
}
