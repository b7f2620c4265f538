import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { StampedEvent } from './batch-message.ts';
import type { PartitionJournal } from './partition-log.ts';

/**
 * Append file of one partition. A record is its length (4 bytes), its kind (1 byte), then
 * - event: header end (4), sequence number (8), offset (8), enqueued time (8), the event's bytes;
 * - trim: sequence number of the first event that is kept (8).
 * A record that a crash cut short is dropped at the next start, with all that follows it.
 */
const EVENT = 1;
const TRIM = 2;
const RECORD_HEAD = 5;
const EVENT_HEAD = 28;

/** What a partition file held when it was opened. */
export interface StoredPartition {
  readonly journal: PartitionFile;
  readonly events: readonly StampedEvent[];
  readonly begin: number;
}

export class PartitionFile implements PartitionJournal {
  readonly #descriptor: number;

  private constructor(path: string, length: number) {
    this.#descriptor = openSync(path, 'a');
    ftruncateSync(this.#descriptor, length);
  }

  /** Opens the file, creates it if absent, and reads what it holds. Throws what the file system throws. */
  static open(path: string): StoredPartition {
    const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    const { events, begin, length } = parse(bytes);
    return { journal: new PartitionFile(path, length), events, begin };
  }

  append(events: readonly StampedEvent[]): void {
    const parts: Buffer[] = [];
    for (const event of events) {
      const head = Buffer.alloc(RECORD_HEAD + EVENT_HEAD);
      head.writeUInt32BE(EVENT_HEAD + event.bytes.length, 0);
      head[4] = EVENT;
      head.writeUInt32BE(event.headerEnd, 5);
      head.writeBigInt64BE(BigInt(event.sequenceNumber), 9);
      head.writeBigInt64BE(BigInt(event.offset), 17);
      head.writeDoubleBE(event.enqueuedMs, 25);
      parts.push(head, event.bytes);
    }
    this.#write(parts);
  }

  trim(beginSequenceNumber: number): void {
    const record = Buffer.alloc(RECORD_HEAD + 8);
    record.writeUInt32BE(8, 0);
    record[4] = TRIM;
    record.writeBigInt64BE(BigInt(beginSequenceNumber), RECORD_HEAD);
    this.#write([record]);
  }

  clear(): void {
    ftruncateSync(this.#descriptor, 0);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #write(parts: readonly Buffer[]): void {
    let rest = Buffer.concat(parts);
    while (rest.length > 0) rest = rest.subarray(writeSync(this.#descriptor, rest));
  }
}

function parse(bytes: Buffer): { events: StampedEvent[]; begin: number; length: number } {
  const events: StampedEvent[] = [];
  let begin = 0;
  let at = 0;
  while (at + RECORD_HEAD <= bytes.length) {
    const content = at + RECORD_HEAD;
    const end = content + bytes.readUInt32BE(at);
    if (end > bytes.length) break;
    const kind = bytes[at + 4];
    if (kind === TRIM) begin = Number(bytes.readBigInt64BE(content));
    else if (kind !== EVENT) break;
    else {
      events.push({
        headerEnd: bytes.readUInt32BE(content),
        sequenceNumber: Number(bytes.readBigInt64BE(content + 4)),
        offset: Number(bytes.readBigInt64BE(content + 12)),
        enqueuedMs: bytes.readDoubleBE(content + 20),
        bytes: bytes.subarray(content + EVENT_HEAD, end),
      });
    }
    at = end;
  }
  return { events, begin, length: at };
}
