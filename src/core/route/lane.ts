import { EventWriter, type EventTrailer } from './correlation-event.ts';
import type { RoutedObservation } from './routed-observation.ts';

export interface LaneOptions {
  /** An event is closed when its observations have come to this many bytes. */
  readonly eventBytes: number;
  /** Longest time that an observation waits for others, milliseconds. */
  readonly lingerMs: number;
  /** How often watermarks are sent when there is nothing else to send, milliseconds. */
  readonly heartbeatMs: number;
  /** What stands behind the observations appended so far. */
  readonly trailer: () => EventTrailer;
  /** A number that changes when a watermark does. */
  readonly progress: () => number;
}

interface ClosedEvent {
  readonly bytes: Uint8Array;
  readonly firstTicket: number;
}

const none = Number.POSITIVE_INFINITY;

/** Characters from which on an observation is large. */
const largeLength = 16 * 1024;

/**
 * What goes to one correlation partition: one queue, first in, first out, without a gap. The first event stays the first,
 * with the same bytes, until it is acknowledged, so that a repeated send overtakes nothing and skips nothing. Watermarks
 * are written behind the observations they cover. Times called `at` are true milliseconds.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #closed: ClosedEvent[] = [];
  #closedBytes = 0;
  #open: EventWriter | null = null;
  #openTicket = none;
  #openedAt = 0;
  #sentProgress = -1;
  #lastClosedAt = Number.NEGATIVE_INFINITY;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Bytes that are not acknowledged. */
  get pendingBytes(): number {
    return this.#closedBytes + (this.#open?.length ?? 0);
  }

  /** Ticket of the oldest observation that is not acknowledged; infinite when there is none. */
  get oldestTicket(): number {
    return this.#closed.find(({ firstTicket }) => firstTicket !== none)?.firstTicket ?? this.#openTicket;
  }

  /** Takes an observation of the message with this ticket; tickets never fall. */
  append(routed: RoutedObservation, ticket: number, at: number): void {
    // A large one goes alone: together they could be more than the hub takes as one event.
    if (this.#open !== null && lengthOf(routed) >= largeLength) this.#close(this.#open, at);
    if (this.#open === null) {
      this.#open = new EventWriter();
      this.#openTicket = ticket;
      this.#openedAt = at;
    }
    this.#open.add(routed);
    if (this.#open.length >= this.#options.eventBytes) this.#close(this.#open, at);
  }

  /** The event to be sent now, the same one until it is acknowledged; null when nothing is due. */
  next(at: number): Uint8Array | null {
    const { lingerMs, heartbeatMs, progress } = this.#options;
    if (this.#closed.length === 0) {
      if (this.#open !== null) {
        if (at - this.#openedAt >= lingerMs) this.#close(this.#open, at);
      } else if (at - this.#lastClosedAt >= heartbeatMs && progress() !== this.#sentProgress)
        this.#close(new EventWriter(), at);
    }
    return this.#closed[0]?.bytes ?? null;
  }

  /** The first event lies in the correlation hub. */
  acknowledge(): void {
    const acknowledged = this.#closed.shift();
    if (acknowledged !== undefined) this.#closedBytes -= acknowledged.bytes.length;
  }

  #close(event: EventWriter, at: number): void {
    const { trailer, progress } = this.#options;
    this.#sentProgress = progress();
    const bytes = event.finish(trailer());
    this.#closed.push({ bytes, firstTicket: this.#open === null ? none : this.#openTicket });
    this.#closedBytes += bytes.length;
    this.#open = null;
    this.#openTicket = none;
    this.#lastClosedAt = at;
  }
}

/** Characters of the texts of an observation: next to nothing else can make one large. */
function lengthOf({ observation }: RoutedObservation): number {
  const { objectId } = observation;
  const texts =
    observation.kind === 'activity'
      ? [observation.caller, observation.operation, observation.resourceGroup, observation.resourceId]
      : [observation.principal, observation.app];
  return texts.reduce((sum, { length }) => sum + length, objectId.length);
}
