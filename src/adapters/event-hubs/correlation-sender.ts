import type { EventHubProducerClient } from '@azure/event-hubs';
import type { CorrelationHub, CorrelationSender } from '../../core/correlation-sender.ts';
import type { RealTime } from '../../core/ports.ts';
import { patience, sendOnce } from './client-settings.ts';
import { createProducer, namespaceOf, streamProblem, type EventHubStream } from './connection.ts';
import { aborted, correlationReadError, correlationSendError, tooLarge } from './correlation-error.ts';
import { settledWithin, withDeadline } from './deadline.ts';
import { ManagementReader } from './management-reader.ts';

/**
 * Connections that the partitions are spread over: a peer that fell silent takes the sends of one of them down, and no
 * more.
 */
const connections = 2;

/** The largest publication of the standard and premium tier, less what one event carries around its body. */
const bytesMax = 1024 ** 2 - 1024;

/** Sends to a hub of Event Hubs over a link per partition, each send one attempt. */
export class EventHubCorrelationSender implements CorrelationSender {
  readonly #stream: EventHubStream;
  readonly #time: RealTime;
  readonly #management: ManagementReader;
  readonly #producers = new Map<number, EventHubProducerClient>();
  readonly #closed = new AbortController();

  constructor(stream: EventHubStream, time: RealTime) {
    this.#stream = stream;
    this.#time = time;
    // Management reads need no consumer group: the name is never sent.
    this.#management = new ManagementReader(stream, '$Default', time);
  }

  async read(signal: AbortSignal): Promise<CorrelationHub> {
    const { name, connection } = this.#stream;
    const { createdMs, partitions } = await this.#attempt(signal, async () => {
      try {
        return await this.#management.readHub();
      } catch (error) {
        throw correlationReadError(error, this.#stream);
      }
    });
    return { namespace: namespaceOf(connection), hub: name, incarnation: createdMs, partitions };
  }

  async send(partition: string, body: Uint8Array, signal: AbortSignal): Promise<void> {
    if (body.byteLength > bytesMax) throw tooLarge(this.#stream, body.byteLength, bytesMax);
    await this.#attempt(signal, (abortSignal) => this.#send(partition, body, abortSignal));
  }

  async close(): Promise<void> {
    this.#closed.abort();
    const drops = [...this.#producers.keys()].map((slot) => this.#drop(slot));
    await Promise.all([...drops, this.#management.close(patience.close)]);
  }

  async #send(partition: string, body: Uint8Array, abortSignal: AbortSignal): Promise<void> {
    const slot = (Number(partition) || 0) % connections;
    const producer = this.#producers.get(slot) ?? createProducer(this.#stream, { retryOptions: sendOnce() });
    this.#producers.set(slot, producer);
    const event = { body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) };
    try {
      const sent = producer.sendBatch([event], { partitionId: partition, abortSignal });
      await withDeadline(sent, patience.send, this.#time, `send to partition ${partition}`);
    } catch (error) {
      const failure = correlationSendError(error, partition, this.#stream);
      // A client whose peer fell silent would notice after two minutes only.
      if (failure.code === 'unreachable' && this.#producers.get(slot) === producer) void this.#drop(slot);
      throw failure;
    }
  }

  /** Runs the work until the caller or close() ends it. */
  async #attempt<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const either = AbortSignal.any([signal, this.#closed.signal]);
    if (either.aborted) throw aborted(this.#stream, either.reason);
    const problem = streamProblem(this.#stream);
    if (problem !== null) throw correlationReadError(new Error(problem), this.#stream);
    const { promise: ended, reject } = Promise.withResolvers<never>();
    const end = (): void => reject(aborted(this.#stream, either.reason));
    either.addEventListener('abort', end, { once: true });
    try {
      return await Promise.race([work(either), ended]);
    } finally {
      either.removeEventListener('abort', end);
    }
  }

  async #drop(slot: number): Promise<void> {
    const producer = this.#producers.get(slot);
    this.#producers.delete(slot);
    if (producer !== undefined) await settledWithin(producer.close(), patience.close, this.#time);
  }
}
