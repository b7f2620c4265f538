import type { Sender } from 'rhea';
import { metricsSection, withDeliveryAnnotations } from './batch-message.ts';
import type { FaultState } from './fault-state.ts';
import type { Hub } from './hub.ts';
import type { PartitionLog } from './partition-log.ts';
import type { Reader } from './readers.ts';
import { creditOf, internals, outgoingOf } from './rhea-internals.ts';
import type { ServiceError } from './service-error.ts';

/** Events sent in one turn before other links get theirs. */
const EVENTS_A_TURN = 256;
const BYTES_A_TURN = 1_048_576;
/** No more is sent while so many bytes wait in the socket. */
const SOCKET_BYTES = 4_194_304;

/** What a consumer asked for. */
export interface ConsumerRequest {
  readonly hub: Hub;
  readonly group: string;
  readonly log: PartitionLog;
  readonly name: string;
  readonly epoch: number | null;
  /** Sequence number of the first event to deliver. */
  readonly from: number;
  readonly wantsMetrics: boolean;
}

/** A client's receiving link: sends the log's events from a position on, as far as the client gives credit. */
export class ConsumerLink implements Reader {
  readonly sender: Sender;
  readonly request: ConsumerRequest;
  readonly #faults: FaultState;
  readonly #now: () => number;
  readonly #stopListening: () => void;
  /** Ids of deliveries handed to rhea that it has not written yet: they still count in the link's credit. */
  #unwritten: number[] = [];
  #next: number;
  #tag = 0;
  #scheduled = false;
  #closed = false;

  constructor(sender: Sender, request: ConsumerRequest, faults: FaultState, now: () => number) {
    this.sender = sender;
    this.request = request;
    this.#faults = faults;
    this.#now = now;
    this.#next = request.from;
    this.#stopListening = request.log.onAppend(() => this.#schedule());
    for (const event of ['sender_flow', 'sendable', 'settled']) sender.on(event, () => this.#schedule());
    sender.on('sender_draining', () => sender.set_drained(true));
  }

  get name(): string {
    return this.request.name;
  }

  get epoch(): number | null {
    return this.request.epoch;
  }

  /** Sequence number of the event that is delivered next. */
  get next(): number {
    return this.#next;
  }

  get credit(): number {
    return creditOf(this.sender);
  }

  get closed(): boolean {
    return this.#closed;
  }

  disconnect(error: ServiceError): void {
    this.close();
    this.sender.close(error);
  }

  /** Stops delivering: the link or its connection is gone. */
  close(): void {
    this.#closed = true;
    this.#stopListening();
    this.request.hub.readers(this.request.group, this.request.log.id).remove(this);
  }

  /** Goes back by so many events, which are then delivered a second time. */
  rewind(events: number): void {
    this.#next = Math.max(this.request.log.info().beginSequenceNumber, this.#next - events);
    this.#schedule();
  }

  /** Delivers at the next turn. */
  #schedule(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    setImmediate(() => this.deliver());
  }

  /** Delivers what credit, session and socket allow; goes on in later turns while there is more. */
  deliver(): void {
    this.#scheduled = false;
    const { hub, log } = this.request;
    if (this.#closed || this.#faults.frozen || this.#faults.isStalled(hub.name, log.id)) return;
    const { socket } = internals(this.sender.connection);
    if (socket.writableLength > SOCKET_BYTES) {
      this.#scheduled = true;
      socket.once('drain', () => this.deliver());
      return;
    }
    const allowed = this.#allowed();
    const metrics = this.request.wantsMetrics && allowed > 0 ? this.#metrics() : null;
    let bytes = 0;
    for (let sent = 0; sent < allowed; sent += 1) {
      if (sent === EVENTS_A_TURN || bytes > BYTES_A_TURN) {
        this.#schedule();
        return;
      }
      this.#next = Math.max(this.#next, log.info().beginSequenceNumber);
      const event = log.at(this.#next);
      if (event === undefined) return;
      this.#next += 1;
      bytes += event.bytes.length;
      this.#send(metrics === null ? event.bytes : withDeliveryAnnotations(event, metrics));
    }
  }

  /** How many events may be handed to rhea now: one that cannot be written would block its whole session. */
  #allowed(): number {
    if (!this.sender.is_open()) return 0;
    const outgoing = outgoingOf(this.sender);
    this.#unwritten = this.#unwritten.filter((id) => id >= outgoing.next_pending_delivery);
    return Math.min(creditOf(this.sender) - this.#unwritten.length, outgoing.available());
  }

  #send(bytes: Buffer): void {
    const tag = Buffer.allocUnsafe(4);
    tag.writeUInt32BE(this.#tag++ >>> 0, 0);
    this.#unwritten.push(this.sender.send(bytes, tag, 0).id);
  }

  #metrics(): Buffer {
    const { lastSequenceNumber, lastOffset, lastEnqueuedMs } = this.request.log.info();
    return metricsSection({
      sequenceNumber: lastSequenceNumber,
      offset: lastOffset,
      enqueuedMs: lastEnqueuedMs,
      retrievedMs: this.#now(),
    });
  }
}
