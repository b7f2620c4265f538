import { serviceError, type ServiceError } from './service-error.ts';

/** At most so many receivers without an epoch read one partition in one consumer group. */
const MAX_PLAIN_READERS = 5;

/** A receiver of one partition in one consumer group, as the epoch rules see it. */
export interface Reader {
  /** Receiver name the client gave, for the texts. */
  readonly name: string;
  /** Owner level; null for a receiver without one. */
  readonly epoch: number | null;
  /** Ends the receiver with this error. */
  disconnect(error: ServiceError): void;
}

/**
 * The receivers of one (hub, group, partition) and who of them may stay: an epoch at or above the highest present
 * disconnects all others, a lower one and a receiver without an epoch are refused while an epoch is present.
 */
export class Readers {
  readonly #present = new Set<Reader>();

  /** Takes the reader in and disconnects those it displaces, or returns why it may not enter. */
  admit(reader: Reader, tracker: string, at: number): ServiceError | null {
    const refusal = this.#refusal(reader);
    if (refusal !== null) return serviceError(refusal.condition, refusal.text, tracker, at);
    if (reader.epoch !== null) this.#displaceAll(reader.name, reader.epoch, tracker, at);
    this.#present.add(reader);
    return null;
  }

  remove(reader: Reader): void {
    this.#present.delete(reader);
  }

  #refusal(reader: Reader): { condition: string; text: string } | null {
    const highest = this.#highest();
    if (reader.epoch === null) {
      if (highest !== null) return { condition: 'amqp:link:stolen', text: epochPresent(highest.epoch) };
      if (this.#present.size < MAX_PLAIN_READERS) return null;
      const text =
        'Exceeded the maximum number of allowed receivers per partition in a consumer group which is ' +
        `${MAX_PLAIN_READERS}. List of connected receivers - ${[...this.#present].map(({ name }) => name).join(', ')}.`;
      return { condition: 'amqp:resource-limit-exceeded', text };
    }
    if (highest === null || reader.epoch >= highest.epoch) return null;
    return { condition: 'amqp:link:stolen', text: epochTooLow(reader.name, reader.epoch, highest.epoch) };
  }

  #highest(): { readonly epoch: number } | null {
    let highest: number | null = null;
    for (const { epoch } of this.#present) {
      if (epoch !== null && (highest === null || epoch > highest)) highest = epoch;
    }
    return highest === null ? null : { epoch: highest };
  }

  #displaceAll(name: string, epoch: number, tracker: string, at: number): void {
    for (const old of this.#present) {
      const text =
        `New receiver '${name}' with higher epoch of '${epoch}' is created hence current receiver '${old.name}' with ` +
        `epoch '${old.epoch ?? -1}' is getting disconnected. If you are recreating the receiver, make sure a higher ` +
        'epoch is used.';
      this.#present.delete(old);
      old.disconnect(serviceError('amqp:link:stolen', text, tracker, at));
    }
  }
}

function epochPresent(epoch: number): string {
  return (
    `At least one receiver for the endpoint is created with epoch of '${epoch}', and so non-epoch receiver is not ` +
    'allowed. Either reconnect with a higher epoch, or make sure all epoch receivers are closed or disconnected.'
  );
}

function epochTooLow(name: string, epoch: number, highest: number): string {
  return (
    `Receiver '${name}' with a higher epoch '${highest}' already exists. Receiver '${name}' with epoch ${epoch} cannot ` +
    'be created. Make sure you are creating receiver with increasing epoch value to ensure connectivity, or ensure all ' +
    'old epoch receivers are closed or disconnected.'
  );
}
