import type { FaultState, NodeMode } from './fault-state.ts';
import type { AppendOptions, Hub } from './hub.ts';
import type { LinkSelection } from './link-table.ts';
import type { AmqpServer } from './server.ts';
import { serviceError, type ServiceError } from './service-error.ts';

/** An AMQP error for a fault; absent parts get the fault's usual ones. */
export interface FaultError {
  readonly condition?: string | undefined;
  readonly description?: string | undefined;
}

/** One reader as tests see it. */
export interface ReaderStatus {
  readonly hub: string;
  readonly group: string;
  readonly partition: string;
  readonly name: string;
  readonly epoch: number | null;
  /** Credit outstanding on the link. */
  readonly credit: number;
  /** Sequence number of the event that is delivered next. */
  readonly next: number;
}

/** What faults act on. */
export interface FaultTarget {
  readonly server: AmqpServer;
  readonly state: FaultState;
  readonly now: () => number;
  hub(name: string): Hub;
  /** Starts to listen again on the same port. */
  listen(): Promise<unknown>;
}

/** Failures of the service and the network, on demand. */
export class Faults {
  readonly #target: FaultTarget;

  constructor(target: FaultTarget) {
    this.#target = target;
  }

  /** Drops every socket without a word. */
  destroySockets(): void {
    this.#target.server.destroySockets();
  }

  /** Closes every connection with an error, by default the one of an idle connection or a restarting node. */
  closeConnections(error: FaultError = {}): void {
    this.#target.server.closeConnections(
      this.#error(error, 'amqp:connection:forced', 'The connection was closed by the service.'),
    );
  }

  /** Detaches readers with an error, by default a retryable one. */
  detachReaders(selection: LinkSelection & FaultError = {}): void {
    const error = this.#error(selection, 'amqp:link:detach-forced', 'The link is force detached. Code: ServerError.');
    for (const link of this.#target.server.links.consumers(selection)) link.disconnect(error);
  }

  /** Detaches readers without saying why. */
  detachReadersSilently(selection: LinkSelection = {}): void {
    for (const link of this.#target.server.links.consumers(selection)) {
      link.close();
      link.sender.close();
    }
  }

  /** Ends the sessions of all readers. */
  endSessions(error: FaultError = {}): void {
    this.#target.server.endSessions(this.#error(error, 'amqp:internal-error', 'The session was ended by the service.'));
  }

  /** Goes down: no port, no sockets. */
  async down(): Promise<void> {
    await this.#target.server.stop();
  }

  /** Comes back on the same port. */
  async up(): Promise<void> {
    await this.#target.listen();
  }

  /** Reads and writes nothing more; sockets stay open and new ones are accepted by the system, and wait. */
  freeze(): void {
    this.#target.state.frozen = true;
    this.#target.server.freeze();
  }

  thaw(): void {
    this.#target.state.frozen = false;
    this.#target.server.thaw();
  }

  /** Delivers nothing more from a partition; everything else of it goes on. */
  stall(hub: string, partition: string): void {
    this.#target.state.stall(hub, partition);
  }

  unstall(hub: string, partition: string): void {
    this.#target.state.unstall(hub, partition);
    for (const link of this.#target.server.links.consumers({ hub, partition })) link.deliver();
  }

  /** Rejects the next sends, by default all until acceptSends() and as a throttled namespace does. */
  rejectSends(options: FaultError & { readonly count?: number | undefined } = {}): void {
    const text =
      'The request was terminated because the namespace is being throttled. Error code : 50002. ' +
      'Please wait 4 seconds and try again.';
    const error = this.#error(options, 'com.microsoft:server-busy', text);
    this.#target.state.rejectSends = { error, remaining: options.count ?? Number.POSITIVE_INFINITY };
  }

  acceptSends(): void {
    this.#target.state.rejectSends = null;
  }

  /** `answer` is normal, `mute` never replies, a number replies with that status and the error. */
  cbs(mode: 'answer' | 'mute' | number, error: FaultError = {}): void {
    this.#target.state.cbs = this.#mode(mode, error);
  }

  /** As cbs(), for management reads. */
  management(mode: 'answer' | 'mute' | number, error: FaultError = {}): void {
    this.#target.state.management = this.#mode(mode, error);
  }

  /** Cuts a partition's events before a sequence number, as retention does. */
  trim(hub: string, partition: string, beginSequenceNumber: number): void {
    const log = this.#target.hub(hub).partition(partition);
    if (log === undefined) throw new RangeError(`Cannot trim partition ${partition} of ${hub}: there is none`);
    log.trim(beginSequenceNumber);
  }

  /** Deletes and creates the hub: another created_at, numbers from 0; its links are detached and come back. */
  reset(hub: string): void {
    const { server } = this.#target;
    this.#target.hub(hub).reset();
    this.detachReaders({ hub, description: 'The entity was recreated.' });
    server.links.closeProducers(hub, this.#error({}, 'amqp:link:detach-forced', 'The entity was recreated.'));
  }

  /** Delivers the newest delivered events of a partition a second time to whoever reads it. */
  redeliver(selection: LinkSelection, events: number): void {
    for (const link of this.#target.server.links.consumers(selection)) link.rewind(events);
  }

  /** Writes one event directly; returns its sequence number. */
  append(hub: string, partition: string | null, body: Uint8Array | string, options: AppendOptions = {}): number {
    return this.#target.hub(hub).append(partition, body, options).sequenceNumber;
  }

  /** Who reads now. */
  readers(selection: LinkSelection = {}): ReaderStatus[] {
    return this.#target.server.links.consumers(selection).map((link) => ({
      hub: link.request.hub.name,
      group: link.request.group,
      partition: link.request.log.id,
      name: link.name,
      epoch: link.epoch,
      credit: link.credit,
      next: link.next,
    }));
  }

  #mode(mode: 'answer' | 'mute' | number, error: FaultError): NodeMode {
    if (typeof mode !== 'number') return { kind: mode };
    const usual =
      mode === 401 ? 'amqp:unauthorized-access' : mode === 404 ? 'amqp:not-found' : 'com.microsoft:server-busy';
    return { kind: 'fail', status: mode, error: this.#error(error, usual, 'The request failed on demand.') };
  }

  #error(error: FaultError, condition: string, text: string): ServiceError {
    return serviceError(error.condition ?? condition, error.description ?? text, 'fault', this.#target.now());
  }
}
