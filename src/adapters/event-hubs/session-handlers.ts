import {
  earliestEventPosition,
  type Checkpoint,
  type EventPosition,
  type LastEnqueuedEventProperties,
  type PartitionContext,
  type ReceivedEventData,
  type SubscriptionEventHandlers,
} from '@azure/event-hubs';
import type { SourceEvent } from '../../core/ports.ts';
import type { FencedCheckpointStore } from './fenced-checkpoint-store.ts';
import type { ReadingStart } from './lag.ts';

export interface Batch {
  readonly partition: string;
  readonly events: readonly SourceEvent[];
  /** The newest event of the partition as the service told it beside these. */
  readonly end: { readonly sequenceNumber: number; readonly enqueuedMs: number } | null;
}

export interface SessionListener {
  readonly readerStarted: (partition: string) => void;
  /** Takes a batch, empty ones included. A plain Error ends the reader on purpose; nothing else may be thrown. */
  readonly take: (batch: Batch) => Promise<void>;
  /** An error of a reader, or of ownership and the hub when the partition is null. */
  readonly failed: (error: unknown, partition: string | null) => void;
}

/** What reads a hub, whichever way its partitions are shared out. */
export interface ReadingSession {
  readonly store: FencedCheckpointStore;
  /** Resolves when the session is closed: what waits for a better session waits for this. */
  readonly retired: Promise<void>;
  /** Whether there is a reader on the partition. */
  isRunning(partition: string): boolean;
  /** A partition as its blobs are named: the namespace is without a port. */
  placeOf(partition: string): Omit<Checkpoint, 'offset' | 'sequenceNumber'>;
}

/**
 * The handlers of a subscription. `readers` holds the reader of each partition: a new one may begin before the old one
 * has said that it ended.
 */
export function sessionHandlers(
  listener: SessionListener,
  readers: Map<string, PartitionContext>,
): SubscriptionEventHandlers {
  return {
    processInitialize: (reader) => {
      readers.set(reader.partitionId, reader);
      listener.readerStarted(reader.partitionId);
      return Promise.resolve();
    },
    processClose: (_reason, reader) => {
      if (readers.get(reader.partitionId) === reader) readers.delete(reader.partitionId);
      return Promise.resolve();
    },
    processEvents: (received, { partitionId, lastEnqueuedEventProperties }) =>
      listener.take({
        partition: partitionId,
        events: received.map(sourceEvent),
        end: received.length > 0 ? endOf(lastEnqueuedEventProperties) : null,
      }),
    processError: (error, { partitionId }) => {
      listener.failed(error, partitionId === '' ? null : partitionId);
      return Promise.resolve();
    },
  };
}

/** Where the client is to begin. */
export function positionOf(start: ReadingStart): EventPosition {
  return start === 'oldest' ? earliestEventPosition : { enqueuedOn: start.afterMs };
}

function sourceEvent({ body, sequenceNumber, offset, enqueuedTimeUtc }: ReceivedEventData): SourceEvent {
  return { body: bytesOf(body), sequenceNumber, offset, enqueuedMs: enqueuedTimeUtc.getTime() };
}

/** The bytes of a data section as they are; senders that use a value or sequence section are taken by their JSON. */
function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  const text: unknown = typeof body === 'string' ? body : JSON.stringify(body);
  return Buffer.from(typeof text === 'string' ? text : '');
}

function endOf(last: LastEnqueuedEventProperties | undefined): Batch['end'] {
  const { sequenceNumber, enqueuedOn } = last ?? {};
  if (sequenceNumber === undefined || enqueuedOn === undefined) return null;
  return { sequenceNumber, enqueuedMs: new Date(enqueuedOn).getTime() };
}
