import type { EventData, EventDataBatch, EventHubProducerClient } from '@azure/event-hubs';
import type { AlertFormat } from '../../core/alert/format/alert-format.ts';
import { PartialDelivery } from '../../core/alert/partial-delivery.ts';
import { SinkError } from '../../core/alert/sink-error.ts';
import type { AlertSink, RealTime, SinkDocument } from '../../core/ports.ts';
import { patience, sendAttempt, singleAttempt } from './client-settings.ts';
import { createProducer, type EventHubStream, streamProblem } from './connection.ts';
import { settledWithin, withDeadline } from './deadline.ts';
import { eventHubSinkError } from './sink-error.ts';

/** Findings whose alerts are under way at a time: each is a round trip of its own. */
const sendsAtOnce = 8;

/** The largest publication of the standard and premium tier, less what one event carries around its body. */
const documentBytesMax = 1024 ** 2 - 1024;

/**
 * Sends alerts to a hub, each an event of its own with the alert's id as message id. The finding is the partition key, so
 * that its alerts lie in one partition, and they are sent one batch after the other, so that they lie there in order.
 * What the hub took of a delivery that failed is not sent again by this process; when its answer was lost it is, and
 * then has the same message id.
 */
export class EventHubAlertSink implements AlertSink {
  readonly name: string;
  readonly limits = { batchMax: 1000, batchBytesMax: 8 * 1024 ** 2, documentBytesMax };
  readonly encode: AlertFormat;
  readonly #stream: EventHubStream;
  readonly #time: RealTime;
  readonly #partial = new PartialDelivery();
  #producer: EventHubProducerClient | null = null;
  #line: Promise<void> = Promise.resolve();

  constructor(name: string, stream: EventHubStream, format: AlertFormat, time: RealTime) {
    this.name = name;
    this.encode = format;
    this.#stream = stream;
    this.#time = time;
  }

  deliver(documents: readonly SinkDocument[], signal: AbortSignal): Promise<void> {
    const work = this.#line.then(() => this.#deliver(documents, signal));
    this.#line = work.catch(() => undefined);
    return work;
  }

  /** Opens the link that alerts are sent on, as it does to learn the size of a batch: what it may not send to refuses. */
  async check(signal: AbortSignal): Promise<string> {
    const problem = streamProblem(this.#stream);
    if (problem !== null) throw new SinkError('unavailable', problem);
    const producer = createProducer(this.#stream, { retryOptions: singleAttempt() });
    try {
      const opened = producer.createBatch({ abortSignal: signal });
      const { maxSizeInBytes } = await withDeadline(opened, patience.read, this.#time, 'open a link to send on');
      return `hub ${this.#stream.name} can be sent to, events of at most ${maxSizeInBytes} bytes`;
    } catch (error) {
      throw eventHubSinkError(error, this.name, this.#stream);
    } finally {
      void settledWithin(producer.close(), patience.close, this.#time);
    }
  }

  /** Waits for the deliveries under way, and for the client to close as long as that may take. */
  async close(): Promise<void> {
    await this.#line;
    await this.#dropProducer();
  }

  async #deliver(documents: readonly SinkDocument[], signal: AbortSignal): Promise<void> {
    const findings = [...Map.groupBy(this.#partial.remaining(documents), ({ findingKey }) => findingKey).values()];
    const left = findings.values();
    const failures: SinkError[] = [];
    const worker = async (): Promise<void> => {
      for (const finding of left) {
        if (failures.length > 0) return;
        await this.#sendFinding(finding, signal).catch((error: unknown) => {
          failures.push(eventHubSinkError(error, this.name, this.#stream));
        });
      }
    };
    await Promise.all(Array.from({ length: sendsAtOnce }, worker));
    const failure = failures.find(({ retryable }) => retryable) ?? failures[0];
    if (failure === undefined) {
      this.#partial.completed(documents);
      return;
    }
    // A client whose peer fell silent would notice after two minutes only.
    if (failure.code === 'unavailable') void this.#dropProducer();
    throw failure;
  }

  async #sendFinding(documents: readonly SinkDocument[], signal: AbortSignal): Promise<void> {
    const [first] = documents;
    if (first === undefined) return;
    this.#producer ??= createProducer(this.#stream, { retryOptions: sendAttempt() });
    const producer = this.#producer;
    const options = { partitionKey: first.findingKey, abortSignal: signal };
    let batch = await producer.createBatch(options);
    let held: SinkDocument[] = [];
    const send = async (): Promise<void> => {
      await producer.sendBatch(batch, { abortSignal: signal });
      this.#partial.took(held);
    };
    for (const document of documents) {
      if (batch.tryAdd(eventOf(document))) {
        held.push(document);
        continue;
      }
      if (held.length > 0) await send();
      batch = await producer.createBatch(options);
      held = [document];
      if (!batch.tryAdd(eventOf(document))) throw this.#tooLarge(document, batch);
    }
    await send();
  }

  #tooLarge({ id, text }: SinkDocument, { maxSizeInBytes }: EventDataBatch): SinkError {
    const message = `Cannot send alert ${id} of sink ${this.name} to hub ${this.#stream.name} as it must fit into ${maxSizeInBytes} bytes: current value is ${Buffer.byteLength(text)}`;
    return new SinkError('too_large', message);
  }

  async #dropProducer(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    if (producer !== null) await settledWithin(producer.close(), patience.close, this.#time);
  }
}

function eventOf({ id, findingKey, activity, text }: SinkDocument): EventData {
  return {
    body: Buffer.from(text),
    messageId: id,
    contentType: 'application/json',
    properties: { activity, findingKey },
  };
}
