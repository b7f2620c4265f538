import type { EventContext, Receiver } from 'rhea';
import { BATCH_FORMAT, openBatch } from './batch-message.ts';
import { EncodingError } from './encoding.ts';
import type { FaultState } from './fault-state.ts';
import type { Hub } from './hub.ts';
import type { PartitionLog } from './partition-log.ts';
import { serviceError, type ServiceError } from './service-error.ts';

/** Largest transfer a producer may send: a publication of the standard tier. */
export const MAX_MESSAGE_BYTES = 1_048_576;

/** What a producer link writes to. */
export interface ProducerTarget {
  readonly hub: Hub;
  /** Fixed by the link's address; null lets key or turn decide. */
  readonly partition: PartitionLog | null;
  /** Publisher of the address: its events go where its name's hash says. */
  readonly publisher: string | null;
}

/** A client's sending link: stores what comes, then accepts it; or rejects it with the service's error. */
export class ProducerLink {
  readonly receiver: Receiver;
  readonly #target: ProducerTarget;
  readonly #faults: FaultState;
  readonly #now: () => number;

  constructor(receiver: Receiver, target: ProducerTarget, faults: FaultState, now: () => number) {
    this.receiver = receiver;
    this.#target = target;
    this.#faults = faults;
    this.#now = now;
    receiver.on('message', (context: EventContext & { readonly format?: number }) => {
      const { delivery, message } = context;
      if (delivery === undefined) return;
      const error = this.#take(message as unknown as Buffer, context.format ?? 0, delivery.id);
      if (error === null) delivery.accept();
      else delivery.reject(error);
    });
  }

  get hub(): string {
    return this.#target.hub.name;
  }

  #take(bytes: Buffer, format: number, deliveryId: number): ServiceError | null {
    const { hub } = this.#target;
    if (bytes.length > MAX_MESSAGE_BYTES) {
      const text =
        `The received message (delivery-id:${deliveryId}, size:${bytes.length} bytes) exceeds the limit ` +
        `(${MAX_MESSAGE_BYTES} bytes) currently allowed on the link.`;
      return serviceError('amqp:link:message-size-exceeded', text, hub.name, this.#now());
    }
    const rejection = this.#faults.takeRejection();
    if (rejection !== null) return rejection;
    try {
      const batch = openBatch(bytes, format === BATCH_FORMAT ? BATCH_FORMAT : 0);
      const key = batch.partitionKey ?? this.#target.publisher;
      const log = this.#target.partition ?? hub.route(key);
      log.append(batch.events, this.#now(), batch.partitionKey);
      return null;
    } catch (error) {
      if (!(error instanceof EncodingError)) throw error;
      return serviceError('amqp:decode-error', error.message, hub.name, this.#now());
    }
  }
}
