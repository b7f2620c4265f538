import type { AmqpError, Connection, Sender, Session } from 'rhea';
import type { ConsumerLink } from './consumer-link.ts';
import type { ProducerLink } from './producer-link.ts';

/** Which readers or producers a fault is meant for; what is absent matches all. Names in any case. */
export interface LinkSelection {
  readonly hub?: string | undefined;
  readonly group?: string | undefined;
  readonly partition?: string | undefined;
}

/** The links that are open now, so that events, faults and closing connections find them. */
export class LinkTable {
  readonly #consumers = new Map<Sender, ConsumerLink>();
  readonly #producers = new Set<ProducerLink>();

  addConsumer(link: ConsumerLink): void {
    this.#consumers.set(link.sender, link);
  }

  addProducer(link: ProducerLink): void {
    this.#producers.add(link);
    link.receiver.on('receiver_close', () => this.#producers.delete(link));
  }

  /** Forgets the consumer on this link. */
  closeConsumer(sender: Sender): void {
    this.#consumers.get(sender)?.close();
    this.#consumers.delete(sender);
  }

  closeSession(session: Session): void {
    this.#closeWhere((link) => link.session === session);
  }

  closeConnection(connection: Connection): void {
    this.#closeWhere((link) => link.connection === connection);
  }

  #closeWhere(gone: (link: { readonly session: Session; readonly connection: Connection }) => boolean): void {
    for (const sender of this.#consumers.keys()) if (gone(sender)) this.closeConsumer(sender);
    for (const link of this.#producers) if (gone(link.receiver)) this.#producers.delete(link);
  }

  /** The consumers that read now: not those whose link waits for the client's detach. */
  consumers(selection: LinkSelection = {}): ConsumerLink[] {
    const same = (wanted: string | undefined, value: string): boolean =>
      wanted === undefined || wanted.toLowerCase() === value.toLowerCase();
    return [...this.#consumers.values()].filter(
      ({ request, closed }) =>
        !closed &&
        same(selection.hub, request.hub.name) &&
        same(selection.group, request.group) &&
        same(selection.partition, request.log.id),
    );
  }

  /** Ends the links of every producer of a hub (of all hubs when it is absent). */
  closeProducers(hub: string | undefined, error: AmqpError): void {
    for (const link of this.#producers) {
      if (hub === undefined || link.hub.toLowerCase() === hub.toLowerCase()) link.receiver.close(error);
    }
  }
}
